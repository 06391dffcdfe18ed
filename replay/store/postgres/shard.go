package postgres

import (
	"cmp"

	"asof/replay"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// Sharded returns a reader for which the server filters out other shards. Left out events
// and snapshots are not counted by shard.
func (r *reader) Sharded(s replay.Shard) replay.Reader {
	l := *r.Layout
	digest := "md5(" + l.Cols[source.Stream] + ")"
	lo, hi := s.Range()
	if lo != "" {
		l.Where = table.AndAlso(l.Where, digest+" >= '"+lo+"'")
	}
	if hi != "" {
		l.Where = table.AndAlso(l.Where, digest+" < '"+hi+"'")
	}
	l.LeftOut, l.Snapshots = nil, ""
	shard := &reader{session: r.session, info: r.info, whole: cmp.Or(r.whole, r)}
	shard.Binding = r.With(&l, shard)
	shard.info.Recognised += "; shard " + s.String() + " of its streams"
	return shard
}
