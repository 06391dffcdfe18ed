package ask

import (
	"context"

	"asof/inspect/live"
	"asof/replay/workspace"
)

// CheckLive asks which rows differ from their recorded history.
type CheckLive struct{ workspace.StoreRef }

// In names the store, of which only what was recorded is read.
func (q CheckLive) In() workspace.StoreRef {
	q.Recorded = true
	return q.StoreRef
}

// Ask answers the question.
func (q CheckLive) Ask(ctx context.Context, w *workspace.Workspace) (*live.Result, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store.
func (q CheckLive) Of(ctx context.Context, s *workspace.Store) (*live.Result, error) {
	meter := s.Workspace().Work("events", -1)
	defer meter.Done()
	return live.Run(ctx, s.Reader, meter.Add)
}
