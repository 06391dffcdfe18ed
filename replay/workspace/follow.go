package workspace

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/store"
)

const (
	// followEvery is how long a follower waits before it looks for new events.
	followEvery = time.Second
	// followBatch bounds the events read from one snapshot, so that a slow consumer
	// does not keep a snapshot open.
	followBatch = 1000
)

// Follow yields the events of a store after a position, then newly appended ones,
// until ctx is done; it yields the error of ctx last. The store needs positions.
// Each event comes once, in position order, even if transactions overlap, see
// [replay.Follower]. An event is valid until the next.
func (w *Workspace) Follow(ctx context.Context, ref StoreRef, after replay.Position) iter.Seq2[*replay.Event, error] {
	w = w.Begun()
	f := follower{path: ref.Store, at: after, every: followEvery, open: func(ctx context.Context) (replay.Reader, error) {
		s, err := w.Store(ctx, ref)
		if err != nil {
			return nil, err
		}
		return s.Reader, nil
	}}
	return f.follow(ctx)
}

// Head returns the position of the last event of the store, or [replay.NoPosition] if
// the store is empty.
func (s *Store) Head(ctx context.Context) (replay.Position, error) { return headOf(ctx, s.Reader) }

func headOf(ctx context.Context, r replay.Reader) (replay.Position, error) {
	if !r.Info().Has("positions") {
		return replay.NoPosition, &replay.UnsupportedError{Dialect: r.Info().Dialect, Lacks: "positions"}
	}
	q := replay.Query{Reverse: true, Limit: 1, Skip: replay.FieldData | replay.FieldMeta | replay.FieldID | replay.FieldTime}
	for e, err := range r.Events(ctx, q) {
		if err != nil {
			return replay.NoPosition, err
		}
		return e.Position, nil
	}
	return replay.NoPosition, nil
}

// A follower reads the new events of a store, snapshot by snapshot.
type follower struct {
	path  string
	open  func(context.Context) (replay.Reader, error)
	at    replay.Position // position of the last yielded event
	every time.Duration
}

func (f follower) follow(ctx context.Context) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		f := f // the sequence can be read again
		for {
			n, stopped, err := f.batch(ctx, yield)
			switch {
			case stopped:
				return
			case err != nil && !errors.Is(err, store.ErrMoved):
				yield(nil, err)
				return
			case n == followBatch:
				continue
			}
			select {
			case <-ctx.Done():
				yield(nil, ctx.Err())
				return
			case <-time.After(f.every):
			}
		}
	}
}

// batch yields the next events of a snapshot of the store. After an error, the
// follower resumes after the last yielded event.
func (f *follower) batch(ctx context.Context, yield func(*replay.Event, error) bool) (n int, stopped bool, err error) {
	r, err := f.open(ctx)
	if err != nil {
		return 0, false, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	last, err := f.settled(ctx, r)
	if err != nil || last <= f.at {
		return 0, false, err
	}
	for e, err := range r.Events(ctx, replay.Query{Positions: replay.Between(f.at+1, last), Limit: followBatch}) {
		if err != nil {
			return n, false, err
		}
		n, f.at = n+1, e.Position
		if !yield(e, nil) {
			return n, true, nil
		}
	}
	return n, false, nil
}

// settled returns the position up to which no further event can appear.
func (f *follower) settled(ctx context.Context, r replay.Reader) (replay.Position, error) {
	head, err := headOf(ctx, r)
	if err != nil {
		return head, err
	}
	if head < f.at {
		return head, &replay.StoreError{
			Path: f.path, Op: "follow", Err: fmt.Errorf("it ends at position %d, and events up to %d were read", head, f.at),
			Next: fault.Try("the store was replaced or truncated: follow it from the start"),
		}
	}
	if s, ok := r.(replay.Follower); ok && head > f.at {
		return s.Settled(ctx, f.at)
	}
	return head, nil
}
