package dialect

import (
	"errors"

	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// spatieDialect is the layout of Spatie's laravel-event-sourcing (4.0 and later). Its times are whole
// seconds, UTC without a zone. Events without an aggregate, and events from before the
// library numbered them, are left out.
var spatieDialect = sqlite.Dialect{Name: "spatie", Match: matchSpatie}

func matchSpatie(p *sqlite.Probe) (*table.Layout, error) {
	t := p.Table("stored_events")
	if t == nil {
		return nil, errors.New(source.NoTable + "stored_events")
	}
	if err := t.Require(spatieColumns...); err != nil {
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
		LeftOut: withoutAggregate("stored_events", "aggregate_uuid", "aggregate_version"),
	}
	if t.Column("event_version") != nil {
		l.Cols[source.Revision] = "event_version"
	}
	if s := p.Table("snapshots"); s != nil && s.Require("aggregate_uuid", "aggregate_version", "state") == nil {
		l.Snapshots = "SELECT count(*) FROM snapshots"
		l.Saved = &table.Saved{From: "snapshots", Version: "aggregate_version", Data: "state"}
		l.LeftOut = append(l.LeftOut, table.Unused(l.Snapshots))
	}
	return l, nil
}

// withoutAggregate leaves out the events of libraries that also keep events of no aggregate.
// An event that has one and no version is lost.
func withoutAggregate(from, aggregate, version string) []table.Omission {
	none := "SELECT count(*) FROM " + from + " WHERE " + aggregate + " IS "
	return []table.Omission{
		table.Counted("event", " of no aggregate", none+"NULL"),
		table.LostOf("event", " without a version", none+"NOT NULL AND "+version+" IS NULL"),
	}
}

var spatieColumns = []string{
	"id", "aggregate_uuid", "aggregate_version", "event_class", "event_properties", "meta_data", "created_at",
}

// matchServerSpatie binds the same library in PostgreSQL, MySQL or MariaDB (4.0 and later).
//
//	stored_events(id bigserial PK, aggregate_uuid uuid NULL, aggregate_version bigint NULL, event_version smallint,
//	  event_class varchar, event_properties jsonb, meta_data jsonb, created_at timestamp(0))
//	snapshots(id, aggregate_uuid, aggregate_version, state, created_at, updated_at)
func matchServerSpatie[P serverProbe](p P) (*table.Layout, error) {
	t, err := p.Need("stored_events", spatieColumns...)
	if err != nil {
		return nil, err
	}
	name := p.Name(t)
	l := &table.Layout{
		Recognised: p.Found("table stored_events with aggregate_uuid, event_class"),
		From:       name + " AS e",
		Where:      "e.aggregate_uuid IS NOT NULL AND e.aggregate_version IS NOT NULL",
		LeftOut:    withoutAggregate(name+" AS e", "e.aggregate_uuid", "e.aggregate_version"),
	}
	l.Cols = [source.NumFields]string{
		source.Version: "e.aggregate_version", source.Position: "e.id", source.Type: p.Text("e", t, "event_class"),
		source.Time: "e.created_at", source.Data: "e.event_properties", source.Meta: "e.meta_data",
	}
	if t.Column("event_version") != nil {
		l.Cols[source.Revision] = "e.event_version"
	}
	p.Stream(l, "e", t, "aggregate_uuid")
	if s := p.Table("snapshots"); s != nil && s.Require("aggregate_uuid", "aggregate_version", "state") == nil {
		l.KeepsSnapshots("SELECT count(*) FROM " + p.Name(s))
		l.Saved = &table.Saved{From: p.Name(s) + " AS e", Version: "e.aggregate_version", Data: "e.state"}
	}
	return l, nil
}
