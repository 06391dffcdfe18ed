package replay

import (
	"context"
	"iter"

	"asof/replay/spawn"
)

// An ahead reads a sequence of events ahead of the fold, and may compute a running
// hash over them.
type ahead struct {
	seq   func(context.Context) iter.Seq2[*Event, error]
	chain *Chain // the hash so far; nil: no hash
	skip  Fields // parts that the hash does not cover
}

// events reads the events in one goroutine and parses them in another, some
// batches ahead of the caller. It yields the same events in the same order as the
// sequence, with the same error at the end.
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

// batches is like events, a batch at a time. The events of a batch are valid until
// the next batch.
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

// prefetched is like events, and passes each batch to p before yielding it. The
// events are already upcast; an error of the upcaster comes after the events before
// it.
func (a ahead) prefetched(ctx context.Context, up Upcaster, p Prefetcher) iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		defer p.Prefetch(nil) // the events are invalid when the run ends
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
