package replay

import (
	"context"
	"iter"

	"asof/replay/state"
)

// batchSize is how many events are handed over at a time; batches, how many
// batches there are, in flight or being folded.
const (
	batchSize = 128
	batches   = 4
)

type batch struct {
	slots []slot
	n     int
	err   error // after the events
}

// slot keeps an event's bytes and payload tree until the batch is used again.
type slot struct {
	ev         Event
	data, meta []byte
	parser     state.Parser
}

func (s *slot) take(e *Event) {
	s.ev = *e
	if e.Data != nil {
		s.data = append(s.data[:0], e.Data...)
		s.ev.Data = s.data
	}
	if e.Meta.Raw != nil {
		s.meta = append(s.meta[:0], e.Meta.Raw...)
		s.ev.Meta.Raw = s.meta
	}
	if s.ev.parsed || e.Opaque != "" || e.Data == nil {
		return
	}
	// A payload that can't be parsed is an error only where it is asked for.
	if v, err := s.parser.Parse(s.data); err == nil {
		s.ev.body, s.ev.parsed = v, true
	}
}

// ReadAhead reads and parses the events of seq in a goroutine of its own, some
// batches ahead of who folds them. What comes out is what seq yields, in the
// same order, with the same error at the end.
func ReadAhead(ctx context.Context, seq func(context.Context) iter.Seq2[*Event, error]) iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		full := make(chan *batch, batches)
		free := make(chan *batch, batches)
		for range batches {
			free <- &batch{}
		}
		go fill(ctx, seq(ctx), free, full)
		defer func() { // the reader is ours again only when the goroutine is done
			cancel()
			for range full {
			}
		}()
		for b := range full {
			for i := range b.n {
				if !yield(&b.slots[i].ev, nil) {
					return
				}
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

func fill(ctx context.Context, seq iter.Seq2[*Event, error], free <-chan *batch, full chan<- *batch) {
	defer close(full)
	var b *batch
	send := func() bool {
		select {
		case full <- b:
			b = nil
			return true
		case <-ctx.Done():
			return false
		}
	}
	for e, err := range seq {
		if b == nil {
			select {
			case b = <-free:
				b.n, b.err = 0, nil
			case <-ctx.Done():
				return
			}
		}
		if err != nil {
			b.err = err
			send()
			return
		}
		if b.n == len(b.slots) {
			b.slots = append(b.slots, slot{})
		}
		b.slots[b.n].take(e)
		if b.n++; b.n == batchSize && !send() {
			return
		}
	}
	if b != nil {
		send()
	}
}
