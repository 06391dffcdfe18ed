package store

import "errors"

// spatieDialect is the layout of Spatie's laravel-event-sourcing. Its times are
// whole seconds without a zone and are taken as UTC. Events that were stored for
// no aggregate, and those from before the library numbered them, are left out.
var spatieDialect = dialect{name: "spatie", match: matchSpatie}

func matchSpatie(p *probe) (*layout, error) {
	t := p.table("stored_events")
	if t == nil {
		return nil, errors.New(noTable + "stored_events")
	}
	if err := t.require("id", "aggregate_uuid", "aggregate_version", "event_class", "event_properties",
		"meta_data", "created_at"); err != nil {
		return nil, err
	}
	l := &layout{
		recognised: "table stored_events with aggregate_uuid, event_class",
		from:       "stored_events",
		where:      "aggregate_uuid IS NOT NULL AND aggregate_version IS NOT NULL",
		cols: [numColumns]string{
			colStream: "aggregate_uuid", colVersion: "aggregate_version", colPosition: t.rowID(),
			colType: "event_class", colTime: "created_at", colData: "event_properties", colMeta: "meta_data",
		},
		leftOut: []omission{ofStreams(
			"events of no aggregate, or without a version",
			"SELECT count(*) FROM stored_events WHERE (aggregate_uuid IS NULL OR aggregate_version IS NULL)",
		)},
	}
	if t.column("event_version") != nil {
		l.cols[colRevision] = "event_version"
	}
	if s := p.table("snapshots"); s != nil && s.column("aggregate_uuid") != nil {
		l.snapshots = "SELECT count(*) FROM snapshots"
		l.leftOut = append(l.leftOut, omission{what: snapshotsUnused, count: l.snapshots})
	}
	return l, nil
}
