package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"asof/replay"
)

// A pgProbe is what dialects look at when they are matched: the tables of one
// schema, and rows where those must be known.
type pgProbe struct {
	ctx     context.Context
	session *pgSession
	opts    *Options
	schema  string
	tables  map[string]*table // by lower-case name
	views   map[string]*table
	// plain is set where the database compares all text byte by byte by itself, so
	// that its indexes serve the order of ids.
	plain bool
}

func (p *pgProbe) table(name string) *table { return p.tables[strings.ToLower(name)] }

// need finds a table with these columns, or says what is missing.
func (p *pgProbe) need(name string, columns ...string) (*table, error) {
	t := p.table(name)
	if t == nil {
		return nil, fmt.Errorf(noTable+"%s", name)
	}
	return t, t.require(columns...)
}

// name is SQL for the table.
func (p *pgProbe) name(t *table) string { return quoteName(p.schema) + "." + quoteName(t.name) }

// found says how a dialect was told.
func (p *pgProbe) found(what string) string { return what + ", schema " + p.schema }

// ref is SQL for a column of a table that goes by an alias.
func ref(alias string, t *table, column string) string {
	return alias + "." + quoteName(t.column(column).name)
}

// collated is SQL for a text, compared byte by byte.
func (p *pgProbe) collated(e string) string {
	if p.plain {
		return e
	}
	return "(" + e + ` COLLATE "C")`
}

// text is SQL for a column as text, compared byte by byte.
func (p *pgProbe) text(alias string, t *table, column string) string {
	e := ref(alias, t, column)
	switch t.column(column).typ {
	case "text", "character varying":
		return p.collated(e)
	case "bytea":
		return p.collated("encode(" + e + ", 'hex')")
	}
	return p.collated(e + "::text")
}

// stream makes a column the stream of a layout: shown as text, and looked up as
// what it is, so that its index serves.
func (p *pgProbe) stream(l *layout, alias string, t *table, column string) {
	e := ref(alias, t, column)
	l.cols[colStream] = p.text(alias, t, column)
	l.streamKey = e
	l.streamArg = func(id string) (any, bool) { return id, isPgText(id) }
	switch t.column(column).typ {
	case "text", "character varying", "character":
	case "uuid":
		l.uuids[colStream] = e
		l.streamArg = func(id string) (any, bool) {
			hex, ok := uuidDigits(id)
			return id, ok && len(hex) == 32 && dashUUID(hex) == id
		}
	case "bigint", "integer", "smallint":
		l.streamArg = func(id string) (any, bool) {
			n, err := strconv.ParseInt(id, 10, 64)
			return n, err == nil && strconv.FormatInt(n, 10) == id
		}
	default:
		l.streamKey = l.cols[colStream]
	}
}

// id makes a column the id of events.
func (p *pgProbe) id(l *layout, alias string, t *table, column string) {
	l.cols[colID] = p.text(alias, t, column)
	if t.column(column).typ == "uuid" {
		l.uuids[colID] = ref(alias, t, column)
	}
}

// optional makes a column of the layout one that the table may not have.
func (p *pgProbe) optional(l *layout, c column, alias string, t *table, column string) {
	if t.column(column) != nil {
		l.cols[c] = p.text(alias, t, column)
	}
}

// one returns the one value that the SQL gives, NULL where there is none.
func (p *pgProbe) one(sql string, args ...any) (value, error) {
	return p.session.one(p.ctx, sql, args...)
}

// pgSystem are schemas that no application keeps events in.
const pgSystem = `('information_schema', 'pg_catalog', 'pg_toast', 'crdb_internal', 'pg_extension', 'citus', 'citus_internal', 'columnar', 'columnar_internal')`

// readPgSchemas looks at the tables that the user may see, and returns a probe
// for each schema, those of the search path first. A search path that is set for
// this connection leaves out all others.
func readPgSchemas(ctx context.Context, s *pgSession, o *Options) ([]*pgProbe, error) {
	path, err := s.texts(ctx, "SELECT nspname FROM unnest(current_schemas(false)) AS nspname")
	if err != nil {
		return nil, err
	}
	// Whether text compares byte by byte is tried out, because the catalogues of the
	// engines, and of one engine's releases, say it differently.
	order, err := s.one(ctx, `SELECT 'B' < 'a' AND 'Z' < '_' AND '_' < 'a' AND '-b' < 'a' AND 'z' < 'é' AND 'é' < '語' AND '語' < '😀'`)
	if err != nil {
		return nil, err
	}
	all := map[string]*pgProbe{}
	var probes []*pgProbe
	n := 0
	err = s.run(ctx, `SELECT c.table_schema::text, c.table_name::text, t.table_type::text, c.column_name::text, c.data_type::text
		FROM information_schema.columns c
		JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
		WHERE c.table_schema NOT IN `+pgSystem+` AND c.table_schema NOT LIKE 'pg\_%'
		ORDER BY c.table_schema, c.table_name, c.ordinal_position`, nil, func(r *pgRow) error {
		schema, name, kind := string(r.cells[0]), string(r.cells[1]), string(r.cells[2])
		p := all[schema]
		if p == nil {
			p = &pgProbe{
				ctx: ctx, session: s, opts: o, schema: schema, plain: order.num == 1,
				tables: map[string]*table{}, views: map[string]*table{},
			}
			all[schema] = p
			probes = append(probes, p)
		}
		p.addColumn(kind, name, tableColumn{name: string(r.cells[3]), typ: string(r.cells[4])}, &n)
		return nil
	})
	if s.path { // and no other
		probes = slices.DeleteFunc(probes, func(p *pgProbe) bool { return !slices.Contains(path, p.schema) })
	}
	slices.SortStableFunc(probes, func(a, b *pgProbe) int { return rank(path, a.schema) - rank(path, b.schema) })
	return probes, err
}

func rank(path []string, schema string) int {
	if i := slices.Index(path, schema); i >= 0 {
		return i
	}
	return len(path)
}

// addColumn files a column under its table; of tables it looks at so many.
func (p *pgProbe) addColumn(kind, name string, c tableColumn, n *int) {
	in := p.tables
	if kind != "BASE TABLE" {
		in = p.views
	}
	key := strings.ToLower(name)
	t := in[key]
	if t == nil {
		if *n++; *n > maxTables {
			return
		}
		t = &table{name: name, withoutRowID: true}
		in[key] = t
	}
	if t.name == name { // and not one whose name differs in case
		t.cols = append(t.cols, c)
	}
}

// matchPostgres finds the one dialect that fits in the one schema.
func matchPostgres(probes []*pgProbe, path string, o *Options) (*layout, error) {
	if o.Table != "" || len(o.Map) > 0 {
		return matchPgMapping(probes, o)
	}
	if o.Dialect != "" && !slices.ContainsFunc(pgDialects(), func(d pgDialect) bool { return d.name == o.Dialect }) {
		var names []string
		for _, d := range pgDialects() {
			names = append(names, d.name)
		}
		return nil, fmt.Errorf("no PostgreSQL dialect is called %q; there are %s", o.Dialect, strings.Join(names, ", "))
	}
	unknown := &UnknownDialectError{}
	var found []*layout
	for _, d := range pgDialects() {
		if o.Dialect != "" && o.Dialect != d.name {
			continue
		}
		why := noTable + "of it"
		for _, p := range probes {
			l, err := d.match(p)
			if isPgFailure(err) {
				return nil, err
			}
			if err != nil {
				if !strings.HasPrefix(err.Error(), noTable) || strings.HasPrefix(why, noTable) {
					why = err.Error()
				}
				continue
			}
			l.dialect = d.name
			found = append(found, l)
			unknown.Matches = append(unknown.Matches, d.name+" in schema "+p.schema)
		}
		if len(found) == 0 {
			unknown.Tried = append(unknown.Tried, Tried{Dialect: d.name, Why: why})
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	if len(found) > 1 {
		return nil, &replay.StoreError{
			Path: path, Op: "open", Err: unknown,
			Next: "choose one with --dialect, or its schema with ?search_path=SCHEMA in the connection string",
		}
	}
	for _, p := range probes {
		if err := p.readUniques(); err != nil {
			return nil, err
		}
		unknown.Proposals = append(unknown.Proposals, p.propose()...)
	}
	return nil, unknown
}
