package inspect

import (
	"context"
	"fmt"
	"iter"
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

	last    replay.Version // that was folded
	gapless bool           // so were all versions from the first to it

	// See [replay.Step]. A state that is not begun says nothing: perhaps no payload
	// could be read (see Tally.Readable), and a script's $created is yet to be called.
	begun bool

	start   func(state.Value) // is shown the state before the first event, if it begins there
	changes bool              // of each step are wanted
	whole   bool              // so are all parts of events
}

// passage begins at the nearest snapshot at or before a moment.
func (s Subject) passage(ctx context.Context, at replay.Moment) *passage {
	p := &passage{s: s, gapless: true}
	if s.Snapshots == nil || !s.Snapshots.Of(s.Timeline) { // as of a history that never was
		p.s.Snapshots = nil
		return p
	}
	if at.IsStart() {
		return p
	}
	base := s.Snapshots.Nearest(ctx, *at.Version)
	if base == nil || s.Fold.Strict && len(base.Unhandled) > 0 { // the fold will fail on the way there
		return p
	}
	p.begin(base)
	return p
}

// begin makes a state the one that the passage begins at.
func (p *passage) begin(base *replay.Checkpoint) {
	p.base, p.root = base, base.State
	p.tally = tallyOf(base)
	p.s.resume(base)
	p.last, p.gapless, p.begun = base.Version, base.Gapless, true
}

// reached is the state that the passage has come to, live.
func (p *passage) reached() replay.Checkpoint {
	return replay.Checkpoint{
		Version: p.last, State: p.root, Gapless: p.gapless,
		Events: p.tally.Events, Unread: p.tally.Unread, Unhandled: p.tally.Unhandled, Odd: p.tally.Odd, FirstUnread: p.tally.unread,
	}
}

// held is a state to begin at that is held in memory.
type held struct {
	cp    replay.Checkpoint // its state is frozen
	begun bool              // see passage; without, nothing can be folded from it
}

// held keeps the state that the passage has come to.
func (p *passage) held() held {
	cp := p.reached()
	cp.State, cp.Unhandled = state.Clone(cp.State), maps.Clone(cp.Unhandled)
	return held{cp, p.begun}
}

// passageFrom begins at a state from before the moment, unless a snapshot is
// nearer.
func (s Subject) passageFrom(ctx context.Context, h held, at replay.Moment) *passage {
	p := s.passage(ctx, at)
	if h.begun && (p.base == nil || p.base.Version < h.cp.Version) {
		p.s.Snapshots = nil // which want to know of every event
		p.begin(&h.cp)
	}
	return p
}

// covers reports whether the passage begins at or after a moment.
func (p *passage) covers(at replay.Moment) bool {
	return p.base != nil && (at.IsStart() || p.base.Version >= *at.Version)
}

// run folds on to a moment, and shows each step.
func (p *passage) run(ctx context.Context, to replay.Moment, show func(*replay.Step)) error {
	for step, err := range p.steps(ctx, to) {
		if err != nil {
			return err
		}
		if show != nil {
			show(step)
		}
	}
	return nil
}

// steps does so. Like [Subject.Steps] it never merely stops.
func (p *passage) steps(ctx context.Context, to replay.Moment) iter.Seq2[*replay.Step, error] {
	o := replay.FoldOptions{Init: p.init, Changes: p.changes}
	if !p.whole {
		o.Skip = p.s.Fold.Unread()
	}
	if to.IsStart() {
		return p.s.Steps(ctx, to, o)
	}
	o.Span = replay.UpTo(*to.Version)
	seen := func(*replay.Step) {}
	if p.s.Snapshots != nil {
		o.Chain, seen = new(replay.Chain), p.recorder()
	}
	if p.base != nil {
		o.Init, o.Base, o.Span = nil, &p.base.State, replay.Between(p.base.Version+1, *to.Version)
		if o.Chain != nil {
			*o.Chain = p.base.Chain
		}
	}
	return func(yield func(*replay.Step, error) bool) {
		if p.base != nil && p.base.Version == *to.Version {
			return
		}
		for step, err := range p.s.run(ctx, o) {
			if err == nil {
				v := p.s.Timeline.Version(step.Event)
				p.gapless = p.gapless && (p.tally.Events == 0 || v == p.last+1)
				p.tally.Count(step)
				p.root, p.last, p.begun = step.Root, v, step.Begun
				seen(step)
			}
			if !yield(step, err) {
				return
			}
		}
	}
}

// runLast folds on to a moment, and returns the event there whole, and what it
// changed.
func (p *passage) runLast(ctx context.Context, to replay.Moment) (e *replay.Event, changes []state.Change, err error) {
	p.changes, p.whole = true, true
	err = p.run(ctx, to, func(step *replay.Step) {
		if p.last == *to.Version {
			e, changes = step.Event.Clone(), step.Changes
		}
	})
	if err == nil && e == nil {
		err = fmt.Errorf("%s has no event at %d any more", p.s.Timeline.Name, *to.Version)
	}
	return e, changes, err
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
		cp := p.reached()
		cp.Chain = now.Event.Chain()
		return cp
	}
	r := p.s.Snapshots.Record(p.base)
	return func(step *replay.Step) {
		if now = step; p.begun {
			r.Folded(take)
		}
	}
}
