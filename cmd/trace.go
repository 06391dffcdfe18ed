package cmd

import (
	"github.com/spf13/cobra"

	"asof/inspect/ask"
)

// newTraceCmd returns the trace command. A nil runF asks the question.
func newTraceCmd(a *app, runF func(ask.Trace) error) *cobra.Command {
	var q ask.Trace
	var f storeFlags
	var all bool
	if runF == nil {
		runF = func(q ask.Trace) error { return a.runTrace(q, all) }
	}
	c := &cobra.Command{
		Use:   "trace STORE (STREAM[@POINT] | id:ID)",
		Short: "Show what caused an event, and what it caused",
		Long: `Show the chain of events that caused an event, back to the first, and everything
the event caused, across streams. > marks the event. Without a point, start from
the last event of the stream.

Other effects of the chain, and events with the same correlation id but no known
common cause, are counted; --all lists them. --json always lists them.

Causes come from the causation and correlation ids in the metadata. Set their
pointers in asof.toml if asof does not know where the dialect keeps them.` + exits(exitNoStream),
		Example: "  asof trace shop.db id:9c1e4b\n  asof trace shop.db cart-42@17\n  asof trace shop.db cart-42@17 --all\n  asof trace shop.db order-42 --json",
		Args:    args(2, 2, "STORE", "STREAM"),
		RunE: func(_ *cobra.Command, args []string) error {
			q.StoreRef, q.Stream = f.of(args[0]), args[1]
			return runF(q)
		},
	}
	f.add(a, c)
	addAt(c.Flags(), &q.At)
	a.addPage(c.Flags(), &q.Page, 0, "list at most this many trees of the rest of the correlation")
	c.Flags().BoolVar(&all, "all", false, "also list other effects of the chain, and the rest of the correlation")
	return c
}

func (a *app) runTrace(q ask.Trace, all bool) error {
	if !a.json && !all && q.Page != (ask.Page{}) {
		return usagef("give --all with them, or leave them out", "--limit and --cursor are for --all")
	}
	return askOne(a, q.Ask, func(t *ask.Traced) error {
		p := a.out()
		p.Traced(t, all)
		if err := p.Flush(); err != nil {
			return err
		}
		a.more(t.Cursor)
		return nil
	})
}
