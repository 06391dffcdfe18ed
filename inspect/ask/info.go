package ask

import (
	"context"

	"asof/replay"
	"asof/replay/workspace"
)

// Info asks for a description of a store.
type Info struct{ workspace.StoreRef }

// A StoreInfo describes a store.
type StoreInfo struct {
	Info    replay.Info
	Summary replay.Summary
}

// In returns the store.
func (q Info) In() workspace.StoreRef { return q.StoreRef }

// Ask answers the question.
func (q Info) Ask(ctx context.Context, w *workspace.Workspace) (*StoreInfo, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store.
func (q Info) Of(ctx context.Context, s *workspace.Store) (*StoreInfo, error) {
	summary, err := s.Reader.Summary(ctx)
	if err != nil {
		return nil, err
	}
	s.Workspace().NoteProjectAbove()
	info := s.Info() // counting may have revealed more about the times
	return &StoreInfo{Info: info, Summary: summary}, nil
}
