package cmd

import (
	"iter"

	"github.com/spf13/cobra"

	"asof/inspect"
	"asof/inspect/ask"
)

// newStreamsCmd returns the streams command. A nil runF asks the question.
func newStreamsCmd(a *app, runF func(ask.Streams) error) *cobra.Command {
	var q ask.Streams
	var f storeFlags
	if runF == nil {
		runF = a.runStreams
	}
	c := &cobra.Command{
		Use:   "streams STORE [PREFIX|GLOB]",
		Short: "List the streams of a store",
		Long: `List the streams of a store with their category, event count, and first and
last version and time.

A pattern with *, ? or [ is a glob on the stream id; anything else is a prefix.
--since keeps streams whose last event is at that time or later; --until keeps
streams whose first event is at that time or earlier.` + exits(exitNoStream),
		Example: "  asof streams shop.db\n  asof streams shop.db 'cart-1*' --sort events --limit 10\n  asof streams shop.db --category order --since 2026-03-01",
		Args:    args(1, 2, "STORE"),
		RunE: func(_ *cobra.Command, args []string) error {
			q.StoreRef = f.of(args[0])
			if len(args) == 2 {
				q.Pattern = args[1]
			}
			if q.Sort == "" { // which the question takes for the default
				return usagef("write id, events, first or last", "bad --sort %q", q.Sort)
			}
			return runF(q)
		},
	}
	f.add(a, c)
	fl := c.Flags()
	addShard(fl, &q.Shard)
	fl.StringSliceVar(&q.Categories, "category", nil, "only streams of this category")
	fl.StringVar(&q.Since, "since", "", "only streams whose last event is at this time or later")
	fl.StringVar(&q.Until, "until", "", "only streams that began at this time or earlier")
	fl.StringVar((*string)(&q.Sort), "sort", string(inspect.StreamsByID), "sort by id, events, first or last")
	fl.BoolVar(&q.Reverse, "reverse", false, "reverse the order")
	a.addPage(fl, &q.Page, 0, "list at most this many streams")
	return c
}

func (a *app) runStreams(q ask.Streams) error {
	return askList(a, q.Ask, func(seq iter.Seq2[ask.StreamLine, error]) error {
		p := a.out()
		cursor := ""
		if err := p.Streams(noting(seq, func(s ask.StreamLine) string { return s.Cursor }, &cursor)); err != nil {
			return err
		}
		if err := p.Flush(); err != nil {
			return err
		}
		a.more(cursor)
		return nil
	})
}
