package replay

import (
	"context"

	"asof/replay/state"
)

// A Reducer folds events into a state. One Reducer serves one goroutine; it may
// serve several states in turn. The engine commits the state after each call.
type Reducer interface {
	// Name says what folds, for messages: "merge", "folds/cart.js".
	Name() string

	// Init sets the state before the first event.
	Init(ctx context.Context, st *state.State) error

	// Apply folds one event. It returns false for an event that it has no handler
	// for, which leaves the state as it is. The event, its payload included, is
	// valid during the call. An error is a [FoldError].
	Apply(ctx context.Context, st *state.State, e *Event) (handled bool, err error)
}

// A Prefetcher is a Reducer that works faster when it knows what is to come.
type Prefetcher interface {
	// Prefetch tells that the next calls of Apply are probably for these events, in
	// this order. They are upcast, stay as they are, and stay valid until the last
	// of them has been applied or Prefetch is called again: with none, at the end
	// of a run. It is a hint and no promise: whatever Apply is called for next, and
	// for which state, is what counts.
	Prefetch(events []*Event)
}

// A Partitioner is a Reducer that keeps one state for each partition of its
// events.
type Partitioner interface {
	// Partition names the event's partition; ok is false for an event that is in
	// none and is skipped.
	Partition(e *Event) (name string, ok bool, err error)
}

// A Partial is a Reducer that may keep more than its state: then a fold can't go on
// from there, see [Step].
type Partial interface{ Partial() bool }

// A Resulter is a Reducer whose result is shaped from its state.
type Resulter interface {
	Result(st *state.State) (state.Value, error)
}

// A Closer is a Reducer that holds something to be let go of, such as a process.
type Closer interface{ Close() error }

// An Upcaster turns an event of an older schema revision into the present one,
// by [Event.SetBody] and Event.Revision.
type Upcaster interface{ Upcast(e *Event) error }
