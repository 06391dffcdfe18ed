package postgres

import (
	"errors"
	"strings"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// A Dialect describes the tables of one library in PostgreSQL. It is matched against
// every schema.
type Dialect = table.Dialect[*Probe]

// matchSchemas finds the layout of a database.
func matchSchemas(probes []*Probe, path string, o *source.Options, all []Dialect) (*table.Layout, error) {
	m := table.Matcher[*Probe]{Engine: "PostgreSQL", Mapped: "mapped-postgres", Dialects: all}
	l, err := m.Match(o, probes)
	var unknown *source.UnknownDialectError
	if errors.As(err, &unknown) && len(unknown.Matches) > 0 {
		return nil, &replay.StoreError{
			Path: path, Op: "open", Err: unknown,
			Next: fault.Try("choose its schema with ?search_path=SCHEMA in the connection string, or one").With("dialect"),
		}
	}
	return l, err
}

// Flavour returns the SQL variant of PostgreSQL.
func (p *Probe) Flavour() (table.Flavour, error) { return flavour, nil }

// Order returns SQL for the order of a column or of its JSON.
func (p *Probe) Order(t *table.Table, c *table.Column, at cell.Pointer) string {
	if at != nil {
		text := p.JSON(t, c, at, source.Time)
		return "(CASE WHEN " + text + ` ~ '^-?[0-9]+(\.[0-9]+)?$' THEN ` + text + "::numeric END), " + p.Collated(text)
	}
	switch c.Type {
	case "text", "character varying":
		return p.Collated(p.Ref(c))
	}
	return p.Ref(c)
}

// Clock returns SQL for the order of times, which is only that of the times if the column is
// not of texts.
func (p *Probe) Clock(t *table.Table, c *table.Column, at cell.Pointer) (order string, sure bool) {
	order = p.Order(t, c, at)
	switch c.Type {
	case "text", "character varying", "character":
		return order, false
	}
	return order, at == nil
}

// Tie returns the physical location of a row. The rows of views and queries have none,
// so it is their text.
func (p *Probe) Tie(t *table.Table) string {
	if t.Source != "" || p.Table(t.Name) != t {
		return p.Collated("(e.*)::text")
	}
	return "e.tableoid, e.ctid"
}

// JSON returns SQL for the value of a pointer in a column.
func (p *Probe) JSON(_ *table.Table, c *table.Column, at cell.Pointer, f source.Field) string {
	doc := p.Ref(c)
	switch c.Type {
	case "json", "jsonb":
	case "bytea":
		doc = "convert_from(" + doc + ", 'UTF8')::json"
	case "oid":
		doc = "convert_from(lo_get(" + doc + "), 'UTF8')::json"
	default:
		doc += "::json"
	}
	path := make([]string, len(at))
	for i, name := range at {
		path[i] = table.QuoteText(name)
	}
	to := "ARRAY[" + strings.Join(path, ", ") + "]::text[]"
	switch f {
	case source.Data, source.Meta:
		return "(" + doc + " #> " + to + ")"
	case source.Version, source.Position, source.Revision:
		text := "(" + doc + " #>> " + to + ")"
		return "(CASE WHEN " + text + " ~ '^-?[0-9]{1,18}$' THEN " + text + "::bigint END)"
	case source.Time:
		return "(" + doc + " #>> " + to + ")"
	}
	return p.Collated("(" + doc + " #>> " + to + ")")
}

// Object returns SQL for a JSON object of columns. Money is a number: its text is written as
// the server's locale has it, such as $1,234.56.
func (p *Probe) Object(_ *table.Table, cols []*table.Column) string {
	refs := make([]string, len(cols))
	for i, c := range cols {
		if refs[i] = p.Ref(c); c.Type == "money" {
			refs[i] += "::numeric AS " + table.QuoteName(c.Name)
		}
	}
	return "(SELECT row_to_json(x.*) FROM (SELECT " + strings.Join(refs, ", ") + ") AS x)"
}

// Found appends the schema to what was recognized.
func (p *Probe) Found(what string) string { return what + ", schema " + p.Schema }

// Place returns the schema.
func (p *Probe) Place() string { return " in schema " + p.Schema }

// Fatal reports whether the server or the connection failed.
func (p *Probe) Fatal(err error) bool { return isFailure(err) }

// MapColumn maps a field of the layout to a column.
func (p *Probe) MapColumn(l *table.Layout, t *table.Table, f source.Field, c *table.Column) error {
	switch f {
	case source.Stream:
		p.Stream(l, "e", t, c.Name)
	case source.ID:
		p.ID(l, "e", t, c.Name)
	case source.Type, source.Category:
		l.Cols[f] = p.Text("e", t, c.Name)
	case source.Data, source.Meta:
		l.Cols[f] = Ref("e", t, c.Name)
		if c.Type == "oid" { // a large object
			l.Cols[f] = "lo_get(" + l.Cols[f] + ")"
		}
	default:
		l.Cols[f] = Ref("e", t, c.Name)
	}
	return nil
}
