package dialect

import (
	"asof/replay/store/cell"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// matchEventuous binds Eventuous, with messages and streams in two tables. Positions in
// a stream start at 0. Times are UTC without a zone.
//
//	streams(stream_name varchar, stream_id integer PK, version integer)
//	messages(message_id uuid, message_type varchar, stream_id integer, stream_position integer,
//	  global_position bigint PK, json_data jsonb, json_metadata jsonb, created timestamp)
func matchEventuous(p *postgres.Probe) (*table.Layout, error) {
	t, err := p.Need("messages", "message_id", "message_type", "stream_id", "stream_position", "global_position",
		"json_data", "json_metadata", "created")
	if err != nil {
		return nil, err
	}
	streams, err := p.Need("streams", "stream_name", "stream_id")
	if err != nil {
		return nil, err
	}
	l := &table.Layout{
		Recognised: p.Found("tables messages and streams"),
		From:       p.Name(t) + " AS m JOIN " + p.Name(streams) + " AS s ON s.stream_id = m.stream_id",
		CategoryOf: cell.CategoryOfName,
		Meta:       dollarOrCamel(),
		LeftOut:    []table.Omission{ofNoStream("messages", p.Name(t), "stream_id", p.Name(streams), "stream_id")},
	}
	l.Cols = [source.NumFields]string{
		source.Version: "m.stream_position", source.Position: "m.global_position", source.Time: "m.created",
		source.Type: p.Text("m", t, "message_type"), source.Data: "m.json_data", source.Meta: "m.json_metadata",
	}
	p.Stream(l, "s", streams, "stream_name")
	p.ID(l, "m", t, "message_id")
	return l, nil
}
