package dialect

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/mysql"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// commitPositions is how many positions a commit takes in a server.
const commitPositions = 32768

// serverCommits completes a layout, which has versions, positions, ids and types, with
// what all servers have in common.
func serverCommits(p serverProbe, l *table.Layout, t *table.Table, buckets []string) (*table.Layout, error) {
	chosen, err := p.Options().Choose(buckets)
	if err != nil {
		return nil, err
	}
	l.Recognised = p.Found(fmt.Sprintf("table Commits with StreamIdOriginal, Items; a position is CheckpointNumber × %d + the index in the commit", commitPositions))
	l.Contexts = append([]string{}, buckets...)
	l.Derived = source.FieldsOf(source.Type, source.Revision)
	l.DataAlways = true
	l.Decoder = func() table.Decoder { return &commitDecoder{} }
	l.CategoryOf = cell.CategoryOfName
	l.Lacks = []string{"revisions"}
	l.Cols[source.Time], l.Cols[source.Data], l.Cols[source.Meta] = t.Ref("c", "CommitStamp"), t.Ref("c", "Payload"), t.Ref("c", "Headers")
	l.Cols[source.Revision] = t.Ref("c", "Items") // for the decoder
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
func hashedStreams(p serverProbe, l *table.Layout, t *table.Table) error {
	id, original, order := t.Ref("c", "StreamId"), t.Ref("c", "StreamIdOriginal"), t.Ref("c", "CheckpointNumber")
	n := 0
	for _, way := range []string{"", " DESC"} {
		found, err := p.Values("SELECT " + id + " || ' ' || " + original + " FROM " + p.Name(t) + " AS c ORDER BY " + order + way + " LIMIT 1")
		if err != nil {
			return err
		}
		for _, line := range found {
			hash, name, _ := strings.Cut(line, " ")
			if hash != streamHash(name) {
				return nil
			}
			n++
		}
	}
	if n == 0 {
		return nil
	}
	by := streamMatch(l, original)
	l.MatchStream = func(arg func(any) string, stream string) (string, bool) {
		hash := id + " = " + arg(streamHash(stream)) + " AND " // in this order: parameters of MySQL have no numbers
		own, ok := by(arg, stream)
		return hash + own, ok
	}
	return nil
}

// streamMatch returns how the layout looks a stream up by its column.
func streamMatch(l *table.Layout, column string) func(arg func(any) string, stream string) (string, bool) {
	if l.MatchStream != nil {
		return l.MatchStream
	}
	return func(arg func(any) string, stream string) (string, bool) {
		v, ok := l.StreamArg(stream)
		if !ok {
			return "", false
		}
		return column + " = " + arg(v), true
	}
}

// streamHash is SHA-1 in upper case.
func streamHash(name string) string {
	h := sha1.Sum([]byte(name))
	return strings.ToUpper(hex.EncodeToString(h[:]))
}

// sameText returns an SQL condition for a column with a text, to the byte.
func sameText(p serverProbe, column string, value func() string) string {
	cond := column + " = " + value()
	if _, ok := p.(*mysql.Probe); ok {
		cond += " AND " + mysql.Bytes(column) + " = " + value()
	}
	return cond
}

// inBuckets restricts the layout to the chosen buckets, or names streams BUCKET/STREAM.
func inBuckets(p serverProbe, l *table.Layout, t *table.Table, buckets, chosen []string) {
	bucket := t.Ref("c", "BucketId")
	match := streamMatch(l, t.Ref("c", "StreamIdOriginal"))
	in := func(b string, arg func(any) string, stream string) (string, bool) {
		of := sameText(p, bucket, func() string { return arg(b) }) + " AND "
		own, ok := match(arg, stream)
		return of + own, ok
	}
	switch {
	case len(chosen) > 1:
		l.Recognised += fmt.Sprintf("; %d buckets, whose streams begin with its name: %s", len(chosen), source.Listed(chosen, 5))
		l.Cols[source.Stream] = p.Collated("(" + bucket + " || '/' || " + t.Ref("c", "StreamIdOriginal") + ")")
		l.NamedInContexts(chosen, func(arg func(any) string, b, id string) (string, bool) { return in(b, arg, id) })
	case len(chosen) == 1:
		l.MatchStream = func(arg func(any) string, stream string) (string, bool) { return in(chosen[0], arg, stream) }
		if len(buckets) > 1 {
			l.Where = sameText(p, bucket, func() string { return table.QuoteText(chosen[0]) })
			l.LeftOut = append(l.LeftOut, table.Counted("commit", " of other buckets ("+source.Listed(source.Without(buckets, chosen[0]), 5)+")", "SELECT count(*) FROM "+p.Name(t)+" AS c WHERE NOT ("+l.Where+")"))
		}
	}
}
