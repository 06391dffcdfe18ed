package sqlite

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

// mappedName is the dialect of a store that is read by an explicit mapping.
const mappedName = "mapped-sqlite"

// matchMapping makes a layout of Options.Table and Map.
func matchMapping(p *Probe) (*table.Layout, error) {
	o := p.Opts
	if o.Table == "" {
		return nil, errors.New("a mapping needs the table that holds the events")
	}
	t, what := p.Table(o.Table), "table "
	if t == nil {
		var err error
		if t, err = p.view(o.Table); err != nil {
			return nil, err
		}
		what = "view "
	}
	if t == nil {
		return nil, fmt.Errorf("no table %q%s", o.Table, source.DidYouMean(o.Table, slices.Sorted(maps.Keys(p.Tables))))
	}
	l := &table.Layout{
		Recognised: "the mapping given, of " + what + t.Name,
		From:       table.QuoteName(t.Name),
		TypeName:   t.Name,
		CategoryOf: cell.CategoryOfName,
	}
	for _, required := range []string{"stream", "version"} {
		if o.Map[required] == "" {
			return nil, fmt.Errorf("the mapping of table %s names no column for %s", t.Name, required)
		}
	}
	for c := range source.NumFields {
		name := o.Map[source.FieldNames[c]]
		if name == "" {
			continue
		}
		if err := mapColumn(l, p, t, c, name); err != nil {
			return nil, err
		}
	}
	if !l.Has(source.Type) {
		l.Recognised += "; every event is of the type " + t.Name + ", for want of a column"
	}
	return l, nil
}

func mapColumn(l *table.Layout, p *Probe, t *table.Table, c source.Field, name string) error {
	if c == source.Time {
		var err error
		if name, l.TimeUnit, err = t.TimeColumn(name); err != nil {
			return err
		}
		l.TimesKey = table.QuoteName(t.RowID())
	}
	col := t.Column(name)
	if col == nil && c == source.Position && strings.EqualFold(name, "rowid") && t.RowID() != "" {
		l.Cols[c] = table.QuoteName(t.RowID())
		return nil
	}
	if col == nil {
		var names []string
		for _, c := range t.Cols {
			names = append(names, c.Name)
		}
		return fmt.Errorf("table %s has no column %q%s", t.Name, name, source.DidYouMean(name, names))
	}
	l.Cols[c] = table.QuoteName(col.Name)
	switch c {
	case source.Stream:
		return MapStream(l, p, col)
	case source.Type, source.Category, source.ID:
		// Only text compares as text in SQL.
		if col.Affinity() != cell.Text {
			l.Derived |= source.FieldsOf(c)
		}
	}
	return nil
}
