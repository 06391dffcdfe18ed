package replay

import (
	"context"

	"asof/replay/state"
)

// A Twin is a second state, into which the events of a run are folded besides, by
// the same fold. They are read once for both.
type Twin struct {
	m    *machine
	e    Event
	step Step
}

// CanTwin reports whether a [Twin] can be folded beside a run: the fold takes each
// event as it was read, when it is shown, and has one state.
func (f Fold) CanTwin() bool {
	_, ahead := f.Reducer.(Prefetcher)
	return !ahead && f.Upcaster == nil && !f.Partitioned
}

// A PayloadKeeper is a [Reducer] that tells whether it left the tree of the payload
// as it was that it folded last. Else another fold of the event has to parse it
// again.
type PayloadKeeper interface {
	KeptPayload() bool
}

// NewTwin begins at a state. The fold must be one that can, see [Fold.CanTwin].
func NewTwin(ctx context.Context, f Fold, base state.Value) (*Twin, error) {
	m := newMachine(f)
	return &Twin{m: m}, m.start(ctx, &base)
}

// Fold folds an event that the run has shown. The step is valid until the next.
func (t *Twin) Fold(ctx context.Context, e *Event) (*Step, error) {
	t.e = *e
	if k, ok := t.m.fold.Reducer.(PayloadKeeper); !ok || !k.KeptPayload() {
		t.e.body, t.e.parsed = state.Value{}, false
	}
	return &t.step, t.m.step(ctx, &t.e, false, &t.step)
}
