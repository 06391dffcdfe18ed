package cmd

import (
	"strconv"

	"github.com/spf13/cobra"

	"asof/inspect/ask"
	"asof/inspect/audit"
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
	c.Flags().IntVarP(&q.N, "n", "n", 25, "number of events")
	c.Flags().StringVar(&q.Seed, "seed", "", "any text chosen by the auditor")
	return c
}

func (a *app) runAuditSample(q ask.Sample) error {
	return askOne(a, q.Ask, func(s *ask.Sampled) error {
		p := a.out()
		p.Sampled(s.Proofs, s.Of, sampledNext(q, s.Proofs))
		return p.Flush()
	})
}

// sampledNext returns the commands to suggest after a sample, as arguments.
func sampledNext(q ask.Sample, drawn []*audit.Proof) [][]string {
	if len(drawn) == 0 {
		return nil
	}
	event := address(drawn[0].Stream, drawn[0].Version)
	return [][]string{
		append([]string{"asof", "audit"}, argsOf("prove", []string{q.Folder, event}, []string{"--out", fileName(string(drawn[0].Stream)) + ".proof"})...),
		append([]string{"asof", "audit"}, argsOf("sample", []string{q.Folder}, []string{"--n", strconv.Itoa(q.N), "--seed", q.Seed, "--json"})...),
	}
}
