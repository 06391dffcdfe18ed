package store

import "asof/replay"

// Sharded lets the server pass over the streams of other shards. What was left
// out, and the snapshots, are not counted by shard.
func (r *pgReader) Sharded(s replay.Shard) replay.Reader {
	l := *r.layout
	digest := "md5(" + l.cols[colStream] + ")"
	lo, hi := s.Range()
	if lo != "" {
		l.where = andAlso(l.where, digest+" >= '"+lo+"'")
	}
	if hi != "" {
		l.where = andAlso(l.where, digest+" < '"+hi+"'")
	}
	l.leftOut, l.snapshots = nil, ""
	b := *r.binding
	b.layout = &l
	info := r.info
	info.Recognised += "; shard " + s.String() + " of its streams"
	return &pgReader{binding: &b, session: r.session, info: info}
}
