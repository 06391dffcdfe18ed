package dialect

import (
	"asof/replay/store/cell"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// matchGoes binds the event store of modernice/goes (Go, about 0.4 and later). It has no order across streams.
// Events of no aggregate are left out. The columns are those that backend/postgres in its repository
// creates; the first release with them is not verified.
//
//	events(id uuid PK, name varchar, time bigint ns, aggregate_id uuid NULL, aggregate_name varchar NULL,
//	  aggregate_version integer NULL, data jsonb)
func matchGoes(p *postgres.Probe) (*table.Layout, error) {
	t, err := p.Need("events", "id", "name", "time", "aggregate_id", "aggregate_name", "aggregate_version", "data")
	if err != nil {
		return nil, err
	}
	l := &table.Layout{
		Recognised: p.Found("table events with aggregate_id, aggregate_name, aggregate_version"),
		From:       p.Name(t) + " AS e",
		Where:      "e.aggregate_id IS NOT NULL AND e.aggregate_version IS NOT NULL",
		LeftOut:    withoutAggregate(p.Name(t)+" AS e", "e.aggregate_id", "e.aggregate_version"),
	}
	l.Cols = [source.NumFields]string{
		source.Version: "e.aggregate_version", source.Time: `e."time"`, source.Type: p.Text("e", t, "name"),
		source.Category: p.Text("e", t, "aggregate_name"), source.Data: "e.data",
	}
	p.ID(l, "e", t, "id")
	streamByTypeAndID(p, l, t, "aggregate_name", "aggregate_id")
	return l, nil
}

// matchEventually binds the event store of get-eventually/go-eventually (Go, 0.2 and later).
// It stores no times, no ids and no order across streams.
//
//	events(event_stream_id text, type text, version integer, event bytea, metadata jsonb)
//	event_streams(event_stream_id text PK, version integer)
func matchEventually(p *postgres.Probe) (*table.Layout, error) {
	t, err := p.Need("events", "event_stream_id", "type", "version", "event", "metadata")
	if err != nil {
		return nil, err
	}
	l := &table.Layout{
		Recognised: p.Found("table events with event_stream_id"),
		From:       p.Name(t) + " AS e",
		CategoryOf: cell.CategoryOfName,
		Meta:       snakeOrCamel(),
	}
	l.Cols = [source.NumFields]string{
		source.Version: "e.version", source.Type: p.Text("e", t, "type"), source.Data: "e.event", source.Meta: "e.metadata",
	}
	p.Stream(l, "e", t, "event_stream_id")
	return l, nil
}
