package dialect

import (
	"errors"

	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// spatieDialect is the layout of Spatie's laravel-event-sourcing. Its times are whole
// seconds, UTC without a zone. Events without an aggregate, and events from before the
// library numbered them, are left out.
var spatieDialect = sqlite.Dialect{Name: "spatie", Match: matchSpatie}

func matchSpatie(p *sqlite.Probe) (*table.Layout, error) {
	t := p.Table("stored_events")
	if t == nil {
		return nil, errors.New(source.NoTable + "stored_events")
	}
	if err := t.Require("id", "aggregate_uuid", "aggregate_version", "event_class", "event_properties",
		"meta_data", "created_at"); err != nil {
		return nil, err
	}
	l := &table.Layout{
		Recognised: "table stored_events with aggregate_uuid, event_class",
		From:       "stored_events",
		Where:      "aggregate_uuid IS NOT NULL AND aggregate_version IS NOT NULL",
		Cols: [source.NumFields]string{
			source.Stream: "aggregate_uuid", source.Version: "aggregate_version", source.Position: t.RowID(),
			source.Type: "event_class", source.Time: "created_at", source.Data: "event_properties", source.Meta: "meta_data",
		},
		LeftOut: []table.Omission{table.OfStreams(
			"events of no aggregate, or without a version",
			"SELECT count(*) FROM stored_events WHERE (aggregate_uuid IS NULL OR aggregate_version IS NULL)",
		)},
	}
	if t.Column("event_version") != nil {
		l.Cols[source.Revision] = "event_version"
	}
	if s := p.Table("snapshots"); s != nil && s.Column("aggregate_uuid") != nil {
		l.Snapshots = "SELECT count(*) FROM snapshots"
		l.LeftOut = append(l.LeftOut, table.Omission{What: table.SnapshotsUnused, Count: l.Snapshots})
	}
	return l, nil
}
