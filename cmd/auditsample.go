package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"asof/cmd/render"
	"asof/inspect/ask"
)

// newAuditSampleCmd returns the audit sample command. A nil runF asks the question.
func newAuditSampleCmd(a *app, runF func(ask.Sample) error) *cobra.Command {
	var q ask.Sample
	if runF == nil {
		runF = a.runAuditSample
	}
	c := &cobra.Command{
		Use:   "sample FOLDER",
		Short: "Draw a random sample of an export, each event with its proof",
		Long: `Draw random events of an export. Print the stored row of each and the values it
changed, from what to what; --json prints the full proofs, one per line.

The same seed draws the same events from the same history. Let the auditor
choose the seed after the export is made.` + exitList("0    drawn", "2    usage", "3    the export is unreadable or broken"),
		Example: `  asof audit sample q1/ --n 25 --seed 'case 4711'
  asof audit sample q1/ --n 25 --seed 'case 4711' --json > sample.ndjson`,
		Args: args(1, 1, "FOLDER"),
		RunE: func(_ *cobra.Command, args []string) error {
			q.Folder = args[0]
			return runF(q)
		},
	}
	c.Flags().IntVar(&q.N, "n", 25, "number of events")
	c.Flags().StringVar(&q.Seed, "seed", "", "any text chosen by the auditor")
	return c
}

func (a *app) runAuditSample(q ask.Sample) error {
	return askOne(a, q.Ask, func(s *ask.Sampled) error {
		p := a.out()
		p.Sampled(s.Proofs, s.Of, fmt.Sprintf("%s --n %d --seed %s", render.Quote(q.Folder), q.N, render.Quote(q.Seed)))
		return p.Flush()
	})
}
