package dialect

import (
	"fmt"

	"asof/replay/store/cell"
	"asof/replay/store/mysql"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// matchMyNEventStore binds NEventStore in MySQL 8 or MariaDB 10.6 and later (6 and later; 5
// also has Dispatched). See [nEventStore] for commits and buckets, and [matchPgNEventStore]
// for positions.
//
//	Commits(BucketId varchar, StreamId varchar(40), StreamIdOriginal varchar, StreamRevision int, Items int, CommitId binary(16),
//	  CommitSequence int, CommitStamp bigint, CheckpointNumber bigint AUTO_INCREMENT PK, Headers blob, Payload mediumblob)
//	Snapshots(BucketId, StreamId, StreamRevision, Payload)
//
// Times are ticks of .NET. A CommitId is the 16 bytes of a GUID in the order of .NET.
func matchMyNEventStore(p *mysql.Probe) (*table.Layout, error) {
	t, err := p.Need("Commits", commitColumns...)
	if err != nil {
		return nil, err
	}
	c := func(column string) string { return t.Ref("c", column) }
	buckets, err := p.Texts("SELECT DISTINCT CAST(" + mysql.Bytes(c("BucketId")) + " AS CHAR) FROM " + p.Name(t) + " AS c WHERE " + c("BucketId") + " IS NOT NULL ORDER BY 1")
	if err != nil {
		return nil, err
	}
	// Beyond the limit, the positions of two commits would overlap.
	items := fmt.Sprintf("CASE WHEN %s BETWEEN 1 AND %d THEN %[1]s ELSE 1 END", c("Items"), commitPositions)
	l := &table.Layout{
		From: p.Name(t) + " AS c JOIN json_table(concat('[0', repeat(',0', " + items + " - 1), ']'), '$[*]'" +
			" COLUMNS (nth FOR ORDINALITY)) AS i",
		Item:     "i.nth - 1",
		TimeUnit: cell.UnitNamed("ticks"),
	}
	l.Cols[source.Version] = fmt.Sprintf("CASE WHEN %s BETWEEN 1 AND %d THEN %s - %[1]s + i.nth END", c("Items"), commitPositions, c("StreamRevision"))
	l.Cols[source.Position] = fmt.Sprintf("(%s * %d + i.nth - 1)", c("CheckpointNumber"), commitPositions)
	l.Cols[source.ID] = "concat(" + dotNetGUID(c("CommitId")) + ", '/', i.nth - 1)"
	l.Cols[source.Type] = "NULL"
	return serverCommits(p, l, t, buckets)
}
