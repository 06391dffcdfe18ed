package dialect

import (
	"encoding/hex"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/postgres"
	"asof/replay/store/table"
)

// mostTypes is the maximum number of types that a lookup of a stream names.
const mostTypes = 50

// pgByTypeAndID names the streams of the table e by id, or TYPE/ID if some id occurs with
// several types. If every row has a type, an index may begin with it, so that a lookup by
// id names all types.
func pgByTypeAndID(p *postgres.Probe, l *table.Layout, t *table.Table, typ, id string) error {
	of, is, from := postgres.Ref("e", t, typ), postgres.Ref("e", t, id), " FROM "+p.Name(t)+" AS e"
	p.Stream(l, "e", t, id)
	typed := t.Column(typ).NotNull
	types := "SELECT DISTINCT " + of + "::text" + from + " WHERE " + of + " IS NOT NULL"
	if typed { // steps through the index
		types = "WITH RECURSIVE x AS (SELECT min(" + of + ") AS of" + from + " UNION ALL SELECT (SELECT min(" + of + ")" + from +
			" WHERE " + of + " > x.of) FROM x WHERE x.of IS NOT NULL) SELECT x.of::text FROM x WHERE x.of IS NOT NULL"
	}
	all, err := p.Texts(types)
	if err != nil {
		return err
	}
	if len(all) > 1 {
		twice, err := p.One("SELECT 1" + from + " WHERE " + is + " IS NOT NULL GROUP BY " + is + " HAVING min(" + of + ") <> max(" + of + ") LIMIT 1")
		if err != nil {
			return err
		}
		if twice.Kind != cell.Null {
			l.Recognised += "; some ids are of more than one type, so streams are named TYPE/ID"
			l.Prefixed(of, all)
			return nil
		}
	}
	if typed && len(all) > 0 && len(all) <= mostTypes {
		in := make([]string, len(all))
		for i, name := range all {
			in[i] = table.QuoteText(name)
		}
		plain := *l
		l.MatchStream = func(arg func(any) string, stream string) (string, bool) {
			v, ok := plain.StreamArg(stream)
			if !ok {
				return "", false
			}
			return of + " IN (" + strings.Join(in, ", ") + ") AND " + plain.StreamKey + " = " + arg(v), true
		}
	}
	return nil
}

// pgStream maps the stream of a layout to a column, which may contain bytes. These are
// shown as hexadecimal digits and looked up as bytes, so that their index applies.
func pgStream(p *postgres.Probe, l *table.Layout, t *table.Table, column string) {
	p.Stream(l, "e", t, column)
	if t.Column(column).Type != "bytea" {
		return
	}
	l.StreamKey = postgres.Ref("e", t, column)
	l.StreamArg = func(id string) (any, bool) {
		b, err := hex.DecodeString(id)
		return b, err == nil && hex.EncodeToString(b) == id
	}
}
