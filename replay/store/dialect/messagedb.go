package dialect

import (
	"strings"

	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// matchMessageDB binds Message DB (1.0 and later, of Eventide): one table, usually in the schema
// message_store. Positions in a stream start at 0. Times are UTC without a zone. A
// stream is named CATEGORY-ID, or CATEGORY alone.
//
//	messages(global_position bigserial PK, position bigint, time timestamp, stream_name text, type text,
//	  data jsonb, metadata jsonb, id uuid)
func matchMessageDB(p *postgres.Probe) (*table.Layout, error) {
	t, err := p.Need("messages", "global_position", "position", "time", "stream_name", "type", "data", "metadata", "id")
	if err != nil {
		return nil, err
	}
	l := &table.Layout{
		Recognised: p.Found("table messages with stream_name, position, global_position"),
		From:       p.Name(t) + " AS m",
		CategoryOf: func(stream string) string {
			category, _, _ := strings.Cut(stream, "-")
			return category
		},
		Meta: source.Metadata{Correlation: []string{"/correlationStreamName"}},
	}
	l.Cols = [source.NumFields]string{
		source.Version: "m.position", source.Position: "m.global_position", source.Time: "m.time",
		source.Type: p.Text("m", t, "type"), source.Data: "m.data", source.Meta: "m.metadata",
		source.Category: p.Collated("split_part(m.stream_name, '-', 1)"),
	}
	p.Stream(l, "m", t, "stream_name")
	p.ID(l, "m", t, "id")
	return l, nil
}
