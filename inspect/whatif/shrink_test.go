package whatif_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"asof/fixtures/demo"
	"asof/inspect"
	"asof/inspect/inspecttest"
	"asof/inspect/whatif"
	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

// TestShrinkIsMinimal checks that the result gives a bad state, and that each of its
// events is needed, by folding it separately.
func TestShrinkIsMinimal(t *testing.T) {
	const script = `fromAll().when({
		$init: () => ({on: {}, n: 0}),
		On(s, e) { s.on[e.data.k] = true; s.n++; },
		Off(s, e) { delete s.on[e.data.k]; s.n++; },
		Needs(s, e) { if (!s.on[e.data.k]) throw new Error('not on'); s.needed = e.data.k; },
	})`
	rapid.Check(t, func(rt *rapid.T) {
		var events []replay.Event
		for i := range rapid.IntRange(1, 40).Draw(rt, "events") {
			events = append(events, replay.Event{
				Stream: "s", Version: replay.Version(i + 1), Type: rapid.SampledFrom([]string{"On", "On", "Off", "Needs"}).Draw(rt, "type"),
				Data: fmt.Appendf(nil, `{"k": "%c"}`, 'a'+rapid.IntRange(0, 3).Draw(rt, "k")),
			})
		}
		expr := rapid.SampledFrom([]string{
			"'a' in state.on && 'b' in state.on && 'c' in state.on", "state.needed === 'b'", "state.n > 4 && !('a' in state.on)", "state.n % 3 === 2", "true",
		}).Draw(rt, "bad")
		folds, err := js.Load("s.js", script, js.Limits{})
		if err != nil {
			rt.Fatal(err)
		}
		p, err := js.CompilePredicate(expr, "--bad", js.Limits{})
		if err != nil {
			rt.Fatal(err)
		}
		subject := func(events []replay.Event) replay.Subject {
			return replay.Subject{Timeline: replay.StreamTimeline(storetest.Memory(events), "s"), Fold: replay.Fold{Reducer: folds}}
		}
		// bad folds a history; one that cannot be folded is not bad.
		bad := func(events []replay.Event) bool {
			s := subject(events)
			root, err := replay.InitialState(context.Background(), s.Fold)
			if err != nil {
				rt.Fatal(err)
			}
			var last *replay.Event
			if len(events) > 0 {
				m, _, err := s.Timeline.Resolve(context.Background(), replay.Head())
				if err != nil {
					rt.Fatal(err)
				}
				if root, _, err = s.StateAt(context.Background(), m); err != nil {
					return false
				}
				last = &events[len(events)-1]
			}
			is, err := p.Test(root, last)
			return err == nil && is
		}
		s := subject(events)
		m, _, err := s.Timeline.Resolve(context.Background(), replay.Head())
		if err != nil {
			rt.Fatal(err)
		}
		ans, err := whatif.Shrink(context.Background(), s, inspecttest.BadWhere(p), whatif.ShrinkOptions{UpTo: m})
		var none *whatif.ShrinkError
		var failed *replay.FoldError
		if errors.As(err, &none) || errors.As(err, &failed) {
			return // there is no bad state, or the history itself cannot be folded
		}
		if err != nil {
			rt.Fatal(err)
		}
		left := make([]replay.Event, len(ans.Events))
		for i, e := range ans.Events {
			left[i] = *e
		}
		if !ans.Minimal || ans.Stopped != "" || !bad(left) {
			rt.Fatalf("%d events are left, minimal %v, bad %v", len(left), ans.Minimal, bad(left))
		}
		for i := range left {
			if bad(slices.Delete(slices.Clone(left), i, i+1)) {
				rt.Fatalf("event %d of %d can be left out", i, len(left))
			}
		}
		if ans.Before != int(ans.At.Version()) {
			rt.Fatalf("%d events up to %s", ans.Before, ans.At.Label())
		}
	})
}

func shopSubject(t testing.TB) replay.Subject {
	t.Helper()
	folds, err := js.Load("cart.js", demo.CartFold, js.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	r := storetest.Memory(slices.Collect(demo.Shop(demo.ShopLeast)))
	return replay.Subject{Timeline: replay.StreamTimeline(r, demo.PlantedStream), Fold: replay.Fold{Reducer: folds}}
}

func belowZero(t testing.TB) inspect.Condition {
	t.Helper()
	p, err := js.CompilePredicate("state.total < 0", "--bad", js.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return inspecttest.BadWhere(p)
}

// TestShrinkPlanted shrinks the planted cart to the events that matter.
func TestShrinkPlanted(t *testing.T) {
	s := shopSubject(t)
	head := inspecttest.MomentAt(t, s, replay.Head())
	ans, err := whatif.Shrink(context.Background(), s, belowZero(t), whatif.ShrinkOptions{UpTo: head})
	if err != nil {
		t.Fatal(err)
	}
	var versions []replay.Version
	for _, e := range ans.Events {
		versions = append(versions, e.Version)
	}
	want := []replay.Version{4, demo.PlantedCause, demo.PlantedVersion}
	if !slices.Equal(versions, want) || ans.At.Version() != demo.PlantedVersion {
		t.Errorf("%v at %s, want %v", versions, ans.At.Label(), want)
	}
	if total := ans.State.Node().Get("total"); total.Text() != "-2.40" {
		t.Errorf("the total is %s", total.Text())
	}
}

// TestShrinkStops checks the limits of the search, and that it keeps the best result so
// far.
func TestShrinkStops(t *testing.T) {
	s := shopSubject(t)
	head := inspecttest.MomentAt(t, s, replay.Head())
	ans, err := whatif.Shrink(context.Background(), s, belowZero(t), whatif.ShrinkOptions{UpTo: head, Tests: 30})
	if err != nil {
		t.Fatal(err)
	}
	if ans.Tests != 30 || ans.Stopped != whatif.StopTests || ans.Minimal || len(ans.Events) >= ans.Before || len(ans.Events) < 3 {
		t.Errorf("%d tests, stopped %q, minimal %v, %d events", ans.Tests, ans.Stopped, ans.Minimal, len(ans.Events))
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ans, err = whatif.Shrink(ctx, s, belowZero(t), whatif.ShrinkOptions{UpTo: head, Progress: func(tests int64, _ int) {
		if tests == 30 {
			cancel()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if ans.Stopped != whatif.StopInterrupted || ans.Minimal || len(ans.Events) >= ans.Before || ans.State.Node() == nil {
		t.Errorf("stopped %q, %d events, state %v", ans.Stopped, len(ans.Events), ans.State)
	}
	at := inspecttest.MomentAt(t, s, replay.AtVersion(20))
	var none *whatif.ShrinkError
	if _, err := whatif.Shrink(context.Background(), s, belowZero(t), whatif.ShrinkOptions{UpTo: head, At: &at}); !errors.As(err, &none) {
		t.Errorf("a good state: %v", err)
	}
	always := inspecttest.BadWhere(inspecttest.Judge(func(state.Value, *replay.Event) (bool, error) { return true, nil }))
	if ans, err := whatif.Shrink(context.Background(), s, always, whatif.ShrinkOptions{UpTo: head}); err != nil || len(ans.Events) != 0 || !ans.Minimal {
		t.Errorf("a state that is bad before the first event: %v, %v", ans, err)
	}
}
