package ask

import (
	"context"

	"asof/inspect/wire"
	"asof/replay/fault"
	"asof/replay/snapshot"
	"asof/replay/workspace"
)

// CacheInfo asks for the contents and the folder of the cache. It opens no store.
type CacheInfo struct{}

// Check accepts every request.
func (CacheInfo) Check() error { return nil }

// Ask answers the question.
func (CacheInfo) Ask(_ context.Context, w *workspace.Workspace) (*wire.Cache, error) {
	return keptBy(w, false)
}

// CacheClear clears the cache. The answer lists what was removed. It opens no store.
type CacheClear struct{}

// Check accepts every request.
func (CacheClear) Check() error { return nil }

// Ask answers the question.
func (CacheClear) Ask(_ context.Context, w *workspace.Workspace) (*wire.Cache, error) {
	return keptBy(w, true)
}

// keptBy returns the contents of a workspace's cache, and clears it if clear is set.
func keptBy(w *workspace.Workspace, clear bool) (*wire.Cache, error) {
	c := w.Cache()
	if c == nil {
		return nil, workspace.Usage(fault.Try("set HOME or XDG_CACHE_HOME, or name a folder").With("cache-dir"), "no states are cached")
	}
	kept, err := c.Kept()
	if err == nil && clear {
		err = c.Clear()
	}
	if err != nil {
		return nil, workspace.Usage(fault.Try("name another folder").With("cache-dir"), "%v", err)
	}
	var states []wire.KeptStates
	var scans []wire.KeptScan
	for _, k := range kept {
		if k.Scan {
			scans = append(scans, wire.NewKeptScan(k.Store, k.Timeline, k.Asked, k.Bytes, k.Used))
			continue
		}
		if k.States == 0 {
			continue // removed in the meantime
		}
		states = append(states, wire.KeptStates{
			Store: k.Store, Timeline: k.Timeline, Projection: k.Fold, States: k.States, Bytes: k.Bytes, Used: k.Used,
		})
	}
	all := wire.NewCache(c.Dir(), snapshot.DefaultLimit, clear, states, scans)
	return &all, nil
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
		found, err := l.Verify(ctx)
		if err != nil {
			return err
		}
		proof := wire.NewStatesProof(t.Timeline.Name, found.States, found.Stale, found.Wrong)
		answer = &proof
		return nil
	})
	return answer, err
}
