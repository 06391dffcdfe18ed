package check_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"asof/fixtures"
	"asof/fixtures/demo"
	"asof/fixtures/kit"
	"asof/inspect"
	"asof/inspect/bisect"
	"asof/inspect/check"
	"asof/inspect/inspecttest"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/fold/js"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

// memorySpill spills to a map, and detects a second Take of the same place.
type memorySpill struct {
	kept map[int64][]byte
	next int64
	puts int
}

func (s *memorySpill) Put(b []byte) (check.SpillRef, error) {
	if s.kept == nil {
		s.kept = map[int64][]byte{}
	}
	s.next++
	s.puts++
	s.kept[s.next] = slices.Clone(b)
	return check.SpillRef{Offset: s.next, Len: len(b)}, nil
}

func (s *memorySpill) Take(dst []byte, at check.SpillRef) ([]byte, error) {
	b, ok := s.kept[at.Offset]
	if !ok || len(b) != at.Len {
		return nil, fmt.Errorf("nothing is at %v", at)
	}
	delete(s.kept, at.Offset)
	return append(dst, b...), nil
}

// TestCheckFindsThePlanted compares check with the known violations of the demo shop,
// with any number of workers and with almost no memory.
func TestCheckFindsThePlanted(t *testing.T) {
	r := storetest.Memory(slices.Collect(demo.Shop(2000)))
	for _, tt := range []struct {
		workers int
		memory  int64
	}{{1, 0}, {2, 0}, {5, 0}, {2, 1}, {3, 50_000}} {
		plan := check.Plan{
			Invariants: []check.Invariant{{Name: "never negative", Text: "state.total < 0"}}, Memory: tt.memory,
		}
		var spills []*memorySpill
		for range tt.workers {
			script, err := js.Load("cart.js", demo.CartFold, js.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			p, err := js.CompilePredicate("state.total < 0", "--bad", js.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			plan.Workers = append(plan.Workers, inspecttest.OneFold{Category: "cart", Set: &check.RuleSet{
				Fold: replay.Fold{Reducer: script}, Rules: []check.Rule{{Cond: inspecttest.BadWhere(p)}},
			}})
			spills = append(spills, &memorySpill{})
			plan.Spills = append(plan.Spills, spills[len(spills)-1])
		}
		ans, err := check.Pass(context.Background(), replay.NewWhole(r), plan)
		if err != nil {
			t.Fatal(err)
		}
		var got []demo.Plant
		for _, v := range ans.Invariants[0].Violations {
			p := demo.Plant{Stream: string(v.Stream), Culprit: v.Culprit.Version}
			if v.Recovered {
				p.Recovered = v.RecoveredAt.Version()
			}
			got = append(got, p)
			if v.Turns != 1 || v.FromStart || v.Culprit.Data != nil {
				t.Errorf("%s: %+v", v.Stream, v)
			}
		}
		want := demo.Planted()
		for i := range want {
			want[i].Cause, want[i].Abandoned = 0, false
		}
		byStream := func(a, b demo.Plant) int { return cmp.Compare(a.Stream, b.Stream) }
		slices.SortFunc(got, byStream)
		slices.SortFunc(want, byStream)
		if !slices.Equal(got, want) {
			t.Errorf("%d workers, %d bytes: %v, want %v", tt.workers, tt.memory, got, want)
		}
		if len(ans.Invariants[0].Errors) > 0 {
			t.Errorf("errors: %v", ans.Invariants[0].Errors)
		}
		if (ans.Spilled > 0) != (tt.memory > 0) {
			t.Errorf("%d bytes: %d states were spilled", tt.memory, ans.Spilled)
		}
	}
}

// TestCheckAgreesWithBisect compares one pass over many streams with a bisect of each
// stream, for random histories, memory limits and starting points.
func TestCheckAgreesWithBisect(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		streams := rapid.IntRange(1, 6).Draw(rt, "streams")
		versions := make([]replay.Version, streams)
		var events []replay.Event
		for i := range rapid.IntRange(1, 60).Draw(rt, "events") {
			k := rapid.IntRange(0, streams-1).Draw(rt, "stream")
			versions[k]++
			events = append(events, replay.Event{
				Stream: replay.StreamID(fmt.Sprint("s-", k)), Category: "s", Version: versions[k], Position: replay.Position(i + 1),
				Type: "Set", Data: fmt.Appendf(nil, `{"v": %d, "list": [%d]}`, rapid.IntRange(0, 3).Draw(rt, "v"), i),
			})
		}
		r := storetest.Memory(events)
		cond := inspect.Condition{Predicate: inspecttest.MemberIs("v", "1", "2"), Good: rapid.Bool().Draw(rt, "good")}
		plan := check.Plan{Invariants: make([]check.Invariant, 1)}
		if rapid.Bool().Draw(rt, "bounded") {
			plan.Memory = int64(rapid.IntRange(1, 5000).Draw(rt, "memory"))
		}
		var since replay.Position
		if rapid.Bool().Draw(rt, "since") {
			since = replay.Position(rapid.IntRange(0, len(events)).Draw(rt, "position"))
			plan.Since = &since
		}
		for range rapid.IntRange(1, 3).Draw(rt, "workers") {
			plan.Workers = append(plan.Workers, inspecttest.OneFold{Set: &check.RuleSet{
				Fold: replay.Fold{Reducer: fold.Merge()}, Rules: []check.Rule{{Cond: cond}},
			}})
			plan.Spills = append(plan.Spills, &memorySpill{})
		}
		ans, err := check.Pass(context.Background(), replay.NewWhole(r), plan)
		if err != nil {
			rt.Fatal(err)
		}
		found := map[replay.StreamID]check.Violation{}
		for _, v := range ans.Invariants[0].Violations {
			found[v.Stream] = v
		}
		for k := range streams {
			if versions[k] > 0 {
				checkStream(rt, r, replay.StreamID(fmt.Sprint("s-", k)), cond, plan.Since, found)
			}
		}
	})
}

// checkStream compares the violations of a stream with the answer of bisect.
func checkStream(rt *rapid.T, r replay.Reader, id replay.StreamID, cond inspect.Condition, since *replay.Position, found map[replay.StreamID]check.Violation) {
	ctx := context.Background()
	s := replay.Subject{Timeline: replay.StreamTimeline(r, id), Fold: replay.Fold{Reducer: fold.Merge()}}
	head, _, err := s.Timeline.Resolve(ctx, replay.Head())
	if err != nil {
		rt.Fatal(err)
	}
	ans, err := bisect.Run(ctx, s, cond, bisect.Options{From: s.Timeline.Start(), To: head})
	if err != nil {
		rt.Fatal(err)
	}
	var want *replay.Version
	for _, f := range ans.Flips {
		m, _, err := s.Timeline.Resolve(ctx, replay.AtVersion(f.Version))
		if err != nil {
			rt.Fatal(err)
		}
		if f.Bad && want == nil && (since == nil || m.Position > *since) {
			want = &f.Version
		}
	}
	v, ok := found[id]
	first := inspecttest.MomentAt(rt, s, replay.AtVersion(1))
	st, _, err := s.StateAt(ctx, first)
	if err != nil {
		rt.Fatal(err)
	}
	firstBad, _ := cond.Bad(st, nil)
	switch {
	case want != nil:
		if !ok || v.Culprit.Version != *want || v.FromStart || v.Recovered != !ans.ToBad {
			rt.Fatalf("%s: %+v, want culprit %d, bad now %v", id, v, *want, ans.ToBad)
		}
	case firstBad && (since == nil || first.Position > *since): // and no event made it bad
		if !ok || !v.FromStart || v.Culprit.Version != 1 || v.Recovered != !ans.ToBad {
			rt.Fatalf("%s: %+v, want the first event, bad now %v", id, v, ans.ToBad)
		}
	case ok:
		rt.Fatalf("%s: %+v, but no event made it bad", id, v)
	}
}

// TestCheckManyStreams plants violations and a failure among 10,000 streams.
func TestCheckManyStreams(t *testing.T) {
	const streams = 10_000
	planted := map[replay.StreamID]bool{"c-17": true, "c-4096": true, "c-9999": true}
	var events []replay.Event
	for round := range 3 {
		for k := range streams {
			id := replay.StreamID(fmt.Sprint("c-", k))
			e := replay.Event{
				Stream: id, Category: "c", Version: replay.Version(round + 1), Position: replay.Position(len(events) + 1),
				Type: "Set", Data: []byte(`{"n": 1}`), Time: kit.Opened.Add(time.Duration(round) * 24 * time.Hour),
			}
			if planted[id] && round == 1 {
				e.Type, e.Data = "Broke", []byte(`{"n": -1}`)
			}
			if id == "c-500" && round == 1 {
				e.Type = "Thrown"
			}
			events = append(events, e)
		}
	}
	const script = `fromAll().foreachStream().when({
		Set(s, e) { s.n = e.data.n; }, Broke(s, e) { s.n = e.data.n; }, Thrown() { throw new Error('no'); }})`
	plan := check.Plan{Invariants: make([]check.Invariant, 2)}
	for range 2 {
		js, err := js.Load("c.js", script, js.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		odd := inspecttest.Judge(func(st state.Value, e *replay.Event) (bool, error) {
			if e != nil && e.Stream == "c-600" && e.Version == 2 {
				return false, errors.New("can't tell")
			}
			return false, nil
		})
		plan.Workers = append(plan.Workers, inspecttest.OneFold{Set: &check.RuleSet{Fold: replay.Fold{Reducer: js}, Rules: []check.Rule{
			{Invariant: 0, Cond: inspecttest.BadWhere(inspecttest.MemberIs("n", "-1"))}, {Invariant: 1, Cond: inspecttest.BadWhere(odd)},
		}}})
	}
	ans, err := check.Pass(context.Background(), replay.NewWhole(storetest.Memory(events)), plan)
	if err != nil {
		t.Fatal(err)
	}
	if ans.Streams != streams || ans.Events != int64(len(events)) {
		t.Errorf("%d streams, %d events", ans.Streams, ans.Events)
	}
	never, odd := ans.Invariants[0], ans.Invariants[1]
	if len(never.Violations) != len(planted) {
		t.Errorf("%d violations", len(never.Violations))
	}
	for _, v := range never.Violations {
		if !planted[v.Stream] || v.Culprit.Version != 2 || v.Culprit.Type != "Broke" || !v.Recovered || v.RecoveredAt.Version() != 3 {
			t.Errorf("%+v", v)
		}
	}
	groups := check.Groups(never.Violations, time.UTC)
	if len(groups) != 1 || groups[0].Count != 3 || groups[0].Type != "Broke" || groups[0].Day != "2026-01-06" {
		t.Errorf("%+v", groups)
	}
	var failed *replay.FoldError
	if len(never.Errors) != 1 || never.Errors[0].Stream != "c-500" || !errors.As(never.Errors[0].Err, &failed) || failed.At.Version() != 2 {
		t.Errorf("%v", never.Errors)
	}
	if len(odd.Errors) != 2 || odd.Errors[0].Stream != "c-500" || odd.Errors[1].Stream != "c-600" {
		t.Errorf("%v", odd.Errors)
	}
}

// TestCheckErrors tests errors of the store, of the plan and of the caller.
func TestCheckErrors(t *testing.T) {
	events := slices.Collect(fixtures.Streams(5000, 50))
	cut := errors.New("cut short")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	quiet := inspecttest.OneFold{Set: &check.RuleSet{Fold: replay.Fold{Reducer: fold.Merge()}}}
	seen := 0
	for _, tt := range []struct {
		name   string
		reader replay.Reader
		folds  check.Folds
		want   error
	}{
		{"reader", failing{storetest.Memory(events), 3000, cut}, quiet, cut},
		{"plan", storetest.Memory(events), failingFolds{cut}, cut},
		{"user", storetest.Memory(events), inspecttest.OneFold{Set: &check.RuleSet{Fold: replay.Fold{Reducer: fold.Merge()}, Rules: []check.Rule{{
			Cond: inspecttest.BadWhere(inspecttest.Judge(func(state.Value, *replay.Event) (bool, error) {
				if seen++; seen == 1000 {
					cancel()
				}
				return false, nil
			})),
		}}}}, context.Canceled},
	} {
		_, err := check.Pass(ctx, replay.NewWhole(tt.reader), check.Plan{Invariants: make([]check.Invariant, 1), Workers: []check.Folds{quiet, tt.folds}})
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

type failing struct {
	replay.Reader
	after int
	err   error
}

func (f failing) Events(ctx context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		n := 0
		for e, err := range f.Reader.Events(ctx, q) {
			if n++; n > f.after {
				yield(nil, f.err)
				return
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

type failingFolds struct{ err error }

func (l failingFolds) RuleSets(_ context.Context, id replay.StreamID, _ string) ([]*check.RuleSet, error) {
	if strings.HasSuffix(string(id), "7") {
		return nil, l.err
	}
	return nil, nil
}
