package cmd

import (
	"os"

	"github.com/spf13/cobra"

	"asof/cmd/render"
	"asof/inspect/check"
)

func (a *app) mergeReportsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "merge-reports FILE …",
		Short: "Join the reports of the shards of one check",
		Long: `Join what asof check --shard I/N --json has printed, for all of I from 1 to N,
into the report of one check of the whole store. FILE may hold several reports,
and - is standard input.

Each shard must be there once, and all must be of one moment and of the same
invariants. While a store grows, say the moment with --at.` + exits("1    an invariant is violated, or a stream could not be folded or judged"),
		Example: `  for i in 1 2 3 4; do
    asof check shop.db --at pos:48210 --shard $i/4 --json > part-$i.json &
  done; wait
  asof merge-reports part-*.json`,
		Args: args(1, -1, "FILE"),
		RunE: func(_ *cobra.Command, args []string) error { return a.mergeReports(args) },
	}
}

func (a *app) mergeReports(names []string) error {
	var all []*check.Result
	for _, name := range names {
		reports, err := a.readReports(name)
		if err != nil {
			return err
		}
		all = append(all, reports...)
	}
	ans, err := check.Merge(all)
	if err != nil {
		return err
	}
	p := a.out()
	p.Checked(ans, render.CheckOptions{})
	if err := p.Flush(); err != nil {
		return err
	}
	if ans.Findings().Any() {
		return findingsError{}
	}
	return nil
}

func (a *app) readReports(name string) ([]*check.Result, error) {
	if name == "-" {
		return check.ReadReports("standard input", a.In)
	}
	f, err := os.Open(a.path(name))
	if err != nil {
		return nil, usagef("name a file that asof check --json has written", "%s: %v", name, bareError(err))
	}
	defer f.Close()
	return check.ReadReports(name, f)
}
