package whatif

import (
	"context"
	"slices"

	"asof/replay"
	"asof/replay/state"
)

// A Step is an event, and what it changes in the real and in the simulated history.
type Step struct {
	At    replay.Moment
	Event *replay.Event
	Was   *Effect // nil: it did not happen
	Would *Effect // nil: it would not happen
}

// An Effect is what an event changes.
type Effect struct{ Changes []state.Change }

// Same reports whether an event changes the same in both histories.
func (s *Step) Same() bool {
	return s.Was != nil && s.Would != nil && slices.EqualFunc(s.Was.Changes, s.Would.Changes, func(a, b state.Change) bool {
		return a.Op == b.Op && a.Path == b.Path && state.Equal(a.From, b.From) && state.Equal(a.To, b.To)
	})
}

// A Future is the events from the first edited one on.
type Future struct {
	Steps []Step
	More  bool  // events after these were not looked at
	Err   error // one of the histories can be folded no further
}

// Rest compares what the events from the first edited one up to a moment changed with what
// they would change. It looks at most events of each history.
func Rest(ctx context.Context, s replay.Subject, to replay.Moment, edits []Edit, most int) (*Future, error) {
	edited, err := EditTimeline(ctx, s.Timeline, edits, to)
	if err != nil {
		return nil, err
	}
	first := edits[0].At
	for _, e := range edits {
		if first = min(first, e.At); e.Kind == Swap {
			first = min(first, e.Other)
		}
	}
	m, _, err := s.Timeline.Resolve(ctx, replay.AtVersion(first))
	if err != nil {
		return nil, err
	}
	s = s.Counting()
	before := m.JustBefore()
	run := s.FoldFrom(ctx, before)
	if err := run.To(ctx, before, nil); err != nil {
		return nil, err
	}
	base := run.Save()
	end := to.Version()
	var f Future
	var histories [2][]Step
	for i, one := range []replay.Subject{s, {Timeline: edited, Fold: s.Fold}} {
		steps, whole, err := effects(ctx, one, base, first, to, most)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if f.Err == nil {
			f.Err = err
		}
		f.More = f.More || !whole && err == nil
		if histories[i] = steps; !whole {
			end = min(end, last(steps, first))
		}
	}
	f.Steps = paired(histories[0], histories[1], end)
	return &f, nil
}

// last is the version of the last step; there may be none.
func last(steps []Step, first replay.Version) replay.Version {
	if len(steps) == 0 {
		return first - 1
	}
	return steps[len(steps)-1].At.Version()
}

// effects lists what the events from a version on change. whole is set if those up to the
// moment are all there.
func effects(ctx context.Context, s replay.Subject, base replay.SavedState, first replay.Version, to replay.Moment, most int) (all []Step, whole bool, err error) {
	run := s.FoldFromSaved(ctx, base, to.WithVersion(first).JustBefore())
	run.Changes, run.WholeEvents = true, true
	for step, err := range run.Steps(ctx, to) {
		if err != nil {
			return all, false, err
		}
		switch at := s.Timeline.Moment(step.Event); {
		case at.Version() < first:
		case len(all) == most:
			return all, false, nil
		default:
			e := &Effect{Changes: slices.Clone(step.Changes)}
			if err := state.LabelChangesTo(step.Root, e.Changes, state.DiffOptions{ArrayKeys: s.Fold.ArrayKeys}); err != nil {
				return all, false, err
			}
			all = append(all, Step{At: at, Event: step.Event.Clone(), Was: e})
		}
	}
	return all, true, nil
}

// paired joins two histories up to a version. An inserted event has the version of the one
// before it.
func paired(was, would []Step, end replay.Version) (all []Step) {
	within := func(steps []Step) []Step {
		return slices.DeleteFunc(steps, func(s Step) bool { return s.At.Version() > end })
	}
	was, would = within(was), within(would)
	for len(was) > 0 || len(would) > 0 {
		switch {
		case len(would) == 0 || len(was) > 0 && was[0].At.Version() < would[0].At.Version():
			all, was = append(all, was[0]), was[1:]
		case len(was) == 0 || would[0].At.Version() < was[0].At.Version():
			one := would[0]
			one.Was, one.Would = nil, one.Was
			all, would = append(all, one), would[1:]
		default:
			one := was[0]
			one.Would = would[0].Was
			all, was, would = append(all, one), was[1:], would[1:]
		}
	}
	return all
}
