package check

import (
	"context"
	"errors"
	"slices"

	"asof/inspect/past"
	"asof/inspect/why"
	"asof/replay"
)

// Bounds of the search for causes.
const (
	mostSought    = 20     // violations of an invariant
	mostSoughtAll = 100    // violations
	mostCauseFold = 20_000 // events folded for all of them
)

// FindCauses finds the causes of the first violations of a result. Each is sought in the
// history up to its culprit; [Violation.Sought] says whether it was.
func FindCauses(ctx context.Context, s *Store, rules Rules, r *Result) error {
	if !slices.ContainsFunc(r.Invariants, func(inv InvariantResult) bool { return len(inv.Violations) > 0 }) {
		return nil
	}
	w, err := rules.Open()
	if err != nil {
		return err
	}
	defer w.Close()
	c := causes{reader: s.all.Reader, folds: w, left: mostCauseFold}
	for i := range r.Invariants {
		if err := c.ofInvariant(ctx, i, &r.Invariants[i]); err != nil {
			return err
		}
	}
	return nil
}

// causes is a search for causes.
type causes struct {
	reader replay.Reader
	folds  Folds
	sought int
	left   int64 // events that may still be folded
}

func (c *causes) ofInvariant(ctx context.Context, i int, inv *InvariantResult) error {
	for k := range inv.Violations[:min(len(inv.Violations), mostSought)] {
		if c.sought == mostSoughtAll || c.left == 0 {
			return nil
		}
		c.sought++
		if err := c.of(ctx, i, &inv.Violations[k]); err != nil {
			return replay.Contradicted(c.reader, err) // the pass has read the culprit
		}
	}
	return nil
}

// of finds the cause of one violation.
func (c *causes) of(ctx context.Context, i int, v *Violation) error {
	if v.FromStart {
		v.Sought = true // nothing was set before
		return nil
	}
	sets, err := c.folds.RuleSets(ctx, v.Stream, v.Culprit.Category)
	if err != nil {
		return err
	}
	for _, set := range sets {
		k := slices.IndexFunc(set.Rules, func(r Rule) bool { return r.Invariant == i })
		if _, ahead := set.Fold.Reducer.(replay.Prefetcher); k < 0 || ahead {
			continue // a command would fold the history again
		}
		t := replay.StreamTimeline(c.reader, v.Stream)
		v.Cause, err = why.FindCause(ctx, replay.Subject{Timeline: t, Fold: set.Fold}, t.Moment(v.Culprit), set.Rules[k].Cond, &c.left)
		v.Sought = err == nil
		if errors.Is(err, past.ErrTooLong) {
			return nil
		}
		return err
	}
	return nil
}
