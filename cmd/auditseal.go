package cmd

import (
	"github.com/spf13/cobra"

	"asof/inspect/ask"
	"asof/inspect/audit"
)

// newAuditSealCmd returns the audit seal command. A nil runF asks the question.
func newAuditSealCmd(a *app, runF func(ask.Seal) error) *cobra.Command {
	var q ask.Seal
	var f storeFlags
	if runF == nil {
		runF = a.runAuditSeal
	}
	c := &cobra.Command{
		Use:   "seal STORE",
		Short: "Seal new events, after proving that the sealed ones are unchanged",
		Long: `Append the new events of a store to a log and sign a checkpoint. Each run first
proves, event by event, that everything sealed before is unchanged: it detects
rewritten, deleted, inserted and renumbered events in any store with positions,
without changing the store.

A seal proves that history is unchanged since it was first sealed, not that it
was true when written. Anyone with the key who can write to the log can recreate
it along with the store. --witness names a file out of their reach: it holds the
newest checkpoint, and the log must continue it. asof audit verify --since also
takes that file.` + exitList("0    unchanged, and sealed", "1    findings; nothing was sealed", "2    usage", "3    the store is unreadable, or the log cannot be read or written"),
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
	c.Flags().StringVar(&q.Key, "key", "", "file with the private key (default: $ASOF_AUDIT_KEY)")
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
