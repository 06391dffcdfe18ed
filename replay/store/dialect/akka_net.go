package dialect

import (
	"cmp"
	"errors"

	"asof/replay/store/cell"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// matchAkkaNET binds the journals of Akka.NET: of Akka.Persistence.PostgreSql (1.3 and
// later), which Akka.Persistence.Sql can read, and the table of Akka.Persistence.Sql (1.5
// and later).
//
//	event_journal(ordering bigserial PK, persistence_id varchar, sequence_nr bigint, is_deleted boolean, created_at bigint,
//	  manifest varchar, payload bytea, json or jsonb, tags varchar, [serializer_id integer])
//	journal(ordering bigserial PK, persistence_id varchar, sequence_number bigint, deleted boolean, created bigint,
//	  manifest varchar, message bytea, tags varchar, identifier integer, writer_uuid varchar)
//
// Times are ticks. The type is the manifest without its assembly. Payloads are as for
// [serializedDecoder].
func matchAkkaNET(p *postgres.Probe) (*table.Layout, error) {
	t, version, payload, err := akkaNETTable(p)
	if err != nil {
		return nil, err
	}
	first := func(names ...string) string {
		for _, n := range names {
			if t.Column(n) != nil {
				return postgres.Ref("j", t, n)
			}
		}
		return ""
	}
	deleted, at := first("is_deleted", "deleted"), first("created_at", "created", "timestamp")
	switch {
	case deleted == "":
		return nil, errors.New("table " + t.Name + " has no column is_deleted or deleted")
	case at == "":
		return nil, errors.New("table " + t.Name + " has no column created_at, created or timestamp")
	}
	id := cmp.Or(first("serializer_id", "identifier"), "NULL::integer")
	l := &table.Layout{
		Recognised: p.Found("table " + t.Name + " with " + version + ", manifest"),
		From:       p.Name(t) + " AS j",
		Where:      "NOT " + deleted,
		TimeUnit:   cell.UnitNamed("ticks"),
		LeftOut:    []table.Omission{table.OfStreams("deleted event", "deleted events", "SELECT count(*) FROM "+p.Name(t)+" AS j WHERE "+deleted)},
	}
	manifest := postgres.Ref("j", t, "manifest")
	l.Cols = [source.NumFields]string{
		source.Version: postgres.Ref("j", t, version), source.Position: "j.ordering", source.Time: at,
		source.Type:     p.Collated("coalesce(nullif(" + manifest + ", ''), 'serializer ' || " + id + "::text)"),
		source.Category: "''::text", source.Data: postgres.Ref("j", t, payload),
	}
	serialized(l, id, manifest, "NULL::bytea", withoutAssembly)
	p.Stream(l, "j", t, "persistence_id")
	for _, name := range []string{"snapshot_store", "snapshot"} {
		if s := p.Table(name); s != nil && s.Require("persistence_id", "manifest") == nil {
			l.KeepsSnapshots("SELECT count(*) FROM " + p.Name(s))
		}
	}
	return l, nil
}

// akkaNETTable finds the table, and its columns of the version and the payload.
func akkaNETTable(p *postgres.Probe) (t *table.Table, version, payload string, err error) {
	if t, err = p.Need("event_journal", "ordering", "persistence_id", "sequence_nr", "manifest", "payload", "tags"); err == nil {
		return t, "sequence_nr", "payload", nil
	}
	if p.Table("journal") == nil {
		return nil, "", "", err
	}
	t, err = p.Need("journal", "ordering", "persistence_id", "sequence_number", "manifest", "message", "tags")
	return t, "sequence_number", "message", err
}
