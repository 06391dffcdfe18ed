package dialect

import (
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
// otherwise. The type is the manifest's class. A # in the manifest precedes the
// revision. Events that the application deleted are left out.
func matchAkka(p *postgres.Probe) (*table.Layout, error) {
	t, err := p.Need("event_journal", "ordering", "persistence_id", "sequence_number", "deleted", "write_timestamp",
		"adapter_manifest", "event_ser_id", "event_ser_manifest", "event_payload", "meta_payload")
	if err != nil {
		return nil, err
	}
	const manifest = "coalesce(nullif(j.event_ser_manifest, ''), nullif(j.adapter_manifest, ''), 'serializer ' || j.event_ser_id::text)"
	l := &table.Layout{
		Recognised: p.Found("table event_journal"),
		From:       p.Name(t) + " AS j",
		Where:      "NOT j.deleted",
		LeftOut:    []table.Omission{table.OfStreams("deleted events", "SELECT count(*) FROM "+p.Name(t)+" AS j WHERE j.deleted")},
	}
	l.TimeUnit = cell.UnitNamed("ms")
	l.Cols = [source.NumFields]string{
		source.Version: "j.sequence_number", source.Position: "j.ordering", source.Time: "j.write_timestamp",
		source.Type:     p.Collated("split_part(" + manifest + ", '#', 1)"),
		source.Revision: "CASE WHEN " + manifest + " ~ '#[0-9]{1,9}$' THEN split_part(" + manifest + ", '#', 2)::bigint ELSE 0 END",
		source.Data:     "j.event_payload", source.Meta: "j.meta_payload",
		// Typed actors are named CATEGORY|ID.
		source.Category: p.Collated("CASE WHEN strpos(j.persistence_id, '|') > 0 THEN split_part(j.persistence_id, '|', 1) ELSE '' END"),
	}
	p.Stream(l, "j", t, "persistence_id")
	if s := p.Table("snapshot"); s != nil && s.Require("persistence_id", "snapshot_payload") == nil {
		l.KeepsSnapshots("SELECT count(*) FROM " + p.Name(s))
	}
	return l, nil
}
