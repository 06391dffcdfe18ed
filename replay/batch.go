package replay

import (
	"bytes"
	"context"
	"iter"

	"asof/replay/state"
)

// Events pass from one goroutine to the next in batches of batchSize events, or
// fewer if they hold batchBytes.
const (
	batchSize  = 128
	batchBytes = 64 << 10
	batches    = 5 // in circulation: being filled, parsed or folded
	// aheadBytes is the length from which a payload is not parsed ahead, because the
	// trees of all batches together would take too much memory.
	aheadBytes = 1 << 20
	// keptBytes bounds the buffer that outlives a batch of large payloads.
	keptBytes = 1 << 20
)

// A batch holds events with their bytes and payload trees until it is reused.
type batch struct {
	events []Event
	n      int
	err    error // ends the sequence after the events

	bytes  []byte // the bytes of all events, concatenated
	spans  []span
	parser state.Parser
}

// A span locates an event's bytes in those of the batch. For a nil slice, the end
// is before the start.
type span struct{ data, dataEnd, meta, metaEnd int }

func (b *batch) reset() {
	clear(b.events[:b.n]) // frees the trees of large payloads
	b.n, b.err = 0, nil
	if b.bytes = b.bytes[:0]; cap(b.bytes) > keptBytes {
		b.bytes = nil
	}
	b.spans = b.spans[:0]
}

func (b *batch) full() bool { return b.n == batchSize || len(b.bytes) >= batchBytes }

// add copies an event.
func (b *batch) add(e *Event) {
	if b.n == len(b.events) {
		b.events = append(b.events, Event{})
	}
	b.events[b.n] = *e
	b.events[b.n].Text = bytes.Clone(e.Text)
	b.n++
	var s span
	s.data, s.dataEnd = b.store(e.Data)
	s.meta, s.metaEnd = b.store(e.Meta.Raw)
	b.spans = append(b.spans, s)
}

func (b *batch) store(p []byte) (start, end int) {
	start = len(b.bytes)
	if p == nil {
		return start, start - 1
	}
	b.bytes = append(b.bytes, p...)
	return start, len(b.bytes)
}

func (b *batch) at(start, end int) []byte {
	if end < start {
		return nil
	}
	return b.bytes[start:end:end]
}

// restore points the events at their bytes, as the reader yielded them.
func (b *batch) restore() {
	for i := range b.n {
		e, s := &b.events[i], &b.spans[i]
		e.Data, e.Meta.Raw = b.at(s.data, s.dataEnd), b.at(s.meta, s.metaEnd)
	}
}

// parseBatch is [batch.parse], unless a test replaces it.
var parseBatch = (*batch).parse

// parse parses the payloads, except large ones, which are parsed on first use. A
// payload that can't be parsed becomes opaque; it is an error only when it is used.
func (b *batch) parse() {
	text := "" // empty: the strings of large payloads are copied one by one
	if len(b.bytes) < 2*batchBytes {
		text = string(b.bytes)
	}
	b.parser.Reset()
	for i := range b.n {
		e, s := &b.events[i], &b.spans[i]
		if e.parsed || e.Opaque != "" || e.Data == nil || len(e.Data) >= aheadBytes {
			continue
		}
		part := ""
		if text != "" {
			part = text[s.data:s.dataEnd]
		}
		e.setParsed(b.parser.ParseNext(e.Data, part))
	}
}

// fill reads events into free batches and passes them on.
func fill(ctx context.Context, seq iter.Seq2[*Event, error], free <-chan *batch, raw chan<- *batch) {
	defer close(raw)
	var b *batch
	send := func() bool {
		select {
		case raw <- b:
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
				b.reset()
			case <-ctx.Done():
				return
			}
		}
		if err != nil {
			b.err = err
			send()
			return
		}
		if b.add(e); b.full() && !send() {
			return
		}
	}
	if b != nil {
		send()
	}
}

// parse restores and parses the batches from raw, and sends them to full.
func (a ahead) parse(ctx context.Context, raw <-chan *batch, full chan<- *batch) {
	defer close(full)
	for b := range raw {
		b.restore()
		if a.chain != nil {
			b.link(a.chain, a.skip) // before parsing: the hash covers the stored bytes
		}
		parseBatch(b)
		select {
		case full <- b:
		case <-ctx.Done():
			return
		}
	}
}

// link sets the running hash of each event.
func (b *batch) link(c *Chain, skip Fields) {
	for i := range b.n {
		*c = c.Add(&b.events[i], skip)
		b.events[i].chain = *c
	}
}
