package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"asof/cmd/render"
	"asof/inspect/ask"
)

// newAuditSampleCmd parses a question for runF, or else asks it.
func newAuditSampleCmd(a *app, runF func(ask.Sample) error) *cobra.Command {
	var q ask.Sample
	if runF == nil {
		runF = a.runAuditSample
	}
	c := &cobra.Command{
		Use:   "sample FOLDER",
		Short: "Draw events of an export by chance, each with its proof",
		Long: `Draw events of an export by chance: for each its row in the store, what it
changed from what to what, and with --json its whole proof, one a line.

The same seed draws the same events from the same history. Let the auditor
choose it after the export is made.` + exitList("0    drawn", "2    usage", "3    the export can't be read, or is broken"),
		Example: `  asof audit sample q1/ --n 25 --seed 'case 4711'
  asof audit sample q1/ --n 25 --seed 'case 4711' --json > sample.ndjson`,
		Args: args(1, 1, "FOLDER"),
		RunE: func(_ *cobra.Command, args []string) error {
			q.Folder = args[0]
			return runF(q)
		},
	}
	c.Flags().IntVar(&q.N, "n", 25, "how many events")
	c.Flags().StringVar(&q.Seed, "seed", "", "any text that the auditor chooses")
	return c
}

func (a *app) runAuditSample(q ask.Sample) error {
	return askOne(a, q.Ask, func(s *ask.Sampled) error {
		p := a.out()
		p.Sampled(s.Proofs, s.Of, fmt.Sprintf("%s --n %d --seed %s", render.Quote(q.Folder), q.N, render.Quote(q.Seed)))
		return p.Flush()
	})
}
