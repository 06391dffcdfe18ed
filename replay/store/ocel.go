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
// What the log says about objects beside its events (their attributes as they
// changed, and how they are related) is left out.
var ocelDialect = dialect{name: "ocel-2.0", match: matchOCEL}

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
	l := &layout{
		recognised: "tables event, object, event_object; a stream is an object, versions and positions are the order by time",
		from:       "temp.asof_ocel",
		numbered:   true,
		cols: [numColumns]string{
			colStream: "stream", colVersion: "version", colPosition: "position", colCategory: "category",
			colType: "type", colID: "id", colTime: "time", colMeta: "meta",
		},
		leftOut: []omission{
			{"events about no object", "SELECT count(*) FROM temp.asof_ocel_events WHERE id NOT IN (SELECT ocel_event_id FROM event_object WHERE ocel_event_id IS NOT NULL)"},
			{
				"events that the table of their type does not have",
				"SELECT count(*) FROM event WHERE ocel_id NOT IN (SELECT id FROM temp.asof_ocel_events)",
			},
		},
		prepare: func(p *probe) error { return prepareOCEL(p, types) },
	}
	data := []string{"CASE source"}
	for i, t := range types {
		data = append(data, fmt.Sprintf("WHEN %d THEN (SELECT %s FROM %s t WHERE t.rowid = asof_ocel.event)",
			i, ocelAttributes(t.table), quoteName(t.table.name)))
	}
	l.cols[colData] = strings.Join(append(data, "END"), " ")
	if len(types) == 0 {
		l.cols[colData] = "NULL"
	}
	l.ocelBeside(p)
	return l, nil
}

// ocelTypes returns the types of events, by name.
func (p *probe) ocelTypes() ([]ocelType, error) {
	var out []ocelType
	var name, suffix value
	err := p.query("SELECT ocel_type, ocel_type_map FROM event_map_type", nil, func(s *sqlite.Stmt) error {
		p.readColumn(s, 0, &name)
		p.readColumn(s, 1, &suffix)
		t := p.table("event_" + string(suffix.text()))
		if t == nil {
			return fmt.Errorf("event_map_type names a table event_%s, which is not there", suffix.text())
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

// ocelAttributes is SQL for the attributes of an event as a JSON object. An
// attribute that is NULL is none.
func ocelAttributes(t *table) string {
	const most = 40 // of them in one call of a function, which takes no more than 100 arguments
	var pairs []string
	var objects []string
	flush := func() {
		objects = append(objects, "json_object("+strings.Join(pairs, ", ")+")")
		pairs = nil
	}
	for _, c := range t.cols {
		if strings.EqualFold(c.name, "ocel_id") || strings.EqualFold(c.name, "ocel_time") {
			continue
		}
		v := "t." + quoteName(c.name)
		if strings.Contains(strings.ToUpper(c.typ), "BOOL") {
			v = "CASE " + v + " WHEN 0 THEN json('false') WHEN 1 THEN json('true') ELSE " + v + " END"
		} else {
			v = "CASE typeof(" + v + ") WHEN 'blob' THEN hex(" + v + ") ELSE " + v + " END"
		}
		pairs = append(pairs, quoteText(c.name)+", "+v)
		if len(pairs) == most {
			flush()
		}
	}
	flush()
	sql := "'{}'"
	for _, o := range objects { // a merge patch takes members that are null away
		sql = "json_patch(" + sql + ", " + o + ")"
	}
	return sql
}

// prepareOCEL puts the pairs of an event and an object in the order of time.
func prepareOCEL(p *probe, types []ocelType) error {
	err := p.exec("CREATE TEMP TABLE asof_ocel_events(id TEXT PRIMARY KEY, source INTEGER, event INTEGER, type TEXT, time)")
	if err != nil {
		return err
	}
	for i, t := range types {
		if err := p.exec(fmt.Sprintf("INSERT INTO temp.asof_ocel_events SELECT ocel_id, %d, rowid, %s, ocel_time FROM %s WHERE ocel_id IS NOT NULL",
			i, quoteText(t.name), quoteName(t.table.name))); err != nil {
			return fmt.Errorf("table %s: %w", t.table.name, err)
		}
	}
	// Times are compared as moments; those that differ by less than SQLite's
	// calendar can tell, as text.
	return p.exec(
		"CREATE TEMP TABLE asof_ocel_objects(id TEXT PRIMARY KEY, type TEXT) WITHOUT ROWID",
		"INSERT OR IGNORE INTO temp.asof_ocel_objects SELECT ocel_id, ocel_type FROM object WHERE ocel_id IS NOT NULL ORDER BY rowid",
		`CREATE TEMP TABLE asof_ocel(position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL,
			category TEXT, type TEXT, id TEXT, time, meta TEXT, source INTEGER, event INTEGER)`,
		`INSERT INTO temp.asof_ocel SELECT NULL, stream, row_number() OVER (PARTITION BY stream ORDER BY moment, time, id),
			category, type, id, time, meta, source, event FROM (
				SELECT r.ocel_object_id AS stream, coalesce(o.type, '') AS category, e.type, e.id, e.time, e.source, e.event,
					julianday(e.time) AS moment,
					json_object('qualifiers', json_group_array(r.ocel_qualifier ORDER BY r.ocel_qualifier)) AS meta
				FROM event_object r
				JOIN temp.asof_ocel_events e ON e.id = r.ocel_event_id
				LEFT JOIN temp.asof_ocel_objects o ON o.id = r.ocel_object_id
				WHERE r.ocel_object_id IS NOT NULL
				GROUP BY r.ocel_object_id, e.id)
			ORDER BY moment, time, id, stream`,
		"CREATE UNIQUE INDEX temp.asof_ocel_stream ON asof_ocel(stream, version)",
	)
}

// ocelBeside says what else the log holds.
func (l *layout) ocelBeside(p *probe) {
	if t := p.table("object_object"); t != nil {
		l.leftOut = append(l.leftOut, omission{"relations between objects", "SELECT count(*) FROM object_object"})
	}
	var changes []string
	for name, t := range p.tables {
		if strings.HasPrefix(name, "object_") && t.require("ocel_id", "ocel_time") == nil {
			changes = append(changes, "(SELECT count(*) FROM "+quoteName(t.name)+")")
		}
	}
	if slices.Sort(changes); len(changes) > 0 {
		l.leftOut = append(l.leftOut, omission{
			"values of objects' attributes", "SELECT " + strings.Join(changes, " + "),
		})
	}
}
