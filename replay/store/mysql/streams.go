package mysql

import (
	"cmp"
	"context"
	"iter"

	"asof/replay"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// Streams yields the streams that match a query.
func (r *reader) Streams(ctx context.Context, q replay.StreamQuery) iter.Seq2[replay.Stream, error] {
	return r.ListStreams(ctx, r, q)
}

// List runs a statement.
func (r *reader) List(ctx context.Context, sql string, args []any) (table.Values, error) {
	return r.session.start(ctx, sql, args)
}

// Summary counts the contents of the store.
func (r *reader) Summary(ctx context.Context) (replay.Summary, error) {
	s, _, err := r.Summarize(ctx)
	if err != nil {
		return replay.Summary{}, r.session.failed(ctx, err)
	}
	return s, nil
}

// Lost describes the parts that may be events of any stream, in or out of a shard.
func (r *reader) Lost(ctx context.Context) ([]string, error) {
	if r.whole != nil {
		return r.whole.Lost(ctx)
	}
	out, err := r.Binding.Lost(ctx)
	if err != nil {
		return nil, r.session.failed(ctx, err)
	}
	return out, nil
}

// Omitted describes the parts of a stream that are not shown.
func (r *reader) Omitted(ctx context.Context, id replay.StreamID) ([]string, error) {
	out, err := r.Binding.Omitted(ctx, id)
	if err != nil {
		return nil, r.session.failed(ctx, err)
	}
	return out, nil
}

// Sharded returns a reader for which the server filters out other shards. Left out events
// and snapshots are not counted by shard.
func (r *reader) Sharded(s replay.Shard) replay.Reader {
	l := *r.Layout
	digest := "md5(CAST(" + l.Cols[source.Stream] + " AS CHAR))"
	lo, hi := s.Range()
	if lo != "" {
		l.Where = table.AndAlso(l.Where, digest+" >= '"+lo+"'")
	}
	if hi != "" {
		l.Where = table.AndAlso(l.Where, digest+" < '"+hi+"'")
	}
	l.LeftOut, l.Snapshots = nil, ""
	shard := &reader{session: r.session, probe: r.probe, info: r.info, whole: cmp.Or(r.whole, r)}
	shard.Binding = r.With(&l, shard)
	shard.info.Recognised += "; shard " + s.String() + " of its streams"
	return shard
}

var _ replay.Follower = (*reader)(nil)

// Settled finds the first gap in the positions that a transaction may still fill, see
// [table.Binding.SettledAfter]. Which transactions were running at the moment of the
// snapshot, the server does not say.
func (r *reader) Settled(ctx context.Context, after replay.Position) (replay.Position, error) {
	last, err := r.SettledAfter(ctx, after, true, r.session.began)
	if err != nil {
		return after, r.session.failed(ctx, err)
	}
	return last, nil
}
