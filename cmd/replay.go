package cmd

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"asof/inspect"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/state"
	"asof/replay/workspace"
)

type replayOptions struct {
	pointFlags
	path    string
	step    bool
	result  bool
	effects bool
}

func (a *app) replayCommand() *cobra.Command {
	var o replayOptions
	c := &cobra.Command{
		Use:   "replay STORE STREAM[@POINT]",
		Short: "Show the state at a point",
		Long: `Fold the events of a stream, or of a projection over many, from the first to a
point and print the state there as JSON. Without a point it is the state now.

What folds is --fold, or the projection of asof.toml that is for the stream, or
else merge: each payload is a merge patch (RFC 7396), which is a guess and is
labelled as one. Standard error says which point it was, what folded and what
no handler took.

With --step it prints the state after each event of a range.` + exits(exitNoStream, exitNoFold),
		Example: `  asof replay shop.db cart-42
  asof replay shop.db cart-42@17 --path /items/0
  asof replay shop.db cart-42 --at "yesterday 14:00"
  asof replay shop.db cart-42@3..6 --step
  asof replay shop.db proj:sales/eu@2026-03-01
  asof replay bank.db 3f2a --fold 's.n = (s.n ?? 0) + 1'`,
		Args: args(2, 2, "STORE", "STREAM"),
		RunE: func(_ *cobra.Command, args []string) error { return a.replay(args[0], args[1], o) },
	}
	o.add(a, c)
	fl := c.Flags()
	fl.StringVar(&o.path, "path", "", "only this part of the state, a JSON pointer such as /items/0")
	fl.BoolVar(&o.step, "step", false, "print the state after each event of the range")
	fl.BoolVar(&o.result, "result", false, "print the projection's result (transformBy, filterBy) instead of its state")
	fl.BoolVar(&o.effects, "effects", false, "print what the projection would have emitted or linked, which is never done")
	return c
}

func (a *app) replay(storeName, name string, o replayOptions) error {
	if o.step && o.result || o.step && o.effects || o.result && o.effects {
		return usagef("give one of them", "more than one of --step, --result and --effects")
	}
	if _, err := state.ParsePointer(o.path); err != nil {
		return usagef("a path is a JSON pointer, such as /items/0/qty", "bad --path %q: %v", o.path, err)
	}
	if o.step {
		return a.overRange(storeName, name, o.pointFlags, func(t *workspace.Target, i replay.Interval) error { return a.replaySteps(t, i, o) })
	}
	return a.atPoint(storeName, name, o.pointFlags, func(t *workspace.Target, at replay.Moment) error {
		if o.effects {
			return a.replayEffects(t, at)
		}
		return a.replayState(t, at, o)
	})
}

func (a *app) replayState(t *workspace.Target, at replay.Moment, o replayOptions) error {
	ans, err := inspect.Replay(a.ctx, t.Subject, at)
	if err != nil {
		return a.partly(ans, err)
	}
	if o.result {
		if ans.State, err = t.How.Result(ans.State); err != nil {
			return err
		}
	}
	a.resolved(ans)
	a.restsOn(t)
	p := a.out()
	if err := p.Replayed(ans, o.path); err != nil {
		return err
	}
	return p.Flush()
}

// partly says how far a fold that failed had come: what was folded before is
// sound.
func (a *app) partly(ans *inspect.Replayed, err error) error {
	if ans != nil && ans.Account.Events > ans.Account.Unread && a.ctx.Err() == nil {
		before := fmt.Sprintf("the %d events before it fold", ans.Account.Events)
		if ans.Account.Events == 1 {
			before = "the event before it folds"
		}
		a.note("partial", before+"; ask for a point before it to see that state")
	}
	return err
}

func (a *app) replaySteps(t *workspace.Target, i replay.Interval, o replayOptions) error {
	span, ok := i.Span()
	if !ok {
		return nil
	}
	p := a.out()
	lo, hasLo := span.Lo()
	for step, err := range t.Subject.Steps(a.ctx, i.To, replay.FoldOptions{}) {
		if err != nil {
			return errors.Join(p.Flush(), err)
		}
		if hasLo && t.Subject.Timeline.Version(step.Event) < lo {
			continue
		}
		part := *step
		if o.path != "" {
			if part.Root, err = state.Lookup(step.Root, o.path); err != nil {
				part.Root = state.NullValue() // not there yet, or not any more
			}
		}
		if err := p.Step(&part, t.Subject.Timeline.Moment(step.Event)); err != nil {
			return err
		}
	}
	if err := p.Flush(); err != nil {
		return err
	}
	t.NoteGuess()
	a.restsOn(t)
	return nil
}

// replayEffects prints what the projection would have emitted or linked on the
// way to a point.
func (a *app) replayEffects(t *workspace.Target, at replay.Moment) error {
	script, ok := t.How.Reducer.(replay.Effector)
	if !ok {
		return usagef("give a JavaScript projection by --fold or in asof.toml", "%s has no effects", t.How.Reducer.Name())
	}
	p := a.out()
	for step, err := range t.Subject.Steps(a.ctx, at, replay.FoldOptions{}) {
		if err != nil {
			return errors.Join(p.Flush(), err)
		}
		for _, e := range script.Effects() {
			p.Effect(t.Subject.Timeline.Moment(step.Event), wire.Emitted(e))
		}
		if p.Err() != nil {
			return p.Err()
		}
	}
	return p.Flush()
}
