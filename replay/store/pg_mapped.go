package store

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// pgMappedName is the dialect of a store that is read by an explicit mapping.
const pgMappedName = "mapped-postgres"

// matchPgMapping makes a layout of Options.Table and Map. The table, which may be
// a view, is looked for in every schema, those of the search path first, unless
// it is given as SCHEMA.TABLE.
func matchPgMapping(probes []*pgProbe, o *Options) (*layout, error) {
	if o.Table == "" {
		return nil, errors.New("a mapping needs the table that holds the events")
	}
	p, t := findPgTable(probes, o.Table)
	if t == nil {
		var names []string
		for _, p := range probes {
			names = slices.AppendSeq(names, maps.Keys(p.tables))
		}
		slices.Sort(names)
		return nil, fmt.Errorf(noTable+"%q%s", o.Table, didYouMean(o.Table, slices.Compact(names)))
	}
	for _, required := range []string{"stream", "version"} {
		if o.Map[required] == "" {
			return nil, fmt.Errorf("the mapping of table %s names no column for %s", t.name, required)
		}
	}
	l := &layout{
		dialect:    pgMappedName,
		recognised: p.found("the mapping given, of table " + t.name),
		from:       p.name(t) + " AS e",
		typeName:   t.name,
		categoryOf: categoryOfName,
	}
	for c := range numColumns {
		name := o.Map[columnNames[c]]
		if name == "" {
			continue
		}
		if err := p.mapColumn(l, t, c, name); err != nil {
			return nil, err
		}
	}
	if !l.has(colType) {
		l.recognised += "; every event is of the type " + t.name + ", for want of a column"
	}
	return l, nil
}

func (p *pgProbe) mapColumn(l *layout, t *table, c column, name string) error {
	if c == colTime {
		var err error
		if name, l.timeUnit, err = t.timeColumn(name); err != nil {
			return err
		}
	}
	if t.column(name) == nil {
		var names []string
		for _, c := range t.cols {
			names = append(names, c.name)
		}
		return fmt.Errorf("table %s has no column %q%s", t.name, name, didYouMean(name, names))
	}
	switch c {
	case colStream:
		p.stream(l, "e", t, name)
	case colID:
		p.id(l, "e", t, name)
	case colType, colCategory:
		l.cols[c] = p.text("e", t, name)
	default:
		l.cols[c] = ref("e", t, name)
	}
	return nil
}

func findPgTable(probes []*pgProbe, name string) (*pgProbe, *table) {
	schema, rest, qualified := strings.Cut(name, ".")
	for _, p := range probes {
		for _, in := range []map[string]*table{p.tables, p.views} {
			if t := in[strings.ToLower(name)]; t != nil {
				return p, t
			}
			if t := in[strings.ToLower(rest)]; t != nil && qualified && p.schema == schema {
				return p, t
			}
		}
	}
	return nil, nil
}

// propose looks for tables of the schema that may hold events.
func (p *pgProbe) propose() []Proposal {
	out := propose(&probe{tables: p.tables})
	for i := range out {
		t := p.table(out[i].Table)
		for _, u := range t.uniques {
			if len(u) != 1 || out[i].Map["position"] != "" || !slices.Contains([]string{"bigint", "integer"}, t.column(u[0]).typ) ||
				slices.Contains(slices.Collect(maps.Values(out[i].Map)), u[0]) {
				continue
			}
			out[i].Map["position"] = u[0]
		}
		if p.schema != "public" {
			out[i].Table = p.schema + "." + out[i].Table
		}
	}
	return out
}

// readUniques looks at the unique indexes of the schema's tables, which tell what
// an unknown table is about.
func (p *pgProbe) readUniques() error {
	last := ""
	return p.session.run(p.ctx, `SELECT i.indexrelid::text, c.relname::text, a.attname::text
		FROM pg_index i
		JOIN pg_class c ON c.oid = i.indrelid
		JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
		WHERE i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL AND n.nspname = $1
		ORDER BY 1, a.attnum`, []any{p.schema}, func(r *pgRow) error {
		t := p.table(string(r.cells[1]))
		if t == nil {
			return nil
		}
		if index := string(r.cells[0]); index != last || len(t.uniques) == 0 {
			last = index
			t.uniques = append(t.uniques, nil)
		}
		u := &t.uniques[len(t.uniques)-1]
		*u = append(*u, strings.ToLower(string(r.cells[2])))
		return nil
	})
}
