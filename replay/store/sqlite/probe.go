package sqlite

import (
	"fmt"
	"strings"

	"zombiezen.com/go/sqlite"

	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// A Probe gives dialects access to the tables of a store, and to its rows if they need
// them.
type Probe struct {
	conn        *sqlite.Conn
	Opts        *source.Options
	Tables      map[string]*table.Table // by lower-case name
	UserVersion int64
	wide        bool // text is stored as UTF-16
}

// Table finds a table by name, ignoring case.
func (p *Probe) Table(name string) *table.Table { return p.Tables[strings.ToLower(name)] }

// view describes a view as a table, or returns nil if there is no such view. Dialects
// match only tables, but a mapping may name a view, which has no rowid.
func (p *Probe) view(name string) (*table.Table, error) {
	var t *table.Table
	err := p.query("SELECT name FROM pragma_table_list(?1) WHERE schema = 'main' AND type = 'view'", []any{name}, func(s *sqlite.Stmt) error {
		t = &table.Table{Name: s.ColumnText(0), WithoutRowID: true}
		return nil
	})
	if err != nil || t == nil {
		return nil, err
	}
	return t, p.describe(t)
}

// readSchema reads the tables of a database.
func readSchema(conn *sqlite.Conn, o *source.Options) (*Probe, error) {
	p := &Probe{conn: conn, Opts: o, Tables: map[string]*table.Table{}}
	err := p.query("SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"+
		" AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name LIMIT ?1",
		[]any{int64(table.MaxTables)}, func(s *sqlite.Stmt) error {
			t := &table.Table{Name: s.ColumnText(0), WithoutRowID: s.ColumnInt(1) != 0}
			p.Tables[strings.ToLower(t.Name)] = t
			return nil
		})
	if err != nil {
		return nil, err
	}
	for _, t := range p.Tables {
		if err := p.describe(t); err != nil {
			return nil, err
		}
	}
	err = p.query("SELECT v.user_version, e.encoding FROM pragma_user_version v, pragma_encoding e", nil,
		func(s *sqlite.Stmt) error {
			p.UserVersion, p.wide = s.ColumnInt64(0), s.ColumnText(1) != "UTF-8"
			return nil
		})
	if err == nil && len(o.Map) > 0 {
		err = addFunctions(conn)
	}
	if err == nil {
		err = addClock(conn, o.TimeZone)
	}
	if err == nil {
		err = addTexts(conn)
	}
	if err == nil && p.wide {
		err = conn.SetCollation(byteOrder, strings.Compare)
	}
	return p, err
}

// byteOrder is the collation that compares texts as UTF-8. SQLite compares the bytes as
// stored.
const byteOrder = "asof_bytes"

func (p *Probe) describe(t *table.Table) error {
	err := p.query("SELECT name, type, pk, \"notnull\" FROM pragma_table_xinfo(?1)", []any{t.Name}, func(s *sqlite.Stmt) error {
		c := table.Column{Name: s.ColumnText(0), Type: s.ColumnText(1), PK: s.ColumnInt(2), NotNull: s.ColumnInt(3) != 0}
		t.Cols = append(t.Cols, c)
		return nil
	})
	if err != nil {
		return err
	}
	var index string
	return p.query("SELECT l.name, i.name FROM pragma_index_list(?1) l, pragma_index_xinfo(l.name) i"+
		" WHERE l.\"unique\" AND NOT l.partial AND i.key ORDER BY l.seq, i.seqno", []any{t.Name},
		func(s *sqlite.Stmt) error {
			if name := s.ColumnText(0); name != index || len(t.Uniques) == 0 {
				index = name
				t.Uniques = append(t.Uniques, nil)
			}
			last := &t.Uniques[len(t.Uniques)-1]
			*last = append(*last, strings.ToLower(s.ColumnText(1)))
			return nil
		})
}

// allowTemporary lets a layout create temporary tables, which belong to the connection;
// the store stays read-only. It must run before any read, because changing the pragma
// ends reads in progress.
func (p *Probe) allowTemporary() error {
	return p.Exec("PRAGMA query_only = OFF", "PRAGMA temp.cache_size = -65536")
}

// Exec runs statements that return no rows.
func (p *Probe) Exec(statements ...string) error {
	for _, s := range statements {
		if err := runSQL(p.conn, s); err != nil {
			return err
		}
	}
	return nil
}

// Texts returns the first column of a query as text.
func (p *Probe) Texts(sql string) ([]string, error) {
	var out []string
	var v cell.Value
	err := p.query(sql, nil, func(s *sqlite.Stmt) error {
		p.readColumn(s, 0, &v)
		out = append(out, string(v.Text()))
		return nil
	})
	return out, err
}

// query runs SQL and calls each for every row.
func (p *Probe) query(sql string, args []any, each func(*sqlite.Stmt) error) error {
	stmt, _, err := p.conn.PrepareTransient(sql)
	if err != nil {
		return err
	}
	defer stmt.Finalize() //nolint:errcheck // Step has returned the error
	bind(stmt, args)
	for {
		more, err := stmt.Step()
		if err != nil || !more {
			return err
		}
		if err := each(stmt); err != nil {
			return err
		}
	}
}

// EachRow calls each with the first n columns of every row, which are valid until it
// returns.
func (p *Probe) EachRow(n int, sql string, args []any, each func(vs []cell.Value) error) error {
	vs := make([]cell.Value, n)
	return p.query(sql, args, func(s *sqlite.Stmt) error {
		for i := range vs {
			p.readColumn(s, i, &vs[i])
		}
		return each(vs)
	})
}

// First returns the first value of a query, or NULL if there are no rows.
func (p *Probe) First(sql string) (cell.Value, error) {
	var v cell.Value
	err := p.query(sql+" LIMIT 1", nil, func(s *sqlite.Stmt) error {
		p.readColumn(s, 0, &v)
		return nil
	})
	return v, err
}

// bind sets the arguments of a statement.
func bind(stmt *sqlite.Stmt, args []any) {
	for i, a := range args {
		switch v := a.(type) {
		case int64:
			stmt.BindInt64(i+1, v)
		case string:
			stmt.BindText(i+1, v)
		case []byte:
			stmt.BindBytes(i+1, v)
		default:
			panic(fmt.Sprintf("store: argument of type %T", a))
		}
	}
}

// readColumn reads one column of the current row into v without an extra copy.
func (p *Probe) readColumn(stmt *sqlite.Stmt, col int, v *cell.Value) {
	v.B = v.B[:0]
	switch stmt.ColumnType(col) {
	case sqlite.TypeInteger:
		v.Kind, v.Num = cell.Int, stmt.ColumnInt64(col)
		return
	case sqlite.TypeFloat:
		v.Kind, v.Real = cell.Real, stmt.ColumnFloat(col)
		return
	case sqlite.TypeText:
		v.Kind = cell.Text
		if p.wide {
			stmt.ColumnLen(col) // makes SQLite convert the text to UTF-8
		}
	case sqlite.TypeBlob:
		v.Kind = cell.Blob
	default:
		v.Kind = cell.Null
		return
	}
	// A value that fills the buffer may be longer.
	if n := stmt.ColumnBytes(col, v.B[:cap(v.B)]); n < cap(v.B) {
		v.B = v.B[:n]
		return
	}
	stmt.ColumnReader(col).WriteTo(v) //nolint:errcheck // Value.Write never fails
}

// Distinct returns the distinct values of a column, stepping through its index.
func (p *Probe) Distinct(table, column string) ([]string, error) {
	next := "(SELECT min(" + column + ") FROM " + table
	return p.Texts("WITH RECURSIVE found(name) AS (SELECT * FROM " + next + ") UNION ALL SELECT " + next +
		" WHERE " + column + " > name) FROM found WHERE name IS NOT NULL) SELECT name FROM found WHERE name IS NOT NULL" +
		" LIMIT " + MaxContexts)
}

// Seeks reports whether SQLite finds the row of a query through an index. If it would
// scan a table, repeating the query is slow.
func (p *Probe) Seeks(sql string) (bool, error) {
	seeks := true
	err := p.query("EXPLAIN QUERY PLAN "+sql, []any{""}, func(s *sqlite.Stmt) error {
		const detail = 3
		step := s.ColumnText(detail)
		seeks = seeks && (strings.HasPrefix(step, "SEARCH ") || strings.HasPrefix(step, "CORRELATED SCALAR SUBQUERY "))
		return nil
	})
	return seeks, err
}
