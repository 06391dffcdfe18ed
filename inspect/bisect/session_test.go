package bisect_test

import (
	"context"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/inspect/bisect"
	"asof/inspect/inspecttest"
	"asof/replay"
	"asof/replay/state"
)

// tested is a Tester over the versions of a timeline.
type tested struct {
	mark func(at replay.Moment) bisect.Mark
	runs int
	see  func(st state.Value, at replay.Moment)
}

func (x *tested) Test(_ context.Context, st state.Value, at replay.Moment) (bisect.Mark, error) {
	x.runs++
	if x.see != nil {
		x.see(st, at)
	}
	return x.mark(at), nil
}

// TestSearch compares a search with few tests with the planted culprit, checks the
// number of tests, and the candidates left by skips.
func TestSearch(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := inspecttest.Numbers(rt, 1, 60)
		s := inspecttest.MergeSubject(events)
		culprit := rapid.IntRange(0, len(events)).Draw(rt, "culprit") // the first bad event; len(events): none
		skips := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) int { return rapid.IntRange(0, len(events)-1).Draw(t, "skip") }), 0, 12).Draw(rt, "skips")
		x := &tested{mark: func(at replay.Moment) bisect.Mark {
			i := slices.IndexFunc(events, func(e replay.Event) bool { return !at.IsStart() && e.Version == at.Version() })
			switch {
			case slices.Contains(skips, i):
				return bisect.MarkSkip
			case i >= culprit:
				return bisect.MarkBad
			}
			return bisect.MarkGood
		}, see: func(st state.Value, at replay.Moment) {
			want, _, err := s.StateAt(context.Background(), at)
			if err != nil || !state.Equal(st, want) {
				rt.Fatalf("the state at %s is %s, want %s (%v)", at.Label(), state.AppendJSON(nil, st), state.AppendJSON(nil, want), err)
			}
		}}
		n, err := bisect.NewSession(context.Background(), s, s.Timeline.Start(), inspecttest.MomentAt(t, s, replay.Head()))
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
		if len(skips) > 0 { // each can leave a part larger than half
			most *= len(skips) + 1
		}
		if x.runs > most {
			rt.Fatalf("%d runs for %d events and %d skips, at most %d", x.runs, len(events), len(skips), most)
		}
		untold := func(i int) bool { return slices.Contains(skips, i) }
		switch {
		case culprit == len(events) && !untold(culprit-1):
			if ans.Verdict != bisect.NeverBad {
				rt.Fatalf("%s, want never bad", ans.Verdict)
			}
		case culprit < len(events) && !untold(culprit) && !untold(culprit-1):
			if ans.Verdict != bisect.Found || ans.Culprit.Version != events[culprit].Version {
				rt.Fatalf("%s %v, want %d", ans.Verdict, ans.Culprit, events[culprit].Version)
			}
		default:
			if ans.Verdict != bisect.Inconclusive {
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

// TestSearchBack checks that undoing answers equals never having given them.
func TestSearchBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 50).Draw(rt, "n")
		marks := []bisect.Mark{bisect.MarkGood, bisect.MarkBad, bisect.MarkSkip}
		s, count := bisect.NewSearch(n), 0
		for index, ok := s.Next(); ok; index, ok = s.Next() {
			if count++; count > 2*n+5 {
				rt.Fatal("it does not stop")
			}
			before := fmt.Sprintf("%+v", *s)
			m := rapid.SampledFrom(marks).Draw(rt, "mark")
			if err := s.Mark(index, m); err != nil {
				rt.Fatalf("the search asks about %d and does not take %s: %v", index, m, err)
			}
			kept := slices.Clone(s.Marks())
			s.Back()
			if after := fmt.Sprintf("%+v", *s); strings.ReplaceAll(after, "marks:[]", "") != strings.ReplaceAll(before, "marks:[]", "") {
				rt.Fatalf("rolled back it is %s, was %s", after, before)
			}
			if err := s.Mark(kept[len(kept)-1].Index, m); err != nil {
				rt.Fatal(err)
			}
		}
		if s.Result() == bisect.Found {
			good, bad := s.Bounds()
			if !slices.Contains(s.Marks(), bisect.MarkedIndex{Index: good, Mark: bisect.MarkGood}) ||
				!slices.Contains(s.Marks(), bisect.MarkedIndex{Index: bad, Mark: bisect.MarkBad}) || bad != good+1 {
				rt.Fatalf("found %d, %d from %v", good, bad, s.Marks())
			}
		}
	})
}

// TestSearchContradictions checks that contradictions are rejected.
func TestSearchContradictions(t *testing.T) {
	s := bisect.NewSearch(10)
	for _, p := range []bisect.MarkedIndex{{Index: 10, Mark: bisect.MarkBad}, {Index: 0, Mark: bisect.MarkGood}, {Index: 5, Mark: bisect.MarkBad}} {
		if err := s.Mark(p.Index, p.Mark); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range []bisect.MarkedIndex{{Index: 5, Mark: bisect.MarkGood}, {Index: 7, Mark: bisect.MarkGood}, {Index: 0, Mark: bisect.MarkBad}, {Index: 11, Mark: bisect.MarkBad}, {Index: -1, Mark: bisect.MarkGood}, {Index: 3, Mark: "fine"}} {
		if err := s.Mark(p.Index, p.Mark); err == nil {
			t.Errorf("%v was accepted", p)
		}
	}
	if n := len(s.Marks()); n != 3 {
		t.Errorf("%d marks", n)
	}
}

// TestVerify checks that --verify detects a bad state that recovers next to the answer.
func TestVerify(t *testing.T) {
	var events []replay.Event
	for v := replay.Version(1); v <= 16; v++ {
		events = append(events, replay.Event{Stream: "s", Version: v, Type: "Set", Data: []byte(`{}`)})
	}
	s := inspecttest.MergeSubject(events)
	for _, tt := range []struct {
		bad      []replay.Version
		unsteady bool
	}{{[]replay.Version{13, 15, 16}, true}, {[]replay.Version{13, 14, 15, 16}, false}} {
		x := &tested{mark: func(at replay.Moment) bisect.Mark {
			if !at.IsStart() && slices.Contains(tt.bad, at.Version()) {
				return bisect.MarkBad
			}
			return bisect.MarkGood
		}}
		n, err := bisect.NewSession(context.Background(), s, s.Timeline.Start(), inspecttest.MomentAt(t, s, replay.Head()))
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
		if err != nil || ans.Verdict != bisect.Found || ans.Unsteady != tt.unsteady {
			t.Errorf("%v: %s at %v, unsteady %v, %v", tt.bad, ans.Verdict, ans.After.Label(), ans.Unsteady, err)
		}
	}
}
