package store

import (
	"errors"
	"strings"
)

// matchAxon binds Axon Framework's event store, as JPA or JDBC makes it. The names
// are DomainEventEntry's, written in whichever of the ways a mapping makes of them:
// domain_event_entry(global_index …), domainevententry(globalindex …).
//
//	domain_event_entry(global_index bigint PK, event_identifier, aggregate_identifier, sequence_number bigint,
//	  type varchar, payload_type varchar, payload_revision varchar, payload, meta_data, time_stamp varchar)
//
// Sequence numbers begin at 0. Payload and metadata are bytea, or large objects
// (oid), as Hibernate makes of a @Lob; they are JSON where the application
// serializes with Jackson, and opaque where with XStream.
func matchAxon(p *pgProbe) (*layout, error) {
	t, cols, err := p.axonTable("domainevententry",
		"globalindex", "eventidentifier", "aggregateidentifier", "sequencenumber", "type", "payloadtype",
		"payloadrevision", "payload", "metadata", "timestamp")
	if err != nil {
		return nil, err
	}
	e := func(name string) string { return ref("e", t, cols[name]) }
	l := &layout{
		recognised: p.found("table " + t.name),
		from:       p.name(t) + " AS e",
		// Axon calls the message that led to this one the correlation, and the first
		// of the chain the trace.
		meta: Metadata{Correlation: []string{"/traceId"}, Causation: []string{"/correlationId"}},
	}
	revision := e("payloadrevision")
	l.cols = [numColumns]string{
		colVersion: e("sequencenumber"), colPosition: e("globalindex"), colTime: e("timestamp"),
		colType: p.text("e", t, cols["payloadtype"]), colCategory: p.text("e", t, cols["type"]),
		colRevision: "CASE WHEN " + revision + " ~ '^[0-9]{1,9}$' THEN " + revision + "::bigint ELSE 0 END",
		colData:     largeObject(t, cols["payload"]), colMeta: largeObject(t, cols["metadata"]),
	}
	p.stream(l, "e", t, cols["aggregateidentifier"])
	p.id(l, "e", t, cols["eventidentifier"])
	if s, _, err := p.axonTable("snapshotevententry", "aggregateidentifier", "sequencenumber"); err == nil {
		l.keepsSnapshots("SELECT count(*) FROM " + p.name(s))
	}
	return l, nil
}

// largeObject is SQL for what a column holds, or what it points to.
func largeObject(t *table, column string) string {
	e := ref("e", t, column)
	if t.column(column).typ == "oid" {
		return "CASE WHEN " + e + " IS NULL THEN NULL ELSE lo_get(" + e + ") END"
	}
	return e
}

// axonTable finds a table whose names may be written with underscores or without,
// and the names of its columns.
func (p *pgProbe) axonTable(name string, columns ...string) (*table, map[string]string, error) {
	for _, t := range p.tables {
		if plainName(t.name) != name {
			continue
		}
		cols := map[string]string{}
		for _, c := range t.cols {
			cols[plainName(c.name)] = c.name
		}
		for _, c := range columns {
			if cols[c] == "" {
				return nil, nil, errors.New("table " + t.name + " has no column for " + c)
			}
		}
		return t, cols, nil
	}
	return nil, nil, errors.New(noTable + name)
}

func plainName(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "") }
