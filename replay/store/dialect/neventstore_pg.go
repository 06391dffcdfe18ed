package dialect

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"strings"

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

// hashedStreams looks up streams by the library's hash of their names, if the first and the
// last commit have it.
func hashedStreams(p *postgres.Probe, l *table.Layout, t *table.Table) error {
	id, original, order := postgres.Ref("c", t, "StreamId"), postgres.Ref("c", t, "StreamIdOriginal"), postgres.Ref("c", t, "CheckpointNumber")
	n, hashed := 0, true
	for _, way := range []string{"", " DESC"} {
		err := p.EachRow("SELECT "+id+"::text, "+original+"::text FROM "+p.Name(t)+" AS c ORDER BY "+order+way+" LIMIT 1", func(cells [][]byte) error {
			n++
			hashed = hashed && strings.TrimSpace(string(cells[0])) == streamHash(string(cells[1]))
			return nil
		})
		if err != nil {
			return err
		}
	}
	if n > 0 && hashed {
		l.MatchStream = func(arg func(any) string, stream string) (string, bool) {
			v, ok := l.StreamArg(stream)
			if !ok {
				return "", false
			}
			return id + " = " + arg(streamHash(stream)) + " AND " + original + " = " + arg(v), true
		}
	}
	return nil
}

// streamHash is SHA-1 in upper case.
func streamHash(name string) string {
	h := sha1.Sum([]byte(name))
	return strings.ToUpper(hex.EncodeToString(h[:]))
}

// inBuckets restricts the layout to the chosen buckets, or names streams BUCKET/STREAM.
func inBuckets(p *postgres.Probe, l *table.Layout, t *table.Table, buckets, chosen []string) {
	bucket := postgres.Ref("c", t, "BucketId")
	match := l.MatchStream
	if match == nil {
		match = func(arg func(any) string, stream string) (string, bool) {
			v, ok := l.StreamArg(stream)
			if !ok {
				return "", false
			}
			return postgres.Ref("c", t, "StreamIdOriginal") + " = " + arg(v), true
		}
	}
	in := func(b string, arg func(any) string, stream string) (string, bool) {
		own, ok := match(arg, stream)
		return bucket + " = " + arg(b) + " AND " + own, ok
	}
	switch {
	case len(chosen) > 1:
		l.Recognised += fmt.Sprintf("; %d buckets, whose streams begin with its name: %s", len(chosen), source.Listed(chosen, 5))
		l.Cols[source.Stream] = p.Collated("(" + bucket + " || '/' || " + postgres.Ref("c", t, "StreamIdOriginal") + ")")
		l.NamedInContexts(chosen, func(arg func(any) string, b, id string) (string, bool) { return in(b, arg, id) })
	case len(chosen) == 1:
		l.MatchStream = func(arg func(any) string, stream string) (string, bool) { return in(chosen[0], arg, stream) }
		if len(buckets) > 1 {
			l.Where = bucket + " = " + table.QuoteText(chosen[0])
			l.LeftOut = append(l.LeftOut, table.Omission{
				What:  "commits of other buckets (" + source.Listed(source.Without(buckets, chosen[0]), 5) + ")",
				Count: "SELECT count(*) FROM " + p.Name(t) + " AS c WHERE " + bucket + " <> " + table.QuoteText(chosen[0]),
			})
		}
	}
}
