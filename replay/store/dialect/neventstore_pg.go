package dialect

import (
	"asof/replay/store/cell"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// matchPgNEventStore binds NEventStore in PostgreSQL (6 and later; 5 also has Dispatched).
// See [nEventStore] for commits and buckets.
//
//	commits(bucketid varchar, streamid char(40), streamidoriginal varchar, streamrevision integer, items smallint, commitid uuid,
//	  commitsequence integer, commitstamp timestamp, checkpointnumber bigserial PK, headers bytea, payload bytea)
//	snapshots(bucketid, streamid, streamrevision, payload)
//
// The position of an event is its CheckpointNumber times 32768, plus its index in the
// commit, so that a question about one stream does not read the commits of others. A
// commit has fewer events than that, because Items is a smallint.
//
// A stream is looked up by the hash of its name, which is indexed, unless the application
// has its own hash.
func matchPgNEventStore(p *postgres.Probe) (*table.Layout, error) {
	t, err := p.Need("Commits", commitColumns...)
	if err != nil {
		return nil, err
	}
	c := func(column string) string { return postgres.Ref("c", t, column) }
	name := p.Name(t)
	buckets, err := p.Texts("WITH RECURSIVE x AS (SELECT min(" + c("BucketId") + ") AS b FROM " + name + " AS c UNION ALL SELECT (SELECT min(" +
		c("BucketId") + ") FROM " + name + " AS c WHERE " + c("BucketId") + " > x.b) FROM x WHERE x.b IS NOT NULL) SELECT x.b::text FROM x WHERE x.b IS NOT NULL")
	if err != nil {
		return nil, err
	}
	chosen, err := p.Opts.Choose(buckets)
	if err != nil {
		return nil, err
	}
	l := &table.Layout{
		Recognised: p.Found("table Commits with StreamIdOriginal, Items; a position is CheckpointNumber × 32768 + the index in the commit"),
		From:       name + " AS c CROSS JOIN LATERAL generate_series(0, greatest(" + c("Items") + "::int, 1) - 1) AS i(item)",
		Contexts:   append([]string{}, buckets...),
		Item:       "i.item",
		Derived:    source.FieldsOf(source.Type, source.Revision),
		DataAlways: true,
		Decoder:    func() table.Decoder { return &commitDecoder{} },
		CategoryOf: cell.CategoryOfName,
		Lacks:      []string{"revisions"},
	}
	l.Cols = [source.NumFields]string{
		source.Version:  "CASE WHEN " + c("Items") + " > 0 THEN " + c("StreamRevision") + "::bigint - " + c("Items") + " + 1 + i.item END",
		source.Position: "(" + c("CheckpointNumber") + "::bigint * 32768 + i.item)",
		source.ID:       p.Collated("(" + c("CommitId") + "::text || '/' || i.item)"),
		source.Time:     c("CommitStamp"), source.Data: c("Payload"), source.Meta: c("Headers"), source.Type: "NULL::text",
		source.Revision: c("Items"), // for the decoder
	}
	p.Stream(l, "c", t, "StreamIdOriginal")
	if err := hashedStreams(p, l, t); err != nil {
		return nil, err
	}
	inBuckets(p, l, t, buckets, chosen)
	if s := p.Table("Snapshots"); s != nil && s.Require("BucketId", "StreamId", "StreamRevision") == nil {
		l.KeepsSnapshots("SELECT count(*) FROM " + p.Name(s))
	}
	return l, nil
}
