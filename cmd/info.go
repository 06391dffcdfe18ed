package cmd

import (
	"github.com/spf13/cobra"

	"asof/inspect/ask"
	"asof/replay"
)

// newInfoCmd returns the info command. A nil runF asks the question.
func newInfoCmd(a *app, runF func(ask.Info) error) *cobra.Command {
	var f storeFlags
	if runF == nil {
		runF = a.runInfo
	}
	c := &cobra.Command{
		Use:   "info STORE",
		Short: "Describe a store and its contents",
		Long: `Describe a store: its dialect and how asof recognized it, how it was opened
without writing, its events, streams, categories, types and times, what is left
out, and what its dialect does not record.

For a store of an unknown dialect, propose --table and --map; --verbose says
why each dialect does not fit.` + exits(),
		Example: "  asof info shop.db\n  asof info events.ndjson.gz --json",
		Args:    args(1, 1, "STORE"),
		RunE:    func(_ *cobra.Command, args []string) error { return runF(ask.Info{StoreRef: f.of(args[0])}) },
	}
	f.add(a, c)
	c.Flags().BoolVar(&a.verbose, "verbose", false, "say why each dialect does not fit")
	return c
}

func (a *app) runInfo(q ask.Info) error {
	return askOne(a, q.Ask, func(i *ask.StoreInfo) error {
		p := a.out()
		p.Info(i.Info, i.Summary)
		if err := p.Flush(); err != nil {
			return err
		}
		if next := remedyText(i.Info.TimesNext); next != "" {
			a.note(string(replay.NoticeUnreadTime), next)
		}
		return nil
	})
}
