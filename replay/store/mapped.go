package store

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"asof/replay/fault"
)

// mappedName is the dialect of a store that is read by an explicit mapping.
const mappedName = "mapped-sqlite"

// matchMapping makes a layout of Options.Table and Map.
func matchMapping(p *probe) (*layout, error) {
	o := p.opts
	if o.Table == "" {
		return nil, errors.New("a mapping needs the table that holds the events")
	}
	t, what := p.table(o.Table), "table "
	if t == nil {
		var err error
		if t, err = p.view(o.Table); err != nil {
			return nil, err
		}
		what = "view "
	}
	if t == nil {
		return nil, fmt.Errorf("no table %q%s", o.Table, didYouMean(o.Table, slices.Sorted(maps.Keys(p.tables))))
	}
	l := &layout{
		recognised: "the mapping given, of " + what + t.name,
		from:       quoteName(t.name),
		typeName:   t.name,
		categoryOf: categoryOfName,
	}
	for _, required := range []string{"stream", "version"} {
		if o.Map[required] == "" {
			return nil, fmt.Errorf("the mapping of table %s names no column for %s", t.name, required)
		}
	}
	for c := range numColumns {
		name := o.Map[columnNames[c]]
		if name == "" {
			continue
		}
		if err := l.mapColumn(p, t, c, name); err != nil {
			return nil, err
		}
	}
	if !l.has(colType) {
		l.recognised += "; every event is of the type " + t.name + ", for want of a column"
	}
	return l, nil
}

func didYouMean(name string, from []string) string {
	if near := fault.Near(name, from, 1); len(near) > 0 {
		return fmt.Sprintf("; did you mean %q?", near[0])
	}
	return ""
}

func (l *layout) mapColumn(p *probe, t *table, c column, name string) error {
	if c == colTime {
		var err error
		if name, l.timeUnit, err = t.timeColumn(name); err != nil {
			return err
		}
		l.timesKey = quoteName(t.rowID())
	}
	col := t.column(name)
	if col == nil && c == colPosition && strings.EqualFold(name, "rowid") && t.rowID() != "" {
		l.cols[c] = quoteName(t.rowID())
		return nil
	}
	if col == nil {
		var names []string
		for _, c := range t.cols {
			names = append(names, c.name)
		}
		return fmt.Errorf("table %s has no column %q%s", t.name, name, didYouMean(name, names))
	}
	l.cols[c] = quoteName(col.name)
	switch c {
	case colStream:
		return l.mapStream(p, col)
	case colType, colCategory, colID:
		// Only text compares as text in SQL.
		if col.affinity() != kindText {
			l.derived |= columnsOf(c)
		}
	}
	return nil
}

// timeColumn splits COLUMN:UNIT, unless a column is called so.
func (t *table) timeColumn(name string) (string, *timeUnit, error) {
	if t.column(name) != nil {
		return name, nil, nil
	}
	col, unit := cutUnit(name)
	if i := strings.LastIndexByte(name, ':'); unit == nil && i > 0 && t.column(name[:i]) != nil {
		return "", nil, fmt.Errorf("there is no unit of time %q; there are %s", name[i+1:], strings.Join(unitNames(), ", "))
	}
	return col, unit, nil
}
