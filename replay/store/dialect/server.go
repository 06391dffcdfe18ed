package dialect

import (
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/postgres"
	"asof/replay/store/table"
)

// A serverProbe is a probe of PostgreSQL or MySQL, in which some libraries make the same
// tables.
type serverProbe interface {
	table.RowProbe
	Need(name string, columns ...string) (*table.Table, error)
	Text(alias string, t *table.Table, column string) string
	Stream(l *table.Layout, alias string, t *table.Table, column string)
	ID(l *table.Layout, alias string, t *table.Table, column string)
	One(sql string, args ...any) (cell.Value, error)
}

// tablesOf returns the tables by their names in lower case.
func tablesOf(p serverProbe) map[string]*table.Table {
	tables := map[string]*table.Table{}
	for _, t := range p.All() {
		tables[strings.ToLower(t.Name)] = t
	}
	return tables
}

// streamByID maps the stream to a column of ids, which may be bytes.
func streamByID(p serverProbe, l *table.Layout, t *table.Table, column string) {
	if pg, ok := p.(*postgres.Probe); ok {
		pgStream(pg, l, t, column)
		return
	}
	p.Stream(l, "e", t, column)
}

// streamByTypeAndID names streams TYPE/ID, as [byTypeAndID] does.
func streamByTypeAndID(p serverProbe, l *table.Layout, t *table.Table, typ, id string) {
	var kind, key table.Layout
	p.Stream(&kind, "e", t, typ)
	streamByID(p, &key, t, id)
	withoutNames(l, p.Name(t)+" AS e", t, typ, id)
	l.NamedBy(p.Collated, &kind, &key)
}
