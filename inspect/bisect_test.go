package inspect_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"asof/inspect"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/fold/js"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

// judge is a predicate written in Go.
type judge func(st state.Value, e *replay.Event) (bool, error)

func (f judge) Test(st state.Value, e *replay.Event) (bool, error) { return f(st, e) }

// memberIs holds where a member of the state is one of some numbers.
func memberIs(key string, numbers ...string) judge {
	return func(st state.Value, _ *replay.Event) (bool, error) {
		v, err := state.Lookup(st, "/"+key)
		return err == nil && slices.Contains(numbers, v.Text()), nil
	}
}

// sparing is a predicate that never looks at the event.
type sparing struct{ inspect.Predicate }

func (sparing) Unread() replay.Fields {
	return replay.FieldID | replay.FieldTime | replay.FieldMeta | replay.FieldData
}

// bisectedText is an answer to the last detail.
func bisectedText(b *inspect.Bisected) string {
	text := fmt.Sprint(b.Verdict, b.Tests, b.Flips, patch(b.Changes), b.ToBad, string(state.AppendJSON(nil, b.Last)))
	for _, m := range []*replay.Moment{&b.Before, &b.After, b.Recovered, without(b).FirstBad, without(b).FirstGood} {
		if m != nil {
			text += fmt.Sprintf("\n%s %s %v", m.Label(), m.EventID, m.Time)
		}
	}
	if e := b.Culprit; e != nil {
		text += fmt.Sprintf("\n%s %s %v %s %s", e.Moment().Label(), e.ID, e.Time, e.Data, e.Meta.Raw)
	}
	return text
}

func without(b *inspect.Bisected) inspect.Counterfactual {
	if b.Without == nil {
		return inspect.Counterfactual{}
	}
	return *b.Without
}

func badWhere(p inspect.Predicate) inspect.Condition {
	return inspect.Condition{Text: "bad", Predicate: p}
}

// numbers is one stream of merge patches {"v": n}, with gaps between versions or
// without.
func numbers(t *rapid.T, least, most int) []replay.Event {
	var events []replay.Event
	v := replay.Version(rapid.IntRange(0, 2).Draw(t, "first version"))
	gaps := rapid.SampledFrom([]int{1, 3}).Draw(t, "gaps")
	for range rapid.IntRange(least, most).Draw(t, "events") {
		data := fmt.Sprintf(`{"v": %d}`, rapid.IntRange(0, 9).Draw(t, "v"))
		if rapid.IntRange(0, 4).Draw(t, "kind") == 0 {
			data = `{"w": 1}`
		}
		events = append(events, replay.Event{
			Stream: "s", Version: v, Position: replay.Position(2 * len(events)), Type: "Set", ID: fmt.Sprintf("id-%d", v), Data: []byte(data),
			Time: time.Unix(int64(v), 0).UTC(), Meta: replay.Meta{Raw: []byte(`{"by":"x"}`)},
		})
		v += replay.Version(rapid.IntRange(1, gaps).Draw(t, "gap"))
	}
	return events
}

func mergeSubject(events []replay.Event) replay.Subject {
	r := storetest.Memory(events)
	return replay.Subject{Timeline: replay.StreamTimeline(r, "s"), Fold: replay.Fold{Reducer: fold.Merge()}}
}

func momentAt(t testing.TB, s replay.Subject, p replay.Point) replay.Moment {
	t.Helper()
	m, _, err := s.Timeline.Resolve(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestBisectAgreesWithScan holds bisect to the plainest way to find a culprit:
// the state at every version, folded by itself.
func TestBisectAgreesWithScan(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := numbers(rt, 1, 30)
		s := mergeSubject(events)
		cond := badWhere(memberIs("v", rapid.SampledFrom([][]string{{"1"}, {"1", "2", "3", "4"}, {"0", "5", "9"}, {}}).Draw(rt, "bad values")...))
		cond.Good = rapid.Bool().Draw(rt, "good")
		from, to := rapid.IntRange(-1, len(events)-1).Draw(rt, "from"), 0
		to = rapid.IntRange(max(from, 0), len(events)-1).Draw(rt, "to")
		at := func(i int) replay.Moment {
			if i < 0 {
				return s.Timeline.Start()
			}
			return momentAt(t, s, replay.AtVersion(events[i].Version))
		}
		var bads []bool // of the states from, from+1, …, to
		for i := from; i <= to; i++ {
			st, _, err := s.StateAt(context.Background(), at(i))
			if err != nil {
				t.Fatal(err)
			}
			bad, _ := cond.Bad(st, nil)
			bads = append(bads, bad)
		}
		ans, err := inspect.Bisect(context.Background(), s, cond, inspect.BisectOptions{From: at(from), To: at(to), Explain: true})
		if err != nil {
			rt.Fatal(err)
		}
		spared := cond
		spared.Predicate = sparing{cond.Predicate}
		same, err := inspect.Bisect(context.Background(), s, spared, inspect.BisectOptions{From: at(from), To: at(to), Explain: true})
		if diff := cmp.Diff(bisectedText(ans), bisectedText(same)); diff != "" || err != nil {
			rt.Fatal(diff, err)
		}
		var flips []inspect.Flip
		culprit := -2
		for k := 1; k < len(bads); k++ {
			if bads[k] == bads[k-1] {
				continue
			}
			flips = append(flips, inspect.Flip{Version: events[from+k].Version, Bad: bads[k]})
			if bads[k] && culprit == -2 {
				culprit = from + k
			}
		}
		if !slices.Equal(ans.Flips, flips) || ans.FlipCount != int64(len(flips)) {
			rt.Fatalf("flips %v, want %v", ans.Flips, flips)
		}
		if ans.Tests != int64(len(bads)) {
			rt.Fatalf("%d tests of %d states", ans.Tests, len(bads))
		}
		switch {
		case culprit >= 0:
			if ans.Verdict != inspect.Found || ans.Culprit.Version != events[culprit].Version || *ans.After.Version != events[culprit].Version {
				rt.Fatalf("%s %v, want %d", ans.Verdict, ans.Culprit, events[culprit].Version)
			}
			if want := at(culprit - 1); ans.Before.Label() != want.Label() {
				rt.Fatalf("before is %s, want %s", ans.Before.Label(), want.Label())
			}
			checkWithout(rt, mergeSubject, cond, events, culprit, to, ans)
		case slices.Contains(bads, true):
			if ans.Verdict != inspect.AlwaysBad {
				rt.Fatalf("%s, want always bad", ans.Verdict)
			}
		case ans.Verdict != inspect.NeverBad:
			rt.Fatalf("%s, want never bad", ans.Verdict)
		}
	})
}

// TestBisectLong has the culprit far from the beginning, where what it changed is
// known by folding on from a state that was saved on the way.
func TestBisectLong(t *testing.T) {
	var events []replay.Event
	for v := replay.Version(1); v <= 9000; v++ {
		events = append(events, replay.Event{Stream: "s", Version: v, Type: "Set", Data: fmt.Appendf(nil, `{"v": %d, "k%d": 1}`, v, v%100)})
	}
	s := mergeSubject(events)
	head := momentAt(t, s, replay.Head())
	for _, culprit := range []replay.Version{2, 1023, 1024, 1025, 5000, 9000} {
		for _, from := range []replay.Moment{s.Timeline.Start(), momentAt(t, s, replay.AtVersion(culprit-1))} {
			cond := badWhere(judge(func(_ state.Value, e *replay.Event) (bool, error) { return e != nil && e.Version >= culprit, nil }))
			ans, err := inspect.Bisect(context.Background(), s, cond, inspect.BisectOptions{From: from, To: head, Explain: true})
			if err != nil {
				t.Fatal(err)
			}
			shown, err := inspect.Show(context.Background(), s, ans.After)
			if err != nil {
				t.Fatal(err)
			}
			if ans.Culprit.Version != culprit || patch(ans.Changes) != patch(shown.Changes) {
				t.Errorf("%d: %d changed %s, want %s", culprit, ans.Culprit.Version, patch(ans.Changes), patch(shown.Changes))
			}
		}
	}
}

// TestWithoutCulprit has histories in which the state without the culprit becomes
// what it is with it, and others in which it never does.
func TestWithoutCulprit(t *testing.T) {
	scripts := []string{
		"", // merge
		"s.v = e.data.v ?? s.v; s.n = (s.n ?? 0) + 1",
		"s.v = e.data.v ?? s.v",
		"s.v = ((s.v ?? 0) + (e.data.v ?? 0)) % 7",
		"if (e.data.v !== undefined) { s.v = e.data.v; e.data.v = 0; s.d = e.data }",
	}
	rapid.Check(t, func(rt *rapid.T) {
		var events []replay.Event
		for i := range rapid.IntRange(10, 60).Draw(rt, "events") {
			data := `{"w": 1}`
			if rapid.IntRange(0, 5).Draw(rt, "kind") == 0 {
				data = fmt.Sprintf(`{"v": %d}`, rapid.IntRange(0, 3).Draw(rt, "v"))
			}
			events = append(events, replay.Event{Stream: "s", Version: replay.Version(i), Position: replay.Position(i), Type: "Set", Data: []byte(data)})
		}
		script := rapid.SampledFrom(scripts).Draw(rt, "script")
		subject := func(events []replay.Event) replay.Subject {
			s := mergeSubject(events)
			if script != "" {
				r, err := js.LoadInline("--fold", script, js.Limits{})
				if err != nil {
					t.Fatal(err)
				}
				s.Fold.Reducer = r
			}
			return s
		}
		s, cond := subject(events), badWhere(memberIs("v", "1"))
		ans, err := inspect.Bisect(t.Context(), s, cond, inspect.BisectOptions{From: s.Timeline.Start(), To: momentAt(t, s, replay.Head()), Explain: true})
		if err != nil {
			rt.Fatal(err)
		}
		if ans.Culprit != nil {
			checkWithout(rt, subject, cond, events, int(ans.Culprit.Version), len(events)-1, ans)
		}
	})
}

// checkWithout folds the history without the culprit by hand.
func checkWithout(rt *rapid.T, subject func([]replay.Event) replay.Subject, cond inspect.Condition, events []replay.Event, culprit, to int, ans *inspect.Bisected) {
	rest := slices.Delete(slices.Clone(events[:to+1]), culprit, culprit+1)
	less := subject(rest)
	bad, first := false, replay.Version(-1)
	for i := culprit; i < len(rest); i++ {
		m, _, err := less.Timeline.Resolve(context.Background(), replay.AtVersion(rest[i].Version))
		if err != nil {
			rt.Fatal(err)
		}
		st, _, err := less.StateAt(context.Background(), m)
		if err != nil {
			rt.Fatal(err)
		}
		if bad, _ = cond.Bad(st, nil); bad && first < 0 {
			first = rest[i].Version
		}
	}
	w := ans.Without
	if w.Err != nil || w.ToBad != bad || (w.FirstBad == nil) != (first < 0) || w.FirstBad != nil && *w.FirstBad.Version != first {
		rt.Fatalf("without the culprit: %+v, want bad %v, first %d", w, bad, first)
	}
}

// TestPredicateErrors holds bisect to what a predicate that can't tell is: an
// error that names the event and the value, but for the state before the first
// event.
func TestPredicateErrors(t *testing.T) {
	s := mergeSubject([]replay.Event{
		{Stream: "s", Version: 1, Type: "Set", Data: []byte(`{"v": 1, "o": {}}`)},
		{Stream: "s", Version: 2, Type: "Odd", Data: []byte(`{"v": null}`)},
	})
	head := momentAt(t, s, replay.Head())
	tests := []struct{ expr, want string }{
		{"state.v", "--bad failed at s@1 (Set): the expression gave 1, which is neither true nor false"},
		{"state.v > 0 || state.v", "--bad failed at s@2 (Odd): the expression gave undefined, which is neither true nor false"},
		{"state.o.p.q > 1", "--bad failed at s@1 (Set): "},
		{"(() => { for (;;); })()", "--bad failed at s@1 (Set): it did not return within"},
	}
	for _, tt := range tests {
		p, err := js.CompilePredicate(tt.expr, "--bad", js.Limits{Time: 50_000_000})
		if err != nil {
			t.Fatal(err)
		}
		_, err = inspect.Bisect(context.Background(), s, badWhere(p), inspect.BisectOptions{From: s.Timeline.Start(), To: head})
		var failed *replay.FoldError
		if !errors.As(err, &failed) || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", tt.expr, err, tt.want)
		}
	}
	// The state before the first event has no v: that is no reason to give up.
	p, err := js.CompilePredicate("state.o.v === undefined && event.type === 'Odd'", "--bad", js.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	ans, err := inspect.Bisect(context.Background(), s, badWhere(p), inspect.BisectOptions{From: s.Timeline.Start(), To: head})
	if err != nil || ans.Verdict != inspect.Found || ans.Culprit.Version != 2 || ans.FromBad != nil || ans.FromError == nil {
		t.Errorf("%+v, %v", ans, err)
	}
}
