package replay

import (
	"context"
	"iter"

	"asof/replay/spawn"
)

// An ahead is what is read ahead: a sequence of events, and where a running hash
// over them goes on.
type ahead struct {
	seq   func(context.Context) iter.Seq2[*Event, error]
	chain *Chain // nil: there is none
	skip  Fields // what it does not cover
}

// events reads the events in one goroutine and parses them in another, some
// batches ahead of who folds them. What comes out is what the sequence yields, in
// the same order, with the same error at the end.
func (a ahead) events(ctx context.Context) iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		for b, err := range a.batches(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range b.n {
				if !yield(&b.events[i], nil) {
					return
				}
			}
		}
	}
}

// batches does so a batch at a time. The events of a batch are valid until the
// next is asked for.
func (a ahead) batches(ctx context.Context) iter.Seq2[*batch, error] {
	return func(yield func(*batch, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		free, raw, full := make(chan *batch, batches), make(chan *batch, batches), make(chan *batch, batches)
		for range batches {
			free <- &batch{}
		}
		var workers spawn.Group
		workers.Go(func() { fill(ctx, a.seq(ctx), free, raw) })
		workers.Go(func() { a.parse(ctx, raw, full) })
		defer workers.Wait() // the caller may use the reader again
		defer cancel()
		for b := range full {
			if !yield(b, nil) {
				return
			}
			if b.err != nil {
				yield(nil, b.err)
				return
			}
			free <- b
		}
		if err := ctx.Err(); err != nil {
			yield(nil, context.Cause(ctx))
		}
	}
}

// prefetched is events for a reducer that is told of each batch before it folds
// it. The events are upcast by then; one that can't be is an error in its
// turn.
func (a ahead) prefetched(ctx context.Context, up Upcaster, p Prefetcher) iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		defer p.Prefetch(nil) // the events are nobody's when the run ends
		var events []*Event
		for b, err := range a.batches(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			events = events[:0]
			for i := 0; i < b.n && err == nil; i++ {
				e := &b.events[i]
				if up != nil {
					err = up.Upcast(e)
				}
				if err == nil {
					events = append(events, e)
				}
			}
			p.Prefetch(events)
			for _, e := range events {
				if !yield(e, nil) {
					return
				}
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
	}
}
