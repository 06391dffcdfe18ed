package bisect

import (
	"cmp"
	"context"
	"errors"

	"asof/inspect"
	"asof/inspect/past"
	"asof/inspect/whatif"
	"asof/inspect/why"
	"asof/replay"
)

// A Counterfactual describes the state had one event not happened. It is a simulation.
type Counterfactual struct {
	ToBad     bool           // the last state that was tested would be bad
	FirstBad  *replay.Moment // the first event after which it would be bad; nil: never
	FirstGood *replay.Moment // the first event after that which would make it good again
	Err       error          // the history cannot be folded, or tested, without the event
}

// mostCausing is the most events that are folded once more to find the cause.
const mostCausing = 200_000

// cause returns the cause of what the culprit made bad; nil: it is not known.
func (b *scan) cause(ctx context.Context) (*why.Cause, error) {
	var left *int64
	if b.subject.Snapshots != nil {
		most := cmp.Or(b.o.Causing, mostCausing)
		left = &most
	} else if b.out.Tests > mostCausing {
		return nil, nil
	}
	cause, err := why.FindCause(ctx, b.subject, b.out.After, b.cond, left)
	if errors.Is(err, past.ErrTooLong) {
		err = nil
	}
	return cause, err
}

// withoutCulprit describes the state without the culprit.
func withoutCulprit(ctx context.Context, s replay.Subject, c inspect.Condition, b *scan) (w *Counterfactual, err error) {
	if b.fork != nil {
		w = &b.fork.without
	} else if w, err = refold(ctx, s, c, b); err != nil {
		return nil, err
	}
	if w.Err != nil {
		return w, ctx.Err()
	}
	for _, m := range []*replay.Moment{w.FirstBad, w.FirstGood} {
		if m != nil && ctx.Err() == nil {
			if err := complete(ctx, s.Timeline, m); err != nil {
				return nil, err
			}
		}
	}
	return w, ctx.Err()
}

// refold folds the events after the culprit again, from the state before it, and tests
// the states.
func refold(ctx context.Context, s replay.Subject, c inspect.Condition, b *scan) (*Counterfactual, error) {
	after, to := b.out.After.Version(), b.out.Tested.Version()
	imagined := s
	fo := replay.FoldOptions{Span: replay.UpTo(to)}
	if !b.whole() {
		fo.Skip = s.Fold.Unread()
	}
	if b.before == nil {
		t, err := whatif.EditTimeline(ctx, s.Timeline, []whatif.Edit{{Kind: whatif.Drop, At: after}}, b.out.Tested)
		if err != nil {
			return nil, err
		}
		imagined.Timeline = t
	} else {
		if after == to {
			return &Counterfactual{}, nil // the rest is the good state before it
		}
		fo.Base, fo.Span = b.before, replay.Between(after+1, to)
	}
	w := &Counterfactual{}
	for step, err := range imagined.Timeline.Run(ctx, s.Fold, fo) {
		if err == nil {
			v := imagined.Timeline.Version(step.Event)
			if v < after {
				continue
			}
			err = w.note(imagined.Timeline, c, step)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			w.Err = err
			return w, nil
		}
	}
	return w, ctx.Err()
}

func (w *Counterfactual) note(t *replay.Timeline, c inspect.Condition, step *replay.Step) error {
	bad, err := c.Bad(step.Root, step.Event)
	if err != nil {
		return err
	}
	w.add(t, step.Event, bad)
	return nil
}

// add records the verdict on the state after an event.
func (w *Counterfactual) add(t *replay.Timeline, e *replay.Event, bad bool) {
	w.ToBad = bad
	switch {
	case bad && w.FirstBad == nil:
		m := t.Moment(e)
		w.FirstBad = &m
	case !bad && w.FirstBad != nil && w.FirstGood == nil:
		m := t.Moment(e)
		w.FirstGood = &m
	}
}
