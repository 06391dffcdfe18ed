package replay_test

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"asof/replay"
	"asof/replay/fold"
	"asof/replay/store/storetest"
)

// TestGapsAreFoundWhereverStreamsAreFolded compares every way to fold many streams, and the
// list of streams, with what is missing by their versions, up to any position.
func TestGapsAreFoundWhereverStreamsAreFolded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var events []replay.Event
		last := map[replay.StreamID]replay.Version{}
		for i := range rapid.IntRange(1, 12).Draw(t, "events") {
			id := replay.StreamID(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "stream"))
			v := last[id] + replay.Version(rapid.SampledFrom([]int{1, 1, 1, 1, 2}).Draw(t, "step"))
			last[id] = v
			events = append(events, replay.Event{Stream: id, Version: v, Position: replay.Position(i + 1), ID: fmt.Sprint(i), Type: "T", Data: []byte(`{}`)})
		}
		upTo := rapid.IntRange(1, len(events)).Draw(t, "up to")
		r := storetest.Memory(events)
		head, before := missing(events), missing(events[:upTo])
		ctx := context.Background()
		store := &replay.Timeline{Name: "all", Reader: r, Many: true}
		gaps := replay.NewGaps(r.Info())
		if err := store.FindGaps(ctx, gaps); err != nil || gaps.Incomplete() != head {
			t.Fatalf("the list of streams has %v (%v), want %v", gaps.Incomplete(), err, head)
		}
		merge := func(replay.StreamID, string) (replay.Fold, error) { return replay.Fold{Reducer: fold.Merge()}, nil }
		for _, way := range []string{"each", "streams"} {
			whole := replay.NewWhole(r)
			cuts, _, err := whole.Cuts(ctx, store, replay.AtPosition(replay.Position(upTo)))
			if err != nil {
				t.Fatal(err)
			}
			q := replay.WholeQuery{Cut: cuts[0]}
			if way == "each" {
				for _, err := range whole.RunEach(ctx, merge, q, false) {
					if err != nil {
						t.Fatal(err)
					}
				}
			} else {
				for _, err := range whole.RunStreams(ctx, []replay.FoldFor{merge}, q, false) {
					if err != nil {
						t.Fatal(err)
					}
				}
			}
			if got := whole.Gaps.Incomplete(); got != before {
				t.Fatalf("folding %s up to %d finds %v, want %v", way, upTo, got, before)
			}
			if (len(whole.Notices()) > 0) != (before.Streams > 0) {
				t.Fatalf("folding %s up to %d notes %v", way, upTo, whole.Notices())
			}
		}
	})
}

// TestLateVersionsAreNotMissing checks that a version whose position is late leaves no gap
// behind when the pass that trusted the order starts over.
func TestLateVersionsAreNotMissing(t *testing.T) {
	events := []replay.Event{
		{Stream: "a", Version: 2, Position: 1, Type: "T", Data: []byte(`{}`)},
		{Stream: "b", Version: 2, Position: 2, Type: "T", Data: []byte(`{}`)},
		{Stream: "a", Version: 1, Position: 3, Type: "T", Data: []byte(`{}`)},
	}
	whole := replay.NewWhole(storetest.Memory(events))
	merge := func(replay.StreamID, string) (replay.Fold, error) { return replay.Fold{Reducer: fold.Merge()}, nil }
	err := whole.Trusting(func(unsurveyed bool) error {
		for _, err := range whole.RunEach(t.Context(), merge, replay.WholeQuery{Unsurveyed: unsurveyed}, false) {
			if err != nil {
				return err
			}
		}
		return nil
	})
	if want := (replay.Incomplete{Streams: 1, One: "b"}); err != nil || whole.Gaps.Incomplete() != want {
		t.Errorf("found %v (%v), want %v", whole.Gaps.Incomplete(), err, want)
	}
}

// missing counts the streams that lack a version, from 1 to their last one.
func missing(events []replay.Event) (out replay.Incomplete) {
	count, last := map[replay.StreamID]int64{}, map[replay.StreamID]replay.Version{}
	for _, e := range events {
		count[e.Stream]++
		last[e.Stream] = e.Version
	}
	for _, id := range []replay.StreamID{"a", "b", "c"} {
		if count[id] < int64(last[id]) {
			if out.Streams++; out.One == "" {
				out.One = id
			}
		}
	}
	return out
}

// TestSparseVersionsHaveNoGaps checks that versions which are positions show no gaps.
func TestSparseVersionsHaveNoGaps(t *testing.T) {
	gaps := replay.NewGaps(replay.Info{Sparse: true})
	gaps.See("a", 0, 7)
	gaps.SeeStream(&replay.Stream{ID: "a", Events: 1, First: 7, Last: 7})
	if got := gaps.Incomplete(); got.Streams != 0 || got.Notices() != nil {
		t.Errorf("found %v", got)
	}
}
