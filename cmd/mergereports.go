package cmd

import (
	"github.com/spf13/cobra"

	"asof/cmd/render"
	"asof/inspect/ask"
	"asof/inspect/check"
)

// newMergeReportsCmd returns the merge-reports command. A nil runF asks the question.
func newMergeReportsCmd(a *app, runF func(ask.MergeReports) error) *cobra.Command {
	if runF == nil {
		runF = a.runMergeReports
	}
	return &cobra.Command{
		Use:   "merge-reports FILE …",
		Short: "Merge the reports of a sharded check",
		Long: `Merge the output of asof check --shard I/N --json, for every I from 1 to N, into
the report of one check of the whole store. A FILE can hold several reports; -
is standard input.

Each shard must appear exactly once, and all must have the same moment and the
same invariants. If the store is growing, fix the moment with --at.` + exits("1    an invariant is violated, or a stream could not be folded or tested"),
		Example: `  for i in 1 2 3 4; do
    asof check shop.db --at pos:48210 --shard $i/4 --json > part-$i.json &
  done; wait
  asof merge-reports part-*.json`,
		Args: args(1, -1, "FILE"),
		RunE: func(_ *cobra.Command, args []string) error { return runF(ask.MergeReports{Files: args}) },
	}
}

func (a *app) runMergeReports(q ask.MergeReports) error {
	return askOne(a, q.Ask, func(r *check.Report) error {
		p := a.out()
		p.Checked(&ask.Checked{Result: r.Result, Part: r.Result}, render.CheckOptions{Next: r.Next})
		if err := p.Flush(); err != nil {
			return err
		}
		if r.Findings().Any() {
			return findingsError{}
		}
		return nil
	})
}
