package mine

import (
	"cmp"
	"slices"
	"strings"

	"asof/inspect/check"
	"asof/replay"
	"asof/replay/state"
)

// MaxBreaks bounds the events listed for a rule.
const MaxBreaks = 10

// A Test tests the rules that a check cannot, while it tests the others.
type Test struct {
	target  map[int]int // by invariant
	rules   []*Rule
	workers []*tester
}

// NewTest returns a test of rules.
func NewTest(target map[int]int, rules []*Rule) *Test { return &Test{target: target, rules: rules} }

// Watches returns a watch for each worker.
func (t *Test) Watches(n int) []check.Watch {
	t.workers = nil
	out := make([]check.Watch, n)
	for i := range out {
		w := &tester{test: t, found: map[*Rule]*tested{}}
		t.workers = append(t.workers, w)
		out[i] = w
	}
	return out
}

// Finish writes what was found into the rules.
func (t *Test) Finish() {
	for _, r := range t.rules {
		if !r.needsTest() {
			continue
		}
		r.Streams, r.Broken, r.Breaks = 0, 0, nil
		for _, w := range t.workers {
			if f := w.found[r]; f != nil {
				r.Streams += f.streams
				r.Broken += f.broken
				r.Breaks = append(r.Breaks, f.breaks...)
			}
		}
		slices.SortFunc(r.Breaks, func(a, b Break) int {
			return cmp.Or(cmp.Compare(a.Event.Position, b.Event.Position), cmp.Compare(a.Event.Stream, b.Event.Stream))
		})
		r.Breaks = r.Breaks[:min(len(r.Breaks), MaxBreaks)]
	}
}

// needsTest reports whether a rule is tested by watching a check. The survey counted the
// streams that a change breaks; only their events are unknown.
func (r *Rule) needsTest() bool {
	switch r.Kind {
	case Steady, Transition:
		return r.Broken > 0
	case Unique:
		return false
	}
	return r.Good == ""
}

type tester struct {
	test  *Test
	found map[*Rule]*tested
}

// tested is what one worker found of a rule.
type tested struct {
	streams, broken int64
	breaks          []Break
}

// Stream begins a stream.
func (w *tester) Stream(_ replay.StreamID, set *check.RuleSet) check.StreamWatch {
	for _, r := range set.Rules {
		target, ok := w.test.target[r.Invariant]
		if !ok {
			continue
		}
		s := &streamTest{w: w}
		for _, rule := range w.test.rules {
			if rule.Target == target && rule.needsTest() {
				s.rules = append(s.rules, &ruleTest{Rule: rule})
			}
		}
		return s
	}
	return nil
}

// streamTest tests the rules in a stream.
type streamTest struct {
	w     *tester
	rules []*ruleTest
	n     int
	event *replay.Event
}

type ruleTest struct {
	*Rule
	tried, broken bool
	other         bool   // for After: the other type happened
	done          bool   // for Once and Last: the type happened
	last          string // for Steady: the last number; empty: none
}

// Event tests the order of types.
func (s *streamTest) Event(e *replay.Event) {
	s.n++
	s.event = e
	for _, r := range s.rules {
		switch r.Kind {
		case Begins:
			if s.n == 1 {
				s.judge(r, e.Type == r.Type, e.Type)
			}
		case After:
			if e.Type == r.Type {
				s.judge(r, r.other, "")
			}
			r.other = r.other || e.Type == r.Other
		case Once:
			if e.Type == r.Type {
				s.judge(r, !r.done, "")
				r.done = true
			}
		case Last:
			if r.done {
				s.judge(r, false, "")
			}
			if e.Type == r.Type {
				s.judge(r, true, "")
				r.done = true
			}
		}
	}
}

// Wants reports whether a rule is about changes.
func (s *streamTest) Wants() bool {
	return slices.ContainsFunc(s.rules, func(r *ruleTest) bool { return r.Kind == Steady || r.Kind == Transition })
}

// Changed tests how values change.
func (s *streamTest) Changed(_ state.Value, changes []state.Change) {
	for _, r := range s.rules {
		for i := range changes {
			switch c := &changes[i]; {
			case r.Kind == Steady:
				s.compare(r, c)
			case r.Kind == Transition && s.n > 1 && c.Path == r.Path && c.From.Kind() == state.String && c.To.Kind() == state.String:
				s.judge(r, r.allowed[c.From.Text()+"\x00"+c.To.Text()], c.From.Text()+" → "+c.To.Text())
			}
		}
	}
}

// compare tests whether a change makes a number less than it was last.
func (s *streamTest) compare(r *ruleTest, c *state.Change) {
	rest, ok := strings.CutPrefix(r.Path, c.Path)
	tokens, err := state.ParsePointer(rest)
	if !ok || err != nil {
		return
	}
	if from := state.Within(c.From, tokens); from.Kind() == state.Number {
		r.last = strings.Clone(from.Text())
	}
	to := state.Within(c.To, tokens)
	if to.Kind() != state.Number {
		return
	}
	if r.last != "" && !state.EqualNumbers(to.Text(), r.last) {
		s.judge(r, state.CompareNumbers(to.Text(), r.last) > 0, r.last+" → "+to.Text())
	}
	r.last = strings.Clone(to.Text())
}

func (s *streamTest) judge(r *ruleTest, holds bool, shows string) {
	f := s.w.found[r.Rule]
	if f == nil {
		f = &tested{}
		s.w.found[r.Rule] = f
	}
	if !r.tried {
		r.tried = true
		f.streams++
	}
	if holds || r.broken {
		return
	}
	r.broken = true
	f.broken++
	if len(f.breaks) < MaxBreaks {
		c := *s.event
		c.Data, c.Meta.Raw = nil, nil
		f.breaks = append(f.breaks, Break{Event: c.Clone(), Shows: strings.Clone(shows)})
	}
}
