package whatif

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"asof/inspect"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/state"
)

// maxShrink is the maximum size of the history held in memory, in bytes of payload and
// metadata.
const maxShrink = 256 << 20

// A ShrinkError means a history cannot be shrunk.
type ShrinkError struct {
	Reason string
	Next   fault.Remedy
}

func (e *ShrinkError) Error() string { return e.Reason }

// Class returns [fault.Usage].
func (e *ShrinkError) Class() fault.Class { return fault.Usage }

// Fault returns [fault.KindUsage].
func (*ShrinkError) Fault() fault.Kind { return fault.KindUsage }

// Remedy returns what to do next.
func (e *ShrinkError) Remedy() fault.Remedy { return e.Next }

// Shrunk is a minimal set of events that still produces a bad state.
type Shrunk struct {
	Stream     string
	Predicate  string
	Projection string
	At         replay.Moment   // the moment of the bad state
	Before     int             // number of events up to At
	Events     []*replay.Event // the remaining events
	State      state.Value     // the state produced by Events alone
	Tests      int64           // folded histories
	Unresolved int64           // of Tests: could not be folded or tested, and count as good
	Minimal    bool            // without any one of Events the state is not bad
	Account    replay.Account  // of the events up to At
	Stopped    Stop            // why the search ended early; empty: it did not
}

// Stop is why a search stopped early.
type Stop string

// The reasons.
const (
	StopTests       Stop = "tests"       // the limit of tests was reached
	StopInterrupted Stop = "interrupted" // its context ended
)

// ShrinkOptions select the bad state and limit the search.
type ShrinkOptions struct {
	// At is the moment of the bad state. If it is nil, that is the first event up to
	// UpTo that made a good state bad.
	At   *replay.Moment
	UpTo replay.Moment

	Tests    int64                       // maximum; 0: no limit
	Progress func(tests int64, left int) // called after each test; may be nil
}

// Shrink finds a minimal list of events that produces a bad state, and verifies the
// result. Histories that cannot be folded or tested count as good. If the context ends
// during the search, the answer is the smallest list so far.
func Shrink(ctx context.Context, s replay.Subject, c inspect.Condition, o ShrinkOptions) (*Shrunk, error) {
	s = s.Counting()
	k := &shrinking{subject: s, cond: c, o: o}
	at, err := k.gather(ctx)
	if err != nil {
		return nil, err
	}
	if err := k.one(ctx, at); err != nil {
		return nil, err
	}
	k.out = &Shrunk{
		Stream: s.Timeline.Name, Predicate: c.Text, Projection: s.Fold.Reducer.Name(), At: at, Before: len(k.events),
	}
	if k.out.Account, err = s.Account(ctx); err != nil {
		return nil, err
	}
	if err := k.search(ctx); err != nil {
		return nil, err
	}
	return k.out, nil
}

type shrinking struct {
	subject replay.Subject
	cond    inspect.Condition
	o       ShrinkOptions
	events  []*replay.Event
	out     *Shrunk
}

// one fails if two events have the version of the bad state: gather stops at the first
// of them.
func (k *shrinking) one(ctx context.Context, at replay.Moment) error {
	for _, err := range k.subject.Timeline.List(ctx, replay.Listing{Span: replay.Between(at.Version(), at.Version())}) {
		if err != nil {
			return err
		}
	}
	return nil
}

// gather collects the events up to the bad state, and returns its moment.
func (k *shrinking) gather(ctx context.Context) (replay.Moment, error) {
	var track inspect.Track
	var firstBad int // events up to the first bad state
	size := 0
	start := func(root state.Value) {
		if bad, err := k.cond.Bad(root, nil); err == nil {
			track.Add(bad)
		}
	}
	upTo := k.o.UpTo
	if k.o.At != nil {
		upTo = *k.o.At
	}
	turned := false
	for step, err := range k.subject.Steps(ctx, upTo, replay.FoldOptions{Init: start}) {
		if err != nil {
			return replay.Moment{}, err
		}
		e := step.Event.Clone()
		if size += len(e.Data) + len(e.Meta.Raw); size > maxShrink {
			return replay.Moment{}, &ShrinkError{
				Reason: fmt.Sprintf("the history up to %s is larger than %d MiB, which is too much to hold in memory", e.Moment().Label(), maxShrink>>20),
				Next:   fault.Try("ask about an earlier point"),
			}
		}
		k.events = append(k.events, e)
		if k.o.At != nil && k.subject.Timeline.Version(e) != upTo.Version() {
			continue
		}
		bad, err := k.cond.Bad(step.Root, step.Event)
		if err != nil {
			return replay.Moment{}, err
		}
		turned = track.Add(bad) == inspect.TurnBad || k.o.At != nil && bad
		if bad && firstBad == 0 {
			firstBad = len(k.events)
		}
		if turned {
			break
		}
	}
	if err := ctx.Err(); err != nil {
		return replay.Moment{}, err
	}
	switch {
	case !turned && firstBad > 0:
		k.events = k.events[:firstBad]
	case !turned:
		return replay.Moment{}, k.notBad(upTo)
	}
	return k.subject.Timeline.Moment(k.events[len(k.events)-1]), nil
}

func (k *shrinking) notBad(upTo replay.Moment) error {
	e := &ShrinkError{
		Reason: fmt.Sprintf("no state of %s is bad: %s", k.subject.Timeline.Name, k.cond.Text),
		Next:   fault.Try("look at the state, then correct the expression").By("replay"),
	}
	if k.o.At != nil {
		e.Reason = fmt.Sprintf("the state at %s is not bad: %s", upTo.Label(), k.cond.Text)
		e.Next = fault.Try("leave out the point to shrink to the first bad state")
	}
	return e
}

// errTests means the limit of tests is reached.
var errTests = errors.New("no more tests")

// search runs ddmin and then tests its result.
func (k *shrinking) search(ctx context.Context) error {
	d := newDDMin(len(k.events))
	err := k.repeatable(ctx, d)
	for err == nil {
		list, ok := d.next()
		if !ok {
			break
		}
		var bad bool
		if bad, err = k.test(ctx, list); err == nil {
			d.record(bad)
		}
		if k.o.Progress != nil {
			k.o.Progress(k.out.Tests, len(d.best))
		}
	}
	if err == nil {
		k.out.Minimal, err = k.isMinimal(ctx, d.best)
	}
	switch {
	case errors.Is(err, errTests):
		k.out.Stopped = StopTests
	case ctx.Err() != nil:
		k.out.Stopped = StopInterrupted
	case err != nil:
		return err
	}
	for _, i := range d.best {
		k.out.Events = append(k.out.Events, k.events[i])
	}
	// Ctrl-C ended the search, not the answer.
	root, _, err := k.fold(context.WithoutCancel(ctx), d.best)
	k.out.State = state.Clone(root)
	return err
}

// repeatable checks that the whole history gives a bad state again. If the empty
// history does too, that is the result.
func (k *shrinking) repeatable(ctx context.Context, d *ddmin) error {
	bad, err := k.test(ctx, d.best)
	if err != nil {
		return err
	}
	if !bad {
		return &ShrinkError{
			Reason: "the same events, folded again, do not give the bad state: the fold is not deterministic",
			Next:   fault.Try("a fold must keep nothing outside its state"),
		}
	}
	if bad, err = k.test(ctx, nil); bad { // no event is needed
		d.best, d.over = nil, true
	}
	return err
}

// isMinimal verifies a result: it gives the bad state, and without any one of its
// events it does not.
func (k *shrinking) isMinimal(ctx context.Context, list []int) (bool, error) {
	bad, err := k.test(ctx, list)
	for i := 0; err == nil && bad && i < len(list); i++ {
		var still bool
		less := make([]int, 0, len(list))
		less = append(append(less, list[:i]...), list[i+1:]...)
		if still, err = k.test(ctx, less); still {
			return false, err
		}
	}
	return bad && err == nil, err
}

// test reports whether a history of these events ends in a bad state. A history that
// cannot be folded or tested does not.
func (k *shrinking) test(ctx context.Context, list []int) (bad bool, err error) {
	if k.o.Tests > 0 && k.out.Tests >= k.o.Tests {
		return false, errTests
	}
	k.out.Tests++
	root, last, err := k.fold(ctx, list)
	if err == nil {
		bad, err = k.cond.Bad(root, last)
	}
	if err != nil {
		k.out.Unresolved++
		return false, ctx.Err()
	}
	return bad, nil
}

// fold folds some of the events. The state is valid until the next call.
func (k *shrinking) fold(ctx context.Context, list []int) (root state.Value, last *replay.Event, err error) {
	tl := &replay.Timeline{
		Name: k.subject.Timeline.Name, Many: k.subject.Timeline.Many,
		Reader: chosenReader{k.subject.Timeline.Reader, k.events, list},
	}
	fo := replay.FoldOptions{Init: func(v state.Value) { root = v }}
	for step, err := range tl.Run(ctx, k.subject.Fold, fo) {
		if err != nil {
			return root, nil, err
		}
		root, last = step.Root, step.Event
	}
	return root, last, ctx.Err()
}

// A chosenReader is a store of selected events.
type chosenReader struct {
	replay.Reader
	all  []*replay.Event
	list []int
}

// Events yields the chosen events, whatever the query.
func (r chosenReader) Events(ctx context.Context, _ replay.Query) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		for _, i := range r.list {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			// A copy: an upcaster may change it, and it has its own parsed payload.
			e := *r.all[i]
			if !yield(&e, nil) {
				return
			}
		}
	}
}
