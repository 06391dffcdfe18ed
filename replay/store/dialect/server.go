package dialect

import (
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/mysql"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
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

// streamByTypeAndID maps the stream to a column of ids, together with that of their types
// if some ids are of more than one.
func streamByTypeAndID(p serverProbe, l *table.Layout, t *table.Table, typ, id string) error {
	if pg, ok := p.(*postgres.Probe); ok {
		return pgByTypeAndID(pg, l, t, typ, id)
	}
	p.Stream(l, "e", t, id)
	of, is, from := mysql.Bytes(p.Text("e", t, typ)), mysql.Bytes(l.Cols[source.Stream]), " FROM "+p.Name(t)+" AS e"
	twice, err := p.One("SELECT 1" + from + " GROUP BY " + is + " HAVING min(" + of + ") <> max(" + of + ") LIMIT 1")
	if err != nil || twice.Kind == cell.Null {
		return err
	}
	types, err := p.Values("SELECT DISTINCT CAST(" + of + " AS CHAR)" + from + " WHERE " + of + " IS NOT NULL")
	if err != nil {
		return err
	}
	plain := *l
	l.Recognised += "; some ids are of more than one type, so streams are named TYPE/ID"
	l.Cols[source.Stream] = "concat(" + p.Text("e", t, typ) + ", '/', " + plain.Cols[source.Stream] + ")"
	l.MatchStream, l.StreamKey, l.StreamArg = nil, "", nil
	l.NamedInContexts(types, func(arg func(any) string, typ, id string) (string, bool) {
		typed := of + " = " + arg(typ) + " AND " // in this order: parameters have no numbers
		cond, ok := plain.OfStream(table.Flavour{Bytes: mysql.Bytes}, arg, id)
		return typed + cond, ok
	})
	return nil
}
