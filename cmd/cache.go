package cmd

import (
	"github.com/spf13/cobra"

	"asof/inspect/ask"
	"asof/inspect/wire"
)

// cacheFlags say whether and where states and scans are kept from run to run.
type cacheFlags struct {
	off bool
	dir string
}

func (f *cacheFlags) add(c *cobra.Command) {
	fl := c.PersistentFlags()
	fl.BoolVar(&f.off, "no-cache", false, "keep no states from run to run, and use none")
	fl.StringVar(&f.dir, "cache-dir", "", "keep them in this folder (default: asof in your cache folder)")
}

func (a *app) cacheCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "cache",
		Short: "Show, prove or remove what is kept from run to run",
		Long: `A second look at a long stream goes on from a state that the first one kept, and
a check or bisect --all of a whole store from what the last one found. Both are
kept in your cache folder, never beside the store: a few hundred states of each
stream and what the last check of each kind found, compressed, 1 GiB in all;
what was used least recently goes first.

What is kept is only used while the store's file is the very one it was folded
from, or after the events up to there were read again and found to be the same.
Nothing is kept of what was decrypted, of standard input, of PostgreSQL, of folds
by a command, and of scripts that keep something in global variables; of checks,
nothing where the store has no positions. Give any verb --no-cache to do without.` + exits("1    verify: what was kept is wrong"),
		Example: "  asof cache info\n  asof cache verify shop.db cart-42\n  asof cache clear",
		Args:    a.unknownVerb,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newCacheInfoCmd(a, nil), newCacheClearCmd(a, nil), newCacheVerifyCmd(a, nil))
	return c
}

// newCacheInfoCmd parses a question for runF, or else asks it.
func newCacheInfoCmd(a *app, runF func(ask.CacheInfo) error) *cobra.Command {
	if runF == nil {
		runF = func(q ask.CacheInfo) error { return askOne(a, q.Ask, a.printCache) }
	}
	return &cobra.Command{
		Use:     "info",
		Short:   "Show what is kept, and where",
		Long:    "Show where states and scans are kept, of what, and their size." + exits(),
		Example: "  asof cache info\n  asof cache info --json",
		Args:    args(0, 0),
		RunE:    func(*cobra.Command, []string) error { return runF(ask.CacheInfo{}) },
	}
}

// newCacheClearCmd parses a question for runF, or else asks it.
func newCacheClearCmd(a *app, runF func(ask.CacheClear) error) *cobra.Command {
	if runF == nil {
		runF = func(q ask.CacheClear) error { return askOne(a, q.Ask, a.printCache) }
	}
	return &cobra.Command{
		Use:     "clear",
		Short:   "Remove all that is kept",
		Long:    "Remove all states and scans that are kept. Answers stay the same; the next look\nat a long stream, and the next check, take as long as the first." + exits(),
		Example: "  asof cache clear",
		Args:    args(0, 0),
		RunE:    func(*cobra.Command, []string) error { return runF(ask.CacheClear{}) },
	}
}

func (a *app) printCache(c *wire.Cache) error {
	p := a.out()
	if err := p.Cache(*c); err != nil {
		return err
	}
	return p.Flush()
}
