package cmd

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"asof/inspect/audit"
)

type auditSealOptions struct {
	storeFlags
	log, key, witness string
}

func (a *app) auditSealCommand() *cobra.Command {
	var o auditSealOptions
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
		RunE:    func(_ *cobra.Command, args []string) error { return a.auditSeal(args[0], o) },
	}
	o.add(a, c)
	c.Flags().StringVar(&o.log, "log", "", "folder of the log")
	c.Flags().StringVar(&o.witness, "witness", "", "file kept elsewhere with the newest checkpoint, which the log must continue")
	c.Flags().StringVar(&o.key, "key", "", "file with the private key (default: ASOF_AUDIT_KEY)")
	return c
}

func (a *app) auditSeal(name string, o auditSealOptions) error {
	if o.log == "" {
		return usagef("name a folder, such as --log seals/", "--log is missing")
	}
	key, err := a.auditKey(o.key)
	if err != nil {
		return err
	}
	r, err := a.open(name, o.storeFlags)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := a.notInputs(o.log, "checkpoint", "checkpoints", "tile"); err != nil {
		return err
	}
	s := audit.Seal{Reader: r.Reader, Key: key}
	if o.witness != "" {
		if err := a.mayWitness(o.witness); err != nil {
			return err
		}
		s.Witness = a.path(o.witness)
	}
	ans, err := s.Run(a.ctx, a.path(o.log))
	if err != nil {
		return err
	}
	ans.Log = o.log
	p := a.out()
	p.Sealed(ans)
	if err := p.Flush(); err != nil {
		return err
	}
	if len(ans.Findings) > 0 {
		return findingsError{}
	}
	return nil
}

// mayWitness refuses a witness that can't be written, before anything is sealed.
// Whether an existing file is a checkpoint, the seal finds out when it reads it.
func (a *app) mayWitness(name string) error {
	if err := a.mayWrite(output{name: name, ours: func([]byte) bool { return true }}); err != nil {
		return err
	}
	path := a.path(name)
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() || name == "-" {
		return usagef("name a file that stays", "--witness %s is no file", name)
	}
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return usagef("name a file in a folder that exists", "--witness %s: %v", name, bareError(err))
	}
	return nil
}
