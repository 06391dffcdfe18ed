package dialect

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
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
var ocelDialect = sqlite.Dialect{Name: "ocel-2.0", Match: matchOCEL}

// ocelChanged is the type of a change of an object's attributes.
const ocelChanged = "ObjectChanged"

// An ocelType is a type of event and the table of its attributes.
type ocelType struct {
	name  string
	table *table.Table
}

func matchOCEL(p *sqlite.Probe) (*table.Layout, error) {
	for _, need := range []struct {
		table   string
		columns []string
	}{
		{"event_map_type", []string{"ocel_type", "ocel_type_map"}},
		{"event", []string{"ocel_id", "ocel_type"}},
		{"object", []string{"ocel_id", "ocel_type"}},
		{"event_object", []string{"ocel_event_id", "ocel_object_id", "ocel_qualifier"}},
	} {
		t := p.Table(need.table)
		if t == nil {
			return nil, errors.New(source.NoTable + need.table)
		}
		if err := t.Require(need.columns...); err != nil {
			return nil, err
		}
	}
	types, err := ocelTypes(p)
	if err != nil {
		return nil, err
	}
	objects, err := ocelObjects(p)
	if err != nil {
		return nil, err
	}
	l := &table.Layout{
		Recognised: "tables event, object, event_object; a stream is an object, versions and positions are the order by time",
		From:       "temp.asof_ocel",
		Numbered:   true,
		Cols: [source.NumFields]string{
			source.Stream: "stream", source.Version: "version", source.Position: "position", source.Category: "category",
			source.Type: "type", source.ID: "id", source.Time: "time", source.Meta: "meta",
		},
		LeftOut: []table.Omission{
			{What: "events about no object", Count: "SELECT count(*) FROM temp.asof_ocel_events WHERE id NOT IN (SELECT ocel_event_id FROM event_object WHERE ocel_event_id IS NOT NULL)"},
			{
				What:  "events that the table of their type does not have",
				Count: "SELECT count(*) FROM event WHERE ocel_id NOT IN (SELECT id FROM temp.asof_ocel_events)",
			},
			{What: "rows that repeat an event, or are in the table of another type", Count: ocelRepeated(types)},
		},
		Prepare: func() error { return prepareOCEL(p, types, objects) },
	}
	l.Cols[source.Data] = ocelData(types, objects)
	ocelBeside(l, p)
	return l, nil
}

// ocelData is SQL for the payload of a row, which is in the table of its source: those
// of events come first, then those of objects.
func ocelData(types []ocelType, objects []*table.Table) string {
	if len(types)+len(objects) == 0 {
		return "NULL"
	}
	data := []string{"CASE source"}
	from := func(values string, t *table.Table) {
		data = append(data, fmt.Sprintf("WHEN %d THEN (SELECT %s FROM %s t WHERE t.rowid = asof_ocel.event)",
			len(data)-1, values, table.QuoteName(t.Name)))
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
func ocelObjects(p *sqlite.Probe) ([]*table.Table, error) {
	var out []*table.Table
	for name, t := range p.Tables {
		if !strings.HasPrefix(name, "object_") || t.Require("ocel_id", "ocel_time") != nil {
			continue
		}
		if t.RowID() == "" {
			return nil, fmt.Errorf("table %s has no rowid", t.Name)
		}
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b *table.Table) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// ocelTypes returns the types of events, by name.
func ocelTypes(p *sqlite.Probe) ([]ocelType, error) {
	var out []ocelType
	err := p.EachRow(2, "SELECT ocel_type, ocel_type_map FROM event_map_type", nil, func(vs []cell.Value) error {
		name, suffix := &vs[0], &vs[1]
		t := p.Table("event_" + string(suffix.Text()))
		if t == nil { // its events have no time, and are counted as left out
			return nil
		}
		if t.RowID() == "" {
			return fmt.Errorf("table %s has no rowid", t.Name)
		}
		out = append(out, ocelType{string(name.Text()), t})
		return t.Require("ocel_id", "ocel_time")
	})
	slices.SortFunc(out, func(a, b ocelType) int { return cmp.Compare(a.name, b.name) })
	return out, err
}

// ocelColumns returns the columns of a table that are attributes, and SQL for the
// value of each as it is in JSON.
func ocelColumns(t *table.Table) (names, values []string) {
	for _, c := range t.Cols {
		switch strings.ToLower(c.Name) {
		case "ocel_id", "ocel_time", "ocel_changed_field":
			continue
		}
		v := "t." + table.QuoteName(c.Name)
		if strings.Contains(strings.ToUpper(c.Type), "BOOL") {
			v = "CASE " + v + " WHEN 0 THEN json('false') WHEN 1 THEN json('true') ELSE " + v + " END"
		} else {
			v = "CASE typeof(" + v + ") WHEN 'blob' THEN hex(" + v + ") ELSE " + v + " END"
		}
		names, values = append(names, c.Name), append(values, v)
	}
	return names, values
}

// ocelAttributes is SQL for the attributes of a row as a JSON object. An attribute
// that is NULL is none.
func ocelAttributes(t *table.Table) string {
	const most = 40 // of them in one call of a function, which takes no more than 100 arguments
	names, values := ocelColumns(t)
	sql := "'{}'"
	for from := 0; from < len(names); from += most {
		var pairs []string
		for i := from; i < min(from+most, len(names)); i++ {
			pairs = append(pairs, table.QuoteText(names[i])+", "+values[i])
		}
		// A merge patch takes members that are null away.
		sql = "json_patch(" + sql + ", json_object(" + strings.Join(pairs, ", ") + "))"
	}
	return sql
}

// ocelChange is SQL for what a row says of an object: the one attribute that changed,
// where it names one, even to NULL, or else all.
func ocelChange(t *table.Table) string {
	names, values := ocelColumns(t)
	if t.Column("ocel_changed_field") == nil || len(names) == 0 {
		return ocelAttributes(t)
	}
	var sql strings.Builder
	sql.WriteString("CASE t.ocel_changed_field")
	for i, name := range names {
		fmt.Fprintf(&sql, " WHEN %s THEN json_object(%[1]s, %s)", table.QuoteText(name), values[i])
	}
	return sql.String() + " ELSE " + ocelAttributes(t) + " END"
}

// ocelRepeated is SQL that counts the rows of events that are not taken.
func ocelRepeated(types []ocelType) string {
	counts := []string{"0"}
	for _, t := range types {
		counts = append(counts, "(SELECT count(*) FROM "+table.QuoteName(t.table.Name)+" WHERE ocel_id IS NOT NULL)")
	}
	return "SELECT " + strings.Join(counts, " + ") + " - (SELECT count(*) FROM temp.asof_ocel_events)"
}

// ocelBeside says what else the log holds.
func ocelBeside(l *table.Layout, p *sqlite.Probe) {
	if t := p.Table("object_object"); t != nil {
		l.LeftOut = append(l.LeftOut, table.Omission{What: "relations between objects", Count: "SELECT count(*) FROM object_object"})
	}
}
