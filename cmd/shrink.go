package cmd

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"asof/inspect/ask"
	"asof/inspect/whatif"
)

type shrinkOptions struct {
	ask.Shrink
	out    output // file for the events; an empty name writes none
	format string // of the file
}

// newShrinkCmd returns the shrink command. A nil runF asks the question.
func newShrinkCmd(a *app, runF func(shrinkOptions) error) *cobra.Command {
	o := shrinkOptions{out: output{next: "name another file, or give --force to replace it"}}
	var f pointFlags
	if runF == nil {
		runF = a.runShrink
	}
	c := &cobra.Command{
		Use:   "shrink STORE STREAM[@POINT]",
		Short: "Find a minimal set of events that is still bad",
		Long: `Remove as many events as possible while the final state stays bad, by delta
debugging (ddmin). The result is minimal: removing any one of its events makes
the state good, which a last pass confirms. A history that cannot be folded
counts as good.

The bad state is the one at the point; without a point, the first bad state.

--out writes the events to a new file; - is standard output. Its extension or
--format sets the format: .ndjson, CloudEvents, or a test that replays the
events and expects a good state. Tests are .js (runs as is on Node if the fold
is a script or merge), .go, or .py for eventsourcing.

Ctrl-C and --tests end the search early and keep the smallest result so far.` + exits(exitNoStream, "5    the projection, an upcaster or the expression failed", "130  interrupted; the smallest result so far was printed"),
		Example: `  asof shrink shop.db cart-42 --bad 'state.total < 0'
  asof shrink shop.db cart-42@28 --good 'state.total >= 0' --out cart-42.test.js
  asof shrink shop.db cart-42 --bad 'state.total < 0' --out - --format ndjson`,
		Args: args(2, 2, "STORE", "STREAM"),
		RunE: func(_ *cobra.Command, args []string) (err error) {
			if o.Timeline, err = f.timeline(args[0], args[1]); err != nil {
				return err
			}
			if o.Tests < 1 {
				return usagef("write a number such as 20000", "bad --tests %d", o.Tests)
			}
			if o.format, err = shrinkFormat(o.format, o.out.name); err != nil {
				return err
			}
			o.Case = isTest(o.format)
			return runF(o)
		},
	}
	f.add(a, c)
	fl := c.Flags()
	addCondition(fl, &o.Condition)
	fl.Int64Var(&o.Tests, "tests", 20_000, "fold at most this many histories")
	fl.StringVar(&o.out.name, "out", "", "write the events to this new file; - is standard output")
	fl.BoolVar(&o.out.force, "force", false, "let --out replace an existing file")
	fl.StringVar(&o.format, "format", "", "ndjson, cloudevents, js, go or python (default: from the extension of --out)")
	return c
}

func (a *app) runShrink(o shrinkOptions) error {
	if a.json && o.out.name == "-" && isTest(o.format) {
		return notJSON("a test", "name a file with --out: the answer is printed as well")
	}
	if o.out.name != "" {
		o.Ready = func() error { return a.mayWrite(o.out) } // fail before the long work
	}
	return askOne(a, o.Ask, func(s *ask.Shrunk) error { return a.printShrunk(s, o) })
}

func (a *app) printShrunk(s *ask.Shrunk, o shrinkOptions) error {
	var next [][]string
	fold := typedFold(o.Folding)
	if o.out.name != "" {
		if err := a.writeFile(o.out, shrunkFile(s, o)); err != nil {
			return err
		}
		if o.out.name == "-" {
			return a.ctx.Err()
		}
		a.note("written", "the events are in "+o.out.name)
		if o.format == "js" {
			next = append(next, []string{"node", o.out.name})
		}
	} else {
		args := slices.Concat(typedCondition(o.Condition), fold, []string{"--out", fileName(s.Stream) + ".test.js"})
		next = append(next, a.suggest(o.StoreRef, "shrink", s.Stream, args...))
	}
	next = append(next, a.commands(o.Next(s))...)
	p := a.out()
	p.Shrunk(s.Shrunk, next)
	if err := p.Flush(); err != nil {
		return err
	}
	if s.Stopped == whatif.StopInterrupted {
		return context.Canceled
	}
	return nil
}
