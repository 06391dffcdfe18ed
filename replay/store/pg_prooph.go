package store

import (
	"errors"
	"fmt"
	"strings"
)

// matchProoph binds Prooph's PDO event store: a table for each stream, called by
// the SHA-1 of its name, and one that lists them (event_streams, or another name).
//
//	event_streams(no, real_stream_name, stream_name, metadata, category)
//	"_<sha1>"(no bigserial PK, event_id uuid, event_name, payload json, metadata jsonb, created_at timestamp(6))
//
// Where the metadata of a table's events name an aggregate and its version (the
// "single stream" strategy, whose tables the library guards by constraints), an
// aggregate is a stream; otherwise a table is, and its numbers are the versions.
// Each table counts for itself, so there are positions only where it is one.
func matchProoph(p *pgProbe) (*layout, error) {
	list, tables, err := p.proophTables()
	if err != nil {
		return nil, err
	}
	var each []string
	for _, s := range tables {
		each = append(each, p.proophEvents(s))
	}
	l := &layout{
		recognised: p.found(fmt.Sprintf("table %s, which lists %d streams", list.name, len(tables))),
		from:       "(" + strings.Join(each, " UNION ALL ") + ") AS e",
		meta: Metadata{
			Correlation: []string{"/_correlation_id", "/correlation_id"},
			Causation:   []string{"/_causation_id", "/causation_id"},
		},
	}
	// The table that the parts are like.
	joint := &table{cols: []tableColumn{
		{name: "stream", typ: "text"}, {name: "category", typ: "text"}, {name: "event_name", typ: "text"}, {name: "event_id", typ: "uuid"},
	}}
	l.cols = [numColumns]string{
		colVersion: "e.version", colTime: "e.created_at", colCategory: p.text("e", joint, "category"),
		colType: p.text("e", joint, "event_name"), colData: "e.payload", colMeta: "e.metadata",
	}
	if len(tables) == 1 {
		l.cols[colPosition] = "e.no"
	}
	p.stream(l, "e", joint, "stream")
	p.id(l, "e", joint, "event_id")
	return l, nil
}

// A proophStream is one line of the list.
type proophStream struct {
	table    *table
	name     string
	category string
	single   bool // its events say which aggregate they are of
}

// maxProoph bounds the tables of one store; a statement names them all.
const maxProoph = 1000

func (p *pgProbe) proophTables() (list *table, streams []proophStream, err error) {
	for _, t := range p.tables {
		if t.require("no", "real_stream_name", "stream_name", "metadata", "category") == nil && (list == nil || t.name < list.name) {
			list = t
		}
	}
	if list == nil {
		return nil, nil, errors.New(noTable + "event_streams")
	}
	err = p.session.run(p.ctx, "SELECT stream_name::text, real_stream_name::text, coalesce(category::text, '') FROM "+p.name(list)+
		" ORDER BY no", nil, func(r *pgRow) error {
		s := proophStream{
			table: p.table(strings.TrimSpace(string(r.cells[0]))), name: string(r.cells[1]), category: string(r.cells[2]),
		}
		if s.table == nil {
			return fmt.Errorf("table %s lists the stream %q, but there is no table %s", list.name, s.name, r.cells[0])
		}
		streams = append(streams, s)
		return s.table.require("no", "event_id", "event_name", "payload", "metadata", "created_at")
	})
	switch {
	case err != nil:
		return nil, nil, err
	case len(streams) == 0:
		return nil, nil, fmt.Errorf("table %s lists no stream", list.name)
	case len(streams) > maxProoph:
		return nil, nil, fmt.Errorf("table %s lists %d streams, more than the %d that can be read as one store; "+
			"read one of them with --table and --map", list.name, len(streams), maxProoph)
	}
	for i := range streams {
		v, err := p.one("SELECT metadata->>'_aggregate_id' FROM " + p.name(streams[i].table) +
			" WHERE metadata->>'_aggregate_version' IS NOT NULL LIMIT 1")
		if err != nil {
			return nil, nil, err
		}
		single, err := p.guarded(streams[i].table)
		if err != nil {
			return nil, nil, err
		}
		streams[i].single = single && v.kind != kindNull
	}
	return list, streams, nil
}

// guarded reports whether the table is one of many aggregates, as the library
// makes them: it then demands an aggregate of every event.
func (p *pgProbe) guarded(t *table) (bool, error) {
	v, err := p.one("SELECT 1 FROM information_schema.table_constraints WHERE constraint_type = 'CHECK'"+
		" AND constraint_name = 'aggregate_version_not_null' AND table_schema = $1 AND table_name = $2 LIMIT 1", p.schema, t.name)
	return v.kind != kindNull, err
}

// proophEvents is SQL for the events of one table.
func (p *pgProbe) proophEvents(s proophStream) string {
	stream, category, version := quoteText(s.name)+"::text", quoteText(s.category)+"::text", "x.no"
	if s.single {
		stream, category = "x.metadata->>'_aggregate_id'", "x.metadata->>'_aggregate_type'"
		version = "(x.metadata->>'_aggregate_version')::bigint"
	}
	return fmt.Sprintf("SELECT %s AS stream, %s AS category, %s AS version, x.no, x.event_id, x.event_name::text AS event_name, "+
		"x.payload::text AS payload, x.metadata::text AS metadata, x.created_at FROM %s AS x", stream, category, version, p.name(s.table))
}
