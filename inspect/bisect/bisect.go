package bisect

import (
	"cmp"
	"context"
	"errors"
	"time"

	"asof/inspect"
	"asof/inspect/why"
	"asof/replay"
	"asof/replay/state"
)

// A Verdict is the outcome of a bisection.
type Verdict string

// The verdicts.
const (
	Found        Verdict = "found"        // an event made a good state bad
	NeverBad     Verdict = "never_bad"    // no state of the range is bad
	AlwaysBad    Verdict = "always_bad"   // bad from the start of the range; no event made a good state bad
	Inconclusive Verdict = "inconclusive" // the tests do not decide
)

// A Flip is an event after which the state became good or bad.
type Flip struct {
	Version replay.Version
	Bad     bool
}

// maxFlips is the maximum number of flips in an answer; all are counted.
const maxFlips = 10_000

// Result is the answer of a bisection.
type Result struct {
	Stream    string
	Predicate string // as the user wrote it, or a description of the test
	Verdict   Verdict
	From, To  replay.Moment // the range: the state at From is the first one tested
	FromBad   *bool         // whether the state at From is bad; nil: unknown, see FromError
	FromError error         // why the state before the first event could not be tested
	Tested    replay.Moment // the last state tested before that at To, if the search had enough; else To
	ToBad     bool          // whether the state at To is bad
	ToHead    bool          // To was given as the head

	Culprit   *replay.Event // the first event that made a good state bad; nil unless found
	Before    replay.Moment // the last good moment before it
	After     replay.Moment // the moment of the culprit
	Changes   []state.Change
	Recovered *replay.Moment // where the state first became good again after the culprit

	Flips          []Flip // at most [maxFlips] of them
	FlipCount      int64
	Candidates     []*replay.Event // events of which one is the culprit, if skips leave several; not all are listed
	Tests          int64
	CandidateCount int64
	Exact          bool // every state of the range was tested
	Unsteady       bool // a bad state did not stay bad, contrary to the search's assumption

	Account replay.Account  // of the events up to To
	Without *Counterfactual // nil: not asked for
	Cause   *why.Cause      // nil: not known
}

// Options limit a bisection.
type Options struct {
	From, To replay.Moment
	Explain  bool                                  // also fold the rest without the culprit
	Enough   int64                                 // states to test after the culprit, unless as few are left then; 0: all
	Causing  int64                                 // events to fold at most for the cause, if states are kept; 0: [mostCausing]
	Progress func(tested replay.Version, bad bool) // called after each test; may be nil
}

// Run finds the first event of a range that makes a good state bad. It folds once and
// tests the state after every event. It does not assume that bad states stay bad: it
// reports every later flip too.
//
// A predicate that fails on a state is an error, except before the first event: few
// predicates are written for that state.
func Run(ctx context.Context, s replay.Subject, c inspect.Condition, o Options) (*Result, error) {
	s = s.Counting()
	b := &scan{subject: s, cond: c, o: o}
	b.out = &Result{
		Stream: s.Timeline.Name, Predicate: c.Text, From: o.From, To: o.To, Tested: o.To, Exact: true,
	}
	if err := b.run(ctx); err != nil {
		return nil, err
	}
	err := b.testEnd(ctx)
	if err != nil {
		return nil, err
	}
	if b.out.Account, err = s.Account(ctx); err != nil {
		return nil, err
	}
	if err := b.conclude(ctx); err != nil {
		return nil, err
	}
	if b.out.Culprit != nil && o.Explain {
		w, err := withoutCulprit(ctx, s, c, b)
		if err != nil {
			return nil, err
		}
		b.out.Without = w
		if b.out.Cause, err = b.cause(ctx); err != nil {
			return nil, err
		}
	}
	return b.out, nil
}

// scan is one forward fold with a test after each event.
type scan struct {
	subject replay.Subject
	cond    inspect.Condition
	o       Options
	out     *Result
	track   inspect.Track
	saves   saves
	skips   skipping

	after int64 // states tested after the culprit

	before *state.Value // the state before the culprit, frozen; nil: the rest cannot be folded from it
	fork   *fork        // from the culprit on; nil: there is none
}

func (b *scan) run(ctx context.Context) error {
	b.saves.every = savesLeast
	p := b.subject.FoldFrom(ctx, b.o.From.JustBefore()) // the event at From is tested too
	p.WholeEvents = b.whole()
	if b.o.From.IsStart() {
		p.Start = b.start
	}
	b.skips.stretches = b.stretchesOf(ctx)
	for next := p; next != nil; {
		p = next
		var chain replay.Chain
		var forks bool
		var err error
		chain, forks, next, err = b.pass(ctx, p)
		if err == nil && forks {
			next, err = b.forkAt(ctx, p, chain)
		}
		if err != nil {
			return err
		}
	}
	return p.Tally.Readable()
}

// pass tests the states along a run of the fold. It ends early, with the hash up to
// there, if the scan forks, or with the run to go on with, if it leaves states out.
func (b *scan) pass(ctx context.Context, p *replay.FoldRun) (chain replay.Chain, forks bool, next *replay.FoldRun, err error) {
	from, fromStart := replay.Version(0), b.o.From.IsStart()
	if !fromStart {
		from = b.o.From.Version()
	}
	for step, err := range p.Steps(ctx, b.o.To) {
		if err != nil {
			return chain, false, nil, err
		}
		if fromStart || p.Last >= from {
			bad, err := b.cond.Bad(step.Root, step.Event)
			if err != nil {
				return chain, false, nil, err
			}
			if !fromStart && p.Last == from {
				b.out.FromBad = &bad
			}
			known := b.out.Culprit != nil
			b.note(step, p.Last, bad)
			if b.fork != nil {
				b.fork.note(ctx, b.subject.Timeline, b.cond, step, bad)
			}
			if !known && b.out.Culprit != nil && b.forks(p) {
				return step.Event.Chain(), true, nil, ctx.Err()
			}
			if b.enough(p) {
				b.out.Tested = b.subject.Timeline.Moment(step.Event)
				return chain, false, nil, ctx.Err()
			}
			if next, ok := b.skip(ctx, p, step); ok {
				return chain, false, next, ctx.Err()
			}
		}
		if b.out.Culprit == nil && !p.Records() {
			b.saves.passed(p)
		}
	}
	return chain, false, nil, ctx.Err()
}

// enough reports whether the scan ends before the end of its range.
func (b *scan) enough(p *replay.FoldRun) bool {
	n := b.o.Enough
	if n <= 0 || b.out.Culprit == nil || p.Last == b.out.After.Version() {
		return false
	}
	b.after++
	return b.after >= n && b.o.To.Version() > p.Last+replay.Version(n)
}

// testEnd tests the state at the end of the range, if the scan ended before it.
func (b *scan) testEnd(ctx context.Context) (err error) {
	b.out.ToBad = b.track.Bad
	if b.out.Tested == b.o.To {
		return nil
	}
	if err := complete(ctx, b.subject.Timeline, &b.out.Tested); err != nil {
		return err
	}
	before, err := b.subject.Timeline.Before(ctx, b.o.To)
	if err != nil {
		return err
	}
	p := b.subject.FoldFrom(ctx, before) // so that the last event is read, which the test may look at
	p.WholeEvents = b.whole()
	var failed error
	err = p.To(ctx, b.o.To, func(step *replay.Step) {
		if p.Last == b.o.To.Version() {
			b.out.ToBad, failed = b.cond.Bad(step.Root, step.Event)
		}
	})
	return cmp.Or(err, failed)
}

// whole reports whether the test reads parts of events that the fold does not.
func (b *scan) whole() bool {
	return b.subject.Fold.Unread()&^b.cond.Unread() != 0
}

// start tests the state before the first event.
func (b *scan) start(root state.Value) {
	bad, err := b.cond.Bad(root, nil)
	if err != nil {
		b.out.FromError = err
		return
	}
	b.out.FromBad = &bad
	b.track.Add(bad)
}

// note records the verdict on the state after an event.
func (b *scan) note(step *replay.Step, v replay.Version, bad bool) {
	turn := b.track.Add(bad)
	if turn != inspect.TurnNone && len(b.out.Flips) < maxFlips {
		b.out.Flips = append(b.out.Flips, Flip{v, bad})
	}
	switch {
	case turn == inspect.TurnBad && b.out.Culprit == nil:
		b.out.Culprit, b.out.After = step.Event.Clone(), b.subject.Timeline.Moment(step.Event)
	case turn == inspect.TurnGood && b.out.Culprit != nil && b.out.Recovered == nil:
		m := b.subject.Timeline.Moment(step.Event)
		b.out.Recovered = &m
	}
	if b.o.Progress != nil {
		b.o.Progress(v, bad)
	}
}

func (b *scan) conclude(ctx context.Context) (err error) {
	out := b.out
	out.Tests, out.FlipCount = b.track.Tests, b.track.Flips
	switch {
	case b.track.Tests == 0 && out.FromError != nil: // the only state could not be tested
		return out.FromError
	case out.Culprit != nil:
		out.Verdict = Found
		if out.Before.Stream == "" { // a fork has folded it
			err = b.foldCulprit(ctx)
		}
		if err == nil && out.Recovered != nil {
			err = complete(ctx, b.subject.Timeline, out.Recovered)
		}
	case b.track.EverBad():
		out.Verdict = AlwaysBad
	case out.Account.Unread > 0:
		out.Verdict = Inconclusive // an unread payload may have made it bad
	default:
		out.Verdict = NeverBad
	}
	return err
}

// complete completes a moment of which only the version is known.
func complete(ctx context.Context, t *replay.Timeline, m *replay.Moment) (err error) {
	*m, _, err = t.Resolve(ctx, replay.AtVersion(m.Version()))
	return err
}

// foldCulprit folds the culprit again, with all its fields and changes. Doing so for
// every event would cost more than the fold.
func (b *scan) foldCulprit(ctx context.Context) (err error) {
	out := b.out
	if out.Before, err = b.subject.Timeline.Before(ctx, out.After); err != nil {
		return err
	}
	p := b.subject.FoldFromSaved(ctx, b.saves.SavedState, out.Before)
	if err = p.To(ctx, out.Before, nil); err != nil {
		return err
	}
	before := p.Save()
	if before.Begun {
		b.before = &before.State
	}
	out.Culprit, out.Changes, err = b.subject.FoldFromSaved(ctx, before, out.Before).ToEvent(ctx, out.After)
	if err == nil {
		out.After = b.subject.Timeline.Moment(out.Culprit)
	}
	return err
}

// saves holds the latest states saved along a fold. A later state is folded from one of
// them instead of from the first event.
type saves struct {
	replay.SavedState

	every, since int
	last         time.Time
}

// The number of events between two saved states is chosen so that saving takes about
// a twentieth of the time.
const (
	savesLeast = 1 << 10
	savesMost  = 1 << 17
	savesShare = 20
)

// passed records that the run has reached another event.
func (s *saves) passed(p *replay.FoldRun) {
	if s.since++; s.since < s.every {
		return
	}
	begin := time.Now()
	perEvent := begin.Sub(s.last) / time.Duration(s.since)
	first := s.last.IsZero()
	s.SavedState, s.since = p.Save(), 0
	s.last = time.Now()
	if took := s.last.Sub(begin); !first && perEvent > 0 {
		s.every = int(min(max(savesShare*took/perEvent, savesLeast), savesMost))
	}
}

// Folds finds the first event after which two folds of the same events
// have different states.
func Folds(ctx context.Context, s, t replay.Subject, o Options) (*Result, error) {
	if !o.From.IsStart() {
		return nil, errors.New("two folds are compared from the first event")
	}
	s = s.Counting()
	p, err := inspect.CompareFolds(ctx, s, t, o.To, true)
	if err != nil {
		return nil, err
	}
	out := &Result{
		Stream: s.Timeline.Name, From: o.From, To: o.To, Exact: true,
		Predicate: s.Fold.Reducer.Name() + " and " + t.Fold.Reducer.Name() + " differ",
	}
	if out.Account, err = s.Account(ctx); err != nil {
		return nil, err
	}
	bad := p.FirstAt != nil && p.FirstAt.IsStart()
	out.FromBad, out.ToBad = &bad, p.FirstAt != nil
	switch {
	case p.FirstAt == nil:
		out.Verdict = NeverBad
		if out.Account.Unread > 0 {
			out.Verdict = Inconclusive
		}
		return out, nil
	case bad:
		out.Verdict = AlwaysBad
	default:
		out.Verdict = Found
		out.Culprit, out.After = p.First, *p.FirstAt
		out.Flips, out.FlipCount = []Flip{{p.FirstAt.Version(), true}}, 1
		if out.Before, err = s.Timeline.Before(ctx, *p.FirstAt); err != nil {
			return nil, err
		}
	}
	out.Changes = state.LabeledDiff(p.A, p.B, state.DiffOptions{ArrayKeys: s.Fold.ArrayKeys})
	return out, nil
}
