package query

import (
	"iter"

	"asof/replay"
)

// Streams are the streams that the projection folds, in the order of their ids, byte by
// byte.
func (x *Export) Streams() iter.Seq2[replay.Stream, error] {
	return func(yield func(replay.Stream, error) bool) {
		for s, err := range x.db.src.Reader.Streams(x.db.ctx, replay.StreamQuery{Categories: x.proj.Categories}) {
			if err == nil && x.proj.Takes != nil && !x.proj.Takes(s.ID, s.Category) {
				continue
			}
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

// Heads is Streams for a table that is brought up to date: events that are missing from
// streams which are not folded again are noted, too.
func (x *Export) Heads() iter.Seq2[replay.Stream, error] {
	return func(yield func(replay.Stream, error) bool) {
		for s, err := range x.Streams() {
			if err == nil {
				x.db.whole.Gaps.SeeStream(&s)
			}
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

// Whole reports whether the states depend on events of many streams, so that all are
// folded at once.
func (x *Export) Whole() bool { return x.proj.Many != nil }

// Moment is the moment of the rows.
func (x *Export) Moment() (replay.Moment, error) {
	cut, err := x.db.cut(x.db.src.At)
	return cut.Moment, err
}

// Unread reports whether a payload that was folded could not be read.
func (x *Export) Unread() bool { return x.db.unread[x.proj.Name] != nil }
