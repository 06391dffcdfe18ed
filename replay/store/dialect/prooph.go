package dialect

import (
	"errors"
	"fmt"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// matchProoph binds Prooph's PDO event store (1.0 and later): a table for each stream, named by the
// SHA-1 of the stream's name, and a table that lists them (event_streams by default).
//
//	event_streams(no, real_stream_name, stream_name, metadata, category)
//	"_<sha1>"(no bigserial PK, event_id uuid, event_name, payload json, metadata jsonb, created_at timestamp(6))
//
// If the metadata of a table's events names an aggregate and its version (the "single
// stream" strategy, whose tables have the library's constraints), an aggregate is a
// stream. Otherwise a table is a stream, and its numbers are the versions. Each table
// has its own numbers, so there are positions only if there is one table.
func matchProoph(p *postgres.Probe) (*table.Layout, error) {
	list, tables, err := proophTables(p)
	if err != nil {
		return nil, err
	}
	var each []string
	for _, s := range tables {
		each = append(each, proophEvents(p, s))
	}
	l := &table.Layout{
		Recognised: p.Found(fmt.Sprintf("table %s, which lists %d streams", list.Name, len(tables))),
		From:       "(" + strings.Join(each, " UNION ALL ") + ") AS e",
		Meta: source.Metadata{
			Correlation: []string{"/_correlation_id", "/correlation_id"},
			Causation:   []string{"/_causation_id", "/causation_id"},
		},
	}
	// A table with the columns of the union.
	joint := &table.Table{Cols: []table.Column{
		{Name: "stream", Type: "text"}, {Name: "category", Type: "text"}, {Name: "event_name", Type: "text"}, {Name: "event_id", Type: "uuid"},
	}}
	l.Cols = [source.NumFields]string{
		source.Version: "e.version", source.Time: "e.created_at", source.Category: p.Text("e", joint, "category"),
		source.Type: p.Text("e", joint, "event_name"), source.Data: "e.payload", source.Meta: "e.metadata",
	}
	if len(tables) == 1 {
		l.Cols[source.Position] = "e.no"
	}
	p.Stream(l, "e", joint, "stream")
	p.ID(l, "e", joint, "event_id")
	return l, nil
}

// A proophStream is one row of the list of streams.
type proophStream struct {
	table    *table.Table
	name     string
	category string
	single   bool // the events name their aggregate
}

// maxProoph is the maximum number of tables in a store; one statement names them all.
const maxProoph = 1000

func proophTables(p *postgres.Probe) (list *table.Table, streams []proophStream, err error) {
	needs := []string{"no", "real_stream_name", "stream_name", "metadata", "category"}
	why := errors.New(source.NoTable + "event_streams")
	for _, t := range p.All() {
		if err := t.Partly(4, needs...); err != nil {
			why = err
		} else if t.Require(needs...) == nil && list == nil {
			list = t
		}
	}
	if list == nil {
		return nil, nil, why
	}
	err = p.EachRow("SELECT stream_name::text, real_stream_name::text, coalesce(category::text, '') FROM "+p.Name(list)+
		" ORDER BY no", func(cells [][]byte) error {
		s := proophStream{
			table: p.Table(strings.TrimSpace(string(cells[0]))), name: string(cells[1]), category: string(cells[2]),
		}
		if s.table == nil {
			return fmt.Errorf("table %s lists the stream %q, but there is no table %s", list.Name, s.name, cells[0])
		}
		streams = append(streams, s)
		return s.table.Require("no", "event_id", "event_name", "payload", "metadata", "created_at")
	})
	switch {
	case err != nil:
		return nil, nil, err
	case len(streams) == 0:
		return nil, nil, fmt.Errorf("table %s lists no stream", list.Name)
	case len(streams) > maxProoph:
		return nil, nil, fmt.Errorf("table %s lists %d streams, more than the %d that can be read as one store; "+
			"read one of them by its table and a map of its columns", list.Name, len(streams), maxProoph)
	}
	for i := range streams {
		v, err := p.One("SELECT metadata->>'_aggregate_id' FROM " + p.Name(streams[i].table) +
			" WHERE metadata->>'_aggregate_version' IS NOT NULL LIMIT 1")
		if err != nil {
			return nil, nil, err
		}
		single, err := guarded(p, streams[i].table)
		if err != nil {
			return nil, nil, err
		}
		streams[i].single = single && v.Kind != cell.Null
	}
	return list, streams, nil
}

// guarded reports whether the table contains many aggregates: the library's constraint
// then requires an aggregate for every event.
func guarded(p *postgres.Probe, t *table.Table) (bool, error) {
	v, err := p.One("SELECT 1 FROM information_schema.table_constraints WHERE constraint_type = 'CHECK'"+
		" AND constraint_name = 'aggregate_version_not_null' AND table_schema = $1 AND table_name = $2 LIMIT 1", p.Schema, t.Name)
	return v.Kind != cell.Null, err
}

// proophEvents returns SQL for the events of one table.
func proophEvents(p *postgres.Probe, s proophStream) string {
	stream, category, version := table.QuoteText(s.name)+"::text", table.QuoteText(s.category)+"::text", "x.no"
	if s.single {
		stream, category = "x.metadata->>'_aggregate_id'", "x.metadata->>'_aggregate_type'"
		version = "(x.metadata->>'_aggregate_version')::bigint"
	}
	return fmt.Sprintf("SELECT %s AS stream, %s AS category, %s AS version, x.no, x.event_id, x.event_name::text AS event_name, "+
		"x.payload::text AS payload, x.metadata::text AS metadata, x.created_at FROM %s AS x", stream, category, version, p.Name(s.table))
}
