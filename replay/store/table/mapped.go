package table

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// mapped makes a layout of the options' Table and Map. The table is looked for in
// every probe, in order.
func mapped[P Probe](o *source.Options, probes []P) (*Layout, error) {
	if o.Table == "" {
		return nil, errors.New("a mapping needs the table that holds the events")
	}
	var names []string
	for _, p := range probes {
		t, what, err := p.Lookup(o.Table)
		if err != nil {
			return nil, err
		}
		if t != nil {
			return mapTable(p, t, what)
		}
		names = append(names, p.TableNames()...)
	}
	slices.Sort(names)
	return nil, fmt.Errorf(source.NoTable+"%q%s", o.Table, source.DidYouMean(o.Table, slices.Compact(names)))
}

func mapTable(p Probe, t *Table, what string) (*Layout, error) {
	o := p.Options()
	for _, required := range []string{"stream", "version"} {
		if o.Map[required] == "" {
			return nil, fmt.Errorf("the mapping of table %s names no column for %s", t.Name, required)
		}
	}
	l := &Layout{
		Recognised: p.Found("the mapping given, of " + what + t.Name),
		From:       p.From(t),
		TypeName:   t.Name,
		CategoryOf: cell.CategoryOfName,
	}
	for f := range source.NumFields {
		name := o.Map[source.FieldNames[f]]
		if name == "" {
			continue
		}
		if err := l.mapField(p, t, f, name); err != nil {
			return nil, err
		}
	}
	if !l.Has(source.Type) {
		l.Recognised += "; every event is of the type " + t.Name + ", for want of a column"
	}
	return l, nil
}

// mapField makes the column of that name a field of the layout.
func (l *Layout) mapField(p Probe, t *Table, f source.Field, name string) error {
	if f == source.Time {
		var err error
		if name, l.TimeUnit, err = t.timeColumn(name); err != nil {
			return err
		}
		l.TimesKey = QuoteName(t.RowID())
	}
	col := t.Column(name)
	if col == nil && f == source.Position && strings.EqualFold(name, "rowid") && t.RowID() != "" {
		l.Cols[f] = QuoteName(t.RowID())
		return nil
	}
	if col == nil {
		var names []string
		for _, c := range t.Cols {
			names = append(names, c.Name)
		}
		return fmt.Errorf("table %s has no column %q%s", t.Name, name, source.DidYouMean(name, names))
	}
	return p.MapColumn(l, t, f, col)
}
