package store

// matchAkka binds the journal of Akka Persistence JDBC (5.0 and later) and Pekko
// Persistence JDBC.
//
//	event_journal(ordering bigserial, persistence_id varchar, sequence_number bigint, deleted boolean, writer,
//	  write_timestamp bigint ms, adapter_manifest, event_ser_id integer, event_ser_manifest varchar,
//	  event_payload bytea, meta_ser_id, meta_ser_manifest, meta_payload bytea)
//
// The payload is JSON where Jackson serializes (compressed or not) and opaque
// otherwise. Its manifest is the type: the class, and behind a # the version,
// which is our revision. What the application deleted is left out.
func matchAkka(p *pgProbe) (*layout, error) {
	t, err := p.need("event_journal", "ordering", "persistence_id", "sequence_number", "deleted", "write_timestamp",
		"adapter_manifest", "event_ser_id", "event_ser_manifest", "event_payload", "meta_payload")
	if err != nil {
		return nil, err
	}
	const manifest = "coalesce(nullif(j.event_ser_manifest, ''), nullif(j.adapter_manifest, ''), 'serializer ' || j.event_ser_id::text)"
	l := &layout{
		recognised: p.found("table event_journal"),
		from:       p.name(t) + " AS j",
		where:      "NOT j.deleted",
		leftOut:    []omission{ofStreams("deleted events", "SELECT count(*) FROM "+p.name(t)+" AS j WHERE j.deleted")},
	}
	l.timeUnit = unitNamed("ms")
	l.cols = [numColumns]string{
		colVersion: "j.sequence_number", colPosition: "j.ordering", colTime: "j.write_timestamp",
		colType:     p.collated("split_part(" + manifest + ", '#', 1)"),
		colRevision: "CASE WHEN " + manifest + " ~ '#[0-9]{1,9}$' THEN split_part(" + manifest + ", '#', 2)::bigint ELSE 0 END",
		colData:     "j.event_payload", colMeta: "j.meta_payload",
		// Typed actors are called CATEGORY|ID.
		colCategory: p.collated("CASE WHEN strpos(j.persistence_id, '|') > 0 THEN split_part(j.persistence_id, '|', 1) ELSE '' END"),
	}
	p.stream(l, "j", t, "persistence_id")
	if s := p.table("snapshot"); s != nil && s.require("persistence_id", "snapshot_payload") == nil {
		l.keepsSnapshots("SELECT count(*) FROM " + p.name(s))
	}
	return l, nil
}
