package cmd

import (
	"github.com/spf13/cobra"

	"asof/inspect/ask"
	"asof/replay"
)

// newInfoCmd parses a question for runF, or else asks it.
func newInfoCmd(a *app, runF func(ask.Info) error) *cobra.Command {
	var f storeFlags
	if runF == nil {
		runF = a.runInfo
	}
	c := &cobra.Command{
		Use:   "info STORE",
		Short: "Say what a store is and what is in it",
		Long: `Say what a store is: its dialect and how it was recognised, how it was opened
so that nothing is written, its events, streams, categories, types and times,
what is left out and what its dialect does not have.

For a store of no known dialect it proposes the --table and --map to use.` + exits(),
		Example: "  asof info shop.db\n  asof info events.ndjson.gz --json",
		Args:    args(1, 1, "STORE"),
		RunE:    func(_ *cobra.Command, args []string) error { return runF(ask.Info{StoreRef: f.of(args[0])}) },
	}
	f.add(a, c)
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
