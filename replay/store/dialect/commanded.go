package dialect

import (
	"asof/replay/store/cell"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// matchCommanded binds EventStore of Elixir's Commanded (1.0 and later). An event is in its own
// stream, in stream 0 ("$all"), whose versions are the store's positions, and in
// every stream it was linked into. Links are left out, unless the context is
// [linkedContext].
//
//	streams(stream_id bigserial PK, stream_uuid text, stream_version, created_at, deleted_at)
//	events(event_id uuid PK, event_type text, causation_id uuid, correlation_id uuid, data, metadata, created_at)
//	stream_events(event_id, stream_id, stream_version, original_stream_id, original_stream_version)
//
// Data and metadata are jsonb or bytea, depending on the application. Events of
// soft-deleted streams are left out, as in the library.
func matchCommanded(p *postgres.Probe) (*table.Layout, error) {
	links, err := p.Need("stream_events", "event_id", "stream_id", "stream_version", "original_stream_id")
	if err != nil {
		return nil, err
	}
	streams, err := p.Need("streams", "stream_id", "stream_uuid")
	if err != nil {
		return nil, err
	}
	t, err := p.Need("events", "event_id", "event_type", "causation_id", "correlation_id", "data", "metadata", "created_at")
	if err != nil {
		return nil, err
	}
	own := p.Name(links) + " AS o JOIN " + p.Name(streams) + " AS s ON s.stream_id = o.stream_id"
	l := &table.Layout{
		Recognised: p.Found("tables events, streams and stream_events"),
		From: own + " JOIN " + p.Name(links) + " AS a ON a.event_id = o.event_id AND a.stream_id = 0" +
			" JOIN " + p.Name(t) + " AS e ON e.event_id = o.event_id",
		Where:      "o.stream_id <> 0 AND o.stream_id = o.original_stream_id",
		CategoryOf: cell.CategoryOfName,
		LeftOut:    []table.Omission{table.Counted("link", " of events into other streams (the context linked reads them)", "SELECT count(*) FROM "+p.Name(links)+" WHERE stream_id <> 0 AND stream_id <> original_stream_id")},
	}
	linked, err := readsLinked(l, p.Opts)
	if err != nil {
		return nil, err
	}
	l.Cols = [source.NumFields]string{
		source.Version: "o.stream_version", source.Position: "a.stream_version", source.Time: "e.created_at",
		source.Type: p.Text("e", t, "event_type"), source.Data: "e.data", source.Meta: "e.metadata",
		source.Correlation: "e.correlation_id", source.Causation: "e.causation_id",
	}
	if linked {
		l.Recognised += linkedNote
		l.From, l.Where, l.LeftOut = own+" JOIN "+p.Name(t)+" AS e ON e.event_id = o.event_id", "o.stream_id <> 0", nil
		l.Cols[source.Position] = ""
	}
	if streams.Column("deleted_at") != nil {
		l.LeftOut = append(l.LeftOut, table.Counted("event", " of deleted streams", "SELECT count(*) FROM "+own+" WHERE "+l.Where+" AND s.deleted_at IS NOT NULL"))
		l.Where += " AND s.deleted_at IS NULL"
	}
	p.Stream(l, "s", streams, "stream_uuid")
	p.ID(l, "e", t, "event_id")
	if s := p.Table("snapshots"); s != nil && s.Require("source_uuid", "source_version") == nil {
		l.KeepsSnapshots("SELECT count(*) FROM " + p.Name(s))
	}
	return l, nil
}
