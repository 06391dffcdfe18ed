package postgres

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/remote"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// A Probe gives dialects access to the tables of one schema, and to rows if they need
// them.
type Probe struct {
	ctx     context.Context
	session *session
	remote.Namespace
	// plain is set if the database compares all text by byte by default, so that its
	// indexes match the order of ids.
	plain bool
}

// Ref returns SQL for a column of a table with an alias.
func Ref(alias string, t *table.Table, column string) string {
	return alias + "." + table.QuoteName(t.Column(column).Name)
}

// Collated returns SQL for a text that compares byte by byte.
func (p *Probe) Collated(e string) string {
	if p.plain {
		return e
	}
	return "(" + e + ` COLLATE "C")`
}

// Text returns SQL for a column as text that compares byte by byte.
func (p *Probe) Text(alias string, t *table.Table, column string) string {
	e := Ref(alias, t, column)
	switch t.Column(column).Type {
	case "text", "character varying":
		return p.Collated(e)
	case "bytea":
		return p.Collated("encode(" + e + ", 'hex')")
	}
	return p.Collated(e + "::text")
}

// Stream maps the stream of a layout to a column. The stream is shown as text but looked
// up in the column's own type, so that its index applies.
func (p *Probe) Stream(l *table.Layout, alias string, t *table.Table, column string) {
	e := Ref(alias, t, column)
	l.Cols[source.Stream] = p.Text(alias, t, column)
	l.StreamKey = e
	l.StreamArg = func(id string) (any, bool) { return id, isStorable(id) }
	switch t.Column(column).Type {
	case "text", "character varying", "character":
	case "uuid":
		l.UUIDs[source.Stream] = e
		l.StreamArg = func(id string) (any, bool) {
			hex, ok := cell.UUIDDigits(id)
			return id, ok && len(hex) == 32 && cell.DashUUID(hex) == id
		}
	case "bigint", "integer", "smallint":
		l.StreamArg = func(id string) (any, bool) {
			n, err := strconv.ParseInt(id, 10, 64)
			return n, err == nil && strconv.FormatInt(n, 10) == id
		}
	default:
		l.StreamKey = l.Cols[source.Stream]
	}
}

// ID maps the id of events to a column.
func (p *Probe) ID(l *table.Layout, alias string, t *table.Table, column string) {
	l.Cols[source.ID] = p.Text(alias, t, column)
	if t.Column(column).Type == "uuid" {
		l.UUIDs[source.ID] = Ref(alias, t, column)
	}
}

// Optional maps a field to a column if the table has it.
func (p *Probe) Optional(l *table.Layout, c source.Field, alias string, t *table.Table, column string) {
	if t.Column(column) != nil {
		l.Cols[c] = p.Text(alias, t, column)
	}
}

// Texts returns the first column of a query.
func (p *Probe) Texts(sql string, args ...any) ([]string, error) {
	return p.session.Texts(p.ctx, sql, args...)
}

// Steps returns the different values of a column of texts, by the index that begins with it.
func (p *Probe) Steps(t *table.Table, column string) ([]string, error) {
	of, from := Ref("e", t, column), " FROM "+p.Name(t)+" AS e"
	return p.Texts("WITH RECURSIVE x AS (SELECT min(" + of + ") AS of" + from + " UNION ALL SELECT (SELECT min(" + of + ")" + from +
		" WHERE " + of + " > x.of) FROM x WHERE x.of IS NOT NULL) SELECT x.of::text FROM x WHERE x.of IS NOT NULL ORDER BY " + p.Collated("x.of::text"))
}

// EachRow calls each with the columns of every row, which are valid until it returns.
func (p *Probe) EachRow(sql string, each func(cells [][]byte) error) error {
	return p.session.Run(p.ctx, sql, nil, func(r *rawRow) error { return each(r.cells) })
}

// One returns the single value of a query, or NULL if there is none.
func (p *Probe) One(sql string, args ...any) (cell.Value, error) {
	return p.session.one(p.ctx, sql, args...)
}

// systemSchemas lists schemas that never contain an application's events.
const systemSchemas = `('information_schema', 'pg_catalog', 'pg_toast', 'crdb_internal', 'pg_extension', 'citus', 'citus_internal', 'columnar', 'columnar_internal')`

// readSchemas reads the tables visible to the user and returns a probe for each schema,
// those of the search path first. If the connection string sets a search path, other
// schemas are ignored.
func readSchemas(ctx context.Context, s *session, o *source.Options) ([]*Probe, error) {
	path, err := s.Texts(ctx, "SELECT nspname FROM unnest(current_schemas(false)) AS nspname")
	if err != nil {
		return nil, err
	}
	// Test whether text compares by byte, because the catalogs of engines and releases
	// describe it differently.
	order, err := s.one(ctx, `SELECT 'B' < 'a' AND 'Z' < '_' AND '_' < 'a' AND '-b' < 'a' AND 'z' < 'é' AND 'é' < '語' AND '語' < '😀'`)
	if err != nil {
		return nil, err
	}
	all := map[string]*Probe{}
	var probes []*Probe
	n := 0
	err = s.Run(ctx, `SELECT c.table_schema::text, c.table_name::text, t.table_type::text, c.column_name::text, c.data_type::text, (c.is_nullable = 'NO')::text
		FROM information_schema.columns c
		JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
		WHERE c.table_schema NOT IN `+systemSchemas+` AND c.table_schema NOT LIKE 'pg\_%'
		ORDER BY c.table_schema, c.table_name, c.ordinal_position`, nil, func(r *rawRow) error {
		schema, name, kind := string(r.cells[0]), string(r.cells[1]), string(r.cells[2])
		p := all[schema]
		if p == nil {
			p = &Probe{
				ctx: ctx, session: s, plain: order.Num == 1,
				Namespace: remote.Namespace{Opts: o, Schema: schema, Tables: map[string]*table.Table{}, Views: map[string]*table.Table{}},
			}
			all[schema] = p
			probes = append(probes, p)
		}
		p.addColumn(kind, name, table.Column{Name: string(r.cells[3]), Type: string(r.cells[4]), NotNull: string(r.cells[5]) == "true"}, &n)
		return nil
	})
	if s.path { // ignore other schemas
		probes = slices.DeleteFunc(probes, func(p *Probe) bool { return !slices.Contains(path, p.Schema) })
	}
	slices.SortStableFunc(probes, func(a, b *Probe) int { return rank(path, a.Schema) - rank(path, b.Schema) })
	return probes, err
}

func rank(path []string, schema string) int {
	if i := slices.Index(path, schema); i >= 0 {
		return i
	}
	return len(path)
}

// addColumn adds a column to its table. n counts the tables, up to MaxTables.
func (p *Probe) addColumn(kind, name string, c table.Column, n *int) {
	in := p.Tables
	if kind != "BASE TABLE" {
		in = p.Views
	}
	t := p.Named(in, name)
	if t == nil {
		if *n++; *n > table.MaxTables {
			return
		}
		t = &table.Table{Name: name, WithoutRowID: true}
		p.Add(in, t)
	}
	t.Cols = append(t.Cols, c)
}

// ReadUniques reads the unique indexes of the schema's tables, which help to propose a
// mapping for an unknown table.
func (p *Probe) ReadUniques() error {
	last := ""
	return p.session.Run(p.ctx, `SELECT i.indexrelid::text, c.relname::text, a.attname::text
		FROM pg_index i
		JOIN pg_class c ON c.oid = i.indrelid
		JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
		WHERE i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL AND n.nspname = $1
		ORDER BY 1, a.attnum`, []any{p.Schema}, func(r *rawRow) error {
		t := p.Table(string(r.cells[1]))
		if t == nil || t.Name != string(r.cells[1]) {
			return nil
		}
		if index := string(r.cells[0]); index != last || len(t.Uniques) == 0 {
			last = index
			t.Uniques = append(t.Uniques, nil)
		}
		u := &t.Uniques[len(t.Uniques)-1]
		*u = append(*u, strings.ToLower(string(r.cells[2])))
		return nil
	})
}
