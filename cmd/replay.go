package cmd

import (
	"errors"
	"iter"

	"github.com/spf13/cobra"

	"asof/inspect"
	"asof/inspect/ask"
)

type replayOptions struct {
	ask.Replay
	step    bool
	effects bool
	page    ask.Page
}

// newReplayCmd returns the replay command. A nil runF asks the question.
func newReplayCmd(a *app, runF func(replayOptions) error) *cobra.Command {
	var o replayOptions
	var f pointFlags
	if runF == nil {
		runF = a.runReplay
	}
	c := &cobra.Command{
		Use:   "replay STORE STREAM[@POINT]",
		Short: "Show the state at a point",
		Long: `Fold the events of a stream, or of a projection over many streams, up to a point
and print the state there as JSON. Without a point, print the state now.

The fold is --fold, else the projection that asof.toml has for the stream, else
merge: each payload is a merge patch (RFC 7396). Merge is a guess and is labeled
as one. Standard error names the point, the fold and the events without a
handler.

--step prints the state after each event of a range.` + exits(exitNoStream, exitNoFold),
		Example: `  asof replay shop.db cart-42
  asof replay shop.db cart-42@17 --path /items/0
  asof replay shop.db cart-42 --at "yesterday 14:00"
  asof replay shop.db cart-42@3..6 --step
  asof replay shop.db proj:sales/eu@2026-03-01
  asof replay bank.db 3f2a --fold 's.n = (s.n ?? 0) + 1'`,
		Args: args(2, 2, "STORE", "STREAM"),
		RunE: func(_ *cobra.Command, args []string) (err error) {
			if o.Timeline, err = f.timeline(args[0], args[1]); err != nil {
				return err
			}
			return runF(o)
		},
	}
	f.add(a, c)
	fl := c.Flags()
	fl.StringVar(&o.Path, "path", "", "only this part of the state, such as /items/0 or /items[sku=tea]")
	fl.BoolVar(&o.step, "step", false, "print the state after each event of the range")
	a.addPage(fl, &o.page, 0, "with --step or --effects, print at most this many lines")
	fl.BoolVar(&o.Result, "result", false, "print the projection's result (transformBy, filterBy) instead of its state")
	fl.BoolVar(&o.effects, "effects", false, "print the events the projection would emit or link; asof never does either")
	return c
}

func (a *app) runReplay(o replayOptions) error {
	if o.step && o.Result || o.step && o.effects || o.Result && o.effects {
		return usagef("give one of them", "more than one of --step, --result and --effects")
	}
	switch {
	case !o.step && !o.effects && o.page != (ask.Page{}):
		return usagef("give --step or --effects with them, or leave them out", "--limit and --cursor are for --step and --effects")
	case o.step:
		return askList(a, ask.Steps{Timeline: o.Timeline, Path: o.Path, Page: o.page}.Ask, a.printSteps)
	case o.effects:
		return askList(a, ask.Effects{Timeline: o.Timeline, Page: o.page}.Ask, a.printEffects)
	}
	return askOne(a, o.Ask, func(r *inspect.Replayed) error {
		a.resolved(r)
		p := a.out()
		if err := p.Replayed(r, o.Part()); err != nil {
			return err
		}
		return p.Flush()
	})
}

func (a *app) printSteps(seq iter.Seq2[*ask.Step, error]) error {
	p := a.out()
	cursor := ""
	for s, err := range noting(seq, func(s *ask.Step) string { return s.Cursor }, &cursor) {
		if err != nil {
			return errors.Join(p.Flush(), err)
		}
		if err := p.Step(s); err != nil {
			return err
		}
	}
	if err := p.Flush(); err != nil {
		return err
	}
	a.more(cursor)
	return nil
}

// printEffects prints the events that the projection would have emitted or linked.
func (a *app) printEffects(seq iter.Seq2[ask.Effect, error]) error {
	p := a.out()
	cursor := ""
	for e, err := range noting(seq, func(e ask.Effect) string { return e.Cursor }, &cursor) {
		if err != nil {
			return errors.Join(p.Flush(), err)
		}
		p.Effect(e)
		if p.Err() != nil {
			return p.Err()
		}
	}
	if err := p.Flush(); err != nil {
		return err
	}
	a.more(cursor)
	return nil
}
