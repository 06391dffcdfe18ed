package inspect_test

import (
	"context"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/inspect"
	"asof/replay"
	"asof/replay/state"
)

// tested is a Tester over the versions of a timeline.
type tested struct {
	mark func(at replay.Moment) inspect.Mark
	runs int
	see  func(st state.Value, at replay.Moment)
}

func (x *tested) Test(_ context.Context, st state.Value, at replay.Moment) (inspect.Mark, error) {
	x.runs++
	if x.see != nil {
		x.see(st, at)
	}
	return x.mark(at), nil
}

// TestSearch holds a search with few tests to the culprit that was planted, to
// the number of its tests, and to saying what skips hide.
func TestSearch(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := numbers(rt, 1, 60)
		s := mergeSubject(events)
		culprit := rapid.IntRange(0, len(events)).Draw(rt, "culprit") // the first bad event; len(events): none
		skips := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) int { return rapid.IntRange(0, len(events)-1).Draw(t, "skip") }), 0, 12).Draw(rt, "skips")
		x := &tested{mark: func(at replay.Moment) inspect.Mark {
			i := slices.IndexFunc(events, func(e replay.Event) bool { return !at.IsStart() && e.Version == *at.Version })
			switch {
			case slices.Contains(skips, i):
				return inspect.MarkSkip
			case i >= culprit:
				return inspect.MarkBad
			}
			return inspect.MarkGood
		}, see: func(st state.Value, at replay.Moment) {
			want, _, err := s.StateAt(context.Background(), at)
			if err != nil || !state.Equal(st, want) {
				rt.Fatalf("the state at %s is %s, want %s (%v)", at.Label(), state.AppendJSON(nil, st), state.AppendJSON(nil, want), err)
			}
		}}
		n, err := inspect.NewSession(context.Background(), s, s.Timeline.Start(), momentAt(t, s, replay.Head()))
		if err != nil {
			rt.Fatal(err)
		}
		if err := n.Run(context.Background(), x, nil); err != nil {
			rt.Fatal(err)
		}
		ans, err := n.Answer(context.Background(), "planted")
		if err != nil {
			rt.Fatal(err)
		}
		most := bits.Len(uint(len(events)-1)) + 2
		if len(skips) > 0 { // each can leave a part that is larger than half
			most *= len(skips) + 1
		}
		if x.runs > most {
			rt.Fatalf("%d runs for %d events and %d skips, at most %d", x.runs, len(events), len(skips), most)
		}
		untold := func(i int) bool { return slices.Contains(skips, i) }
		switch {
		case culprit == len(events) && !untold(culprit-1):
			if ans.Verdict != inspect.NeverBad {
				rt.Fatalf("%s, want never bad", ans.Verdict)
			}
		case culprit < len(events) && !untold(culprit) && !untold(culprit-1):
			if ans.Verdict != inspect.Found || ans.Culprit.Version != events[culprit].Version {
				rt.Fatalf("%s %v, want %d", ans.Verdict, ans.Culprit, events[culprit].Version)
			}
		default:
			if ans.Verdict != inspect.Inconclusive {
				rt.Fatalf("%s, want inconclusive", ans.Verdict)
			}
			if !n.Search.KnowsBad() {
				if len(ans.Candidates) > 0 {
					rt.Fatalf("%d candidates, and no state was found bad", len(ans.Candidates))
				}
				return
			}
			if culprit < len(events) && !slices.ContainsFunc(ans.Candidates, func(e *replay.Event) bool { return e.Version == events[culprit].Version }) {
				rt.Fatalf("the culprit %d is not among the candidates", events[culprit].Version)
			}
			for _, e := range ans.Candidates[:len(ans.Candidates)-1] {
				i := slices.IndexFunc(events, func(x replay.Event) bool { return x.Version == e.Version })
				if !untold(i) {
					rt.Fatalf("%d is a candidate, but it could be tested", e.Version)
				}
			}
		}
	})
}

// TestSearchBack holds taking answers back to never having given them.
func TestSearchBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 50).Draw(rt, "n")
		marks := []inspect.Mark{inspect.MarkGood, inspect.MarkBad, inspect.MarkSkip}
		s, count := inspect.NewSearch(n), 0
		for place, ok := s.Next(); ok; place, ok = s.Next() {
			if count++; count > 2*n+5 {
				rt.Fatal("it does not end")
			}
			before := fmt.Sprintf("%+v", *s)
			m := rapid.SampledFrom(marks).Draw(rt, "mark")
			if err := s.Mark(place, m); err != nil {
				rt.Fatalf("the search asks about %d and does not take %s: %v", place, m, err)
			}
			kept := slices.Clone(s.Marks())
			s.Back()
			if after := fmt.Sprintf("%+v", *s); strings.ReplaceAll(after, "marks:[]", "") != strings.ReplaceAll(before, "marks:[]", "") {
				rt.Fatalf("taken back it is %s, was %s", after, before)
			}
			if err := s.Mark(kept[len(kept)-1].Place, m); err != nil {
				rt.Fatal(err)
			}
		}
		if s.Result() == inspect.Found {
			good, bad := s.Bounds()
			if !slices.Contains(s.Marks(), inspect.Placed{Place: good, Mark: inspect.MarkGood}) ||
				!slices.Contains(s.Marks(), inspect.Placed{Place: bad, Mark: inspect.MarkBad}) || bad != good+1 {
				rt.Fatalf("found %d, %d from %v", good, bad, s.Marks())
			}
		}
	})
}

// TestSearchContradictions holds the search to refusing what can't be.
func TestSearchContradictions(t *testing.T) {
	s := inspect.NewSearch(10)
	for _, p := range []inspect.Placed{{Place: 10, Mark: inspect.MarkBad}, {Place: 0, Mark: inspect.MarkGood}, {Place: 5, Mark: inspect.MarkBad}} {
		if err := s.Mark(p.Place, p.Mark); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range []inspect.Placed{{Place: 5, Mark: inspect.MarkGood}, {Place: 7, Mark: inspect.MarkGood}, {Place: 0, Mark: inspect.MarkBad}, {Place: 11, Mark: inspect.MarkBad}, {Place: -1, Mark: inspect.MarkGood}, {Place: 3, Mark: "fine"}} {
		if err := s.Mark(p.Place, p.Mark); err == nil {
			t.Errorf("%v was taken", p)
		}
	}
	if n := len(s.Marks()); n != 3 {
		t.Errorf("%d marks", n)
	}
}

// TestVerify holds --verify to seeing that a bad state recovers beside the
// answer.
func TestVerify(t *testing.T) {
	var events []replay.Event
	for v := replay.Version(1); v <= 16; v++ {
		events = append(events, replay.Event{Stream: "s", Version: v, Type: "Set", Data: []byte(`{}`)})
	}
	s := mergeSubject(events)
	for _, tt := range []struct {
		bad      []replay.Version
		unsteady bool
	}{{[]replay.Version{13, 15, 16}, true}, {[]replay.Version{13, 14, 15, 16}, false}} {
		x := &tested{mark: func(at replay.Moment) inspect.Mark {
			if !at.IsStart() && slices.Contains(tt.bad, *at.Version) {
				return inspect.MarkBad
			}
			return inspect.MarkGood
		}}
		n, err := inspect.NewSession(context.Background(), s, s.Timeline.Start(), momentAt(t, s, replay.Head()))
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Run(context.Background(), x, nil); err != nil {
			t.Fatal(err)
		}
		if err := n.Verify(context.Background(), x); err != nil {
			t.Fatal(err)
		}
		ans, err := n.Answer(context.Background(), "planted")
		if err != nil || ans.Verdict != inspect.Found || ans.Unsteady != tt.unsteady {
			t.Errorf("%v: %s at %v, unsteady %v, %v", tt.bad, ans.Verdict, ans.After.Label(), ans.Unsteady, err)
		}
	}
}
