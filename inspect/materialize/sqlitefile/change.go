package sqlitefile

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"asof/inspect/materialize"
	"asof/inspect/materialize/aside"
	"asof/inspect/query"
	"asof/replay/fault"
	"asof/replay/state"
)

// A change is a copy of the file that is being written.
type change struct {
	t     *Target
	aside *aside.Folder // nil: it is over
	conn  *sqlite.Conn
	cols  []materialize.Column

	stmts     []*sqlite.Stmt // all of the following
	add, head *sqlite.Stmt
}

// schema creates the tables that are asof's own.
const schema = `CREATE TABLE IF NOT EXISTS asof_checkpoint(name TEXT PRIMARY KEY COLLATE NOCASE, position INTEGER, time TEXT, row_count INTEGER, checkpoint TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS asof_streams(name TEXT COLLATE NOCASE, stream TEXT, head TEXT, PRIMARY KEY(name, stream)) WITHOUT ROWID;`

// Begin implements materialize.Target.
func (t *Target) Begin(ctx context.Context, p materialize.Plan) (materialize.Change, error) {
	var old []materialize.Column
	if t.conn != nil {
		c, err := t.checkpointIn(t.conn)
		if err != nil {
			return nil, err
		}
		if c != nil {
			old = c.Columns
		}
		if err := t.Close(); err != nil {
			return nil, t.wrong("read", err)
		}
	}
	c := &change{t: t, cols: p.Columns}
	err := c.open(ctx)
	if err == nil {
		err = c.define(p, old)
	}
	if err != nil {
		c.Discard()
		return nil, t.wrong("write", err)
	}
	return c, nil
}

// open copies the file and opens the copy. A copy is dropped after a failure: it needs no
// journal.
func (c *change) open(ctx context.Context) error {
	var err error
	if c.aside, err = aside.Make(c.t.path); err != nil {
		return err
	}
	path := c.aside.Next()
	mode := fs.FileMode(0o666)
	if c.t.was != nil {
		mode = c.t.was.Mode().Perm()
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if c.t.was != nil {
		err = copyFile(f, c.t.path)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if c.conn, err = sqlite.OpenConn(path, sqlite.OpenReadWrite); err != nil {
		return err
	}
	c.conn.SetInterrupt(ctx.Done())
	for _, sql := range []string{
		"PRAGMA journal_mode = DELETE", // the old file may say WAL
		"PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA locking_mode = EXCLUSIVE", "PRAGMA cache_size = -65536",
		"PRAGMA application_id = 1634955110", "BEGIN",
	} {
		if err := sqlitex.ExecuteTransient(c.conn, sql, nil); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(to io.Writer, path string) error {
	from, err := os.Open(path)
	if err != nil {
		return err
	}
	defer from.Close() //nolint:errcheck // only read
	_, err = io.Copy(to, from)
	return err
}

// define creates the table, or adds the columns that it lacks, or empties it: indexes of a
// table with the same columns stay.
func (c *change) define(p materialize.Plan, old []materialize.Column) error {
	table := query.Quoted(c.t.table)
	if err := sqlitex.ExecuteScript(c.conn, schema, nil); err != nil {
		return err
	}
	var script []string
	switch {
	case p.Onto != nil:
		for i, col := range p.Columns {
			if !slices.ContainsFunc(old, func(o materialize.Column) bool { return o.Name == col.Name }) {
				script = append(script, "ALTER TABLE "+table+" ADD COLUMN "+columnsOf(p.Columns)[i])
			}
		}
	case old != nil && same(old, p.Columns):
		script = append(script, "DELETE FROM "+table)
	default:
		script = append(script, "DROP TABLE IF EXISTS "+table, "CREATE TABLE "+table+"("+strings.Join(columnsOf(p.Columns), ", ")+")")
	}
	if p.Onto == nil {
		script = append(script, "DELETE FROM asof_streams WHERE name = "+textOf(c.t.table))
	}
	for _, sql := range script {
		if err := sqlitex.ExecuteTransient(c.conn, sql, nil); err != nil {
			return err
		}
	}
	return c.prepare(table)
}

// textOf is a text as SQL writes it.
func textOf(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func (c *change) prepare(table string) error {
	var names, marks []string
	for _, col := range c.cols {
		names, marks = append(names, query.Quoted(col.Name)), append(marks, "?")
	}
	for _, sql := range []string{
		"INSERT OR REPLACE INTO " + table + "(" + strings.Join(names, ", ") + ") VALUES(" + strings.Join(marks, ", ") + ")",
		"INSERT OR REPLACE INTO asof_streams(name, stream, head) VALUES(" + textOf(c.t.table) + ", ?, ?)",
	} {
		s, _, err := c.conn.PrepareTransient(sql)
		if err != nil {
			return err
		}
		c.stmts = append(c.stmts, s)
	}
	c.add, c.head = c.stmts[0], c.stmts[1]
	return nil
}

// once runs a statement that gives no row.
func (c *change) once(s *sqlite.Stmt) error {
	_, err := s.Step()
	if err = errors.Join(err, s.Reset()); err != nil {
		return c.t.wrong("write", err)
	}
	return nil
}

// Put implements materialize.Change.
func (c *change) Put(row []state.Value, h materialize.Head) error {
	for i, v := range row {
		switch v := query.Native(v, c.cols[i].Whole).(type) {
		case int64:
			c.add.BindInt64(i+1, v)
		case float64:
			c.add.BindFloat(i+1, v)
		case string:
			c.add.BindText(i+1, v)
		default:
			c.add.BindNull(i + 1)
		}
	}
	if err := c.once(c.add); err != nil {
		return err
	}
	c.head.BindText(1, string(h.Stream))
	c.head.BindText(2, h.Text)
	return c.once(c.head)
}

// Finish implements materialize.Change.
func (c *change) Finish(cp *materialize.Checkpoint) (rows int64, err error) {
	text, err := cp.Encode()
	if err != nil {
		return 0, err
	}
	var position any
	if cp.Position != nil {
		position = *cp.Position
	}
	count := func(s *sqlite.Stmt) error { rows = s.ColumnInt64(0); return nil }
	err = c.finalize()
	for _, one := range []struct {
		sql  string
		args []any
		f    func(*sqlite.Stmt) error
	}{
		{"INSERT OR REPLACE INTO asof_checkpoint(name, position, time, row_count, checkpoint) VALUES(?, ?, NULLIF(?, ''), ?, ?)", []any{c.t.table, position, cp.Time, cp.Rows, text}, nil},
		{"COMMIT", nil, nil},
		{"SELECT count(*) FROM " + query.Quoted(c.t.table), nil, count},
	} {
		if err == nil {
			err = sqlitex.ExecuteTransient(c.conn, one.sql, &sqlitex.ExecOptions{Args: one.args, ResultFunc: one.f})
		}
	}
	if err = errors.Join(err, c.conn.Close()); err != nil {
		return 0, c.t.wrong("write", err)
	}
	c.conn = nil
	return rows, nil
}

func (c *change) finalize() (err error) {
	for _, s := range c.stmts {
		err = errors.Join(err, s.Finalize())
	}
	c.stmts = nil
	return err
}

// Commit implements materialize.Change.
func (c *change) Commit() error {
	defer c.Discard()
	if err := c.t.unused(); err != nil {
		return err
	}
	now, err := os.Stat(c.t.path)
	if was := c.t.was; was == nil && !errors.Is(err, fs.ErrNotExist) ||
		was != nil && (err != nil || !os.SameFile(was, now) || was.Size() != now.Size() || !was.ModTime().Equal(now.ModTime())) {
		return c.t.refuse("another program changed it meanwhile", fault.Try("run again"))
	}
	if err := syncFile(c.aside.Next()); err != nil {
		return c.t.wrong("write", err)
	}
	if err := c.rename(); err != nil {
		return c.t.wrong("write", err)
	}
	_ = syncFile(filepath.Dir(c.t.path)) // not every system can
	return nil
}

// rename gives the copy its name. A new file does not replace one that came up meanwhile.
func (c *change) rename() error {
	if c.t.was == nil {
		err := os.Link(c.aside.Next(), c.t.path)
		if err == nil {
			return nil
		}
		if _, failed := os.Lstat(c.t.path); failed == nil {
			return fs.ErrExist
		} // the file system has no hard links
	}
	return os.Rename(c.aside.Next(), c.t.path)
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Discard implements materialize.Change.
func (c *change) Discard() {
	if c.conn != nil {
		_ = c.finalize()
		_ = c.conn.Close()
		c.conn = nil
	}
	if c.aside != nil {
		c.aside.Remove()
		c.aside = nil
	}
}
