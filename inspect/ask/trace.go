package ask

import (
	"context"

	"asof/inspect"
	"asof/replay/workspace"
)

// Trace asks what caused an event, and what it caused.
type Trace struct {
	workspace.StoreRef
	Stream string `json:"stream" jsonschema:"a stream, a unique prefix of one, or id: and the id of an event; optionally with @POINT"`
	At     string `json:"at,omitempty" jsonschema:"the point of the event, such as 17 or head~3; default: the last event"`
}

// Check rejects an invalid request.
func (q Trace) Check() error {
	return Timeline{StoreRef: q.StoreRef, Stream: q.Stream}.Check()
}

// In returns the store.
func (q Trace) In() workspace.StoreRef { return q.StoreRef }

// Ask answers the question.
func (q Trace) Ask(ctx context.Context, w *workspace.Workspace) (*inspect.Traced, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store.
func (q Trace) Of(ctx context.Context, s *workspace.Store) (*inspect.Traced, error) {
	t, err := s.Unfolded(ctx, q.Stream)
	if err != nil {
		return nil, err
	}
	at, err := t.Moment(ctx, q.At)
	if err != nil {
		return nil, err
	}
	e, err := inspect.EventAt(ctx, t.Timeline, at)
	if err != nil {
		return nil, err
	}
	return inspect.Trace(ctx, s.Reader, e)
}
