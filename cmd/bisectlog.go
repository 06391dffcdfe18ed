package cmd

import (
	"github.com/spf13/cobra"

	"asof/inspect/ask"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/workspace"
)

func (a *app) bisectSubcommands() []*cobra.Command {
	noSearch := func() error {
		return &replay.NotFoundError{Kind: "search", Name: "bisect", Next: fault.Try("asof bisect STORE STREAM starts one")}
	}
	show := &cobra.Command{
		Use: "log", Short: "Print the last search",
		Long:    "Print the last search that asked questions or ran a command, as bisect replay\nreads it." + exits("4    there is no last search"),
		Example: "  asof bisect log > search.log",
		Args:    args(0, 0),
		RunE: func(*cobra.Command, []string) error {
			r, text, err := a.lastSession()
			if err == nil && r == nil {
				err = noSearch()
			}
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(wire.NewSearch(r))
			}
			_, err = a.Out.Write(text)
			return err
		},
	}
	again := &cobra.Command{
		Use: "replay FILE [STORE]", Short: "Resume a search printed by bisect log",
		Long:    "Read a search from FILE and resume asking where it stopped. STORE replaces the\nstore that FILE names." + exits(exitNoStream, exitNoFold),
		Example: "  asof bisect replay search.log",
		Args:    args(1, 2, "FILE", "STORE"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.bisectReplay(args) },
	}
	reset := &cobra.Command{
		Use: "reset", Short: "Forget the last search",
		Long:    "Forget the last search. The next one starts over." + exits(),
		Example: "  asof bisect reset",
		Args:    args(0, 0),
		RunE: func(*cobra.Command, []string) error {
			forgotten, err := a.forgetSession()
			if err != nil || !a.json {
				return err
			}
			return a.printJSON(wire.Reset{Forgotten: forgotten})
		},
	}
	return []*cobra.Command{show, again, reset}
}

// bisectReplay resumes the search in a file.
func (a *app) bisectReplay(args []string) error {
	text, err := a.readSource(args[0])
	if err != nil {
		return err
	}
	rec, err := readRecord(args[0], []byte(text))
	if err != nil {
		return err
	}
	if len(args) == 2 {
		rec.Store = args[1]
	}
	q, err := ask.Recorded(rec)
	if err != nil {
		return err
	}
	return a.converse(bisectOptions{Search: q}, func(s *workspace.Store) (*ask.Session, error) {
		return q.Resume(a.ctx, s, rec)
	})
}
