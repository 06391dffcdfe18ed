package cmd

import (
	"crypto/rand"

	"github.com/spf13/cobra"

	"asof/inspect/audit"
)

func (a *app) auditCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "audit",
		Short: "Export, seal and prove the history of a store",
		Long: `Seal the history of a store, so that an auditor who does not trust you can check
an export without you and without the store.

An export is a folder with the events, their stored bytes, the states they led
to, and a signed checkpoint over all events of the store. It proves that the
events are complete, in order, and unchanged since the first checkpoint kept
elsewhere. It does not prove that they were true when written.` + exits("1    findings"),
		Example: `  asof audit keygen --name shop --out audit.key
  asof audit export shop.db --stream 'order-*' --key audit.key --out q1/
  asof audit verify q1/ --vkey audit.key.pub`,
		Args: a.unknownVerb,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(
		a.auditKeygenCommand(), newAuditExportCmd(a, nil), newAuditVerifyCmd(a, nil), newAuditProveCmd(a, nil),
		newAuditSampleCmd(a, nil), newAuditSealCmd(a, nil),
	)
	return c
}

type keygenOptions struct{ name, out string }

// auditKeygenCommand returns the audit keygen command. It is not a question: it reads no
// store, and no other front end may return its private key in an answer.
func (a *app) auditKeygenCommand() *cobra.Command {
	var o keygenOptions
	c := &cobra.Command{
		Use:   "keygen",
		Short: "Make a key that signs audit exports",
		Long: `Make an Ed25519 key in the format of signed notes. The private key goes into a
file only you can read and is never printed. The verifier key, which the auditor
needs, goes into FILE.pub and is printed.

The salts that hide what is not exported also come from this key. Keep it and
use it for every export of the same store, so that each export continues the
one before.` + exitList("0    made", "2    usage, or the file already exists", "3    the file cannot be written"),
		Example: "  asof audit keygen --name shop --out audit.key",
		Args:    args(0, 0),
		RunE:    func(*cobra.Command, []string) error { return a.auditKeygen(o) },
	}
	c.Flags().StringVar(&o.name, "name", "asof", "name of the key, such as the name of the store; the origin of its checkpoints")
	c.Flags().StringVar(&o.out, "out", "", "file for the private key; the verifier key goes to FILE.pub")
	return c
}

func (a *app) auditKeygen(o keygenOptions) error {
	if o.out == "" {
		return usagef("name a file, such as --out audit.key", "--out is missing")
	}
	if err := audit.CheckName(o.name); err != nil {
		return usagef("write a name such as shop or example.com/shop", "bad --name: %v", err)
	}
	private, vkey, err := audit.GenerateKey(rand.Reader, o.name)
	if err != nil {
		return err
	}
	public, err := audit.PublicText(vkey)
	if err != nil {
		return err
	}
	if o.out == "-" {
		return usagef("name a file, such as --out audit.key", "a private key is not printed")
	}
	verifier := output{name: o.out + ".pub"}
	if err := a.mayWrite(verifier); err != nil { // neither key is useful alone
		return err
	}
	if err := a.writeFile(output{name: o.out, mode: 0o600}, []byte(private+"\n")); err != nil {
		return err
	}
	if err := a.writeFile(verifier, public); err != nil {
		return err
	}
	p := a.out()
	p.Keygen(o.out, vkey)
	return p.Flush()
}
