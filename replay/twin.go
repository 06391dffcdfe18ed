package replay

import (
	"context"

	"asof/replay/state"
)

// A Twin is a second state that the events of a run are also folded into, by the
// same fold. Each event is read once for both states.
type Twin struct {
	m    *machine
	e    Event
	step Step
}

// CanTwin reports whether a run of the fold can have a [Twin]: the fold has one
// state, and takes each event as read, one at a time.
func (f Fold) CanTwin() bool {
	_, ahead := f.Reducer.(Prefetcher)
	return !ahead && f.Upcaster == nil && !f.Partitioned
}

// A PayloadKeeper is a [Reducer] that may leave a payload's tree unchanged. Another
// fold of the event can then use the tree without parsing the payload again.
type PayloadKeeper interface {
	// KeptPayload reports whether the last event's tree is unchanged.
	KeptPayload() bool
}

// NewTwin returns a twin that starts from base. The fold must pass [Fold.CanTwin].
func NewTwin(ctx context.Context, f Fold, base state.Value) (*Twin, error) {
	m := newMachine(f)
	return &Twin{m: m}, m.start(ctx, &base)
}

// Fold folds an event that the run has yielded. The step is valid until the next.
func (t *Twin) Fold(ctx context.Context, e *Event) (*Step, error) {
	t.e = *e
	if k, ok := t.m.fold.Reducer.(PayloadKeeper); !ok || !k.KeptPayload() {
		t.e.body, t.e.parsed = state.Value{}, false
	}
	return &t.step, t.m.step(ctx, &t.e, false, &t.step)
}
