package cmd

import (
	"cmp"

	"github.com/spf13/cobra"

	"asof/inspect/ask"
	"asof/inspect/audit"
	"asof/replay/state"
)

type auditProveOptions struct {
	ask.Prove
	out string // file to write the proof to
}

// newAuditProveCmd returns the audit prove command. A nil runF asks the question.
func newAuditProveCmd(a *app, runF func(auditProveOptions) error) *cobra.Command {
	var o auditProveOptions
	if runF == nil {
		runF = a.runAuditProve
	}
	c := &cobra.Command{
		Use:   "prove FOLDER STREAM@VERSION",
		Short: "Extract one event of an export, with its proof",
		Long: `Print one event of an export with everything needed to check it alone: its
stored bytes, the record that commits to it, and a c2sp.org/tlog-proof that the
record is in the tree of the checkpoint. The proof reveals nothing about other
events.` + exitList("0    proved", "2    usage", "3    the export is unreadable or broken", "4    no such event in the export"),
		Example: `  asof audit prove q1/ order-7@3 --out order-7.proof
  asof audit verify order-7.proof --vkey audit.key.pub`,
		Args: args(2, 2, "FOLDER", "STREAM@VERSION"),
		RunE: func(_ *cobra.Command, args []string) error {
			o.Folder, o.Event = args[0], args[1]
			return runF(o)
		},
	}
	c.Flags().StringVar(&o.out, "out", "", "file for the proof; must not exist (default: standard output)")
	return c
}

func (a *app) runAuditProve(o auditProveOptions) error {
	return askOne(a, o.Ask, func(proof *audit.Proof) error {
		text := append(state.AppendJSON(nil, proof.JSON()), '\n')
		if err := a.writeFile(output{name: cmp.Or(o.out, "-")}, text); err != nil || o.out == "" || o.out == "-" {
			return err
		}
		p := a.out()
		p.Proved(proof, o.out)
		return p.Flush()
	})
}
