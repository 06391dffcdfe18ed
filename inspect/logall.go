package inspect

import (
	"context"
	"iter"

	"asof/replay"
	"asof/replay/state"
)

// LogAll yields the events of a timeline over many streams, each with what it
// changed in the state of its own stream. foldFor says how a stream is folded.
// It holds one state for every stream.
func LogAll(ctx context.Context, t *replay.Timeline, foldFor replay.FoldFor, o LogOptions) iter.Seq2[*Entry, error] {
	f := folded{o: o, version: t.Version, moment: (*replay.Event).Moment}
	f.run = func(fo replay.FoldOptions) iter.Seq2[*replay.Step, error] { return t.RunEach(ctx, foldFor, fo) }
	f.init = func(e *replay.Event) (state.Value, error) {
		fold, err := foldFor(e.Stream, e.Category)
		if err != nil {
			return state.Value{}, err
		}
		return replay.InitialState(ctx, fold)
	}
	f.of = func(e *replay.Event) replay.StreamID { return e.Stream }
	return limited(f.log(), o.Limit)
}
