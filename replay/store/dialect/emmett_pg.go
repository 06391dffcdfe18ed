package dialect

import (
	"slices"

	"asof/replay/store/cell"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// matchPgEmmett binds Emmett's PostgreSQL event store (0.36 and later).
//
//	emt_messages(stream_id text, stream_position bigint, partition text, message_kind char(1), message_data jsonb,
//	  message_metadata jsonb, message_schema_version text, message_type text, message_id text, is_archived boolean,
//	  global_position bigint, transaction_id xid8, created timestamptz)
//	emt_streams(stream_id, stream_position, partition, stream_type, stream_metadata, is_archived)
//
// Both are partitioned by partition (module and tenant) and by is_archived. If there
// are several partitions, each is a context.
func matchPgEmmett(p *postgres.Probe) (*table.Layout, error) {
	t, err := p.Need("emt_messages", "stream_id", "stream_position", "partition", "message_kind", "message_data",
		"message_metadata", "message_type", "message_id", "is_archived", "global_position", "created")
	if err != nil {
		return nil, err
	}
	name := p.Name(t)
	l := &table.Layout{
		Recognised: p.Found("table emt_messages"),
		From:       name + " AS e",
		Where:      "e.message_kind = 'E' AND NOT e.is_archived",
		CategoryOf: cell.CategoryOfName,
		Meta: source.Metadata{
			Correlation: []string{"/correlationId"},
			Causation:   []string{"/causationId"},
		},
		LeftOut: []table.Omission{
			table.OfStreams("archived message", "archived messages", "SELECT count(*) FROM "+name+" AS e WHERE e.is_archived"),
			table.OfStreams("command (message_kind C)", "commands (message_kind C)", "SELECT count(*) FROM "+name+" AS e WHERE e.message_kind <> 'E' AND NOT e.is_archived"),
		},
	}
	l.Cols = [source.NumFields]string{
		source.Version: "e.stream_position", source.Position: "e.global_position", source.Time: "e.created",
		source.Type: p.Text("e", t, "message_type"), source.Data: "e.message_data", source.Meta: "e.message_metadata",
	}
	p.Stream(l, "e", t, "stream_id")
	p.ID(l, "e", t, "message_id")
	if s := p.Table("emt_streams"); s != nil && s.Require("stream_id", "stream_type") == nil {
		l.CategoryQuery = "SELECT min(stream_type) FROM " + p.Name(s) + " WHERE stream_id = $1"
	}
	partitions, err := pgEmmettPartitions(p, name)
	if err != nil {
		return nil, err
	}
	if len(partitions) > 1 {
		return l, pgContexts(p, l, t, "partition", partitions)
	}
	return l, nil
}

// pgEmmettPartitions lists the partitions that have messages. It asks for a message of any
// other than those found, which the server answers from its list of partitions.
func pgEmmettPartitions(p *postgres.Probe, messages string) ([]string, error) {
	const most = 100 // then, reading all messages once is faster
	var found []string
	others := "NOT is_archived"
	for range most {
		v, err := p.One("SELECT partition FROM " + messages + " WHERE " + others + " ORDER BY stream_id LIMIT 1")
		if err != nil {
			return nil, err
		}
		if v.Kind == cell.Null {
			slices.Sort(found)
			return found, nil
		}
		name := string(v.Text())
		found, others = append(found, name), others+" AND partition <> "+table.QuoteText(name)
	}
	return p.Texts("SELECT DISTINCT partition FROM " + messages + " WHERE NOT is_archived ORDER BY 1")
}
