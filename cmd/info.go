package cmd

import (
	"github.com/spf13/cobra"
)

func (a *app) infoCommand() *cobra.Command {
	var f storeFlags
	c := &cobra.Command{
		Use:   "info STORE",
		Short: "Say what a store is and what is in it",
		Long: `Say what a store is: its dialect and how it was recognised, how it was opened
so that nothing is written, its events, streams, categories, types and times,
what is left out and what its dialect does not have.

For a store of no known dialect it proposes the --table and --map to use.` + exits(),
		Example: "  asof info shop.db\n  asof info events.ndjson.gz --json",
		Args:    args(1, 1, "STORE"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.info(args[0], f) },
	}
	f.add(a, c)
	return c
}

func (a *app) info(name string, f storeFlags) error {
	r, err := a.open(name, f)
	if err != nil {
		return err
	}
	defer r.Close()
	sum, err := r.Reader.Summary(a.ctx)
	if err != nil {
		return err
	}
	a.noteProjectAbove()
	p := a.out()
	p.Info(r.Info(), sum)
	if err := p.Flush(); err != nil {
		return err
	}
	if next := remedyText(r.Info().TimesNext); next != "" {
		a.note(codeUnreadTime, next)
	}
	return nil
}
