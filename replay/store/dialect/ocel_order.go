package dialect

import (
	"fmt"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// prepareOCEL orders the pairs of events and objects, and the changes of objects, by
// time.
func prepareOCEL(p *sqlite.Probe, types []ocelType, objects []*table.Table) error {
	err := p.Exec(
		"CREATE TEMP TABLE asof_ocel_types(id TEXT PRIMARY KEY, type TEXT) WITHOUT ROWID",
		"INSERT OR IGNORE INTO temp.asof_ocel_types SELECT ocel_id, ocel_type FROM event WHERE ocel_id IS NOT NULL ORDER BY rowid",
		"CREATE TEMP TABLE asof_ocel_events(id TEXT PRIMARY KEY, source INTEGER, event INTEGER, type TEXT, time)",
	)
	for i := 0; i < len(types) && err == nil; i++ {
		err = ocelEvents(p, i, types[i])
	}
	if err != nil {
		return err
	}
	changes := make([]string, 0, len(objects))
	for i, t := range objects {
		changes = append(changes, ocelChanges(len(types)+i, t))
	}
	return ocelInOrder(p, changes)
}

// ocelEvents loads the events of a type, each once. A repeated row must be identical to
// the first.
func ocelEvents(p *sqlite.Probe, source int, t ocelType) error {
	name := table.QuoteName(t.table.Name)
	fault := func(err error) error { return fmt.Errorf("table %s: %w", t.table.Name, err) }
	if err := p.Exec(fmt.Sprintf(`INSERT OR IGNORE INTO temp.asof_ocel_events
		SELECT t.ocel_id, %d, t.rowid, %s, t.ocel_time FROM %s t LEFT JOIN temp.asof_ocel_types k ON k.id = t.ocel_id
		WHERE t.ocel_id IS NOT NULL AND (k.type IS NULL OR k.type = %[2]s) ORDER BY t.rowid`, source, table.QuoteText(t.name), name)); err != nil {
		return fault(err)
	}
	var differs []string
	for _, c := range t.table.Cols {
		differs = append(differs, fmt.Sprintf("t.%s IS NOT k.%[1]s", table.QuoteName(c.Name)))
	}
	odd, err := p.First(fmt.Sprintf(`SELECT t.ocel_id FROM %s t JOIN temp.asof_ocel_events e ON e.id = t.ocel_id AND e.source = %d
		JOIN %[1]s k ON k.rowid = e.event WHERE t.rowid <> k.rowid AND (%[3]s)`, name, source, strings.Join(differs, " OR ")))
	if err == nil && odd.Kind != cell.Null {
		err = fmt.Errorf("event %s has two rows that differ", odd.Text())
	}
	if err != nil {
		return fault(err)
	}
	return nil
}

// ocelChanges returns SQL for the object changes in a table, each once.
func ocelChanges(source int, t *table.Table) string {
	var all []string
	for _, c := range t.Cols {
		all = append(all, table.QuoteName(c.Name))
	}
	return fmt.Sprintf(`SELECT t.ocel_id AS stream, %s AS type, NULL AS id, t.ocel_time AS time, %d AS source, min(t.rowid) AS event,
		julianday(t.ocel_time) AS moment, 1 AS change, NULL AS meta
		FROM %s t WHERE t.ocel_id IS NOT NULL GROUP BY %s`, table.QuoteText(ocelChanged), source, table.QuoteName(t.Name), strings.Join(all, ", "))
}

// ocelInOrder numbers the events and changes. It compares times as moments, and as text
// if they differ by less than SQLite's precision.
func ocelInOrder(p *sqlite.Probe, changes []string) error {
	all := append([]string{`SELECT r.ocel_object_id AS stream, e.type, e.id, e.time, e.source, e.event,
		julianday(e.time) AS moment, 0 AS change,
		json_object('qualifiers', json_group_array(DISTINCT r.ocel_qualifier ORDER BY r.ocel_qualifier)) AS meta
		FROM event_object r JOIN temp.asof_ocel_events e ON e.id = r.ocel_event_id
		WHERE r.ocel_object_id IS NOT NULL
		GROUP BY r.ocel_object_id, e.id`}, changes...)
	return p.Exec(
		"CREATE TEMP TABLE asof_ocel_objects(id TEXT PRIMARY KEY, type TEXT) WITHOUT ROWID",
		"INSERT OR IGNORE INTO temp.asof_ocel_objects SELECT ocel_id, ocel_type FROM object WHERE ocel_id IS NOT NULL ORDER BY rowid",
		`CREATE TEMP TABLE asof_ocel(position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL,
			category TEXT, type TEXT, id TEXT, time, meta TEXT, source INTEGER, event INTEGER)`,
		`INSERT INTO temp.asof_ocel SELECT NULL, a.stream,
			row_number() OVER (PARTITION BY a.stream ORDER BY a.moment, a.time, a.change, a.id, a.source, a.event),
			coalesce(o.type, ''), a.type, a.id, a.time, a.meta, a.source, a.event
			FROM (`+strings.Join(all, " UNION ALL ")+`) a LEFT JOIN temp.asof_ocel_objects o ON o.id = a.stream
			ORDER BY a.moment, a.time, a.change, a.id, a.stream, a.source, a.event`,
		"CREATE UNIQUE INDEX temp.asof_ocel_stream ON asof_ocel(stream, version)",
	)
}
