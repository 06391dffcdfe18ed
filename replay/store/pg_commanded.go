package store

// matchCommanded binds EventStore of Elixir's Commanded. An event is in its own
// stream, in the stream 0 ("$all"), whose versions are the positions of the
// store, and in any stream it was linked into; those links are left out.
//
//	streams(stream_id bigserial PK, stream_uuid text, stream_version, created_at, deleted_at)
//	events(event_id uuid PK, event_type text, causation_id uuid, correlation_id uuid, data, metadata, created_at)
//	stream_events(event_id, stream_id, stream_version, original_stream_id, original_stream_version)
//
// Data and metadata are jsonb or bytea, as the application chose. What is in a
// stream that was deleted softly is left out, as the library leaves it out.
func matchCommanded(p *pgProbe) (*layout, error) {
	links, err := p.need("stream_events", "event_id", "stream_id", "stream_version", "original_stream_id")
	if err != nil {
		return nil, err
	}
	streams, err := p.need("streams", "stream_id", "stream_uuid")
	if err != nil {
		return nil, err
	}
	t, err := p.need("events", "event_id", "event_type", "causation_id", "correlation_id", "data", "metadata", "created_at")
	if err != nil {
		return nil, err
	}
	own := p.name(links) + " AS o JOIN " + p.name(streams) + " AS s ON s.stream_id = o.stream_id"
	l := &layout{
		recognised: p.found("tables events, streams and stream_events"),
		from: own + " JOIN " + p.name(links) + " AS a ON a.event_id = o.event_id AND a.stream_id = 0" +
			" JOIN " + p.name(t) + " AS e ON e.event_id = o.event_id",
		where:      "o.stream_id <> 0 AND o.stream_id = o.original_stream_id",
		categoryOf: categoryOfName,
		leftOut: []omission{{
			what:  "links of events into other streams",
			count: "SELECT count(*) FROM " + p.name(links) + " WHERE stream_id <> 0 AND stream_id <> original_stream_id",
		}},
	}
	l.cols = [numColumns]string{
		colVersion: "o.stream_version", colPosition: "a.stream_version", colTime: "e.created_at",
		colType: p.text("e", t, "event_type"), colData: "e.data", colMeta: "e.metadata",
		colCorrelation: "e.correlation_id", colCausation: "e.causation_id",
	}
	if streams.column("deleted_at") != nil {
		l.leftOut = append(l.leftOut, omission{
			what:  "events of deleted streams",
			count: "SELECT count(*) FROM " + own + " WHERE " + l.where + " AND s.deleted_at IS NOT NULL",
		})
		l.where += " AND s.deleted_at IS NULL"
	}
	p.stream(l, "s", streams, "stream_uuid")
	p.id(l, "e", t, "event_id")
	if s := p.table("snapshots"); s != nil && s.require("source_uuid", "source_version") == nil {
		l.keepsSnapshots("SELECT count(*) FROM " + p.name(s))
	}
	return l, nil
}

// keepsSnapshots says that the application saves states, counted by SQL.
func (l *layout) keepsSnapshots(count string) {
	l.snapshots = count
	l.leftOut = append(l.leftOut, omission{what: snapshotsUnused, count: count})
}
