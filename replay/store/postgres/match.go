package postgres

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// A Dialect is what is known of one library's tables in PostgreSQL. It is matched
// with every schema.
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

// Options are those that the store is opened with.
func (p *Probe) Options() *source.Options { return p.Opts }

// Lookup finds a table or a view of the schema; the name may be SCHEMA.TABLE.
func (p *Probe) Lookup(name string) (t *table.Table, what string, err error) {
	schema, rest, qualified := strings.Cut(name, ".")
	for _, in := range []map[string]*table.Table{p.Tables, p.views} {
		if t := in[strings.ToLower(name)]; t != nil {
			return t, "table ", nil
		}
		if t := in[strings.ToLower(rest)]; t != nil && qualified && p.Schema == schema {
			return t, "table ", nil
		}
	}
	return nil, "", nil
}

// TableNames returns the names of the schema's tables, in lower case.
func (p *Probe) TableNames() []string { return slices.Collect(maps.Keys(p.Tables)) }

// From is SQL that reads a table, as e.
func (p *Probe) From(t *table.Table) string { return p.Name(t) + " AS e" }

// Found adds the schema to what was recognized.
func (p *Probe) Found(what string) string { return what + ", schema " + p.Schema }

// Place is the schema.
func (p *Probe) Place() string { return " in schema " + p.Schema }

// Fatal reports whether the server or the connection failed.
func (p *Probe) Fatal(err error) bool { return isFailure(err) }

// MapColumn makes a column a field of the layout.
func (p *Probe) MapColumn(l *table.Layout, t *table.Table, f source.Field, c *table.Column) error {
	switch f {
	case source.Stream:
		p.Stream(l, "e", t, c.Name)
	case source.ID:
		p.ID(l, "e", t, c.Name)
	case source.Type, source.Category:
		l.Cols[f] = p.Text("e", t, c.Name)
	default:
		l.Cols[f] = Ref("e", t, c.Name)
	}
	return nil
}

// Propose looks for tables of the schema that may hold events.
func (p *Probe) Propose() ([]source.Proposal, error) {
	if err := p.ReadUniques(); err != nil {
		return nil, err
	}
	out := table.Propose(p.Tables)
	for i := range out {
		t := p.Table(out[i].Table)
		for _, u := range t.Uniques {
			if len(u) != 1 || out[i].Map["position"] != "" || !slices.Contains([]string{"bigint", "integer"}, t.Column(u[0]).Type) ||
				slices.Contains(slices.Collect(maps.Values(out[i].Map)), u[0]) {
				continue
			}
			out[i].Map["position"] = u[0]
		}
		if p.Schema != "public" {
			out[i].Table = p.Schema + "." + out[i].Table
		}
	}
	return out, nil
}
