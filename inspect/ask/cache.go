package ask

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"asof/inspect/wire"
	"asof/replay/fault"
	"asof/replay/snapshot"
	"asof/replay/workspace"
)

// CacheInfo asks for the contents and the folder of the cache. It opens no store.
type CacheInfo struct{ Page }

// Check rejects an invalid request.
func (q CacheInfo) Check() error { return CheckLimit(q.Limit) }

// Ask answers the question.
func (q CacheInfo) Ask(_ context.Context, w *workspace.Workspace) (*wire.Cache, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	keys, err := q.Page.begin(CacheInfo{}, 1)
	if err != nil {
		return nil, err
	}
	all, err := keptBy(w, false)
	if err != nil {
		return nil, err
	}
	return all.page(keys, q.Limit), nil
}

// CacheClear clears the cache. The answer lists what was removed. It opens no store.
type CacheClear struct{}

// Check accepts every request.
func (CacheClear) Check() error { return nil }

// Ask answers the question.
func (CacheClear) Ask(_ context.Context, w *workspace.Workspace) (*wire.Cache, error) {
	all, err := keptBy(w, true)
	if err != nil {
		return nil, err
	}
	return all.page(nil, 0), nil
}

// kept is what the cache of a workspace has, by what it is of.
type kept struct {
	dir     string
	cleared bool
	folders []snapshot.Kept
}

// keptBy returns the contents of a workspace's cache, and clears it if clear is set.
func keptBy(w *workspace.Workspace, clear bool) (*kept, error) {
	c := w.Cache()
	if c == nil {
		return nil, workspace.Usage(fault.Try("set HOME or XDG_CACHE_HOME, or name a folder").With("cache-dir"), "no states are cached")
	}
	all, err := c.Kept()
	if err == nil && clear {
		err = c.Clear()
	}
	if err != nil {
		return nil, workspace.Usage(fault.Try("name another folder").With("cache-dir"), "%v", err)
	}
	all = slices.DeleteFunc(all, func(k snapshot.Kept) bool { return !k.Scan && k.States == 0 }) // removed in the meantime
	slices.SortFunc(all, func(a, b snapshot.Kept) int { return cmp.Compare(orderOf(a), orderOf(b)) })
	return &kept{dir: c.Dir(), cleared: clear, folders: all}, nil
}

// orderOf is the place of a folder in the list, which using it does not change: states
// come before scans.
func orderOf(k snapshot.Kept) string {
	kind := "0"
	if k.Scan {
		kind = "1"
	}
	return strings.Join([]string{kind, k.Store, k.Timeline, k.Fold, k.Columns, k.Key()}, "\x00")
}

// page is what is cached, with the folders after a key and at most limit of them.
func (k *kept) page(after []string, limit int) *wire.Cache {
	states, scans := listed(k.folders)
	all := wire.NewCache(k.dir, snapshot.DefaultLimit, k.cleared, states, scans)
	part, cut := k.folders, ""
	if after != nil {
		n := 0
		for n < len(part) && orderOf(part[n]) <= after[0] {
			n++
		}
		part = part[n:]
	}
	if limit > 0 && len(part) > limit {
		part = part[:limit]
		cut = cursorAt(CacheInfo{}, orderOf(part[limit-1]))
	}
	states, scans = listed(part)
	all.Kept, all.Scans, all.Cursor = states, scans, cut
	return &all
}

// listed are folders of the cache as they are listed.
func listed(folders []snapshot.Kept) ([]wire.KeptStates, []wire.KeptScan) {
	states, scans := []wire.KeptStates{}, []wire.KeptScan{}
	for _, k := range folders {
		if k.Scan {
			scans = append(scans, wire.NewKeptScan(k.Store, k.Timeline, k.Asked, k.Columns, k.Bytes, k.Used))
			continue
		}
		states = append(states, wire.KeptStates{
			Store: k.Store, Timeline: k.Timeline, Projection: k.Fold, States: k.States, Bytes: k.Bytes, Used: k.Used,
		})
	}
	return states, scans
}

// KeptStates asks whether the cached states of a timeline equal those of a full replay.
// Wrong states are removed.
type KeptStates struct{ Timeline }

// Ask answers the question.
func (q KeptStates) Ask(ctx context.Context, w *workspace.Workspace) (*wire.StatesProof, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store.
func (q KeptStates) Of(ctx context.Context, s *workspace.Store) (answer *wire.StatesProof, err error) {
	err = q.in(ctx, s, func(t *workspace.Target) error {
		l := t.States()
		if l == nil {
			return workspace.Usage(fault.Try("see its help for what is cached").By("cache").With("help"), "no states of %s folded by %s are cached", t.Timeline.Name, t.How.Name)
		}
		found, err := l.Verify(ctx, t.Count)
		if err != nil {
			return err
		}
		t.NoteBasis(ctx)
		proof := wire.NewStatesProof(t.Timeline.Name, found.States, found.Stale, found.Wrong)
		answer = &proof
		return nil
	})
	return answer, err
}
