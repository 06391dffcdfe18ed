package inspect

import (
	"context"
	"iter"

	"asof/replay"
	"asof/replay/state"
)

// LogAll yields the events of a whole store, each with its changes to the state of its
// stream. foldFor returns the fold of a stream. cut is the end of the range, if o.Span
// has one. An event comes after the earlier ones of its stream, whatever its position.
// It holds one state per stream.
func LogAll(ctx context.Context, w *replay.Whole, foldFor replay.FoldFor, cut replay.Cut, o LogOptions) iter.Seq2[*Entry, error] {
	keys := map[replay.StreamID][]string{}
	foldOf := func(id replay.StreamID, category string) (replay.Fold, error) {
		fold, err := foldFor(id, category)
		if err == nil && fold.ArrayKeys != nil {
			keys[id] = fold.ArrayKeys
		}
		return fold, err
	}
	f := folded{o: o, many: true, version: positionOf, moment: (*replay.Event).Moment}
	f.run = func(fo replay.FoldOptions) iter.Seq2[*replay.Step, error] {
		return w.RunEach(ctx, foldOf, replay.WholeQuery{Cut: cut, Skip: fo.Skip}, fo.Changes)
	}
	f.init = func(e *replay.Event) (state.Value, error) {
		fold, err := foldFor(e.Stream, e.Category)
		if err != nil {
			return state.Value{}, err
		}
		return replay.InitialState(ctx, fold)
	}
	f.of = func(e *replay.Event) replay.StreamID { return e.Stream }
	f.labels.of = func(e *replay.Event) []string { return keys[e.Stream] }
	return limited(f.log(), o.Limit)
}

// positionOf returns the place of an event in the timeline of the whole store.
func positionOf(e *replay.Event) replay.Version { return replay.Version(e.Position) }
