package bisect_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"asof/inspect"
	"asof/inspect/bisect"
	"asof/inspect/inspecttest"
	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/state"
)

// sparing is a predicate that never reads the event.
type sparing struct{ inspect.Predicate }

func (sparing) Unread() replay.Fields {
	return replay.FieldID | replay.FieldTime | replay.FieldMeta | replay.FieldData
}

func patch(changes []state.Change) string { return string(state.AppendPatch(nil, changes)) }

// bisectedText is an answer in full detail.
func bisectedText(b *bisect.Result) string {
	text := fmt.Sprint(b.Verdict, b.Tests, b.Flips, patch(b.Changes), b.ToBad)
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

func without(b *bisect.Result) bisect.Counterfactual {
	if b.Without == nil {
		return bisect.Counterfactual{}
	}
	return *b.Without
}

// TestBisectAgreesWithScan compares bisect with the simplest search: the state at every
// version, each folded from the start.
func TestBisectAgreesWithScan(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := inspecttest.Numbers(rt, 1, 30)
		s := inspecttest.MergeSubject(events)
		cond := inspecttest.BadWhere(inspecttest.MemberIs("v", rapid.SampledFrom([][]string{{"1"}, {"1", "2", "3", "4"}, {"0", "5", "9"}, {}}).Draw(rt, "bad values")...))
		cond.Good = rapid.Bool().Draw(rt, "good")
		from, to := rapid.IntRange(-1, len(events)-1).Draw(rt, "from"), 0
		to = rapid.IntRange(max(from, 0), len(events)-1).Draw(rt, "to")
		at := func(i int) replay.Moment {
			if i < 0 {
				return s.Timeline.Start()
			}
			return inspecttest.MomentAt(t, s, replay.AtVersion(events[i].Version))
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
		ans, err := bisect.Run(context.Background(), s, cond, bisect.Options{From: at(from), To: at(to), Explain: true})
		if err != nil {
			rt.Fatal(err)
		}
		spared := cond
		spared.Predicate = sparing{cond.Predicate}
		same, err := bisect.Run(context.Background(), s, spared, bisect.Options{From: at(from), To: at(to), Explain: true})
		if diff := cmp.Diff(bisectedText(ans), bisectedText(same)); diff != "" || err != nil {
			rt.Fatal(diff, err)
		}
		var flips []bisect.Flip
		culprit := -2
		for k := 1; k < len(bads); k++ {
			if bads[k] == bads[k-1] {
				continue
			}
			flips = append(flips, bisect.Flip{Version: events[from+k].Version, Bad: bads[k]})
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
			if ans.Verdict != bisect.Found || ans.Culprit.Version != events[culprit].Version || ans.After.Version() != events[culprit].Version {
				rt.Fatalf("%s %v, want %d", ans.Verdict, ans.Culprit, events[culprit].Version)
			}
			if want := at(culprit - 1); ans.Before.Label() != want.Label() {
				rt.Fatalf("before is %s, want %s", ans.Before.Label(), want.Label())
			}
			checkWithout(rt, inspecttest.MergeSubject, cond, events, culprit, to, ans)
		case slices.Contains(bads, true):
			if ans.Verdict != bisect.AlwaysBad {
				rt.Fatalf("%s, want always bad", ans.Verdict)
			}
		case ans.Verdict != bisect.NeverBad:
			rt.Fatalf("%s, want never bad", ans.Verdict)
		}
	})
}

// TestBisectLong has a culprit far from the start. Its changes come from folding on
// from a saved state.
func TestBisectLong(t *testing.T) {
	var events []replay.Event
	for v := replay.Version(1); v <= 9000; v++ {
		events = append(events, replay.Event{Stream: "s", Version: v, Type: "Set", Data: fmt.Appendf(nil, `{"v": %d, "k%d": 1}`, v, v%100)})
	}
	s := inspecttest.MergeSubject(events)
	head := inspecttest.MomentAt(t, s, replay.Head())
	for _, culprit := range []replay.Version{2, 1023, 1024, 1025, 5000, 9000} {
		for _, from := range []replay.Moment{s.Timeline.Start(), inspecttest.MomentAt(t, s, replay.AtVersion(culprit-1))} {
			cond := inspecttest.BadWhere(inspecttest.Judge(func(_ state.Value, e *replay.Event) (bool, error) { return e != nil && e.Version >= culprit, nil }))
			ans, err := bisect.Run(context.Background(), s, cond, bisect.Options{From: from, To: head, Explain: true})
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

// TestEnoughIsThePrefix compares a search that ends early with one that does not: what it
// says is the same up to the last state it tests, and searches from there on find the rest.
func TestEnoughIsThePrefix(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := inspecttest.Numbers(rt, 1, 60)
		s := inspecttest.MergeSubject(events)
		if rapid.Bool().Draw(rt, "script") { // which is folded without the culprit on its own
			r, err := js.LoadInline("the script", "s.v = e.data.v ?? s.v", js.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			s.Fold.Reducer = r
		}
		cond := inspecttest.BadWhere(inspecttest.MemberIs("v", rapid.SampledFrom([][]string{{"1"}, {"1", "2", "3", "4"}}).Draw(rt, "bad values")...))
		head := inspecttest.MomentAt(t, s, replay.Head())
		run := func(from replay.Moment, enough int64) *bisect.Result {
			ans, err := bisect.Run(t.Context(), s, cond, bisect.Options{From: from, To: head, Explain: true, Enough: enough})
			if err != nil {
				rt.Fatal(err)
			}
			return ans
		}
		all, n := run(s.Timeline.Start(), 0), int64(rapid.IntRange(1, 20).Draw(rt, "enough"))
		first := run(s.Timeline.Start(), n)
		if all.Tested != head || first.Verdict != all.Verdict || first.ToBad != all.ToBad || first.Account.Events != all.Account.Events || patch(first.Changes) != patch(all.Changes) {
			rt.Fatalf("%+v, want %+v", first, all)
		}
		if first.Tested != head && (first.Tested.Version() >= head.Version() || first.Tested != inspecttest.MomentAt(t, s, replay.AtVersion(first.Tested.Version()))) {
			rt.Fatalf("it ends at %+v of %+v", first.Tested, head)
		}
		within := func(m *replay.Moment) bool { return m != nil && m.Version() <= first.Tested.Version() }
		for _, two := range [][2]*replay.Moment{{first.Recovered, all.Recovered}, {without(first).FirstBad, without(all).FirstBad}} {
			if got, want := two[0], two[1]; (got != nil) != within(want) || got != nil && *got != *want {
				rt.Fatalf("%+v, want %+v", got, want)
			}
		}
		flips := first.Flips
		for last := first; last.Tested != head; {
			last = run(last.Tested, n)
			flips = append(flips, last.Flips...)
		}
		if !slices.Equal(flips, all.Flips) {
			rt.Fatalf("flips %v, want %v", flips, all.Flips)
		}
	})
}

// TestWithoutCulprit has histories whose state without the culprit becomes equal to the
// real one, and others whose state never does.
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
			s := inspecttest.MergeSubject(events)
			if script != "" {
				r, err := js.LoadInline("the script", script, js.Limits{})
				if err != nil {
					t.Fatal(err)
				}
				s.Fold.Reducer = r
			}
			return s
		}
		s, cond := subject(events), inspecttest.BadWhere(inspecttest.MemberIs("v", "1"))
		ans, err := bisect.Run(t.Context(), s, cond, bisect.Options{From: s.Timeline.Start(), To: inspecttest.MomentAt(t, s, replay.Head()), Explain: true})
		if err != nil {
			rt.Fatal(err)
		}
		if ans.Culprit != nil {
			checkWithout(rt, subject, cond, events, int(ans.Culprit.Version), len(events)-1, ans)
		}
	})
}

// checkWithout folds the history without the culprit separately.
func checkWithout(rt *rapid.T, subject func([]replay.Event) replay.Subject, cond inspect.Condition, events []replay.Event, culprit, to int, ans *bisect.Result) {
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
	if w.Err != nil || w.ToBad != bad || (w.FirstBad == nil) != (first < 0) || w.FirstBad != nil && w.FirstBad.Version() != first {
		rt.Fatalf("without the culprit: %+v, want bad %v, first %d", w, bad, first)
	}
}

// TestPredicateErrors checks that a predicate that fails gives an error with the event
// and the value, except for the state before the first event.
func TestPredicateErrors(t *testing.T) {
	s := inspecttest.MergeSubject([]replay.Event{
		{Stream: "s", Version: 1, Type: "Set", Data: []byte(`{"v": 1, "o": {}}`)},
		{Stream: "s", Version: 2, Type: "Odd", Data: []byte(`{"v": null}`)},
	})
	head := inspecttest.MomentAt(t, s, replay.Head())
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
		_, err = bisect.Run(context.Background(), s, inspecttest.BadWhere(p), bisect.Options{From: s.Timeline.Start(), To: head})
		var failed *replay.FoldError
		if !errors.As(err, &failed) || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", tt.expr, err, tt.want)
		}
	}
	// The state before the first event has no v, which is not an error.
	p, err := js.CompilePredicate("state.o.v === undefined && event.type === 'Odd'", "--bad", js.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	ans, err := bisect.Run(context.Background(), s, inspecttest.BadWhere(p), bisect.Options{From: s.Timeline.Start(), To: head})
	if err != nil || ans.Verdict != bisect.Found || ans.Culprit.Version != 2 || ans.FromBad != nil || ans.FromError == nil {
		t.Errorf("%+v, %v", ans, err)
	}
}
