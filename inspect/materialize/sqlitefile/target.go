package sqlitefile

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"asof/inspect/materialize"
	"asof/inspect/materialize/aside"
	"asof/inspect/query"
	"asof/replay"
	"asof/replay/fault"
)

// applicationID marks the files of asof: "asof" in ASCII.
const applicationID = 0x61736f66

// A Target is a table of a SQLite file.
type Target struct {
	path  string // of the file itself, not of a link to it
	shown string // as the user wrote it
	table string
	was   fs.FileInfo // of the file when it was first read; nil: there is none
	conn  *sqlite.Conn
}

var _ materialize.Target = (*Target)(nil)

// Open returns a table of a file, which need not exist. shown is the path as the user wrote
// it.
func Open(path, shown, table string) (*Target, error) {
	t := &Target{path: path, shown: shown, table: table}
	if strings.HasPrefix(strings.ToLower(table), "asof_") || strings.HasPrefix(strings.ToLower(table), "sqlite_") || table == "" {
		return nil, t.refuse("no table may be called "+table, fault.Try("choose another name for the table").With("table", "carts"))
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		t.path = real
	}
	if strings.ContainsRune(t.path, 0) {
		return nil, t.refuse("no file has such a name", fault.Remedy{})
	}
	return t, nil
}

func (t *Target) refuse(why string, next fault.Remedy) error {
	return &materialize.RefusedError{Target: t.shown, Why: why, Next: next}
}

// notOurs refuses a file that asof did not write.
func (t *Target) notOurs() error {
	return t.refuse("the file exists, and asof did not write it", fault.Try("name another file, or move that one away"))
}

// wrong is the error of a file that cannot be used.
func (t *Target) wrong(op string, err error) error {
	return &replay.StoreError{Path: t.shown, Op: op, Err: err, Next: fault.Try("check that the disk has room and that the folder is writable")}
}

// Close implements materialize.Target.
func (t *Target) Close() error {
	if t.conn == nil {
		return nil
	}
	err := t.conn.Close()
	t.conn = nil
	return err
}

// Typed implements materialize.Target: the columns have no types.
func (*Target) Typed() bool { return false }

// Checkpoint implements materialize.Target.
func (t *Target) Checkpoint(ctx context.Context) (*materialize.Checkpoint, error) {
	aside.Clean(t.path)
	var err error
	if t.was, err = os.Stat(t.path); errors.Is(err, fs.ErrNotExist) {
		t.was = nil
		return nil, t.unused()
	} else if err != nil {
		return nil, t.wrong("read", err)
	}
	if !t.was.Mode().IsRegular() {
		return nil, t.refuse("it is not a file", fault.Try("name a file"))
	}
	if err := t.unused(); err != nil {
		return nil, err
	}
	if !isSQLite(t.path) {
		return nil, t.notOurs()
	}
	if t.conn, err = sqlite.OpenConn(t.path, sqlite.OpenReadOnly); err != nil {
		return nil, t.wrong("read", err)
	}
	t.conn.SetInterrupt(ctx.Done())
	return t.checkpointIn(t.conn)
}

// unused refuses a file that another program is writing or keeps in WAL mode: a file that
// took its name would get the rest of those writes.
func (t *Target) unused() error {
	for _, suffix := range []string{"-journal", "-wal"} {
		if info, err := os.Stat(t.path + suffix); err == nil && info.Size() > 0 {
			return t.refuse("another program has it open for writing: there is "+filepath.Base(t.path)+suffix, fault.Try("wait until it has closed the file"))
		}
	}
	return nil
}

func isSQLite(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close() //nolint:errcheck // only read
	head := make([]byte, 16)
	_, err = f.Read(head)
	return err == nil && string(head) == "SQLite format 3\x00"
}

// checkpointIn reads the checkpoint of the table; nil: there is none, and no such table.
func (t *Target) checkpointIn(conn *sqlite.Conn) (c *materialize.Checkpoint, err error) {
	id, ours := int64(0), false
	each := func(sql string, args []any, f func(*sqlite.Stmt) error) {
		if err == nil {
			err = sqlitex.Execute(conn, sql, &sqlitex.ExecOptions{Args: args, ResultFunc: f})
		}
	}
	each("PRAGMA application_id", nil, func(s *sqlite.Stmt) error { id = s.ColumnInt64(0); return nil })
	each("SELECT 1 FROM sqlite_schema WHERE name = 'asof_checkpoint'", nil, func(*sqlite.Stmt) error { ours = true; return nil })
	if err != nil {
		return nil, t.wrong("read", err)
	}
	if id != applicationID || !ours {
		return nil, t.notOurs()
	}
	taken, has := false, []string{}
	each("SELECT checkpoint FROM asof_checkpoint WHERE name = ? COLLATE NOCASE", []any{t.table}, func(s *sqlite.Stmt) (err error) {
		c, err = materialize.Decode(s.ColumnText(0))
		return err
	})
	each("SELECT 1 FROM sqlite_schema WHERE name = ? COLLATE NOCASE", []any{t.table}, func(*sqlite.Stmt) error { taken = true; return nil })
	each("SELECT name FROM pragma_table_info(?)", []any{t.table}, func(s *sqlite.Stmt) error { has = append(has, s.ColumnText(0)); return nil })
	switch {
	case err != nil:
		return nil, t.wrong("read", err)
	case taken && c == nil:
		return nil, t.refuse("asof did not write "+t.table+" in it", fault.Try("name another table").With("table", t.table+"_2"))
	case !taken:
		return nil, nil // somebody dropped it
	}
	return c, c.Replaced(t.shown, t.table, has)
}

// Heads implements materialize.Target.
func (t *Target) Heads(context.Context) iter.Seq2[materialize.Head, error] {
	return func(yield func(materialize.Head, error) bool) {
		stmt, _, err := t.conn.PrepareTransient("SELECT stream, head FROM asof_streams WHERE name = ? COLLATE NOCASE ORDER BY stream")
		if err != nil {
			yield(materialize.Head{}, t.wrong("read", err))
			return
		}
		defer stmt.Finalize() //nolint:errcheck // it repeats the error of Step
		stmt.BindText(1, t.table)
		for {
			more, err := stmt.Step()
			if err != nil {
				yield(materialize.Head{}, t.wrong("read", err))
				return
			}
			if !more || !yield(materialize.Head{Stream: replay.StreamID(stmt.ColumnText(0)), Text: stmt.ColumnText(1)}, nil) {
				return
			}
		}
	}
}

// columnsOf are the definitions of columns.
func columnsOf(cols []materialize.Column) []string {
	var out []string
	for _, c := range cols {
		kind := map[string]string{"stream": " TEXT PRIMARY KEY", "version": " INTEGER", "position": " INTEGER"}[c.Name]
		if c.IsMember {
			kind = ""
		}
		out = append(out, query.Quoted(c.Name)+kind)
	}
	return out
}

// same reports whether two tables have the same columns.
func same(a, b []materialize.Column) bool {
	return slices.Equal(columnsOf(a), columnsOf(b))
}
