package postgres

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// pgMappedName is the dialect of a store that is read by an explicit mapping.
const pgMappedName = "mapped-postgres"

// matchPgMapping makes a layout of Options.Table and Map. The table, which may be
// a view, is looked for in every schema, those of the search path first, unless
// it is given as SCHEMA.TABLE.
func matchPgMapping(probes []*Probe, o *source.Options) (*table.Layout, error) {
	if o.Table == "" {
		return nil, errors.New("a mapping needs the table that holds the events")
	}
	p, t := findPgTable(probes, o.Table)
	if t == nil {
		var names []string
		for _, p := range probes {
			names = slices.AppendSeq(names, maps.Keys(p.Tables))
		}
		slices.Sort(names)
		return nil, fmt.Errorf(source.NoTable+"%q%s", o.Table, source.DidYouMean(o.Table, slices.Compact(names)))
	}
	for _, required := range []string{"stream", "version"} {
		if o.Map[required] == "" {
			return nil, fmt.Errorf("the mapping of table %s names no column for %s", t.Name, required)
		}
	}
	l := &table.Layout{
		Dialect:    pgMappedName,
		Recognised: p.Found("the mapping given, of table " + t.Name),
		From:       p.Name(t) + " AS e",
		TypeName:   t.Name,
		CategoryOf: cell.CategoryOfName,
	}
	for c := range source.NumFields {
		name := o.Map[source.FieldNames[c]]
		if name == "" {
			continue
		}
		if err := p.mapColumn(l, t, c, name); err != nil {
			return nil, err
		}
	}
	if !l.Has(source.Type) {
		l.Recognised += "; every event is of the type " + t.Name + ", for want of a column"
	}
	return l, nil
}

func (p *Probe) mapColumn(l *table.Layout, t *table.Table, c source.Field, name string) error {
	if c == source.Time {
		var err error
		if name, l.TimeUnit, err = t.TimeColumn(name); err != nil {
			return err
		}
	}
	if t.Column(name) == nil {
		var names []string
		for _, c := range t.Cols {
			names = append(names, c.Name)
		}
		return fmt.Errorf("table %s has no column %q%s", t.Name, name, source.DidYouMean(name, names))
	}
	switch c {
	case source.Stream:
		p.Stream(l, "e", t, name)
	case source.ID:
		p.ID(l, "e", t, name)
	case source.Type, source.Category:
		l.Cols[c] = p.Text("e", t, name)
	default:
		l.Cols[c] = Ref("e", t, name)
	}
	return nil
}

func findPgTable(probes []*Probe, name string) (*Probe, *table.Table) {
	schema, rest, qualified := strings.Cut(name, ".")
	for _, p := range probes {
		for _, in := range []map[string]*table.Table{p.Tables, p.views} {
			if t := in[strings.ToLower(name)]; t != nil {
				return p, t
			}
			if t := in[strings.ToLower(rest)]; t != nil && qualified && p.Schema == schema {
				return p, t
			}
		}
	}
	return nil, nil
}
