package inspect

import (
	"context"
	"maps"

	"asof/replay"
	"asof/replay/state"
)

// A passage folds a subject from the nearest snapshot, or else from the start.
// What comes out is the same; only the steps before the snapshot are not taken.
type passage struct {
	s     Subject
	base  *replay.Checkpoint // nil: the start
	root  state.Value        // live
	tally Tally

	start   func(state.Value) // is shown the state before the first event, if it begins there
	changes bool              // of each step are wanted
	whole   bool              // so are all parts of events
}

// passage begins at the nearest snapshot at or before a moment.
func (s Subject) passage(ctx context.Context, at replay.Moment) *passage {
	p := &passage{s: s}
	if s.Snapshots == nil || !s.Snapshots.Of(s.Timeline) { // as of a history that never was
		p.s.Snapshots = nil
		return p
	}
	if at.IsStart() {
		return p
	}
	p.base = s.Snapshots.Nearest(ctx, *at.Version)
	if p.base != nil && s.Fold.Strict && len(p.base.Unhandled) > 0 {
		p.base = nil // the fold will fail on the way there
	}
	if p.base != nil {
		p.root = p.base.State
		p.tally = Tally{Events: p.base.Events, Opaque: p.base.Opaque, Unhandled: maps.Clone(p.base.Unhandled)}
	}
	return p
}

// covers reports whether the passage begins at or after a moment.
func (p *passage) covers(at replay.Moment) bool {
	return p.base != nil && (at.IsStart() || p.base.Version >= *at.Version)
}

// run folds on to a moment, and shows each step.
func (p *passage) run(ctx context.Context, to replay.Moment, show func(*replay.Step)) error {
	o := replay.FoldOptions{Init: p.init, Changes: p.changes}
	if !p.whole {
		o.Skip = p.s.Fold.Unread()
	}
	if to.IsStart() {
		return p.s.initial(ctx, o.Init)
	}
	o.Span = replay.UpTo(*to.Version)
	if p.base != nil {
		if p.base.Version == *to.Version {
			return nil
		}
		o.Init, o.Base, o.Span = nil, &p.base.State, replay.Between(p.base.Version+1, *to.Version)
	}
	seen := func(*replay.Step) {}
	if p.s.Snapshots != nil {
		o.Chain = new(replay.Chain)
		if p.base != nil {
			o.Chain = &p.base.Chain
		}
		seen = p.recorder()
	}
	for step, err := range p.s.Timeline.Run(ctx, p.s.Fold, o) {
		if err != nil {
			return err
		}
		p.tally.Count(step)
		p.root = step.Root
		seen(step)
		if show != nil {
			show(step)
		}
	}
	return nil
}

func (p *passage) init(v state.Value) {
	p.root = v
	if p.start != nil {
		p.start(v)
	}
}

// recorder returns what shows the steps to the snapshots.
func (p *passage) recorder() func(*replay.Step) {
	var now *replay.Step
	take := func() replay.Checkpoint {
		return replay.Checkpoint{
			Version: p.s.Timeline.Version(now.Event), Chain: now.Event.Chain(), State: now.Root,
			Events: p.tally.Events, Opaque: p.tally.Opaque, Unhandled: p.tally.Unhandled,
		}
	}
	r := p.s.Snapshots.Record(p.base)
	begun := p.base != nil
	return func(step *replay.Step) {
		now = step
		// A state that no event was folded into says nothing: perhaps no payload could
		// be read (see Tally.Readable), and a script's $created is yet to be called.
		if begun = begun || step.Handled; begun {
			r.Folded(take)
		}
	}
}
