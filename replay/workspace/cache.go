package workspace

import (
	"path/filepath"
	"runtime"

	"asof/replay"
	"asof/replay/snapshot"
)

// Cache is where states and scans are kept from run to run, or nil.
func (w *Workspace) Cache() *snapshot.Cache { return w.cache }

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

// Lane is where the states of a target are kept, or nil.
func (t *Target) Lane() *snapshot.Lane {
	if t.w.cache == nil {
		return nil
	}
	// What a script warned of would not be said again if its states were kept.
	return t.w.cache.Lane(t.Timeline, t.Fold, func() bool { return len(t.How.Warnings()) == 0 })
}

// snapshots is what a target may resume from. A nil lane is no nil interface.
func (t *Target) snapshots() replay.Snapshots {
	if l := t.Lane(); l != nil {
		return l
	}
	return nil
}
