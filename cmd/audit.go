package cmd

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"asof/inspect/audit"
	"asof/replay"
)

func (a *app) auditCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "audit",
		Short: "Export, seal, verify and prove the history of a store",
		Long: `Seal the history of a store, so that somebody who does not trust us can check
what we hand out, without us and without the store.

An export is a folder with the events, the bytes that the store holds of them,
the states they led to, and a signed checkpoint over all events of the store.
It proves that the events are whole, in order, and unchanged since the first
checkpoint that was kept elsewhere; not that they were true when written.` + exits("1    findings"),
		Example: `  asof audit keygen --name shop --out audit.key
  asof audit export shop.db --stream 'order-*' --key audit.key --out q1/
  asof audit verify q1/ --vkey audit.key.pub`,
		Args: a.unknownVerb,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(
		a.auditKeygenCommand(), a.auditExportCommand(), a.auditVerifyCommand(), a.auditProveCommand(),
		a.auditSampleCommand(), a.auditSealCommand(),
	)
	return c
}

type keygenOptions struct{ name, out string }

func (a *app) auditKeygenCommand() *cobra.Command {
	var o keygenOptions
	c := &cobra.Command{
		Use:   "keygen",
		Short: "Make a key that signs audit exports",
		Long: `Make an Ed25519 key in the format of signed notes. The private key goes into a
file that only you can read, and is never printed. Beside it, in FILE.pub, is
the verifier key, which is what an auditor needs; it is printed, too.

The salts that hide what is not exported come from the same key: keep it, and
use it for every export of that store, so that each is the beginning of the
next.` + exitList("0    made", "2    usage, or the file is there already", "3    the file can't be written"),
		Example: "  asof audit keygen --name shop --out audit.key",
		Args:    args(0, 0),
		RunE:    func(*cobra.Command, []string) error { return a.auditKeygen(o) },
	}
	c.Flags().StringVar(&o.name, "name", "asof", "name of the key, such as that of the store: the origin of its checkpoints")
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
	path := a.path(o.out)
	if err := newFile(path, []byte(private+"\n"), 0o600); err != nil {
		return err
	}
	if err := newFile(path+".pub", public, 0o644); err != nil {
		_ = os.Remove(path) // one without the other is of no use
		return err
	}
	p := a.out()
	p.Keygen(o.out, vkey)
	return p.Flush()
}

// newFile writes a file that must not be there.
func newFile(path string, data []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return usagef("name another file, or move that one away", "%s is there already", path)
	}
	if err != nil {
		return cantWrite(path, err)
	}
	_, err = f.Write(data)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		_ = os.Remove(path)
		return cantWrite(path, err)
	}
	return nil
}

func cantWrite(path string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return &replay.StoreError{Path: path, Op: "write", Err: err, Next: "see that there is room and that the folder can be written"}
}

// An asideFile is written aside and gets its name when it is whole.
type asideFile struct {
	*os.File
	path string
}

func newAside(path string) (*asideFile, error) {
	if _, err := os.Lstat(path); err == nil {
		return nil, usagef("name another file, or move that one away", "%s is there already", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".unfinished-*")
	if err != nil {
		return nil, cantWrite(path, err)
	}
	return &asideFile{f, path}, nil
}

func (f *asideFile) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	if err != nil {
		err = cantWrite(f.path, err)
	}
	return n, err
}

func (f *asideFile) keep() error {
	err := f.Chmod(0o644)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), f.path)
	}
	if err != nil {
		return cantWrite(f.path, err)
	}
	return nil
}

// discard removes what was written, unless it was kept.
func (f *asideFile) discard() {
	_ = f.Close()
	_ = os.Remove(f.Name())
}

// auditKey reads the private key of --key, or of the file that ASOF_AUDIT_KEY
// names.
func (a *app) auditKey(file string) (*audit.Key, error) {
	if file == "" {
		file = a.Env("ASOF_AUDIT_KEY")
	}
	if file == "" {
		return nil, usagef("asof audit keygen --out audit.key makes one", "--key is missing")
	}
	text, err := a.smallFile(file)
	if err != nil {
		return nil, err
	}
	k, err := audit.ParseKey(text)
	if err != nil {
		return nil, usagef("name the file that asof audit keygen --out wrote, not its .pub", "bad --key %s: %v", file, err)
	}
	return k, nil
}

// smallFile reads a key or a checkpoint.
func (a *app) smallFile(name string) ([]byte, error) {
	const most = 1 << 20
	f, err := os.Open(a.path(name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if len(b) > most || bytes.IndexByte(b, 0) >= 0 {
		return nil, usagef("name a file of text", "%s is no key and no checkpoint", name)
	}
	return b, nil
}
