package replay

import (
	"context"
	"fmt"
	"iter"
	"maps"

	"asof/replay/bounds"
	"asof/replay/state"
)

// A FoldRun folds a subject from the nearest snapshot, or from the start. The
// result is the same; the steps before the snapshot are skipped.
type FoldRun struct {
	Root    state.Value // live
	Tally   Tally
	Last    Version // the last version that was folded
	Gapless bool    // every version from the first to Last has an event

	// Begun is that of the last [Step]. Until it is set, the state is meaningless:
	// perhaps no payload could be read (see Tally.Readable), and a script's $created
	// has not run yet.
	Begun bool

	Start       func(state.Value) // receives the state before the first event, if the run starts there
	Changes     bool              // report the changes of each step
	Tracks      bool              // note what the events may have changed, for [FoldRun.Stretch]
	WholeEvents bool              // read all parts of events

	Try   func(*Trial) error // see [FoldOptions]
	TryAt Version

	s    Subject
	base *Checkpoint // where the run starts; nil: before the first event

	now          state.Touched  // by the events since either stretch was taken
	bounds       bounds.Tracker // since a state was kept
	asked, saved Stretch        // since [FoldRun.Stretch] was called, and since a state was kept
}

// FoldFrom returns a run from the nearest snapshot at or before a moment.
func (s Subject) FoldFrom(ctx context.Context, at Moment) *FoldRun {
	p := &FoldRun{s: s, Gapless: true, asked: Stretch{First: true}, saved: Stretch{First: true}}
	if s.Snapshots == nil || !s.Snapshots.Of(s.Timeline) { // for example, a changed history
		p.s.Snapshots = nil
		return p
	}
	if at.IsStart() {
		return p
	}
	base := s.Snapshots.Nearest(ctx, at.Version())
	if base == nil || s.Fold.Strict && len(base.Unhandled) > 0 { // a strict fold fails before base
		return p
	}
	p.begin(base)
	return p
}

// begin starts the run from a checkpoint.
func (p *FoldRun) begin(base *Checkpoint) {
	p.base, p.Root = base, base.State
	p.Tally = tallyOf(base)
	p.s.resume(base)
	p.Last, p.Gapless, p.Begun = base.Version, base.Gapless, true
	p.asked = Stretch{After: base.Version}
	p.saved = p.asked
}

// Stretch returns the events since the last call, or since the start of the run.
func (p *FoldRun) Stretch() Stretch {
	p.settle()
	all := p.asked
	all.To, p.asked = p.Last, Stretch{After: p.Last}
	return all
}

// settle adds what the latest events may have changed to both stretches.
func (p *FoldRun) settle() {
	p.asked.Touched.AddAll(p.now)
	p.saved.Touched.AddAll(p.now)
	p.now = state.Touched{}
}

// reached returns the state that the run has reached, live and without a Chain.
func (p *FoldRun) reached() Checkpoint {
	return Checkpoint{
		Version: p.Last, State: p.Root, Gapless: p.Gapless,
		Events: p.Tally.Events, Unread: p.Tally.Unread, Unhandled: p.Tally.Unhandled, Odd: p.Tally.Odd, FirstUnread: p.Tally.unread,
	}
}

// A SavedState is a state in memory that a run can start from.
type SavedState struct {
	Checkpoint      // its state is frozen
	Begun      bool // see [FoldRun]; if false, no run can start here
}

// Save returns a copy of the state that the run has reached.
func (p *FoldRun) Save() SavedState {
	cp := p.reached()
	cp.State, cp.Unhandled = state.Clone(cp.State), maps.Clone(cp.Unhandled)
	return SavedState{cp, p.Begun}
}

// FoldFromSaved returns a run from a state before the moment, or from a snapshot
// if that is nearer.
func (s Subject) FoldFromSaved(ctx context.Context, saved SavedState, at Moment) *FoldRun {
	p := s.FoldFrom(ctx, at)
	if saved.Begun && (p.base == nil || p.base.Version < saved.Version) {
		p.s.Snapshots = nil // recording needs every event
		p.begin(&saved.Checkpoint)
	}
	return p
}

// Resume returns a run that goes on from the state that p has reached. If snapshots record
// the run, the state needs its Chain.
func (p *FoldRun) Resume(saved SavedState) *FoldRun {
	rest := &FoldRun{s: p.s, WholeEvents: p.WholeEvents}
	rest.begin(&saved.Checkpoint)
	p.settle()
	rest.saved, rest.bounds = p.saved, p.bounds
	return rest
}

// Records reports whether snapshots record the run.
func (p *FoldRun) Records() bool { return p.s.Snapshots != nil }

// Covers reports whether the run starts at or after a moment.
func (p *FoldRun) Covers(at Moment) bool {
	return p.base != nil && (at.IsStart() || p.base.Version >= at.Version())
}

// To folds up to a moment and passes each step to show, which may be nil.
func (p *FoldRun) To(ctx context.Context, to Moment, show func(*Step)) error {
	for step, err := range p.Steps(ctx, to) {
		if err != nil {
			return err
		}
		if show != nil {
			show(step)
		}
	}
	return nil
}

// Steps yields the steps up to a moment. Like [Subject.Steps], it never ends early
// without an error.
func (p *FoldRun) Steps(ctx context.Context, to Moment) iter.Seq2[*Step, error] {
	o := FoldOptions{Init: p.init, Changes: p.Changes, Try: p.Try, TryAt: p.TryAt}
	if p.Tracks || p.s.Snapshots != nil {
		o.Touched = &p.now
	}
	if p.s.Snapshots != nil {
		o.Bounds = &p.bounds
	}
	if !p.WholeEvents {
		o.Skip = p.s.Fold.Unread()
	}
	if to.IsStart() {
		return p.s.Steps(ctx, to, o)
	}
	o.Span = UpTo(to.Version())
	seen := func(*Step) {}
	if p.s.Snapshots != nil {
		o.Chain, seen = new(Chain), p.recorder()
	}
	if p.base != nil {
		o.Init, o.Base, o.Span = nil, &p.base.State, Between(p.base.Version+1, to.Version())
		if o.Chain != nil {
			*o.Chain = p.base.Chain
		}
	}
	return func(yield func(*Step, error) bool) {
		if p.base != nil && p.base.Version == to.Version() {
			return
		}
		for step, err := range p.s.Run(ctx, o) {
			if err == nil {
				v := p.s.Timeline.Version(step.Event)
				p.Gapless = p.Gapless && (p.Tally.Events == 0 || v == p.Last+1)
				p.Tally.Count(step)
				p.Root, p.Last, p.Begun = step.Root, v, step.Begun
				seen(step)
			}
			if !yield(step, err) {
				return
			}
		}
	}
}

// ToEvent folds up to a moment, and returns the whole event there and its changes, with
// labels.
func (p *FoldRun) ToEvent(ctx context.Context, to Moment) (e *Event, changes []state.Change, err error) {
	p.Changes, p.WholeEvents = true, true
	var label error
	err = p.To(ctx, to, func(step *Step) {
		if p.Last == to.Version() {
			e, changes = step.Event.Clone(), step.Changes
			label = state.LabelChangesTo(step.Root, changes, state.DiffOptions{ArrayKeys: p.s.Fold.ArrayKeys})
		}
	})
	if err == nil {
		err = label
	}
	if err == nil && e == nil {
		err = fmt.Errorf("%s no longer has an event at %d", p.s.Timeline.Name, to.Version())
	}
	return e, changes, err
}

func (p *FoldRun) init(v state.Value) {
	p.Root = v
	if p.Start != nil {
		p.Start(v)
	}
}

// recorder returns a function that passes the steps to the snapshots.
func (p *FoldRun) recorder() func(*Step) {
	var now *Step
	take := func() Checkpoint {
		cp := p.reached()
		cp.Chain = now.Event.Chain()
		p.settle()
		cp.Stretch, cp.Stretch.To, cp.Stretch.Bounds = p.saved, p.Last, p.bounds.Bounds()
		return cp
	}
	r := p.s.Snapshots.Record(p.base)
	return func(step *Step) {
		if now = step; p.Begun && r.Folded(take) {
			p.saved = Stretch{After: p.Last}
			if p.bounds.Bounds() != nil {
				p.bounds.Begin(p.Root)
			}
		}
	}
}

// Begins returns the version after which the run starts. ok is false if it starts before
// the first event.
func (p *FoldRun) Begins() (v Version, ok bool) {
	if p.base == nil {
		return 0, false
	}
	return p.base.Version, true
}
