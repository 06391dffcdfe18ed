package dialect

import (
	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// matchServerRails binds Rails Event Store (2.0 and later) in PostgreSQL, MySQL or MariaDB. Streams and
// versions are determined as for SQLite, see [railsEventStore]. Payloads and metadata are
// bytes, text, json or jsonb. Times are UTC without a zone.
//
//	event_store_events(id bigserial PK, event_id uuid, event_type, metadata, data, created_at timestamp(6), valid_at)
//	event_store_events_in_streams(id bigserial PK, stream, position integer NULL, event_id uuid, created_at)
func matchServerRails[P serverProbe](p P) (*table.Layout, error) {
	t, err := p.Need("event_store_events", "id", "event_id", "event_type", "metadata", "data", "created_at")
	if err != nil {
		return nil, err
	}
	links, err := p.Need("event_store_events_in_streams", "id", "stream", "position", "event_id")
	if err != nil {
		return nil, err
	}
	unnumbered, err := p.One("SELECT 1 FROM " + p.Name(links) + " WHERE position IS NULL AND " + railsOwnStream(p, "stream") + " LIMIT 1")
	if err != nil {
		return nil, err
	}
	version := "o.position"
	if unnumbered.Kind != cell.Null {
		version = railsPlaces("o.position", p.Collated("o.stream"), "o.id")
	}
	own := "(SELECT o.event_id, o.stream, " + version + " AS version FROM " + p.Name(links) + " AS o WHERE " + railsOwnStream(p, "o.stream") +
		" AND NOT EXISTS (SELECT 1 FROM " + p.Name(links) + " AS x WHERE x.event_id = o.event_id AND x.id < o.id AND " +
		railsOwnStream(p, "x.stream") + ")) AS s"
	l := &table.Layout{
		Recognised: p.Found("tables event_store_events and event_store_events_in_streams"),
		From:       own + " JOIN " + p.Name(t) + " AS e ON e.event_id = s.event_id",
		Decoder:    func() table.Decoder { return &railsDecoder{} },
		Meta: source.Metadata{
			Correlation: []string{"/correlation_id"},
			Causation:   []string{"/causation_id"},
		},
		Clocks: t.Column("valid_at") != nil,
		LeftOut: []table.Omission{
			table.Counted("event", " in no stream of their own (published to none, or their stream was deleted)", "SELECT count(*) FROM "+p.Name(t)+" AS e WHERE NOT EXISTS (SELECT 1 FROM "+own+" WHERE s.event_id = e.event_id)"),
			table.Counted("link", " of events into other streams, such as $by_type_… (the context linked reads them)", "SELECT (SELECT count(*) FROM "+p.Name(links)+") - (SELECT count(*) FROM "+own+")"),
		},
	}
	l.Cols = [source.NumFields]string{
		source.Version: "s.version", source.Position: "e.id", source.Time: "e.created_at",
		source.Type: p.Text("e", t, "event_type"), source.Data: "e.data", source.Meta: "e.metadata",
	}
	p.Stream(l, "s", links, "stream")
	p.ID(l, "e", t, "event_id")
	linked, err := readsLinked(l, p.Options())
	if err != nil {
		return nil, err
	}
	if linked {
		serverRailsLinked(p, l, t, links)
	}
	return l, serverRailsClock(p, l, t)
}

// serverRailsLinked makes the layout read every stream with what is linked into it.
func serverRailsLinked(p serverProbe, l *table.Layout, t, links *table.Table) {
	l.Recognised += linkedNote
	l.From = "(SELECT o.event_id, o.stream, " + railsPlaces("o.position", p.Collated("o.stream"), "o.id") + " AS version FROM " + p.Name(links) +
		" AS o) AS s JOIN " + p.Name(t) + " AS e ON e.event_id = s.event_id"
	l.LeftOut = []table.Omission{table.Counted("event", " in no stream (published to none, or their stream was deleted)", "SELECT count(*) FROM "+p.Name(t)+" AS e WHERE NOT EXISTS (SELECT 1 FROM "+p.Name(links)+" AS o WHERE o.event_id = e.event_id)")}
	l.Cols[source.Position] = ""
}

// railsPlaces is SQL for the position in a stream, or the append order from 0 if some
// event of the stream has none.
func railsPlaces(position, stream, id string) string {
	return "CASE WHEN count(" + position + ") OVER (PARTITION BY " + stream + ") < count(*) OVER (PARTITION BY " + stream + ") THEN row_number() OVER (PARTITION BY " +
		stream + " ORDER BY " + id + ") - 1 ELSE " + position + " END"
}

// serverRailsClock chooses the time of an event from two columns.
func serverRailsClock(p serverProbe, l *table.Layout, t *table.Table) error {
	if !l.Clocks {
		return nil
	}
	if p.Options().Clock == source.ClockValid {
		l.Cols[source.Time] = "coalesce(e.valid_at, e.created_at)"
		l.Recognised += "; times are when an event is valid"
		return nil
	}
	v, err := p.One("SELECT 1 FROM " + p.Name(t) + " WHERE valid_at IS NOT NULL LIMIT 1")
	if err == nil && v.Kind != cell.Null {
		l.Recognised += "; times are when an event was recorded, and some are valid at another, which the clock valid reads"
	}
	return err
}

// railsOwnStream returns an SQL condition for streams that are not indexes of the library.
func railsOwnStream(p serverProbe, stream string) string {
	return "substr(" + p.Collated(stream) + ", 1, 4) <> '$by_'"
}
