package replay_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"asof/replay"
	"asof/replay/fold"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

// A failing reader ends with an error after some events.
type failing struct {
	replay.Reader
	after int
}

var errRead = errors.New("cannot be read")

func (f failing) Events(ctx context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		n := 0
		for e, err := range f.Reader.Events(ctx, q) {
			if n++; n > f.after {
				yield(nil, errRead)
				return
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// bad is a merge fold that fails at events of type Bad, and ends all at those of type End.
type bad struct{ replay.Reducer }

func (b bad) Apply(ctx context.Context, st *state.State, e *replay.Event) (bool, error) {
	switch e.Type {
	case "Bad":
		return false, &replay.FoldError{At: e.Moment(), By: "test", Err: errors.New("bad")}
	case "End":
		return false, fmt.Errorf("the end at %s", e.Moment().Label())
	}
	return b.Reducer.Apply(ctx, st, e)
}

// A record is what comes of the events of a run, by stream.
type record map[replay.StreamID][]string

func (r record) step(e *replay.Event, root state.Value) error {
	r[e.Stream] = append(r[e.Stream], fmt.Sprint(e.Version, " ", string(state.AppendJSON(nil, root))))
	return nil
}

func (r record) failed(e *replay.Event, err error) error {
	var failed *replay.FoldError
	if !errors.As(err, &failed) {
		return err
	}
	r[e.Stream] = append(r[e.Stream], fmt.Sprint(e.Version, " ", err))
	return nil
}

// A recorded stream checks that its events come in order.
type recorded struct {
	record
	last int64 // number
}

func (r *recorded) Step(n int64, s *replay.Step) error {
	if n <= r.last {
		return fmt.Errorf("event %d comes after %d", n, r.last)
	}
	r.last = n
	return r.step(s.Event, s.Root)
}

func (r *recorded) Failed(n int64, e *replay.Event, err error) error {
	if n <= r.last {
		return fmt.Errorf("event %d comes after %d", n, r.last)
	}
	return r.failed(e, err)
}

// TestWorkersFoldWhatOneDoes: several workers fold each stream as [replay.Whole.RunEach]
// does, and end with the same error.
func TestWorkersFoldWhatOneDoes(t *testing.T) {
	foldFor := func(replay.StreamID, string) (replay.Fold, error) {
		return replay.Fold{Reducer: bad{fold.Merge()}}, nil
	}
	rapid.Check(t, func(t *rapid.T) {
		var events []replay.Event
		last := map[replay.StreamID]replay.Version{}
		for i := range rapid.IntRange(0, 700).Draw(t, "events") {
			id := replay.StreamID(fmt.Sprint("s-", rapid.IntRange(0, 9).Draw(t, "stream")))
			last[id] += replay.Version(1 + rapid.IntRange(0, 200).Draw(t, "gap")/200)
			typ := "Good"
			if n := rapid.IntRange(0, 300).Draw(t, "type"); n == 300 {
				typ = rapid.SampledFrom([]string{"Bad", "End"}).Draw(t, "failure")
			}
			events = append(events, replay.Event{Stream: id, Category: "s", Version: last[id], Position: replay.Position(i + 1), ID: fmt.Sprint(i), Type: typ, Data: fmt.Appendf(nil, `{"n":%d,"m%d":1}`, i, i%7)})
		}
		if len(events) > 0 && rapid.IntRange(0, 3).Draw(t, "disorder") == 0 {
			i, j := rapid.IntRange(0, len(events)-1).Draw(t, "one"), rapid.IntRange(0, len(events)-1).Draw(t, "other")
			events[i].Position, events[j].Position = events[j].Position, events[i].Position
			slices.SortFunc(events, func(a, b replay.Event) int { return int(a.Position - b.Position) })
		}
		var r replay.Reader = storetest.Memory(events)
		if rapid.IntRange(0, 5).Draw(t, "fails") == 0 {
			r = failing{r, rapid.IntRange(0, 700).Draw(t, "after")}
		}
		q := replay.WholeQuery{Unsurveyed: rapid.Bool().Draw(t, "unsurveyed")}
		if rapid.Bool().Draw(t, "some") {
			q.Takes = func(id replay.StreamID, category string) bool { return id != "s-3" && category == "s" }
		}
		one, alone := record{}, replay.NewWhole(r)
		q.Failed = one.failed
		var want error
		for step, err := range alone.RunEach(t.Context(), foldFor, q, false) {
			if want = err; err == nil {
				_ = one.step(step.Event, step.Root)
			}
		}
		for n := 1; n <= 3; n++ {
			whole, records := replay.NewWhole(r), make([]record, n)
			var workers []replay.Worker
			for i := range n {
				records[i] = record{}
				workers = append(workers, replay.Worker{Fold: foldFor, Begin: func(at int64, _ *replay.Event) replay.StreamSteps {
					return &recorded{records[i], at - 1}
				}})
			}
			end, err := whole.RunWorkers(t.Context(), workers, q)
			if fmt.Sprint(err) != fmt.Sprint(want) || (err == nil) != (end == math.MaxInt64) {
				t.Fatalf("%d workers end with %v at %d, one with %v", n, err, end, want)
			}
			several := record{}
			for _, r := range records {
				for id, steps := range r {
					if several[id] != nil {
						t.Fatalf("two workers fold %s", id)
					}
					several[id] = steps
				}
			}
			for id, steps := range one {
				if len(several[id]) < len(steps) || !slices.Equal(several[id][:len(steps)], steps) {
					t.Fatalf("%d workers fold %s to %v, one to %v", n, id, several[id], steps)
				}
			}
			if err == nil && (len(several) != len(one) || whole.Gaps.Incomplete() != alone.Gaps.Incomplete() || whole.Surveyed() != alone.Surveyed()) {
				t.Fatalf("%d workers fold %d streams and find %v, one %d and %v", n, len(several), whole.Gaps.Incomplete(), len(one), alone.Gaps.Incomplete())
			}
			if err != nil {
				continue
			}
			for id, steps := range several {
				if len(steps) != len(one[id]) {
					t.Fatalf("%d workers fold %d events of %s, one %d", n, len(steps), id, len(one[id]))
				}
			}
		}
	})
}

// TestWorkersEndTogether: a run whose context ends, or of which one worker panics, ends, and
// leaves no goroutine behind.
func TestWorkersEndTogether(t *testing.T) {
	var events []replay.Event
	for i := range 5000 {
		events = append(events, replay.Event{Stream: replay.StreamID(fmt.Sprint(i % 50)), Version: replay.Version(i/50 + 1), Position: replay.Position(i + 1), Type: "T", Data: []byte(`{}`)})
	}
	foldFor := func(replay.StreamID, string) (replay.Fold, error) { return replay.Fold{Reducer: fold.Merge()}, nil }
	cause := errors.New("enough")
	for _, way := range []string{"panic", "cancel"} {
		ctx, cancel := context.WithCancelCause(t.Context())
		var workers []replay.Worker
		for i := range 3 {
			workers = append(workers, replay.Worker{Fold: foldFor, Begin: func(at int64, _ *replay.Event) replay.StreamSteps {
				if i == 1 && at > 10 {
					if way == "panic" {
						panic("the worker")
					}
					cancel(cause)
				}
				return &recorded{record{}, at - 1}
			}})
		}
		var err error
		crash := func() (crash any) {
			defer func() { crash = recover() }()
			_, err = replay.NewWhole(storetest.Memory(events)).RunWorkers(ctx, workers, replay.WholeQuery{})
			return nil
		}()
		if way == "panic" && crash == nil || way == "cancel" && !errors.Is(err, cause) {
			t.Errorf("%s: ended with %v, %v", way, crash, err)
		}
		cancel(nil)
	}
}
