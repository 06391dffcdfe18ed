package cmd

import (
	"github.com/spf13/cobra"

	"asof/inspect/ask"
	"asof/inspect/audit"
)

// newAuditSealCmd parses a question for runF, or else asks it.
func newAuditSealCmd(a *app, runF func(ask.Seal) error) *cobra.Command {
	var q ask.Seal
	var f storeFlags
	if runF == nil {
		runF = a.runAuditSeal
	}
	c := &cobra.Command{
		Use:   "seal STORE",
		Short: "Seal what is new in a store, after proving that the rest is unchanged",
		Long: `Append what is new in a store to a log beside it, and sign a checkpoint. Each
run first proves that what was sealed before is still there, event by event, as
it was: rewriting, deleting, inserting and renumbering are found, in any store
that has positions, with no change to it.

It proves that the history is unchanged since it was first sealed, not that it
was true when written. A log that lies beside the store can be made anew with
it, by who has the key: --witness names a file kept where whoever can write to
the store can't. It holds the newest checkpoint, which the log must continue;
asof audit verify --since takes it, too.` + exitList("0    unchanged, and sealed", "1    findings; nothing was sealed", "2    usage", "3    the store or the log can't be read or written"),
		Example: "  asof audit seal shop.db --log seals/ --key audit.key --witness /mnt/auditor/shop.checkpoint",
		Args:    args(1, 1, "STORE"),
		RunE: func(_ *cobra.Command, args []string) error {
			q.StoreRef = f.of(args[0])
			return runF(q)
		},
	}
	f.add(a, c)
	c.Flags().StringVar(&q.Log, "log", "", "folder of the log")
	c.Flags().StringVar(&q.Witness, "witness", "", "file kept elsewhere with the newest checkpoint, which the log must continue")
	c.Flags().StringVar(&q.Key, "key", "", "file with the private key (default: ASOF_AUDIT_KEY)")
	return c
}

func (a *app) runAuditSeal(q ask.Seal) error {
	return askOne(a, q.Ask, func(s *audit.Sealed) error {
		p := a.out()
		p.Sealed(s)
		if err := p.Flush(); err != nil {
			return err
		}
		if len(s.Findings) > 0 {
			return findingsError{}
		}
		return nil
	})
}
