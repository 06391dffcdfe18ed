package cmd

import (
	"fmt"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"asof/cmd/render"
	"asof/inspect"
	"asof/replay"
	"asof/replay/snapshot"
)

// cacheFlags say whether and where states are kept from run to run.
type cacheFlags struct {
	off bool
	dir string
}

func (f *cacheFlags) add(c *cobra.Command) {
	fl := c.PersistentFlags()
	fl.BoolVar(&f.off, "no-cache", false, "keep no states from run to run, and use none")
	fl.StringVar(&f.dir, "cache-dir", "", "keep them in this folder (default: asof in your cache folder)")
}

// cache returns where states are kept, or nil where they are not.
func (a *app) cache() *snapshot.Cache {
	if a.cached == nil && !a.keep.off {
		dir := a.path(a.keep.dir)
		if a.keep.dir == "" {
			dir = userCache(a.Env)
		}
		if dir == "" {
			return nil
		}
		a.cached = snapshot.New(dir, snapshot.Options{
			Release: version(), Warn: func(text string) { a.note("cache", text) },
		})
	}
	return a.cached
}

// userCache is asof's folder in the user's cache folder; empty where there is
// none.
func userCache(env func(string) string) string {
	under := func(base string, more ...string) string {
		if !filepath.IsAbs(base) {
			return ""
		}
		return filepath.Join(append(append([]string{base}, more...), "asof")...)
	}
	if dir := under(env("XDG_CACHE_HOME")); dir != "" {
		return dir
	}
	switch runtime.GOOS {
	case "windows":
		return under(env("LocalAppData"))
	case "darwin":
		return under(env("HOME"), "Library", "Caches")
	}
	return under(env("HOME"), ".cache")
}

// closeCache holds the cache to its size.
func (a *app) closeCache() {
	if a.cached == nil {
		return
	}
	if err := a.cached.Close(); err != nil {
		a.note("cache", fmt.Sprintf("the cache could not be held to its size: %v", err))
	}
}

// lane returns where the states of a subject are kept, or nil.
func (a *app) lane(s inspect.Subject, how folding) *snapshot.Lane {
	c := a.cache()
	if c == nil {
		return nil
	}
	// What a script warned of would not be said again where its states are kept.
	return c.Lane(s.Timeline, s.Fold, func() bool { return len(how.warnings()) == 0 })
}

// snapshots returns what a subject may go on from.
func (a *app) snapshots(s inspect.Subject, how folding) replay.Snapshots {
	if l := a.lane(s, how); l != nil {
		return l
	}
	return nil
}

func (a *app) cacheCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "cache",
		Short: "Show, prove or remove the states that are kept from run to run",
		Long: `A second look at a long stream goes on from a state that the first one kept.
States are kept in your cache folder, never beside the store: a few hundred of
each stream, compressed, 1 GiB in all; what was used least recently goes first.

A kept state is only used while the store's file is the very one it was folded
from, or after the events up to it were read again and found to be the same.
Nothing is kept of what was decrypted, of standard input, of PostgreSQL, of folds
by a command or by partition, and of scripts that keep something in global
variables. Give any verb --no-cache to do without.` + exits("1    verify: a state is wrong"),
		Example: "  asof cache info\n  asof cache verify shop.db cart-42\n  asof cache clear",
		Args:    a.unknownVerb,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.cacheInfoCommand(), a.cacheClearCommand(), a.cacheVerifyCommand())
	return c
}

func (a *app) cacheInfoCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "info",
		Short:   "Show where states are kept, and of what",
		Long:    "Show where states are kept, how many of which stream and fold, and their size." + exits(),
		Example: "  asof cache info\n  asof cache info --json",
		Args:    args(0, 0),
		RunE:    func(*cobra.Command, []string) error { return a.cacheInfo(false) },
	}
}

func (a *app) cacheClearCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "clear",
		Short:   "Remove all states that are kept",
		Long:    "Remove all states that are kept. Answers stay the same; the next look at a long\nstream takes as long as the first." + exits(),
		Example: "  asof cache clear",
		Args:    args(0, 0),
		RunE:    func(*cobra.Command, []string) error { return a.cacheInfo(true) },
	}
}

// cacheInfo shows what is kept, and with clear removes it.
func (a *app) cacheInfo(clear bool) error {
	c := a.cache()
	if c == nil {
		return usagef("set HOME or XDG_CACHE_HOME, or give --cache-dir", "no states are kept")
	}
	kept, err := c.Kept()
	if err == nil && clear {
		err = c.Clear()
	}
	if err != nil {
		return usagef("give another --cache-dir", "%v", err)
	}
	p := a.out()
	view := render.Cache{Dir: c.Dir(), Limit: snapshot.DefaultLimit, Cleared: clear}
	for _, k := range kept {
		view.Kept = append(view.Kept, render.CacheLane{
			Store: k.Store, Timeline: k.Timeline, Fold: k.Fold, States: k.States, Bytes: k.Bytes, Used: k.Used,
		})
	}
	if err := p.Cache(view); err != nil {
		return err
	}
	return p.Flush()
}

func (a *app) cacheVerifyCommand() *cobra.Command {
	var o targetFlags
	c := &cobra.Command{
		Use:   "verify STORE STREAM",
		Short: "Prove the kept states of a stream against a full replay",
		Long: `Fold a stream from its first event and compare each state that is kept of it
with what comes out. What is of a history that the store no longer has, or is
wrong, is removed. Only a fold that gives something else each time makes wrong
states.` + exits("1    a state was wrong", exitNoStream, exitNoFold),
		Example: "  asof cache verify shop.db cart-42\n  asof cache verify shop.db cart-42 --fold cart.js",
		Args:    args(2, 2, "STORE", "STREAM"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.cacheVerify(args[0], args[1], o) },
	}
	o.add(a, c)
	return c
}

func (a *app) cacheVerify(storeName, name string, o targetFlags) error {
	r, err := a.open(storeName, o.storeFlags)
	if err != nil {
		return err
	}
	defer r.Close()
	t, err := a.target(r, name, o.foldFlags)
	if err != nil {
		return err
	}
	defer t.how.close()
	l := a.lane(t.subject, t.how)
	if l == nil {
		return usagef("asof cache --help says of what", "no states are kept of %s folded by %s", t.subject.Timeline.Name, t.how.name)
	}
	out, err := l.Verify(a.ctx)
	if err != nil {
		return err
	}
	p := a.out()
	p.CacheVerified(t.subject.Timeline.Name, render.CacheProof{States: out.States, Stale: out.Stale, Wrong: out.Wrong})
	if err := p.Flush(); err != nil {
		return err
	}
	if len(out.Wrong) > 0 {
		return findingsError{}
	}
	return nil
}
