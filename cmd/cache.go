package cmd

import (
	"github.com/spf13/cobra"

	"asof/inspect/ask"
	"asof/inspect/wire"
)

// cacheFlags say whether and where to cache states and scans.
type cacheFlags struct {
	off bool
	dir string
}

func (f *cacheFlags) add(c *cobra.Command) {
	fl := c.PersistentFlags()
	fl.BoolVar(&f.off, "no-cache", false, "neither read nor write cached states")
	fl.StringVar(&f.dir, "cache-dir", "", "folder of the cache (default: asof in your cache folder)")
}

func (a *app) cacheCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "cache",
		Short: "Show, verify or clear cached states and checks",
		Long: `Show, verify or clear the cache of states and findings.

A second replay of a long stream resumes from a state the first one cached, and
check and bisect --all resume from the findings of their last run. Both live in
your cache folder, never next to the store: a few hundred states per stream and
the findings of the last check of each kind, compressed, 1 GiB in all. The least
recently used entries are evicted first.

A cached entry is used only while the store's file is the same file it was
folded from, or after the events up to it were read again and are unchanged.
Never cached: decrypted payloads, standard input, PostgreSQL, MySQL, folds by a
command, scripts with global state, and checks of a store without positions.
Every verb takes --no-cache.` + exits("1    verify: a cached entry is wrong"),
		Example: "  asof cache info\n  asof cache verify shop.db cart-42\n  asof cache clear",
		Args:    a.unknownVerb,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newCacheInfoCmd(a, nil), newCacheClearCmd(a, nil), newCacheVerifyCmd(a, nil))
	return c
}

// newCacheInfoCmd returns the cache info command. A nil runF asks the question.
func newCacheInfoCmd(a *app, runF func(ask.CacheInfo) error) *cobra.Command {
	if runF == nil {
		runF = func(q ask.CacheInfo) error { return askOne(a, q.Ask, a.printCache) }
	}
	var q ask.CacheInfo
	c := &cobra.Command{
		Use:     "info",
		Short:   "Show the contents and the folder of the cache",
		Long:    "Show the folder of the cache, what it holds and how large it is." + exits(),
		Example: "  asof cache info\n  asof cache info --json",
		Args:    args(0, 0),
		RunE:    func(*cobra.Command, []string) error { return runF(q) },
	}
	a.addPage(c.Flags(), &q.Page, 0, "list at most this many entries")
	return c
}

// newCacheClearCmd returns the cache clear command. A nil runF asks the question.
func newCacheClearCmd(a *app, runF func(ask.CacheClear) error) *cobra.Command {
	if runF == nil {
		runF = func(q ask.CacheClear) error { return askOne(a, q.Ask, a.printCache) }
	}
	return &cobra.Command{
		Use:     "clear",
		Short:   "Clear the cache",
		Long:    "Remove all cached states and scans. Answers stay the same; the next replay of a\nlong stream and the next check take as long as the first." + exits(),
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
	if err := p.Flush(); err != nil {
		return err
	}
	a.more(c.Cursor)
	return nil
}
