package inspect

import (
	"context"
	"iter"

	"asof/replay"
)

// LogAll yields the events of a timeline over many streams, each with what it
// changed in the state of its own stream. foldFor says how a stream is folded.
// It holds one state for every stream.
func LogAll(ctx context.Context, t *replay.Timeline, foldFor replay.FoldFor, o LogOptions) iter.Seq2[*Entry, error] {
	forward := func(yield func(*Entry, error) bool) {
		fo := replay.FoldOptions{Changes: true}
		if hi, ok := o.Span.Hi(); ok {
			fo.Span = replay.UpTo(hi)
		}
		s := Subject{Timeline: t}
		for step, err := range t.RunEach(ctx, foldFor, fo) {
			var in bool
			if err == nil {
				in, err = o.takes(s, step)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !in {
				continue
			}
			e := &Entry{Moment: step.Event.Moment(), Event: step.Event, Changes: step.Changes, Folded: true}
			if !yield(e, nil) {
				return
			}
		}
	}
	if o.Reverse {
		return limited(backwards(forward, o.Limit), o.Limit)
	}
	return limited(forward, o.Limit)
}
