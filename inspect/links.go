package inspect

import (
	"context"
	"hash/fnv"
	"slices"

	"asof/replay"
)

// Links is an index of the causes of all events of a store: which events name an id as
// their own, their cause or their correlation. It holds for the content that it was read
// from, and takes 24 bytes an event.
//
// It has hashes of ids. What it finds is therefore read and compared again: a hash that
// two ids share costs time and changes no answer.
type Links struct {
	all   []link // by position
	named bool   // some event names a cause or a correlation
}

// A link is an event. A hash is 0 if it has no such id.
type link struct {
	position               replay.Position
	id, cause, correlation uint32
}

// Bounds of an index.
const (
	mostLinks = 4 << 20 // events
	linkGap   = 16      // events between two spans at most for them to be one

	// A search that finds more than these reads the whole store.
	mostSpans      = 2000
	mostCandidates = 50_000
)

// IndexLinks reads the envelopes of a store. It returns nil if the store is too large for an
// index, or cannot have one: an event is found by its position.
func IndexLinks(ctx context.Context, r replay.Reader) (*Links, error) {
	t := tracing{ctx: ctx, r: r}
	if t.supported() != nil || !r.Info().Has("positions") {
		return nil, nil //nolint:nilnil // there is none
	}
	l := &Links{}
	for e, err := range t.read(replay.Query{}) {
		if err != nil {
			return nil, err
		}
		if len(l.all) == mostLinks {
			return nil, nil //nolint:nilnil // it is too large
		}
		l.named = l.named || names(e)
		l.all = append(l.all, link{e.Position, hashOf(e.ID), hashOf(e.Meta.Causation), hashOf(e.Meta.Correlation)})
	}
	return l, nil
}

// Trace returns what [Trace] does, from the store whose events were indexed. It reads only
// the events that the index finds.
func (l *Links) Trace(ctx context.Context, r replay.Reader, asked *replay.Event) (*Traced, error) {
	return trace(&tracing{ctx: ctx, r: r, links: l}, asked)
}

// hashOf is the hash of an id, or 0 for no id.
func hashOf(id string) uint32 {
	if id == "" {
		return 0
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(plainID(id))) // never fails
	return max(h.Sum32(), 1)
}

// An idSet is a set of hashes of ids. A hash that is not in it is mostly told by few.
type idSet struct {
	few [1 << 10]uint64
	all map[uint32]struct{}
}

func newIDSet(hashes ...uint32) *idSet {
	s := &idSet{all: map[uint32]struct{}{}}
	for _, h := range hashes {
		s.add(h)
	}
	return s
}

// add adds a hash, and reports whether it is new.
func (s *idSet) add(h uint32) bool {
	if h == 0 || s.has(h) {
		return false
	}
	s.few[h>>6&0x3ff] |= 1 << (h & 0x3f)
	s.all[h] = struct{}{}
	return true
}

func (s *idSet) has(h uint32) bool {
	if h == 0 || s.few[h>>6&0x3ff]&(1<<(h&0x3f)) == 0 {
		return false
	}
	_, ok := s.all[h]
	return ok
}

// related returns spans of positions that have all events which the answer can have: the
// causes of the event, what these and their causes led to, and the rest of its correlation.
// ok is false if there are too many.
func (l *Links) related(ctx context.Context, asked *replay.Event) (spans []replay.Span[replay.Position], ok bool) {
	cause, correlation := hashOf(asked.Meta.Causation), hashOf(asked.Meta.Correlation)
	causes := newIDSet(hashOf(asked.ID), cause) // of which all effects are in the answer
	up := newIDSet(cause)                       // of the causes of the event
	in := make([]bool, len(l.all))
	see := func(i int) (more bool) {
		e := &l.all[i]
		switch {
		case up.has(e.id):
			more = up.add(e.cause)
		case causes.has(e.cause), correlation != 0 && e.correlation == correlation:
		default:
			return false
		}
		in[i] = true
		return causes.add(e.id) || more
	}
	// Causes mostly come before their effects: a pass back finds all causes, one ahead all
	// effects.
	for more := true; more && ctx.Err() == nil; {
		more = false
		for i := range slices.Backward(l.all) {
			more = see(i) || more
		}
		for i := range l.all {
			more = see(i) || more
		}
	}
	return l.spans(in)
}

// spans returns the positions of the events that are in, joined where they are near.
func (l *Links) spans(in []bool) (spans []replay.Span[replay.Position], ok bool) {
	from, to := -1, -1
	for i := range in {
		switch {
		case !in[i]:
			continue
		case from >= 0 && i-to > linkGap:
			spans = append(spans, replay.Between(l.all[from].position, l.all[to].position))
			from = i
		case from < 0:
			from = i
		}
		to = i
	}
	if from >= 0 {
		spans = append(spans, replay.Between(l.all[from].position, l.all[to].position))
	}
	return spans, len(spans) <= mostSpans
}

// candidates reads the events that the answer can have, in the order of the store; nil: there
// are too many.
func (t *tracing) candidates(asked *replay.Event) (all []*replay.Event, err error) {
	spans, ok := t.links.related(t.ctx, asked)
	if !ok {
		return nil, nil
	}
	all = []*replay.Event{}
	for _, s := range spans {
		for e, err := range t.read(replay.Query{Positions: s}) {
			if err != nil {
				return nil, err
			}
			if len(all) == mostCandidates {
				return nil, nil
			}
			all = append(all, originOf(replay.Moment{}, e).Event)
		}
	}
	return all, nil
}
