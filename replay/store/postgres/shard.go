package postgres

import (
	"asof/replay"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// Sharded lets the server pass over the streams of other shards. What was left
// out, and the snapshots, are not counted by shard.
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
	b := *r.Binding
	b.Layout = &l
	info := r.info
	info.Recognised += "; shard " + s.String() + " of its streams"
	return &reader{Binding: &b, session: r.session, info: info}
}
