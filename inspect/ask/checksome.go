package ask

import (
	"context"

	"asof/inspect/check"
	"asof/replay"
	"asof/replay/workspace"
)

// Some tests the invariants over some streams only, and looks for no causes. The result is
// that of the whole check, as far as these streams go; nil: there are no invariants.
func (q CheckStore) Some(ctx context.Context, s *workspace.Store, streams []replay.StreamID) (*check.Result, error) {
	all, err := projectRules(s.Workspace(), q.Projection)
	if err != nil || len(all)+len(q.Invariants) == 0 {
		return nil, err
	}
	run, err := q.run(s)
	if err != nil {
		return nil, err
	}
	o := check.Options{Since: run.since, Memory: run.memory, SameNotice: sameNotice, Only: streams}
	if o.UpTo, err = run.cut(ctx); err != nil {
		return nil, err
	}
	return check.Run(ctx, run.store, run.rules, o)
}
