package inspect_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"asof/inspect"
	"asof/inspect/bisect"
	"asof/inspect/check"
	"asof/inspect/inspecttest"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

// shuffled is a store of a few streams. Its positions, versions and times are three
// orders, which may or may not agree.
func shuffled(t *rapid.T) []replay.Event {
	n := rapid.IntRange(1, 40).Draw(t, "events")
	streams := rapid.IntRange(1, 4).Draw(t, "streams")
	positions := make([]int, n)
	for i := range positions {
		positions[i] = i + 1
	}
	if rapid.Bool().Draw(t, "disordered") {
		positions = rapid.Permutation(positions).Draw(t, "positions")
	}
	versions := map[int]replay.Version{}
	var events []replay.Event
	for i := range n {
		k := rapid.IntRange(0, streams-1).Draw(t, "stream")
		versions[k] += replay.Version(rapid.SampledFrom([]int{1, 1, 1, 2}).Draw(t, "step"))
		at := i
		if rapid.IntRange(0, 4).Draw(t, "skew") == 0 {
			at = rapid.IntRange(0, n).Draw(t, "clock")
		}
		events = append(events, replay.Event{
			Stream: replay.StreamID(fmt.Sprint("s-", k)), Category: "s", Version: versions[k], Position: replay.Position(positions[i]),
			ID: fmt.Sprint("id-", i), Type: "Set", Time: time.Unix(int64(1000+at), 0).UTC(),
			Data: fmt.Appendf(nil, `{"v": %d, "w%d": %d}`, rapid.IntRange(0, 2).Draw(t, "v"), i%3, i),
		})
	}
	return events
}

// aPoint is a point that makes sense for one stream and for the whole store.
func aPoint(t *rapid.T, name string, events []replay.Event) replay.Point {
	n := len(events)
	text := "head"
	switch rapid.IntRange(0, 2).Draw(t, name) {
	case 1:
		text = fmt.Sprint("pos:", rapid.IntRange(1, n).Draw(t, name+" position"))
	case 2:
		text = time.Unix(int64(rapid.IntRange(999, 1001+n).Draw(t, name+" time")), 0).UTC().Format(time.RFC3339)
	}
	p, err := replay.ParsePoint(text, replay.Env{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestWholeIsItsStreams compares every question about a whole store with the same
// question about each stream, whatever the orders of positions, versions and times, and
// at any moment.
func TestWholeIsItsStreams(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := wholeTest{Context: context.Background(), events: shuffled(rt)}
		w.reader = storetest.Memory(w.events)
		w.store = &replay.Timeline{Name: "all", Reader: w.reader, Many: true}
		for _, e := range w.events {
			if !slices.Contains(w.streams, e.Stream) {
				w.streams = append(w.streams, e.Stream)
			}
		}
		w.check(rt, aPoint(rt, "at", w.events))
		w.diff(rt, aPoint(rt, "from", w.events), aPoint(rt, "to", w.events))
		w.log(rt)
		w.streamRuns(rt, aPoint(rt, "of streams", w.events))
	})
}

// streamRuns compares a run of one stream after another with the states and the blame of
// each stream by itself.
func (w *wholeTest) streamRuns(t *rapid.T, at replay.Point) {
	whole := replay.NewWhole(w.reader)
	cut := w.cuts(t, whole, at)[0]
	merge := func(replay.StreamID, string) (replay.Fold, error) { return replay.Fold{Reducer: fold.Merge()}, nil }
	var setters *inspect.Setters
	var seen []replay.StreamID
	var before replay.StreamID
	last := map[replay.StreamID]replay.Version{}
	for step, err := range whole.RunStreams(w, []replay.FoldFor{merge, merge}, replay.WholeQuery{Cut: cut}, true) {
		if err != nil || step.Errs[0] != nil || step.Errs[1] != nil {
			t.Fatal(err, step)
		}
		id := step.Event.Stream
		if step.First {
			if len(seen) > 0 && id <= before {
				t.Fatalf("%s comes after %s", id, before)
			}
			seen, before, setters = append(seen, id), id, inspect.NewSetters(step.Inits[1])
		}
		if !state.Equal(step.Steps[0].Root, step.Steps[1].Root) {
			t.Fatalf("%s@%d: two states", id, step.Event.Version)
		}
		if err := setters.See(&step.Steps[1], step.Event.Moment()); err != nil {
			t.Fatal(err)
		}
		last[id] = step.Event.Version
		w.setters(t, setters, id, step.Event.Version)
	}
	for _, id := range w.streams {
		m := w.moment(t, id, at)
		if v, ok := last[id]; ok == m.IsStart() || ok && v != m.Version() {
			t.Fatalf("%s ends at %d (%v), want %v", id, v, ok, m)
		}
	}
}

// setters compares what set the paths of a stream with blame.
func (w *wholeTest) setters(t *rapid.T, s *inspect.Setters, id replay.StreamID, v replay.Version) {
	subject := w.subject(id)
	to, _, err := subject.Timeline.Resolve(w, replay.AtVersion(v))
	if err != nil {
		t.Fatal(err)
	}
	b, err := inspect.Blame(w, subject, replay.Interval{To: to}, "")
	if err != nil {
		t.Fatal(err)
	}
	b.Each(func(p inspect.PathBlame) bool {
		got, err := s.Last(state.Path{Pointer: p.Path})
		if err != nil || (got == nil) != (p.By.Event == nil) || got != nil && got.Version != p.By.Event.Version {
			t.Fatalf("%s@%d %s: set by %v, %v, want %v", id, v, p.Path, got, err, p.By.Event)
		}
		return true
	})
	if _, err := s.Last(state.Path{Pointer: "/not there"}); err == nil {
		t.Fatal("a path that does not exist was set")
	}
}

type wholeTest struct {
	context.Context
	events  []replay.Event
	streams []replay.StreamID
	reader  replay.Reader
	store   *replay.Timeline
}

func (w *wholeTest) subject(id replay.StreamID) replay.Subject {
	return replay.Subject{Timeline: replay.StreamTimeline(w.reader, id), Fold: replay.Fold{Reducer: fold.Merge()}}
}

// moment is the moment of a single stream at a point.
func (w *wholeTest) moment(t *rapid.T, id replay.StreamID, p replay.Point) replay.Moment {
	m, _, err := w.subject(id).Timeline.Resolve(w, p)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (w *wholeTest) cuts(t *rapid.T, whole *replay.Whole, points ...replay.Point) []replay.Cut {
	cuts, _, err := whole.Cuts(w, w.store, points...)
	if err != nil {
		t.Fatal(err)
	}
	return cuts
}

func (w *wholeTest) check(t *rapid.T, at replay.Point) {
	cond := inspecttest.BadWhere(inspecttest.MemberIs("v", "1"))
	whole := replay.NewWhole(w.reader)
	plan := check.Plan{Invariants: make([]check.Invariant, 1), UpTo: w.cuts(t, whole, at)[0]}
	for range 2 {
		plan.Workers = append(plan.Workers, inspecttest.OneFold{Set: &check.RuleSet{
			Fold: replay.Fold{Reducer: fold.Merge()}, Rules: []check.Rule{{Cond: cond}},
		}})
	}
	ans, err := check.Pass(w, whole, plan)
	if err != nil {
		t.Fatal(err)
	}
	found := map[replay.StreamID]check.Violation{}
	for _, v := range ans.Invariants[0].Violations {
		found[v.Stream] = v
	}
	for _, id := range w.streams {
		s := w.subject(id)
		to := w.moment(t, id, at)
		if to.IsStart() {
			if _, ok := found[id]; ok {
				t.Fatalf("%s is found, and has no event at %s", id, at)
			}
			continue
		}
		want, err := bisect.Run(w, s, cond, bisect.Options{From: s.Timeline.Start(), To: to})
		if err != nil {
			t.Fatal(err)
		}
		got, ok := found[id]
		switch {
		case ok != (want.Verdict == bisect.Found):
			t.Fatalf("%s at %s: found is %v, bisect says %s", id, at, ok, want.Verdict)
		case !ok:
		case got.Culprit.Version != want.Culprit.Version, got.Recovered != !want.ToBad, (got.RecoveredAt != nil) != got.Recovered,
			got.Recovered && got.RecoveredAt.Version() != want.Flips[len(want.Flips)-1].Version:
			t.Fatalf("%s at %s: %+v, bisect says %+v", id, at, got, want)
		}
	}
}

func (w *wholeTest) diff(t *rapid.T, from, to replay.Point) {
	whole := replay.NewWhole(w.reader)
	cuts := w.cuts(t, whole, from, to)
	if a, b := cuts[0].Moment, cuts[1].Moment; !a.IsStart() && (b.IsStart() || b.Version() < a.Version()) {
		return // rejected by the command
	}
	d, err := inspect.DiffAll(w, whole, func(replay.StreamID, string) (replay.Fold, error) {
		return replay.Fold{Reducer: fold.Merge()}, nil
	}, cuts[0], cuts[1])
	if err != nil {
		t.Fatal(err)
	}
	changes := map[replay.StreamID]int64{}
	for _, s := range d.Largest {
		changes[s.Stream] = s.Changes()
	}
	for _, id := range w.streams {
		s := w.subject(id)
		a, b := w.moment(t, id, from), w.moment(t, id, to)
		if !a.IsStart() && (b.IsStart() || b.Version() < a.Version()) {
			continue // its clock runs differently from that of the store
		}
		one, err := inspect.DiffRange(w, s, a, b)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(state.Diff(one.A, one.B, state.DiffOptions{})); changes[id] != int64(n) {
			t.Fatalf("%s %s..%s: %d changes, alone %d", id, from, to, changes[id], n)
		}
	}
}

func (w *wholeTest) log(t *rapid.T) {
	texts := func(seq func(func(*inspect.Entry, error) bool)) []string {
		var out []string
		for e, err := range seq {
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, fmt.Sprint(e.Event.Stream, e.Event.Version, e.Changes))
		}
		return out
	}
	f := func(replay.StreamID, string) (replay.Fold, error) { return replay.Fold{Reducer: fold.Merge()}, nil }
	o := inspect.LogOptions{Changes: true}
	got := texts(inspect.LogAll(w, replay.NewWhole(w.reader), f, replay.Cut{}, o))
	var want []string
	for _, id := range w.streams {
		want = append(want, texts(inspect.Log(w, w.subject(id), o))...)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}
