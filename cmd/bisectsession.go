package cmd

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"asof/inspect/bisect"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/files"
)

// sessionPath is where the last search is kept, in the user's own folder. It is
// empty where there is none.
func (a *app) sessionPath() string {
	if dir := a.Env("XDG_STATE_HOME"); dir != "" {
		return filepath.Join(dir, "asof", "bisect.log")
	}
	if home := a.Env("HOME"); home != "" {
		return filepath.Join(home, ".local", "state", "asof", "bisect.log")
	}
	return ""
}

// record is what is written down of the search.
func (b *bisection) record() *bisect.Record {
	return &bisect.Record{
		Store: b.storePath(), Folds: b.o.folds, Projection: b.o.Projection, Strict: b.o.Strict, Dialect: b.o.Dialect,
		TermOld: b.o.termOld, TermNew: b.o.termNew, Run: b.o.run,
	}
}

// storePath names the store from wherever one stands. A connection string is
// written down without its secrets.
func (b *bisection) storePath() string {
	path := b.opened.Info().Path
	if isDSN(b.store) || b.store == "-" {
		return path
	}
	if abs, err := filepath.Abs(b.path(b.store)); err == nil {
		if _, err := os.Stat(abs); err == nil {
			return abs
		}
	}
	return b.store // a name of asof.toml
}

// save writes the search down. That it can't be is no reason to end it.
func (b *bisection) save(r *bisect.Record, n *bisect.Session) {
	path := b.sessionPath()
	if path == "" {
		return
	}
	err := func() error {
		r.Note(n)
		text, err := r.Text()
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		return b.writeFile(output{name: path, mode: 0o600, ours: bisect.IsRecord}, text)
	}()
	if err != nil && !b.unsaved {
		b.unsaved = true
		b.note("session", "the search is not kept: "+err.Error())
	}
}

// maxSession bounds the file of a search, in bytes.
const maxSession = 16 << 20

// readRecord reads the record of a search.
func readRecord(name string, text []byte) (*bisect.Record, error) {
	r, err := bisect.ReadRecord(text)
	if err != nil {
		return nil, usagef("asof bisect log > FILE writes one", "%s:%v", name, err)
	}
	return r, nil
}

// resume gives the search the marks of a record.
func resume(n *bisect.Session, r *bisect.Record) error {
	err := r.Apply(n)
	switch {
	case errors.Is(err, bisect.ErrOutsideRange):
		return usagef("asof bisect reset begins anew", "%v", err)
	case err != nil:
		return usagef("asof bisect log shows what was answered", "%v", err)
	}
	return nil
}

// lastSession returns the search that was kept, or nil.
func (a *app) lastSession() (*bisect.Record, []byte, error) {
	path := a.sessionPath()
	if path == "" {
		return nil, nil, nil
	}
	text, err := files.Regular(path, maxSession)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	r, err := readRecord(path, text)
	return r, text, err
}

func (a *app) bisectSubcommands() []*cobra.Command {
	noSearch := func() error {
		return &replay.NotFoundError{Kind: "search", Name: "bisect", Next: fault.Try("asof bisect STORE STREAM begins one")}
	}
	show := &cobra.Command{
		Use: "log", Short: "Print the last search: what was asked and answered",
		Long:    "Print the last search that asked or ran a command, in the form that replay\ntakes." + exits("4    there was none"),
		Example: "  asof bisect log > search.log",
		Args:    args(0, 0),
		RunE: func(*cobra.Command, []string) error {
			r, text, err := a.lastSession()
			if err == nil && r == nil {
				err = noSearch()
			}
			if err != nil {
				return err
			}
			_, err = a.Out.Write(text)
			return err
		},
	}
	again := &cobra.Command{
		Use: "replay FILE [STORE]", Short: "Take up a search from what log printed",
		Long:    "Take up a search from the file, and go on asking where it stopped. STORE stands\nin for the one that the file names." + exits(exitNoStream, exitNoFold),
		Example: "  asof bisect replay search.log",
		Args:    args(1, 2, "FILE", "STORE"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.bisectReplay(args) },
	}
	reset := &cobra.Command{
		Use: "reset", Short: "Forget the last search",
		Long:    "Forget the last search: the next one begins anew." + exits(),
		Example: "  asof bisect reset",
		Args:    args(0, 0),
		RunE: func(*cobra.Command, []string) error {
			path := a.sessionPath()
			if path == "" {
				return nil
			}
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			return nil
		},
	}
	return []*cobra.Command{show, again, reset}
}

// bisectReplay takes up the search of a file.
func (a *app) bisectReplay(args []string) error {
	text, err := a.readSource(args[0])
	if err != nil {
		return err
	}
	rec, err := readRecord(args[0], []byte(text))
	if err != nil {
		return err
	}
	if len(args) == 2 {
		rec.Store = args[1]
	}
	var o bisectOptions
	o.folds, o.Projection, o.Strict, o.Dialect = rec.Folds, rec.Projection, rec.Strict, rec.Dialect
	o.termOld, o.termNew = rec.TermOld, rec.TermNew
	r, err := a.open(rec.Store, o.storeFlags)
	if err != nil {
		return err
	}
	defer r.Close()
	b := &bisection{app: a, o: o, store: rec.Store, name: rec.Stream, opened: r}
	ans, err := b.ask(rec)
	if err != nil {
		return err
	}
	return b.print(ans)
}
