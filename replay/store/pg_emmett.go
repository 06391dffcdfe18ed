package store

// matchPgEmmett binds Emmett's PostgreSQL event store (0.36 and later).
//
//	emt_messages(stream_id text, stream_position bigint, partition text, message_kind char(1), message_data jsonb,
//	  message_metadata jsonb, message_schema_version text, message_type text, message_id text, is_archived boolean,
//	  global_position bigint, transaction_id xid8, created timestamptz)
//	emt_streams(stream_id, stream_position, partition, stream_type, stream_metadata, is_archived)
//
// Both are partitioned by partition (module and tenant) and by is_archived. Where
// there is more than one partition, each is a context.
func matchPgEmmett(p *pgProbe) (*layout, error) {
	t, err := p.need("emt_messages", "stream_id", "stream_position", "partition", "message_kind", "message_data",
		"message_metadata", "message_type", "message_id", "is_archived", "global_position", "created")
	if err != nil {
		return nil, err
	}
	name := p.name(t)
	l := &layout{
		recognised: p.found("table emt_messages"),
		from:       name + " AS e",
		where:      "e.message_kind = 'E' AND NOT e.is_archived",
		categoryOf: categoryOfName,
		meta: Metadata{
			Correlation: []string{"/correlationId"},
			Causation:   []string{"/causationId"},
		},
		leftOut: []omission{
			ofStreams("archived messages", "SELECT count(*) FROM "+name+" AS e WHERE e.is_archived"),
			ofStreams("commands (message_kind C)", "SELECT count(*) FROM "+name+" AS e WHERE e.message_kind <> 'E' AND NOT e.is_archived"),
		},
	}
	l.cols = [numColumns]string{
		colVersion: "e.stream_position", colPosition: "e.global_position", colTime: "e.created",
		colType: p.text("e", t, "message_type"), colData: "e.message_data", colMeta: "e.message_metadata",
	}
	p.stream(l, "e", t, "stream_id")
	p.id(l, "e", t, "message_id")
	if s := p.table("emt_streams"); s != nil && s.require("stream_id", "stream_type") == nil {
		l.categoryQuery = "SELECT min(stream_type) FROM " + p.name(s) + " WHERE stream_id = $1"
	}
	partitions, err := p.session.texts(p.ctx, "SELECT DISTINCT partition FROM "+name+" WHERE NOT is_archived ORDER BY 1")
	if err != nil {
		return nil, err
	}
	if len(partitions) > 1 {
		return l, p.inContexts(l, t, "partition", partitions)
	}
	return l, nil
}
