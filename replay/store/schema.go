package store

import (
	"fmt"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"
)

// maxTables bounds the tables that are looked at.
const maxTables = 10_000

// A probe is what dialects look at when they are matched: the tables of a store,
// and its rows where those must be known.
type probe struct {
	conn        *sqlite.Conn
	opts        *Options
	tables      map[string]*table // by lower-case name
	userVersion int64
	wide        bool // its text is kept in UTF-16
}

// A table is one table of a store. Views, virtual tables and SQLite's own tables
// are not among them.
type table struct {
	name         string
	withoutRowID bool
	cols         []tableColumn
	uniques      [][]string // lower-case columns of unique indexes and primary keys
}

type tableColumn struct {
	name string
	typ  string // as declared
	pk   int    // place in the primary key, from 1
}

func (p *probe) table(name string) *table { return p.tables[strings.ToLower(name)] }

// column finds a column by name, whatever its case.
func (t *table) column(name string) *tableColumn {
	for i := range t.cols {
		if strings.EqualFold(t.cols[i].name, name) {
			return &t.cols[i]
		}
	}
	return nil
}

// view describes a view as a table, or returns nil where there is none: dialects
// are told by tables, but a mapping may name a view. It has no rowid.
func (p *probe) view(name string) (*table, error) {
	var t *table
	err := p.query("SELECT name FROM pragma_table_list(?1) WHERE schema = 'main' AND type = 'view'", []any{name}, func(s *sqlite.Stmt) error {
		t = &table{name: s.ColumnText(0), withoutRowID: true}
		return nil
	})
	if err != nil || t == nil {
		return nil, err
	}
	return t, p.describe(t)
}

// require says which of the columns the table does not have.
func (t *table) require(names ...string) error {
	var missing []string
	for _, n := range names {
		if t.column(n) == nil {
			missing = append(missing, n)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("table %s has no column %s", t.name, strings.Join(missing, ", "))
	}
	return nil
}

// uniqueBy reports whether no two rows have the same values in these columns.
func (t *table) uniqueBy(columns ...string) bool {
	return slices.ContainsFunc(t.uniques, func(unique []string) bool {
		return !slices.ContainsFunc(unique, func(c string) bool { return !slices.Contains(columns, c) })
	})
}

// rowID returns the name of the table's rowid: that of its INTEGER PRIMARY KEY, or
// one that no column hides. Nothing where the table has none.
func (t *table) rowID() string {
	if t.withoutRowID {
		return ""
	}
	keys, alias := 0, ""
	for _, c := range t.cols {
		if c.pk > 0 {
			keys++
			if strings.EqualFold(c.typ, "INTEGER") {
				alias = c.name
			}
		}
	}
	if keys == 1 && alias != "" {
		return alias
	}
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		if t.column(name) == nil {
			return name
		}
	}
	return ""
}

// affinity is how SQLite stores what is put into a column of the declared type.
func (c *tableColumn) affinity() kind {
	t := strings.ToUpper(c.typ)
	has := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(t, p) })
	}
	switch {
	case has("INT"):
		return kindInt
	case has("CHAR", "CLOB", "TEXT"):
		return kindText
	case t == "" || has("BLOB"):
		return kindBlob
	}
	return kindReal
}

// quoteName quotes an identifier; nothing stays nothing.
func quoteName(name string) string {
	if name == "" {
		return ""
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// readSchema looks at the tables of a database.
func readSchema(conn *sqlite.Conn, o *Options) (*probe, error) {
	p := &probe{conn: conn, opts: o, tables: map[string]*table{}}
	err := p.query("SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"+
		" AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name LIMIT ?1",
		[]any{int64(maxTables)}, func(s *sqlite.Stmt) error {
			t := &table{name: s.ColumnText(0), withoutRowID: s.ColumnInt(1) != 0}
			p.tables[strings.ToLower(t.name)] = t
			return nil
		})
	if err != nil {
		return nil, err
	}
	for _, t := range p.tables {
		if err := p.describe(t); err != nil {
			return nil, err
		}
	}
	err = p.query("SELECT v.user_version, e.encoding FROM pragma_user_version v, pragma_encoding e", nil,
		func(s *sqlite.Stmt) error {
			p.userVersion, p.wide = s.ColumnInt64(0), s.ColumnText(1) != "UTF-8"
			return nil
		})
	if err == nil && p.wide {
		err = conn.SetCollation(byteOrder, strings.Compare)
	}
	return p, err
}

// byteOrder is the collation that compares texts by their UTF-8, where SQLite's own
// compares by the bytes that it keeps.
const byteOrder = "asof_bytes"

func (p *probe) describe(t *table) error {
	err := p.query("SELECT name, type, pk FROM pragma_table_xinfo(?1)", []any{t.name}, func(s *sqlite.Stmt) error {
		t.cols = append(t.cols, tableColumn{s.ColumnText(0), s.ColumnText(1), s.ColumnInt(2)})
		return nil
	})
	if err != nil {
		return err
	}
	var index string
	return p.query("SELECT l.name, i.name FROM pragma_index_list(?1) l, pragma_index_xinfo(l.name) i"+
		" WHERE l.\"unique\" AND NOT l.partial AND i.key ORDER BY l.seq, i.seqno", []any{t.name},
		func(s *sqlite.Stmt) error {
			if name := s.ColumnText(0); name != index || len(t.uniques) == 0 {
				index = name
				t.uniques = append(t.uniques, nil)
			}
			last := &t.uniques[len(t.uniques)-1]
			*last = append(*last, strings.ToLower(s.ColumnText(1)))
			return nil
		})
}

// allowTemporary lets a layout build the temporary tables it reads from, which are
// the connection's own: the store is open for reading only. It is said before
// anything is read, because to change it ends what is being read.
func (p *probe) allowTemporary() error {
	return p.exec("PRAGMA query_only = OFF", "PRAGMA temp.cache_size = -65536")
}

// exec runs statements that give nothing.
func (p *probe) exec(statements ...string) error {
	for _, s := range statements {
		if err := runSQL(p.conn, s); err != nil {
			return err
		}
	}
	return nil
}

// texts returns the first column of what the SQL gives, as text.
func (p *probe) texts(sql string) ([]string, error) {
	var out []string
	var v value
	err := p.query(sql, nil, func(s *sqlite.Stmt) error {
		p.readColumn(s, 0, &v)
		out = append(out, string(v.text()))
		return nil
	})
	return out, err
}

// query runs SQL and calls each for every row.
func (p *probe) query(sql string, args []any, each func(*sqlite.Stmt) error) error {
	stmt, _, err := p.conn.PrepareTransient(sql)
	if err != nil {
		return err
	}
	defer stmt.Finalize() //nolint:errcheck // Step has told
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

// first returns the first value that the SQL gives, of kind NULL where there is
// none.
func (p *probe) first(sql string) (value, error) {
	var v value
	err := p.query(sql+" LIMIT 1", nil, func(s *sqlite.Stmt) error {
		p.readColumn(s, 0, &v)
		return nil
	})
	return v, err
}

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

// readColumn reads one column of the current row into v, without another copy.
func (p *probe) readColumn(stmt *sqlite.Stmt, col int, v *value) {
	v.b = v.b[:0]
	switch stmt.ColumnType(col) {
	case sqlite.TypeInteger:
		v.kind, v.num = kindInt, stmt.ColumnInt64(col)
		return
	case sqlite.TypeFloat:
		v.kind, v.real = kindReal, stmt.ColumnFloat(col)
		return
	case sqlite.TypeText:
		v.kind = kindText
		if p.wide {
			stmt.ColumnLen(col) // to know it, SQLite converts the text to UTF-8
		}
	case sqlite.TypeBlob:
		v.kind = kindBlob
	default:
		v.kind = kindNull
		return
	}
	stmt.ColumnReader(col).WriteTo(v) //nolint:errcheck // value.Write has none
}
