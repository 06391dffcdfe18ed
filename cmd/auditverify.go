package cmd

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"asof/inspect/ask"
	"asof/inspect/audit"
	"asof/replay"
	"asof/replay/fault"
)

const exitUnverified = "3    the export is unreadable, or a check was left out"

// newAuditVerifyCmd returns the audit verify command. A nil runF asks the question.
func newAuditVerifyCmd(a *app, runF func(ask.Verify) error) *cobra.Command {
	var q ask.Verify
	if runF == nil {
		runF = a.runAuditVerify
	}
	c := &cobra.Command{
		Use:   "verify FOLDER|PROOF",
		Short: "Verify an audit export, or the proof of one event",
		Long: `Verify an export with only the export and the verifier key: the signature, every
file, every event against its leaf, the leaves against the checkpoint, the
streams, the states and the counts. All findings are listed, not just the first.

A finding is manipulated, missing, gap, rolled_back, wrong_key or unreadable,
with the file and the entry. Without --vkey the signer is unknown, and the
verdict is never sound.

--since takes an earlier checkpoint, from an export or a seal log. This history
must continue the one it seals.` + exitList("0    sound", "1    findings", "2    usage", exitUnverified),
		Example: `  asof audit verify q1/ --vkey audit.key.pub
  asof audit verify q2/ --since q1/checkpoint --vkey shop+1a2b3c4d+AbC…
  asof audit verify order-7.proof --vkey audit.key.pub`,
		Args: args(1, 1, "FOLDER"),
		RunE: func(_ *cobra.Command, args []string) error {
			q.Path = args[0]
			return runF(q)
		},
	}
	c.Flags().StringVar(&q.VKey, "vkey", "", "the verifier key, or a file with it (default: $ASOF_AUDIT_VKEY)")
	c.Flags().StringVar(&q.Since, "since", "", "an earlier checkpoint, which this history must continue")
	return c
}

func (a *app) runAuditVerify(q ask.Verify) error {
	return askOne(a, q.Ask, func(v *audit.Verified) error {
		p := a.out()
		p.Verified(v)
		if err := p.Flush(); err != nil {
			return err
		}
		switch {
		case len(v.Findings) > 0:
			return findingsError{}
		case len(v.Skipped) > 0:
			return &replay.StoreError{
				Path: v.Path, Op: "verify", Err: errors.New("not everything could be checked: " + strings.Join(v.Skipped, "; ")),
				Next: fault.Try("give --vkey with the verifier key, received through another channel than this export"),
			}
		}
		return nil
	})
}
