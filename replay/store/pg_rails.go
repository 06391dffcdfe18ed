package store

// matchPgRails binds Rails Event Store. What an event's own stream is, and how its
// events are numbered, is as [railsEventStore] says for SQLite; payloads and
// metadata are bytea, json or jsonb, and times are UTC and do not say so.
//
//	event_store_events(id bigserial PK, event_id uuid, event_type, metadata, data, created_at timestamp(6), valid_at)
//	event_store_events_in_streams(id bigserial PK, stream, position integer NULL, event_id uuid, created_at)
func matchPgRails(p *pgProbe) (*layout, error) {
	t, err := p.need("event_store_events", "id", "event_id", "event_type", "metadata", "data", "created_at")
	if err != nil {
		return nil, err
	}
	links, err := p.need("event_store_events_in_streams", "id", "stream", "position", "event_id")
	if err != nil {
		return nil, err
	}
	unnumbered, err := p.one("SELECT 1 FROM " + p.name(links) + " WHERE position IS NULL AND " + pgRailsOwn("stream") + " LIMIT 1")
	if err != nil {
		return nil, err
	}
	version := "o.position"
	if unnumbered.kind != kindNull {
		version = "CASE WHEN bool_or(o.position IS NULL) OVER (PARTITION BY o.stream)" +
			" THEN row_number() OVER (PARTITION BY o.stream ORDER BY o.id) - 1 ELSE o.position END"
	}
	own := "(SELECT o.event_id, o.stream, " + version + " AS version FROM " + p.name(links) + " AS o WHERE " + pgRailsOwn("o.stream") +
		" AND NOT EXISTS (SELECT 1 FROM " + p.name(links) + " AS x WHERE x.event_id = o.event_id AND x.id < o.id AND " +
		pgRailsOwn("x.stream") + ")) AS s"
	l := &layout{
		recognised: p.found("tables event_store_events and event_store_events_in_streams"),
		from:       own + " JOIN " + p.name(t) + " AS e ON e.event_id = s.event_id",
		decoder:    func() decoder { return &railsDecoder{} },
		meta: Metadata{
			Correlation: []string{"/correlation_id"},
			Causation:   []string{"/causation_id"},
		},
		clocks: t.column("valid_at") != nil,
		leftOut: []omission{
			{
				what:  "events in no stream of their own (published to none, or their stream was deleted)",
				count: "SELECT (SELECT count(*) FROM " + p.name(t) + ") - (SELECT count(*) FROM " + own + ")",
			},
			{
				what:  "links of events into other streams, such as $by_type_…",
				count: "SELECT (SELECT count(*) FROM " + p.name(links) + ") - (SELECT count(*) FROM " + own + ")",
			},
		},
	}
	l.cols = [numColumns]string{
		colVersion: "s.version", colPosition: "e.id", colTime: "e.created_at",
		colType: p.text("e", t, "event_type"), colData: "e.data", colMeta: "e.metadata",
	}
	p.stream(l, "s", links, "stream")
	p.id(l, "e", t, "event_id")
	if !l.clocks {
		return l, nil
	}
	if p.opts.Clock == ClockValid {
		l.cols[colTime] = "coalesce(e.valid_at, e.created_at)"
		l.recognised += "; times are when an event is valid"
		return l, nil
	}
	v, err := p.one("SELECT 1 FROM " + p.name(t) + " WHERE valid_at IS NOT NULL LIMIT 1")
	if err == nil && v.kind != kindNull {
		l.recognised += "; times are when an event was recorded, and some are valid at another: --clock valid"
	}
	return l, err
}

// pgRailsOwn is SQL for a stream that is not an index of the library.
func pgRailsOwn(stream string) string { return "substr(" + stream + ", 1, 4) <> '$by_'" }
