package inspect

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"asof/replay"
	"asof/replay/state"
)

// A Tester judges single states, for a test that costs too much to be done after
// every event.
type Tester interface {
	Test(ctx context.Context, st state.Value, at replay.Moment) (Mark, error)
}

// A Session searches a range of a timeline for the event that brought the bad
// state in, one test at a time.
type Session struct {
	Subject  Subject
	From, To replay.Moment
	Search   *Search

	places  []replay.Version // of the events after From, in order
	base    held             // a state that was found good: later ones are folded from it
	current held             // the state asked for last
	extra   []Placed         // tested by Verify
}

// held is a state and its place.
type held struct {
	place int
	state state.Value
	ok    bool
}

// NewSession prepares a search of the events after from, up to and including to.
func NewSession(ctx context.Context, s Subject, from, to replay.Moment) (*Session, error) {
	n := &Session{Subject: s, From: from, To: to}
	if span, ok := (replay.Interval{From: from, To: to}).Span(); ok {
		l := replay.Listing{Span: span, Skip: replay.FieldID | replay.FieldTime | replay.FieldMeta | replay.FieldData}
		for e, err := range s.Timeline.List(ctx, l) {
			if err != nil {
				return nil, err
			}
			n.places = append(n.places, s.Timeline.Version(e))
		}
	}
	n.Search = NewSearch(len(n.places))
	return n, nil
}

// Moment returns the moment of a place of the search.
func (n *Session) Moment(ctx context.Context, place int) (replay.Moment, error) {
	if place == 0 {
		return n.From, nil
	}
	m, _, err := n.Subject.Timeline.Resolve(ctx, replay.AtVersion(n.places[place-1]))
	return m, err
}

// Len is how many places there are after the first.
func (n *Session) Len() int { return len(n.places) }

// Version returns the version of the event of a place; the first place may be
// before the first event.
func (n *Session) Version(place int) (replay.Version, bool) {
	switch {
	case place > 0:
		return n.places[place-1], true
	case n.From.IsStart():
		return 0, false
	}
	return *n.From.Version, true
}

// LastGood returns the last state that was marked good, if any was.
func (n *Session) LastGood(ctx context.Context) (m replay.Moment, v state.Value, ok bool, err error) {
	good, _ := n.Search.Bounds()
	if !slices.Contains(n.Search.Marks(), Placed{good, MarkGood}) {
		return m, v, false, nil
	}
	if m, err = n.Moment(ctx, good); err != nil {
		return m, v, false, err
	}
	if !n.base.ok || n.base.place != good {
		if v, _, err = n.Subject.StateAt(ctx, m); err != nil {
			return m, v, false, err
		}
		n.base = held{good, v, true}
	}
	return m, n.base.state, true, nil
}

// Place returns the place of the event of a version.
func (n *Session) Place(v replay.Version) (int, bool) {
	if !n.From.IsStart() && v == *n.From.Version {
		return 0, true
	}
	for i, have := range n.places {
		if have == v {
			return i + 1, true
		}
	}
	return 0, false
}

// State returns the state at a place, frozen.
//
// It is folded from the last state that was marked good, where there is one: the
// search never goes behind it, so that all of it together folds about as many
// events as there are, and not each state from the first.
func (n *Session) State(ctx context.Context, place int) (state.Value, error) {
	for _, h := range []held{n.current, n.base} {
		if h.ok && h.place == place {
			return h.state, nil
		}
	}
	m, err := n.Moment(ctx, place)
	if err != nil {
		return state.Value{}, err
	}
	var v state.Value
	if n.baseFor(place) {
		step, err := n.last(ctx, place, false)
		if err != nil {
			return v, err
		}
		v = state.Clone(step.Root)
	} else if v, _, err = n.Subject.StateAt(ctx, m); err != nil {
		return v, err
	}
	n.current = held{place, v, true}
	return v, nil
}

// baseFor reports whether the state at a place can be folded from the base.
func (n *Session) baseFor(place int) bool {
	return n.base.ok && n.base.place > 0 && n.base.place < place && !n.Subject.Fold.Partitioned
}

// last folds the events after the base, or else all, up to a place, and returns
// the last step.
func (n *Session) last(ctx context.Context, place int, changes bool) (*replay.Step, error) {
	to := n.places[place-1]
	o := replay.FoldOptions{Span: replay.UpTo(to), Changes: changes}
	if n.baseFor(place) {
		o.Base, o.Span = &n.base.state, replay.Between(n.places[n.base.place], to)
	}
	var last *replay.Step
	for step, err := range n.Subject.Timeline.Run(ctx, n.Subject.Fold, o) {
		if err != nil {
			return nil, err
		}
		last = step
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if last == nil {
		return nil, fmt.Errorf("%s has no event at %d any more", n.Subject.Timeline.Name, to)
	}
	return last, nil
}

// Mark takes in what a test of the state at a place said.
func (n *Session) Mark(place int, m Mark) error {
	if err := n.Search.Mark(place, m); err != nil {
		return n.explain(err)
	}
	if m == MarkGood && n.current.ok && n.current.place == place {
		n.base = n.current
	}
	return nil
}

// explain names versions where the search speaks of places.
func (n *Session) explain(err error) error {
	var contradiction *MarkError
	if !errors.As(err, &contradiction) {
		return err
	}
	name := func(place int) string {
		if place == 0 {
			return n.From.Label()
		}
		return fmt.Sprintf("%s@%d", n.Subject.Timeline.Name, n.places[place-1])
	}
	return fmt.Errorf("%s can't be %s: %s is %s", name(contradiction.Place), contradiction.Mark,
		name(contradiction.Bound), contradiction.Before)
}

// Run tests until the search is over.
func (n *Session) Run(ctx context.Context, t Tester, marked func(replay.Moment, Mark)) error {
	for place, ok := n.Search.Next(); ok; place, ok = n.Search.Next() {
		m, mark, err := n.test(ctx, t, place)
		if err != nil {
			return err
		}
		if err := n.Mark(place, mark); err != nil {
			return err
		}
		if marked != nil {
			marked(m, mark)
		}
	}
	return nil
}

func (n *Session) test(ctx context.Context, t Tester, place int) (replay.Moment, Mark, error) {
	m, err := n.Moment(ctx, place)
	if err != nil {
		return m, "", err
	}
	st, err := n.State(ctx, place)
	if err != nil {
		return m, "", err
	}
	mark, err := t.Test(ctx, st, m)
	return m, mark, err
}

// Verify tests the places beside the answer that were not tested. A search takes
// what is bad to stay bad: here it is seen where it does not.
func (n *Session) Verify(ctx context.Context, t Tester) error {
	if n.Search.Result() != Found {
		return nil
	}
	good, bad := n.Search.Bounds()
	for _, place := range []int{good - 1, bad + 1} {
		known := slices.ContainsFunc(n.Search.Marks(), func(p Placed) bool { return p.Place == place })
		if place < 0 || place > len(n.places) || known {
			continue
		}
		_, mark, err := n.test(ctx, t, place)
		if err != nil {
			return err
		}
		n.extra = append(n.extra, Placed{place, mark})
	}
	return nil
}

// maxCandidates bounds the events that an answer lists; it counts all.
const maxCandidates = 1000

// Answer says what the search has come to.
func (n *Session) Answer(ctx context.Context, predicate string) (*Bisected, error) {
	good, bad := n.Search.Bounds()
	out := &Bisected{
		Stream: n.Subject.Timeline.Name, Predicate: predicate, Verdict: n.Search.Result(), From: n.From, To: n.To,
		Tests: int64(len(n.Search.Marks()) + len(n.extra)),
	}
	out.ToBad = slices.Contains(n.Search.Marks(), Placed{len(n.places), MarkBad})
	for _, p := range n.Search.Marks() {
		if p.Place == 0 && p.Mark != MarkSkip {
			isBad := p.Mark == MarkBad
			out.FromBad = &isBad
		}
	}
	for _, p := range n.extra {
		out.Unsteady = out.Unsteady || p.Mark == MarkBad && p.Place < good || p.Mark == MarkGood && p.Place > bad
	}
	switch out.Verdict {
	case Found:
		return out, n.culprit(ctx, out, good, bad)
	case Inconclusive:
		return out, n.candidates(ctx, out, good, bad)
	case NeverBad, AlwaysBad:
	}
	return out, nil
}

func (n *Session) culprit(ctx context.Context, out *Bisected, good, bad int) error {
	var err error
	if out.Before, err = n.Moment(ctx, good); err != nil {
		return err
	}
	step, err := n.last(ctx, bad, true)
	if err != nil {
		return err
	}
	out.Culprit, out.Changes = step.Event.Clone(), step.Changes
	out.After = n.Subject.Timeline.Moment(step.Event)
	out.Flips, out.FlipCount = []Flip{{*out.After.Version, true}}, 1
	return nil
}

func (n *Session) candidates(ctx context.Context, out *Bisected, good, bad int) error {
	if out.CandidateCount = int64(bad - good); out.CandidateCount == 0 {
		return nil
	}
	l := replay.Listing{Span: replay.Between(n.places[good], n.places[bad-1]), Limit: maxCandidates}
	for e, err := range n.Subject.Timeline.List(ctx, l) {
		if err != nil {
			return err
		}
		out.Candidates = append(out.Candidates, e.Clone())
	}
	return ctx.Err()
}
