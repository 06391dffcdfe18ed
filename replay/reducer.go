package replay

import (
	"context"

	"asof/replay/state"
)

// A Reducer folds events into a state. One Reducer serves one goroutine; it may
// serve several states in turn. The engine commits the state after each call.
type Reducer interface {
	// Name names the reducer in messages: "merge", "folds/cart.js".
	Name() string

	// Init sets the state before the first event.
	Init(ctx context.Context, st *state.State) error

	// Apply folds one event. It returns false if it has no handler for the event,
	// and then leaves the state unchanged. The event and its payload are valid
	// during the call. An error is a [FoldError].
	Apply(ctx context.Context, st *state.State, e *Event) (handled bool, err error)
}

// A Prefetcher is a Reducer that is faster if it knows the next events.
type Prefetcher interface {
	// Prefetch announces that the next calls of Apply are probably for these events,
	// in this order. The events are upcast. They stay unchanged and valid until the
	// last of them is applied or Prefetch is called again; at the end of a run it is
	// called with none. It is only a hint: Apply may be called for other events, and
	// for any state.
	Prefetch(events []*Event)
}

// A Partitioner is a Reducer that keeps one state for each partition of its
// events.
type Partitioner interface {
	// Partition returns the event's partition. ok is false for an event without a
	// partition, which is skipped.
	Partition(e *Event) (name string, ok bool, err error)
}

// A Partial is a Reducer that may keep data outside its state. A fold then cannot
// resume from a state, see [Step].
type Partial interface{ Partial() bool }

// A Resulter is a Reducer that derives a result from its state.
type Resulter interface {
	Result(st *state.State) (state.Value, error)
}

// A Closer is a Reducer that holds a resource, such as a process.
type Closer interface{ Close() error }

// An Upcaster converts an event of an older schema revision into the current one.
// It sets Event.Revision and calls [Event.SetBody].
type Upcaster interface{ Upcast(e *Event) error }
