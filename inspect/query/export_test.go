package query

import (
	"errors"
	"strings"

	"zombiezen.com/go/sqlite"

	"asof/replay"
)

// SetExportLimits sets how many streams an export folds at once, and returns the function
// that undoes it.
func SetExportLimits(all, chunk int) (undo func()) {
	oldAll, oldChunk := mostAtOnce, exportChunk
	mostAtOnce, exportChunk = all, chunk
	return func() { mostAtOnce, exportChunk = oldAll, oldChunk }
}

// SetMostHeld sets how many bytes a question may keep, and returns the function that
// undoes it.
func SetMostHeld(n int) (undo func()) {
	old := mostHeld
	mostHeld = n
	return func() { mostHeld = old }
}

// SetLongStream sets from which version on a stream is folded from a kept state, and returns
// the function that undoes it.
func SetLongStream(v replay.Version) (undo func()) {
	old := longStream
	longStream = v
	return func() { longStream = old }
}

// PlainCopy is a database without virtual tables, with the same functions. Each table of db
// is a table of it, with the rows that it has as of each moment; the empty moment is a table
// of its name, another one NAME@MOMENT.
func (db *DB) PlainCopy(moments ...string) (*DB, error) {
	conn, err := sqlite.OpenConn(":memory:", sqlite.OpenReadWrite, sqlite.OpenMemory)
	if err != nil {
		return nil, err
	}
	plain := &DB{ctx: db.ctx, src: db.src, conn: conn, noted: map[replay.Notice]bool{}}
	if err := plain.functions(); err != nil {
		return nil, err
	}
	if err := db.discover(strings.Join(db.names(), " ")); err != nil {
		return nil, err
	}
	for _, t := range db.tables {
		for _, at := range append(moments, "") {
			name, from := t.name, Quoted(t.name)
			if at != "" {
				name, from = t.name+"@"+at, from+"('"+at+"')"
			}
			if err := db.copyTable(plain, t, name, from); err != nil {
				return nil, err
			}
		}
	}
	return plain, nil
}

func (db *DB) copyTable(plain *DB, t *table, name, from string) error {
	var declared, columns, params []string
	for _, c := range t.cols {
		if !c.hidden {
			kind := ""
			if !c.member {
				kind = " " + columnTypes[c.name]
			}
			declared, columns, params = append(declared, Quoted(c.name)+kind), append(columns, Quoted(c.name)), append(params, "?")
		}
	}
	if err := execute(plain.conn, "CREATE TABLE "+Quoted(name)+"("+strings.Join(declared, ", ")+")"); err != nil {
		return err
	}
	answer, err := db.Query("SELECT " + strings.Join(columns, ", ") + " FROM " + from)
	if err != nil {
		return err
	}
	for row, err := range answer.Rows {
		if err == nil {
			err = execute(plain.conn, "INSERT INTO "+Quoted(name)+" VALUES ("+strings.Join(params, ", ")+")", row...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func execute(conn *sqlite.Conn, sql string, args ...any) error {
	stmt, _, err := conn.PrepareTransient(sql)
	if err != nil {
		return err
	}
	for i, v := range args {
		switch v := v.(type) {
		case nil:
			stmt.BindNull(i + 1)
		case int64:
			stmt.BindInt64(i+1, v)
		case float64:
			stmt.BindFloat(i+1, v)
		case string:
			stmt.BindText(i+1, v)
		}
	}
	_, err = stmt.Step()
	return errors.Join(err, stmt.Finalize())
}
