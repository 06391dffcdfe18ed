package dialect

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"asof/replay/store/cell"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// matchAkka binds the journal of Akka Persistence JDBC (5.0 and later) and Pekko
// Persistence JDBC.
//
//	event_journal(ordering bigserial, persistence_id varchar, sequence_number bigint, deleted boolean, writer,
//	  write_timestamp bigint ms, adapter_manifest, event_ser_id integer, event_ser_manifest varchar,
//	  event_payload bytea, meta_ser_id, meta_ser_manifest, meta_payload bytea)
//
// The payload is JSON if Jackson serializes it (compressed or not), and opaque
// otherwise, see [serializedDecoder]. The type is the manifest's class. A # in the
// manifest precedes the revision. Events that the application deleted are left out.
func matchAkka(p *postgres.Probe) (*table.Layout, error) {
	t, err := p.Need("event_journal", "ordering", "persistence_id", "sequence_number", "deleted", "write_timestamp",
		"adapter_manifest", "event_ser_id", "event_ser_manifest", "event_payload", "meta_payload")
	if err != nil {
		return nil, err
	}
	l := akkaLayout(p, t, p.Name(t))
	l.Recognised = p.Found("table event_journal")
	l.TimeUnit = cell.UnitNamed("ms")
	l.Cols[source.Version], l.Cols[source.Position], l.Cols[source.Time] = "j.sequence_number", "j.ordering", "j.write_timestamp"
	// Typed actors are named CATEGORY|ID.
	l.Cols[source.Category] = p.Collated("CASE WHEN strpos(j.persistence_id, '|') > 0 THEN split_part(j.persistence_id, '|', 1) ELSE '' END")
	if s := p.Table("snapshot"); s != nil && s.Require("persistence_id", "snapshot_payload") == nil {
		l.KeepsSnapshots("SELECT count(*) FROM " + p.Name(s))
	}
	return l, nil
}

// akkaLayout returns the common part of the journals that have a column for each part of
// an event.
func akkaLayout(p *postgres.Probe, t *table.Table, from string) *table.Layout {
	const manifest = "coalesce(nullif(j.event_ser_manifest, ''), nullif(j.adapter_manifest, ''), 'serializer ' || j.event_ser_id::text)"
	l := &table.Layout{
		From:    from + " AS j",
		Where:   "NOT j.deleted",
		LeftOut: []table.Omission{table.OfStreams("deleted event", "deleted events", "SELECT count(*) FROM "+from+" AS j WHERE j.deleted")},
	}
	l.Cols = [source.NumFields]string{
		source.Type:     p.Collated("split_part(" + manifest + ", '#', 1)"),
		source.Revision: "CASE WHEN " + manifest + " ~ '#[0-9]{1,9}$' THEN split_part(" + manifest + ", '#', 2)::bigint ELSE 0 END",
		source.Data:     "j.event_payload",
	}
	serialized(l, "j.event_ser_id", "j.event_ser_manifest", "j.meta_payload", nil)
	p.Stream(l, "j", t, "persistence_id")
	return l
}

// matchAkkaR2DBC binds the journal of Akka Persistence R2DBC and Pekko Persistence R2DBC (1.0
// and later).
//
//	event_journal(slice integer, entity_type varchar, persistence_id varchar, seq_nr bigint, db_timestamp timestamptz,
//	  event_ser_id integer, event_ser_manifest varchar, event_payload bytea or jsonb, deleted boolean, writer varchar,
//	  adapter_manifest varchar, [tags text[]], meta_ser_id, meta_ser_manifest, meta_payload bytea)
//	snapshot(persistence_id, seq_nr, write_timestamp, ser_id, snapshot, …)
//	durable_state(persistence_id, revision, db_timestamp, state_payload, …)
//
// The plugin has no order across streams, so that there are no positions. The rows of
// durable_state are states without a history: they are left out and counted. With data
// partitions, the tables event_journal_0, event_journal_1 … are one journal.
func matchAkkaR2DBC(p *postgres.Probe) (*table.Layout, error) {
	tables, err := akkaPartitions(p)
	if err != nil {
		return nil, err
	}
	t := tables[0]
	columns := []string{
		"entity_type", "persistence_id", "seq_nr", "db_timestamp", "event_ser_id", "event_ser_manifest", "event_payload", "deleted",
		"adapter_manifest", "meta_payload",
	}
	for _, t := range tables {
		if err := t.Require(append([]string{"slice"}, columns...)...); err != nil {
			return nil, err
		}
	}
	from := p.Name(t)
	if len(tables) > 1 {
		parts := make([]string, len(tables))
		for i, t := range tables {
			parts[i] = "SELECT " + strings.Join(columns, ", ") + " FROM " + p.Name(t)
		}
		from = "(" + strings.Join(parts, " UNION ALL ") + ")"
	}
	l := akkaLayout(p, t, from)
	l.Recognised = p.Found("table event_journal with seq_nr and db_timestamp")
	if len(tables) > 1 {
		l.Recognised += fmt.Sprintf("; %d tables of data partitions", len(tables))
	}
	l.Cols[source.Version], l.Cols[source.Time], l.Cols[source.Category] = "j.seq_nr", "j.db_timestamp", p.Text("j", t, "entity_type")
	if s := p.Table("snapshot"); s != nil && s.Require("persistence_id", "seq_nr", "snapshot") == nil {
		l.KeepsSnapshots("SELECT count(*) FROM " + p.Name(s))
	}
	if s := p.Table("durable_state"); s != nil && s.Require("persistence_id", "revision", "state_payload") == nil {
		l.LeftOut = append(l.LeftOut, table.Omission{One: "state of durable_state, which has no events", What: "states of durable_state, which has no events", Count: "SELECT count(*) FROM " + p.Name(s)})
	}
	return l, nil
}

var journalTable = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^event_journal(_[0-9]+)?$`) })

// akkaPartitions returns the tables of a journal, in the order of their names. Partitions
// of PostgreSQL's own are read with the table that they belong to.
func akkaPartitions(p *postgres.Probe) ([]*table.Table, error) {
	var out []*table.Table
	for name, t := range p.Tables {
		if journalTable().MatchString(name) {
			out = append(out, t)
		}
	}
	if len(out) > 1 {
		parts, err := p.Texts("SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"+
			" JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1", p.Schema)
		if err != nil {
			return nil, err
		}
		out = slices.DeleteFunc(out, func(t *table.Table) bool { return slices.Contains(parts, t.Name) })
	}
	if len(out) == 0 {
		return nil, errors.New(source.NoTable + "event_journal")
	}
	slices.SortFunc(out, func(a, b *table.Table) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}
