package jsonfile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"sort"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// Events yields the events that match q. It reads only those events, and events whose
// id it must compare, because the index locates each of them.
func (r *reader) Events(ctx context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		err := r.usable(ctx)
		var p *plan
		if err == nil {
			p, err = r.plan(q)
		}
		if err == nil {
			var more bool
			if more, err = r.walk(ctx, q, p, yield); !more {
				return
			}
		}
		if err == nil {
			err = r.src.checkUnchanged()
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// walk yields the events of a plan and reports whether the caller wants more.
func (r *reader) walk(ctx context.Context, q replay.Query, p *plan, yield func(*replay.Event, error) bool) (bool, error) {
	skip := q.Skip
	prefix := cell.NewIDPrefix(q.IDPrefix)
	if q.IDPrefix != "" {
		skip &^= replay.FieldID
	}
	c := cursor{r: r, skip: skip, text: window{f: r.src.file}}
	if q.Stored {
		c.stored = &replay.Stored{}
	}
	seen, shown := 0, 0
	for i := range p.indices(q.Reverse) {
		if seen++; seen%256 == 1 || shown > 0 {
			if err := ctx.Err(); err != nil {
				return true, err
			}
		}
		if !p.includes(&r.idx.recs[i]) {
			continue
		}
		if err := c.load(&r.idx.recs[i]); err != nil {
			return true, err
		}
		if q.IDPrefix != "" && !prefix.Matches(c.event.ID) {
			continue
		}
		if q.Categories != nil && !slices.Contains(q.Categories, c.event.Category) {
			continue
		}
		if !yield(&c.event, nil) {
			return false, nil
		}
		if shown++; shown == q.Limit {
			break
		}
	}
	return true, nil
}

// A plan is the part of the index that may match a query.
type plan struct {
	lo, hi    int        // range of the index, in position order
	lists     [][]uint32 // or lists of events, one after another
	streams   []bool     // the wanted streams, by number; nil: all
	types     []bool
	positions replay.Span[replay.Position]
	bounded   bool
}

func (r *reader) plan(q replay.Query) (*plan, error) {
	p := &plan{positions: q.Positions, bounded: isBounded(q.Positions)}
	ids := slices.Compact(slices.Sorted(slices.Values(q.Streams)))
	if isBounded(q.Versions) && len(ids) != 1 {
		return nil, errors.New("a span of versions needs exactly one stream")
	}
	byPosition := q.Order == replay.ByPosition && len(ids) != 1
	if !r.info.Has("positions") && (byPosition || p.bounded) {
		return nil, &replay.UnsupportedError{
			Dialect: r.info.Dialect, Lacks: "positions",
			Next: fault.Try("ask stream by stream: in this file " + r.idx.unsorted),
		}
	}
	p.types = r.wantedTypes(q.Types)
	p.streams = r.wantedStreams(q, ids)
	switch {
	case byPosition:
		p.lo, p.hi = r.positions(q.Positions)
	case len(ids) == 1:
		if n, ok := r.find(ids[0]); ok {
			p.lists = append(p.lists, r.versions(n, q.Versions))
		}
	default:
		for n := range r.idx.streams {
			if p.streams == nil || p.streams[n] {
				p.lists = append(p.lists, r.idx.streams[n].events)
			}
		}
	}
	return p, nil
}

func isBounded[T ~int64](s replay.Span[T]) bool {
	_, lo := s.Lo()
	_, hi := s.Hi()
	return lo || hi
}

func (r *reader) wantedTypes(types []string) []bool {
	if types == nil {
		return nil
	}
	out := make([]bool, len(r.idx.types))
	for i, t := range r.idx.types {
		out[i] = slices.Contains(types, t)
	}
	return out
}

func (r *reader) wantedStreams(q replay.Query, ids []replay.StreamID) []bool {
	if q.Streams == nil && q.Categories == nil {
		return nil
	}
	out := make([]bool, len(r.idx.streams))
	for _, id := range ids {
		if n, ok := r.find(id); ok {
			out[n] = true
		}
	}
	for i := range out {
		out[i] = (q.Streams == nil || out[i]) &&
			(q.Categories == nil || r.idx.streams[i].mixed || slices.Contains(q.Categories, r.idx.streams[i].category))
	}
	return out
}

// find looks up the number of a stream.
func (r *reader) find(id replay.StreamID) (int, bool) {
	return slices.BinarySearchFunc(r.idx.streams, string(id), func(s stream, id string) int {
		return cmp.Compare(s.id, id)
	})
}

// positions returns the range of the index within a span.
func (r *reader) positions(span replay.Span[replay.Position]) (from, to int) {
	recs := r.idx.recs
	to = len(recs)
	if lo, ok := span.Lo(); ok {
		from = sort.Search(len(recs), func(i int) bool { return recs[i].position >= int64(lo) })
	}
	if hi, ok := span.Hi(); ok {
		to = sort.Search(len(recs), func(i int) bool { return recs[i].position > int64(hi) })
	}
	return from, max(from, to)
}

// versions returns the events of a stream within a span.
func (r *reader) versions(stream int, span replay.Span[replay.Version]) []uint32 {
	events := r.idx.streams[stream].events
	version := func(i int) int64 { return r.idx.recs[events[i]].version }
	from, to := 0, len(events)
	if lo, ok := span.Lo(); ok {
		from = sort.Search(len(events), func(i int) bool { return version(i) >= int64(lo) })
	}
	if hi, ok := span.Hi(); ok {
		to = sort.Search(len(events), func(i int) bool { return version(i) > int64(hi) })
	}
	return events[from:max(from, to)]
}

// includes reports whether the plan's query wants an event.
func (p *plan) includes(rec *record) bool {
	return (p.streams == nil || p.streams[rec.stream]) &&
		(p.types == nil || p.types[rec.typ]) &&
		(!p.bounded || p.positions.Contains(replay.Position(rec.position)))
}

// indices yields the records of the plan.
func (p *plan) indices(reverse bool) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for i := p.lo; i < p.hi; i++ {
			at := i
			if reverse {
				at = p.hi - 1 - (i - p.lo)
			}
			if !yield(uint32(at)) {
				return
			}
		}
		for n := range p.lists {
			list := p.lists[n]
			if reverse {
				list = p.lists[len(p.lists)-1-n]
			}
			for i := range list {
				at := i
				if reverse {
					at = len(list) - 1 - i
				}
				if !yield(list[at]) {
					return
				}
			}
		}
	}
}

// A cursor reads events in turn.
type cursor struct {
	r       *reader
	skip    replay.Fields
	text    window
	members []cell.Member
	parsed  event
	event   replay.Event
	stored  *replay.Stored // filled if the query asks for stored forms
	names   cell.Interner
}

// load reads an indexed event. The first pass validated it, so an event that is now
// invalid or different means that the file has changed.
func (c *cursor) load(rec *record) error {
	r := c.r
	text, err := c.text.get(rec.off, int(rec.size))
	if err != nil {
		return r.src.Fail("read", err)
	}
	var ok bool
	if c.members, ok = cell.WalkObject(text, c.members[:0]); !ok {
		return r.src.moved()
	}
	p, s := &c.parsed, &r.idx.streams[rec.stream]
	if f := r.parse(text, c.members, p, c.skip); f != nil ||
		!p.inHistory && (string(p.stream) != s.own || string(p.scope) != s.scope) || string(p.typ) != r.idx.types[rec.typ] {
		return r.src.moved()
	}
	if x := r.idx.transactionAt(rec.off); x != nil {
		if f := p.within(x, c.skip); f != nil {
			return r.src.moved()
		}
	}
	c.event = replay.Event{
		Stream: replay.StreamID(s.id), Category: s.category, Type: r.idx.types[rec.typ],
		Version: replay.Version(rec.version), Position: replay.Position(rec.position),
		Revision: p.revision, Time: p.time, NoTime: p.noTime, Data: p.data, Opaque: p.opaque, Text: p.text,
		Row: p.row,
	}
	e := &c.event
	if !p.inHistory && string(p.category) != s.category {
		e.Category = c.names.Of(p.category)
	}
	if c.skip&replay.FieldID == 0 {
		e.ID = string(p.id)
	}
	if c.skip&replay.FieldData != 0 {
		e.Data, e.Opaque, e.Text = nil, "", nil
	}
	if c.skip&replay.FieldMeta == 0 {
		e.Meta = replay.Meta{
			Actor: c.names.Of(p.actor), Correlation: c.names.Of(p.correlation),
			Causation: string(p.causation), Raw: p.raw,
		}
	}
	if c.stored != nil {
		c.stored.Data = text
		e.Stored = c.stored
	}
	return nil
}

// A window buffers the part of a file that was read last.
type window struct {
	f    *os.File
	buf  []byte
	off  int64
	last int64 // start of the last event
	next int64 // end of the last event
	size int   // how much to read at once
}

const (
	// The window starts small, for questions with short answers.
	minWindow = 4 << 10
	maxWindow = 256 << 10
	// nearby is the largest gap to the last event for which reading the bytes between
	// is cheaper than a separate read.
	nearby = 16 << 10
)

// get returns n bytes from off. They are valid until the next call.
func (w *window) get(off int64, n int) ([]byte, error) {
	end := off + int64(n)
	if off < w.off || end > w.off+int64(len(w.buf)) {
		from, size := off, n
		switch {
		case w.next > 0 && off >= w.next && off-w.next < nearby:
			size = max(n, w.wider())
		case w.next > 0 && end <= w.last && w.last-end < nearby:
			size = max(n, w.wider())
			from = max(0, end-int64(size))
		}
		if err := w.read(from, size, end); err != nil {
			return nil, err
		}
	}
	w.last, w.next = off, end
	return w.buf[off-w.off : end-w.off : end-w.off], nil
}

func (w *window) wider() int {
	w.size = min(max(minWindow, 2*w.size), maxWindow)
	return w.size
}

// read fills the window. The file may end before the window is full, but not before
// end.
func (w *window) read(from int64, size int, end int64) error {
	w.buf = slices.Grow(w.buf[:0], size)[:size]
	n, err := w.f.ReadAt(w.buf, from)
	w.buf, w.off = w.buf[:n], from
	if from+int64(n) < end {
		return fmt.Errorf("%w: %w", source.ErrMoved, err)
	}
	return nil
}
