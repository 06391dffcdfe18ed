package store

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"
)

// ocelDialect is OCEL 2.0, the format of object-centric event logs. A stream is
// an object, its category the object's type, and an event is in the stream of
// every object that it is about. The log orders events by time alone: versions
// and positions count them in that order, from 1, and an event of three objects
// has three positions. The payload is the event's attributes; how it is about the
// object (the qualifiers) is its metadata.
//
// What the log says of an object's own attributes is an event of its stream, too, of
// type ObjectChanged and without an id: its first values, which are dated 1970 where
// they were always so, and each that changed later, behind the events of that time.
// How objects are related to each other is left out.
var ocelDialect = dialect{name: "ocel-2.0", match: matchOCEL}

// ocelChanged is the type of a change of an object's attributes.
const ocelChanged = "ObjectChanged"

// An ocelType is a type of event and the table of its attributes.
type ocelType struct {
	name  string
	table *table
}

func matchOCEL(p *probe) (*layout, error) {
	for _, need := range []struct {
		table   string
		columns []string
	}{
		{"event_map_type", []string{"ocel_type", "ocel_type_map"}},
		{"event", []string{"ocel_id", "ocel_type"}},
		{"object", []string{"ocel_id", "ocel_type"}},
		{"event_object", []string{"ocel_event_id", "ocel_object_id", "ocel_qualifier"}},
	} {
		t := p.table(need.table)
		if t == nil {
			return nil, errors.New(noTable + need.table)
		}
		if err := t.require(need.columns...); err != nil {
			return nil, err
		}
	}
	types, err := p.ocelTypes()
	if err != nil {
		return nil, err
	}
	objects, err := p.ocelObjects()
	if err != nil {
		return nil, err
	}
	l := &layout{
		recognised: "tables event, object, event_object; a stream is an object, versions and positions are the order by time",
		from:       "temp.asof_ocel",
		numbered:   true,
		cols: [numColumns]string{
			colStream: "stream", colVersion: "version", colPosition: "position", colCategory: "category",
			colType: "type", colID: "id", colTime: "time", colMeta: "meta",
		},
		leftOut: []omission{
			{what: "events about no object", count: "SELECT count(*) FROM temp.asof_ocel_events WHERE id NOT IN (SELECT ocel_event_id FROM event_object WHERE ocel_event_id IS NOT NULL)"},
			{
				what:  "events that the table of their type does not have",
				count: "SELECT count(*) FROM event WHERE ocel_id NOT IN (SELECT id FROM temp.asof_ocel_events)",
			},
			{what: "rows that repeat an event, or are in the table of another type", count: ocelRepeated(types)},
		},
		prepare: func(p *probe) error { return prepareOCEL(p, types, objects) },
	}
	l.cols[colData] = ocelData(types, objects)
	l.ocelBeside(p)
	return l, nil
}

// ocelData is SQL for the payload of a row, which is in the table of its source: those
// of events come first, then those of objects.
func ocelData(types []ocelType, objects []*table) string {
	if len(types)+len(objects) == 0 {
		return "NULL"
	}
	data := []string{"CASE source"}
	from := func(values string, t *table) {
		data = append(data, fmt.Sprintf("WHEN %d THEN (SELECT %s FROM %s t WHERE t.rowid = asof_ocel.event)",
			len(data)-1, values, quoteName(t.name)))
	}
	for _, t := range types {
		from(ocelAttributes(t.table), t.table)
	}
	for _, t := range objects {
		from(ocelChange(t), t)
	}
	return strings.Join(append(data, "END"), " ")
}

// ocelObjects returns the tables of objects' attributes, by name.
func (p *probe) ocelObjects() ([]*table, error) {
	var out []*table
	for name, t := range p.tables {
		if !strings.HasPrefix(name, "object_") || t.require("ocel_id", "ocel_time") != nil {
			continue
		}
		if t.rowID() == "" {
			return nil, fmt.Errorf("table %s has no rowid", t.name)
		}
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b *table) int { return cmp.Compare(a.name, b.name) })
	return out, nil
}

// ocelTypes returns the types of events, by name.
func (p *probe) ocelTypes() ([]ocelType, error) {
	var out []ocelType
	var name, suffix value
	err := p.query("SELECT ocel_type, ocel_type_map FROM event_map_type", nil, func(s *sqlite.Stmt) error {
		p.readColumn(s, 0, &name)
		p.readColumn(s, 1, &suffix)
		t := p.table("event_" + string(suffix.text()))
		if t == nil { // its events have no time, and are counted as left out
			return nil
		}
		if t.rowID() == "" {
			return fmt.Errorf("table %s has no rowid", t.name)
		}
		out = append(out, ocelType{string(name.text()), t})
		return t.require("ocel_id", "ocel_time")
	})
	slices.SortFunc(out, func(a, b ocelType) int { return cmp.Compare(a.name, b.name) })
	return out, err
}

// ocelColumns returns the columns of a table that are attributes, and SQL for the
// value of each as it is in JSON.
func ocelColumns(t *table) (names, values []string) {
	for _, c := range t.cols {
		switch strings.ToLower(c.name) {
		case "ocel_id", "ocel_time", "ocel_changed_field":
			continue
		}
		v := "t." + quoteName(c.name)
		if strings.Contains(strings.ToUpper(c.typ), "BOOL") {
			v = "CASE " + v + " WHEN 0 THEN json('false') WHEN 1 THEN json('true') ELSE " + v + " END"
		} else {
			v = "CASE typeof(" + v + ") WHEN 'blob' THEN hex(" + v + ") ELSE " + v + " END"
		}
		names, values = append(names, c.name), append(values, v)
	}
	return names, values
}

// ocelAttributes is SQL for the attributes of a row as a JSON object. An attribute
// that is NULL is none.
func ocelAttributes(t *table) string {
	const most = 40 // of them in one call of a function, which takes no more than 100 arguments
	names, values := ocelColumns(t)
	sql := "'{}'"
	for from := 0; from < len(names); from += most {
		var pairs []string
		for i := from; i < min(from+most, len(names)); i++ {
			pairs = append(pairs, quoteText(names[i])+", "+values[i])
		}
		// A merge patch takes members that are null away.
		sql = "json_patch(" + sql + ", json_object(" + strings.Join(pairs, ", ") + "))"
	}
	return sql
}

// ocelChange is SQL for what a row says of an object: the one attribute that changed,
// where it names one, even to NULL, or else all.
func ocelChange(t *table) string {
	names, values := ocelColumns(t)
	if t.column("ocel_changed_field") == nil || len(names) == 0 {
		return ocelAttributes(t)
	}
	var sql strings.Builder
	sql.WriteString("CASE t.ocel_changed_field")
	for i, name := range names {
		fmt.Fprintf(&sql, " WHEN %s THEN json_object(%[1]s, %s)", quoteText(name), values[i])
	}
	return sql.String() + " ELSE " + ocelAttributes(t) + " END"
}

// ocelRepeated is SQL that counts the rows of events that are not taken.
func ocelRepeated(types []ocelType) string {
	counts := []string{"0"}
	for _, t := range types {
		counts = append(counts, "(SELECT count(*) FROM "+quoteName(t.table.name)+" WHERE ocel_id IS NOT NULL)")
	}
	return "SELECT " + strings.Join(counts, " + ") + " - (SELECT count(*) FROM temp.asof_ocel_events)"
}

// ocelBeside says what else the log holds.
func (l *layout) ocelBeside(p *probe) {
	if t := p.table("object_object"); t != nil {
		l.leftOut = append(l.leftOut, omission{what: "relations between objects", count: "SELECT count(*) FROM object_object"})
	}
}
