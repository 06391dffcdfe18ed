package workspace

import (
	"path/filepath"
	"runtime"

	"asof/replay"
	"asof/replay/snapshot"
)

// Cache returns the cache of states and scans, which is kept between runs, or nil.
func (w *Workspace) Cache() *snapshot.Cache { return w.cache }

// userCache returns asof's folder in the user's cache folder, or "" if there is none.
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

// States returns the kept states of the target, or nil if it keeps none.
func (t *Target) States() *snapshot.States {
	if t.w.cache == nil {
		return nil
	}
	// A state whose fold caused warnings is not kept, because a later run would not
	// repeat them.
	return t.w.cache.States(t.Timeline, t.Fold, func() bool { return len(t.How.Warnings()) == 0 })
}

// snapshots returns the states that a target may resume from, or a nil interface if
// it keeps none.
func (t *Target) snapshots() replay.Snapshots {
	if l := t.States(); l != nil {
		return l
	}
	return nil
}
