package store

import "strings"

// matchMessageDB binds Message DB (Eventide): one table, usually in the schema
// message_store. Positions in a stream begin at 0; times are UTC and do not say
// so; a stream is CATEGORY-ID, or a category alone.
//
//	messages(global_position bigserial PK, position bigint, time timestamp, stream_name text, type text,
//	  data jsonb, metadata jsonb, id uuid)
func matchMessageDB(p *pgProbe) (*layout, error) {
	t, err := p.need("messages", "global_position", "position", "time", "stream_name", "type", "data", "metadata", "id")
	if err != nil {
		return nil, err
	}
	l := &layout{
		recognised: p.found("table messages with stream_name, position, global_position"),
		from:       p.name(t) + " AS m",
		categoryOf: func(stream string) string {
			category, _, _ := strings.Cut(stream, "-")
			return category
		},
		meta: Metadata{Correlation: []string{"/correlationStreamName"}},
	}
	l.cols = [numColumns]string{
		colVersion: "m.position", colPosition: "m.global_position", colTime: "m.time",
		colType: p.text("m", t, "type"), colData: "m.data", colMeta: "m.metadata",
		colCategory: p.collated("split_part(m.stream_name, '-', 1)"),
	}
	p.stream(l, "m", t, "stream_name")
	p.id(l, "m", t, "id")
	return l, nil
}
