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

// ocelDialect is OCEL 2.0, the format of object-centric event logs. A stream is an
// object, and its category is the object's type. An event is in the stream of every
// related object. The log orders events only by time: versions and positions count
// them in that order, from 1, and an event with three objects has three positions. The
// payload is the event's attributes. The metadata is its qualifiers, which describe its
// relation to the object.
//
// Values of an object's own attributes are events of its stream too, with type
// ObjectChanged and no id. The initial values are one event, dated 1970 if they always
// applied. Each later change is one event, after the other events of that time.
// Relations between objects are left out.
var ocelDialect = sqlite.Dialect{Name: "ocel-2.0", Match: matchOCEL}

// ocelChanged is the type of the event for a change of an object's attributes.
const ocelChanged = "ObjectChanged"

// An ocelType is an event type and the table of its attributes.
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
			table.Counted("event", " about no object", "SELECT count(*) FROM temp.asof_ocel_events WHERE id NOT IN (SELECT ocel_event_id FROM event_object WHERE ocel_event_id IS NOT NULL)"),
			table.Lost("event", " missing from the table of the type", "SELECT count(*) FROM event WHERE ocel_id NOT IN (SELECT id FROM temp.asof_ocel_events)"),
			table.Counted("relation", " of an event to no object", "SELECT count(*) FROM event_object WHERE ocel_object_id IS NULL"),
			{One: "row that repeats an event, or is in the table of another type", What: "rows that repeat an event, or are in the table of another type", Count: ocelRepeated(types)},
		},
		Prepare: func() error { return prepareOCEL(p, types, objects) },
	}
	l.Cols[source.Data] = ocelData(types, objects)
	ocelLeftOut(l, p)
	return l, nil
}

// ocelData returns SQL for the payload of a row, which is in the table of its source.
// Sources of events come first, then those of objects.
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

// ocelObjects returns the tables of object attributes, by name.
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

// ocelTypes returns the event types, by name.
func ocelTypes(p *sqlite.Probe) ([]ocelType, error) {
	var out []ocelType
	err := p.EachRow(2, "SELECT ocel_type, ocel_type_map FROM event_map_type", nil, func(vs []cell.Value) error {
		name, suffix := &vs[0], &vs[1]
		t := p.Table("event_" + string(suffix.Text()))
		if t == nil { // its events have no time and are counted as left out
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

// ocelColumns returns the attribute columns of a table, and SQL for each value as JSON.
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

// ocelAttributes returns SQL for the attributes of a row as a JSON object. It omits
// attributes that are NULL.
func ocelAttributes(t *table.Table) string {
	const most = 40 // attributes per function call, which takes at most 100 arguments
	names, values := ocelColumns(t)
	sql := "'{}'"
	for from := 0; from < len(names); from += most {
		var pairs []string
		for i := from; i < min(from+most, len(names)); i++ {
			pairs = append(pairs, table.QuoteText(names[i])+", "+values[i])
		}
		// A merge patch removes null members.
		sql = "json_patch(" + sql + ", json_object(" + strings.Join(pairs, ", ") + "))"
	}
	return sql
}

// ocelChange returns SQL for the values that a row gives an object: the attribute it
// names as changed, which may be NULL, or else all attributes.
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

// ocelRepeated returns SQL that counts the event rows that are left out.
func ocelRepeated(types []ocelType) string {
	counts := []string{"0"}
	for _, t := range types {
		counts = append(counts, "(SELECT count(*) FROM "+table.QuoteName(t.table.Name)+" WHERE ocel_id IS NOT NULL)")
	}
	return "SELECT " + strings.Join(counts, " + ") + " - (SELECT count(*) FROM temp.asof_ocel_events)"
}

// ocelLeftOut lists the other contents of the log as left out.
func ocelLeftOut(l *table.Layout, p *sqlite.Probe) {
	if t := p.Table("object_object"); t != nil {
		l.LeftOut = append(l.LeftOut, table.Counted("relation", " between objects", "SELECT count(*) FROM object_object"))
	}
}
