package cmd

import (
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"asof/inspect/audit"
	"asof/replay"
	"asof/replay/fault"
)

const exitUnverified = "3    it can't be read, or not all of it could be checked"

type auditVerifyOptions struct{ vkey, since string }

func (a *app) auditVerifyCommand() *cobra.Command {
	var o auditVerifyOptions
	c := &cobra.Command{
		Use:   "verify FOLDER|PROOF",
		Short: "Check an audit export, or the proof of one event",
		Long: `Check an export with nothing but itself and the verifier key: who signed it,
every file, every event against its leaf, the leaves against the checkpoint,
the streams, the states and the counts. Every finding is listed, not the first.

A finding is manipulated, missing, gap, rolled_back, wrong_key or unreadable,
with the file and the entry. Without --vkey nobody knows who signed, and the
answer is never that it is sound.

--since takes an earlier checkpoint, of an export or a seal log: the history
that it is of must be the beginning of this one.` + exitList("0    sound", "1    findings", "2    usage", exitUnverified),
		Example: `  asof audit verify q1/ --vkey audit.key.pub
  asof audit verify q2/ --since q1/checkpoint --vkey shop+1a2b3c4d+AbC…
  asof audit verify order-7.proof --vkey audit.key.pub`,
		Args: args(1, 1, "FOLDER"),
		RunE: func(_ *cobra.Command, args []string) error { return a.auditVerify(args[0], o) },
	}
	c.Flags().StringVar(&o.vkey, "vkey", "", "the verifier key, or a file with it (default: ASOF_AUDIT_VKEY)")
	c.Flags().StringVar(&o.since, "since", "", "an earlier checkpoint, which must be the beginning of this history")
	return c
}

func (a *app) auditVerify(path string, o auditVerifyOptions) error {
	key, err := a.verifierKey(o.vkey)
	if err != nil {
		return err
	}
	vo := audit.VerifyOptions{Key: key, Selects: streamFilter}
	if o.since != "" {
		if vo.Since, err = a.smallFile(o.since); err != nil {
			return err
		}
	}
	verify := audit.Verify
	if info, err := os.Stat(a.path(path)); err == nil && !info.IsDir() {
		verify = audit.VerifyProof
	}
	ans, err := verify(a.ctx, a.path(path), vo)
	if err != nil {
		return err
	}
	ans.Path = path
	p := a.out()
	p.Verified(ans)
	if err := p.Flush(); err != nil {
		return err
	}
	switch {
	case len(ans.Findings) > 0:
		return findingsError{}
	case len(ans.Skipped) > 0:
		return &replay.StoreError{
			Path: path, Op: "verify", Err: errors.New("not all of it could be checked: " + strings.Join(ans.Skipped, "; ")),
			Next: fault.Try("give --vkey with the verifier key, which must have reached you another way than this export"),
		}
	}
	return nil
}

// verifierKey reads --vkey, or ASOF_AUDIT_VKEY: a key, or a file with one. Nil is
// none.
func (a *app) verifierKey(text string) (audit.Verifier, error) {
	if text == "" {
		text = a.Env("ASOF_AUDIT_VKEY")
	}
	if text == "" {
		return nil, nil
	}
	if v, err := audit.ParseVerifier(text); err == nil {
		return v, nil
	}
	if _, err := os.Stat(a.path(text)); err != nil {
		return nil, usagef("it is the line that asof audit keygen printed, or the file beside the private key", "bad --vkey %q: neither a verifier key nor a file", text)
	}
	b, err := a.smallFile(text)
	if err != nil {
		return nil, err
	}
	v, err := audit.ParseVerifier(string(b))
	if err != nil {
		return nil, usagef("it is the line that asof audit keygen printed, or the file beside the private key", "bad --vkey %s: its first line is no verifier key", text)
	}
	return v, nil
}
