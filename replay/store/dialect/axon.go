package dialect

import (
	"errors"
	"strings"

	"asof/replay/store/mysql"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// matchAxon binds the event store of Axon Framework 3 and 4, as JPA or JDBC creates it. The names
// are those of DomainEventEntry, in any of the spellings that mappings produce:
// domain_event_entry(global_index …), domainevententry(globalindex …).
//
//	domain_event_entry(global_index bigint PK, event_identifier, aggregate_identifier, sequence_number bigint,
//	  type varchar, payload_type varchar, payload_revision varchar, payload, meta_data, time_stamp varchar)
//
// Sequence numbers start at 0. Payload and metadata are bytes, or large objects of
// PostgreSQL (oid), which Hibernate uses for a @Lob. They are JSON if the application serializes with
// Jackson, and opaque with XStream.
func matchAxon[P serverProbe](p P) (*table.Layout, error) {
	t, cols, err := axonTable(p, "domainevententry",
		"globalindex", "eventidentifier", "aggregateidentifier", "sequencenumber", "type", "payloadtype",
		"payloadrevision", "payload", "metadata", "timestamp")
	if err != nil {
		return nil, err
	}
	e := func(name string) string { return t.Ref("e", cols[name]) }
	l := &table.Layout{
		Recognised: p.Found("table " + t.Name),
		From:       p.Name(t) + " AS e",
		// Axon calls the causing message the correlation, and the first message of the
		// chain the trace.
		Meta: source.Metadata{Correlation: []string{"/traceId"}, Causation: []string{"/correlationId"}},
	}
	l.Cols = [source.NumFields]string{
		source.Version: e("sequencenumber"), source.Position: e("globalindex"), source.Time: e("timestamp"),
		source.Type: p.Text("e", t, cols["payloadtype"]), source.Category: p.Text("e", t, cols["type"]),
		source.Revision: wholeNumber(p, e("payloadrevision")),
		source.Data:     largeObject(t, cols["payload"]), source.Meta: largeObject(t, cols["metadata"]),
	}
	p.Stream(l, "e", t, cols["aggregateidentifier"])
	p.ID(l, "e", t, cols["eventidentifier"])
	if s, _, err := axonTable(p, "snapshotevententry", "aggregateidentifier", "sequencenumber"); err == nil {
		l.KeepsSnapshots("SELECT count(*) FROM " + p.Name(s))
	}
	return l, nil
}

// matchAxon5 binds the event store of Axon Framework 5, which has renamed most columns.
//
//	aggregate_event_entry(global_index bigint PK, identifier varchar, type varchar, version varchar, timestamp varchar,
//	  aggregate_type varchar NULL, aggregate_identifier varchar NULL, aggregate_sequence_number bigint, metadata, payload)
//
// The version is that of the type, and a revision if it is a number. Events of no
// aggregate are left out.
func matchAxon5[P serverProbe](p P) (*table.Layout, error) {
	t, cols, err := axonTable(p, "aggregateevententry", "globalindex", "identifier", "type", "version", "timestamp",
		"aggregatetype", "aggregateidentifier", "aggregatesequencenumber", "metadata", "payload")
	if err != nil {
		return nil, err
	}
	e := func(name string) string { return t.Ref("e", cols[name]) }
	none := e("aggregateidentifier") + " IS NULL"
	l := &table.Layout{
		Recognised: p.Found("table " + t.Name),
		From:       p.Name(t) + " AS e",
		Where:      e("aggregateidentifier") + " IS NOT NULL",
		LeftOut:    []table.Omission{table.Counted("event", " of no aggregate", "SELECT count(*) FROM "+p.Name(t)+" AS e WHERE "+none)},
		// Events from Axon 4 have the chain as traceId and the cause as correlationId.
		Meta: source.Metadata{Correlation: []string{"/traceId", "/correlationId"}, Causation: []string{"/causationId"}},
	}
	l.Cols = [source.NumFields]string{
		source.Version: e("aggregatesequencenumber"), source.Position: e("globalindex"), source.Time: e("timestamp"),
		source.Type: p.Text("e", t, cols["type"]), source.Category: p.Text("e", t, cols["aggregatetype"]),
		source.Revision: wholeNumber(p, e("version")),
		source.Data:     largeObject(t, cols["payload"]), source.Meta: largeObject(t, cols["metadata"]),
	}
	p.Stream(l, "e", t, cols["aggregateidentifier"])
	p.ID(l, "e", t, cols["identifier"])
	return l, nil
}

// wholeNumber returns SQL for the number in a text, or 0.
func wholeNumber(p serverProbe, text string) string {
	matches, integer := "~", "bigint"
	if _, ok := p.(*mysql.Probe); ok {
		matches, integer = "REGEXP", "SIGNED"
	}
	return "CASE WHEN " + text + " " + matches + " '^[0-9]{1,9}$' THEN CAST(" + text + " AS " + integer + ") ELSE 0 END"
}

// largeObject returns SQL for the value of a column or of the large object it names.
func largeObject(t *table.Table, column string) string {
	e := t.Ref("e", column)
	if t.Column(column).Type == "oid" {
		return "CASE WHEN " + e + " IS NULL THEN NULL ELSE lo_get(" + e + ") END"
	}
	return e
}

// axonTable finds a table and its columns, spelled with or without underscores.
func axonTable(p serverProbe, name string, columns ...string) (*table.Table, map[string]string, error) {
	for _, t := range p.All() {
		if plainName(t.Name) != name {
			continue
		}
		cols := map[string]string{}
		for _, c := range t.Cols {
			cols[plainName(c.Name)] = c.Name
		}
		for _, c := range columns {
			if cols[c] == "" {
				return nil, nil, errors.New("table " + t.Name + " has no column for " + c)
			}
		}
		return t, cols, nil
	}
	return nil, nil, errors.New(source.NoTable + name)
}

func plainName(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "") }
