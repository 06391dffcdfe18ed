package store

// matchEventuous binds Eventuous: messages beside the streams that they are of.
// Positions in a stream begin at 0; times are UTC and do not say so.
//
//	streams(stream_name varchar, stream_id integer PK, version integer)
//	messages(message_id uuid, message_type varchar, stream_id integer, stream_position integer,
//	  global_position bigint PK, json_data jsonb, json_metadata jsonb, created timestamp)
func matchEventuous(p *pgProbe) (*layout, error) {
	t, err := p.need("messages", "message_id", "message_type", "stream_id", "stream_position", "global_position",
		"json_data", "json_metadata", "created")
	if err != nil {
		return nil, err
	}
	streams, err := p.need("streams", "stream_name", "stream_id")
	if err != nil {
		return nil, err
	}
	l := &layout{
		recognised: p.found("tables messages and streams"),
		from:       p.name(t) + " AS m JOIN " + p.name(streams) + " AS s ON s.stream_id = m.stream_id",
		categoryOf: categoryOfName,
		meta: Metadata{
			Correlation: []string{"/$correlationId", "/correlationId"},
			Causation:   []string{"/$causationId", "/causationId"},
		},
	}
	l.cols = [numColumns]string{
		colVersion: "m.stream_position", colPosition: "m.global_position", colTime: "m.created",
		colType: p.text("m", t, "message_type"), colData: "m.json_data", colMeta: "m.json_metadata",
	}
	p.stream(l, "s", streams, "stream_name")
	p.id(l, "m", t, "message_id")
	return l, nil
}
