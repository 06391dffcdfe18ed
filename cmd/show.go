package cmd

import (
	"github.com/spf13/cobra"

	"asof/inspect"
	"asof/inspect/ask"
)

// newShowCmd returns the show command. A nil runF asks the question.
func newShowCmd(a *app, runF func(ask.Show) error) *cobra.Command {
	var q ask.Show
	var f pointFlags
	if runF == nil {
		runF = a.runShow
	}
	c := &cobra.Command{
		Use:   "show STORE STREAM@POINT",
		Short: "Show one event in full, and what it changed",
		Long: `Show one event: its envelope, payload and metadata, and the change it made to
the state. Without a point, show the last event.

id:ID instead of a stream finds an event anywhere in the store.` + exits(exitNoStream),
		Example: "  asof show shop.db cart-42@17\n  asof show shop.db cart-42@head~1\n  asof show shop.db id:9c1e4b",
		Args:    args(2, 2, "STORE", "STREAM"),
		RunE: func(_ *cobra.Command, args []string) (err error) {
			if q.Timeline, err = f.timeline(args[0], args[1]); err != nil {
				return err
			}
			return runF(q)
		},
	}
	f.add(a, c)
	return c
}

// runShow shows the event even if it can't be folded, which is an error only under
// --strict.
func (a *app) runShow(q ask.Show) error {
	var failed error
	err := askOne(a, q.Ask, func(s *inspect.Shown) error {
		if q.Strict {
			failed = s.FoldError
		}
		p := a.out()
		p.Shown(s)
		return p.Flush()
	})
	if err != nil {
		return err
	}
	return failed
}
