package bisect

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"asof/replay"
	"asof/replay/state"
)

// A Tester tests single states, if a test is too slow to run after every event.
type Tester interface {
	Test(ctx context.Context, st state.Value, at replay.Moment) (Mark, error)
}

// A Session searches a range of a timeline for the event that caused the bad state,
// one test at a time.
type Session struct {
	Subject  replay.Subject
	From, To replay.Moment
	Search   *Search

	versions versions      // of the events after From
	base     foldedState   // a good state, from which later states are folded
	current  foldedState   // the last state returned
	extra    []MarkedIndex // tested by Verify
}

// foldedState is a state in memory, and its index.
type foldedState struct {
	replay.SavedState
	index int
	ok    bool // false: no state
}

// NewSession prepares a search of the events after from, up to and including to. It
// folds up to to, the first state to test.
func NewSession(ctx context.Context, s replay.Subject, from, to replay.Moment) (*Session, error) {
	s = s.Counting()
	n := &Session{Subject: s, From: from, To: to}
	p := s.FoldFrom(ctx, to)
	if err := p.To(ctx, to, nil); err != nil {
		return nil, err
	}
	if err := p.Tally.Readable(); err != nil {
		return nil, err
	}
	var err error
	if n.versions, err = versionsOf(ctx, s.Timeline, p, from, to); err != nil {
		return nil, err
	}
	n.Search = NewSearch(n.versions.n)
	n.current = foldedState{p.Save(), n.versions.n, true}
	return n, nil
}

// Moment returns the moment of an index of the search.
func (n *Session) Moment(ctx context.Context, index int) (replay.Moment, error) {
	if index == 0 {
		return n.From, nil
	}
	m, _, err := n.Subject.Timeline.Resolve(ctx, replay.AtVersion(n.versions.at(index-1)))
	return m, err
}

// Len is the number of events after the first index.
func (n *Session) Len() int { return n.versions.n }

// Version returns the version of the event of an index; the first index may be
// before the first event.
func (n *Session) Version(index int) (replay.Version, bool) {
	switch {
	case index > 0:
		return n.versions.at(index - 1), true
	case n.From.IsStart():
		return 0, false
	}
	return n.From.Version(), true
}

// LastGood returns the last state marked good, if any.
func (n *Session) LastGood(ctx context.Context) (m replay.Moment, v state.Value, ok bool, err error) {
	good, _ := n.Search.Bounds()
	if !slices.Contains(n.Search.Marks(), MarkedIndex{good, MarkGood}) {
		return m, v, false, nil
	}
	if m, err = n.Moment(ctx, good); err != nil {
		return m, v, false, err
	}
	if !n.base.ok || n.base.index != good {
		if n.base, err = n.fold(ctx, good); err != nil {
			return m, v, false, err
		}
	}
	return m, n.base.State, true, nil
}

// Index returns the index of the event of a version.
func (n *Session) Index(v replay.Version) (int, bool) {
	if !n.From.IsStart() && v == n.From.Version() {
		return 0, true
	}
	i, ok := n.versions.find(v)
	return i + 1, ok
}

// State returns the state at an index, frozen.
func (n *Session) State(ctx context.Context, index int) (state.Value, error) {
	for _, h := range []foldedState{n.current, n.base} {
		if h.ok && h.index == index {
			return h.State, nil
		}
	}
	h, err := n.fold(ctx, index)
	if err == nil {
		n.current = h
	}
	return h.State, err
}

func (n *Session) fold(ctx context.Context, index int) (h foldedState, err error) {
	p := n.foldRun(ctx, index)
	if err := p.To(ctx, n.upTo(index), nil); err != nil {
		return h, err
	}
	return foldedState{p.Save(), index, true}, p.Tally.Readable()
}

// upTo returns the moment of an index with what folding needs: its version.
func (n *Session) upTo(index int) replay.Moment {
	m := n.Subject.Timeline.Start()
	if v, ok := n.Version(index); ok {
		return m.WithVersion(v)
	}
	return m
}

// foldRun returns a run of the fold towards an index. It starts at the nearest cached
// state, or at the last state marked good if that is nearer. The search never returns
// to earlier states, so even without a cache each event is folded about once.
func (n *Session) foldRun(ctx context.Context, index int) *replay.FoldRun {
	if n.base.index > index { // Verify tests earlier states
		return n.Subject.FoldFrom(ctx, n.upTo(index))
	}
	return n.Subject.FoldFromSaved(ctx, n.base.SavedState, n.upTo(index))
}

// Mark records the result of testing the state at an index.
func (n *Session) Mark(index int, m Mark) error {
	if err := n.Search.Mark(index, m); err != nil {
		return n.explain(err)
	}
	if m == MarkGood && n.current.ok && n.current.index == index {
		n.base = n.current
	}
	return nil
}

// explain names versions instead of indexes.
func (n *Session) explain(err error) error {
	var contradiction *MarkError
	if !errors.As(err, &contradiction) {
		return err
	}
	name := func(index int) string {
		if index == 0 {
			return n.From.Label()
		}
		return fmt.Sprintf("%s@%d", n.Subject.Timeline.Name, n.versions.at(index-1))
	}
	return fmt.Errorf("%s can't be %s: %s is %s", name(contradiction.Index), contradiction.Mark,
		name(contradiction.Bound), contradiction.Before)
}

// Run tests until the search is over.
func (n *Session) Run(ctx context.Context, t Tester, marked func(replay.Moment, Mark)) error {
	for index, ok := n.Search.Next(); ok; index, ok = n.Search.Next() {
		m, mark, err := n.test(ctx, t, index)
		if err != nil {
			return err
		}
		if err := n.Mark(index, mark); err != nil {
			return err
		}
		if marked != nil {
			marked(m, mark)
		}
	}
	return nil
}

func (n *Session) test(ctx context.Context, t Tester, index int) (replay.Moment, Mark, error) {
	m, err := n.Moment(ctx, index)
	if err != nil {
		return m, "", err
	}
	st, err := n.State(ctx, index)
	if err != nil {
		return m, "", err
	}
	mark, err := t.Test(ctx, st, m)
	return m, mark, err
}

// Verify tests the untested events next to the answer. A search assumes that bad states
// stay bad; these tests show where they do not.
func (n *Session) Verify(ctx context.Context, t Tester) error {
	if n.Search.Result() != Found {
		return nil
	}
	good, bad := n.Search.Bounds()
	for _, index := range []int{good - 1, bad + 1} {
		known := slices.ContainsFunc(n.Search.Marks(), func(p MarkedIndex) bool { return p.Index == index })
		if index < 0 || index > n.versions.n || known {
			continue
		}
		_, mark, err := n.test(ctx, t, index)
		if err != nil {
			return err
		}
		n.extra = append(n.extra, MarkedIndex{index, mark})
	}
	return nil
}

// maxCandidates is the maximum number of events in an answer; all are counted.
const maxCandidates = 1000

// Answer returns the result of the search.
func (n *Session) Answer(ctx context.Context, predicate string) (*Result, error) {
	good, bad := n.Search.Bounds()
	out := &Result{
		Stream: n.Subject.Timeline.Name, Predicate: predicate, Verdict: n.Search.Result(), From: n.From, To: n.To,
		Tests: int64(len(n.Search.Marks()) + len(n.extra)),
	}
	var err error
	if out.Account, err = n.Subject.Account(ctx); err != nil {
		return nil, err
	}
	out.ToBad = slices.Contains(n.Search.Marks(), MarkedIndex{n.versions.n, MarkBad})
	for _, p := range n.Search.Marks() {
		if p.Index == 0 && p.Mark != MarkSkip {
			isBad := p.Mark == MarkBad
			out.FromBad = &isBad
		}
	}
	for _, p := range n.extra {
		out.Unsteady = out.Unsteady || p.Mark == MarkBad && p.Index < good || p.Mark == MarkGood && p.Index > bad
	}
	switch out.Verdict {
	case Found:
		return out, n.culprit(ctx, out, good, bad)
	case Inconclusive:
		if n.Search.KnowsBad() {
			return out, n.candidates(ctx, out, good, bad)
		}
	case NeverBad, AlwaysBad:
	}
	return out, nil
}

func (n *Session) culprit(ctx context.Context, out *Result, good, bad int) error {
	var err error
	if out.Before, err = n.Moment(ctx, good); err != nil {
		return err
	}
	if out.Culprit, out.Changes, err = n.foldRun(ctx, bad-1).ToEvent(ctx, n.upTo(bad)); err != nil {
		return err
	}
	out.After = n.Subject.Timeline.Moment(out.Culprit)
	out.Flips, out.FlipCount = []Flip{{out.After.Version(), true}}, 1
	return nil
}

func (n *Session) candidates(ctx context.Context, out *Result, good, bad int) error {
	if out.CandidateCount = int64(bad - good); out.CandidateCount == 0 {
		return nil
	}
	l := replay.Listing{Span: replay.Between(n.versions.at(good), n.versions.at(bad-1)), Limit: maxCandidates}
	for e, err := range n.Subject.Timeline.List(ctx, l) {
		if err != nil {
			return err
		}
		out.Candidates = append(out.Candidates, e.Clone())
	}
	return ctx.Err()
}
