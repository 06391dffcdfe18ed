package dialect

import (
	"fmt"

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
	c := func(column string) string { return t.Ref("c", column) }
	name := p.Name(t)
	buckets, err := p.Steps(t, "BucketId")
	if err != nil {
		return nil, err
	}
	l := &table.Layout{
		From: name + " AS c CROSS JOIN LATERAL generate_series(0, greatest(" + c("Items") + "::int, 1) - 1) AS i(item)",
		Item: "i.item",
	}
	l.Cols[source.Version] = "CASE WHEN " + c("Items") + " > 0 THEN " + c("StreamRevision") + "::bigint - " + c("Items") + " + 1 + i.item END"
	l.Cols[source.Position] = fmt.Sprintf("(%s::bigint * %d + i.item)", c("CheckpointNumber"), commitPositions)
	l.Cols[source.ID] = p.Collated("(" + c("CommitId") + "::text || '/' || i.item)")
	l.Cols[source.Type] = "NULL::text"
	return serverCommits(p, l, t, buckets)
}
