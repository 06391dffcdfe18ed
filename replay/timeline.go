package replay

import (
	"context"
	"iter"
)

// A Timeline is an ordered run of events: those of one stream, by version, or
// those that a projection takes from many streams, by position. Its points are
// prefixes of it.
type Timeline struct {
	Name   string // the stream, or "proj:NAME" or "proj:NAME/PARTITION"
	Reader Reader
	Filter Filter // which events
	Many   bool   // over many streams: versions are positions

	// Member narrows the events further than a query can, for example to a partition
	// that a script computes. It may read the payload. Nil takes every event.
	Member func(*Event) (bool, error)

	// MemberSkips are the parts of an event that Member never looks at.
	MemberSkips Fields

	// MemberID identifies Member: with equal IDs and the same fold, Member takes the
	// same events. Empty: unknown.
	MemberID string
}

// A Filter selects the events of a timeline. The zero value takes all. A nil list
// takes everything, an empty one nothing.
type Filter struct {
	Streams    []StreamID
	Categories []string
	Types      []string
	IDPrefix   string
}

func (f Filter) query() Query {
	return Query{Streams: f.Streams, Categories: f.Categories, Types: f.Types, IDPrefix: f.IDPrefix}
}

// StreamTimeline returns the timeline of one stream.
func StreamTimeline(r Reader, id StreamID) *Timeline {
	return &Timeline{Name: string(id), Reader: r, Filter: Filter{Streams: []StreamID{id}}}
}

// Version returns the event's place in the timeline: its version in its stream, or
// its position if the timeline is over many streams.
func (t *Timeline) Version(e *Event) Version {
	if t.Many {
		return Version(e.Position)
	}
	return e.Version
}

// Moment returns the event's coordinates in the timeline.
func (t *Timeline) Moment(e *Event) Moment {
	m := e.Moment()
	m.Stream = t.Name
	return m.WithVersion(t.Version(e))
}

// Start returns the moment before the first event.
func (t *Timeline) Start() Moment { return Moment{Stream: t.Name, Position: NoPosition} }

// Listing selects events of a timeline. The zero value selects all.
type Listing struct {
	Span      Span[Version]  // versions of the timeline, see [Timeline.Version]
	Positions Span[Position] // positions in the store
	Types     []string
	IDPrefix  string
	Reverse   bool
	Limit     int // 0: none
	Skip      Fields
}

// List yields the timeline's events in order, or backwards. Like [Reader.Events],
// it never ends early without an error.
func (t *Timeline) List(ctx context.Context, l Listing) iter.Seq2[*Event, error] {
	q := t.Filter.query()
	q.Positions, q.Reverse, q.Skip, q.Limit = l.Positions, l.Reverse, l.Skip, l.Limit
	q.Types = intersect(q.Types, l.Types)
	if q.Types != nil && len(q.Types) == 0 {
		return func(func(*Event, error) bool) {}
	}
	if l.IDPrefix != "" {
		q.IDPrefix = l.IDPrefix
	}
	if t.Many {
		q.Order = ByPosition
		q.Positions = q.Positions.and(Span[Position]{
			lo: Position(l.Span.lo), hi: Position(l.Span.hi),
			hasLo: l.Span.hasLo, hasHi: l.Span.hasHi,
		})
	} else {
		q.Versions = l.Span
	}
	if t.Member == nil {
		return t.Reader.Events(ctx, q)
	}
	q.Skip &^= (FieldData | FieldMeta) &^ t.MemberSkips
	q.Limit = 0
	return t.members(ctx, q, l.Limit)
}

func (t *Timeline) members(ctx context.Context, q Query, limit int) iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		n := 0
		for e, err := range t.Reader.Events(ctx, q) {
			if err != nil {
				yield(nil, err)
				return
			}
			in, err := t.Member(e)
			if err != nil {
				yield(nil, err)
				return
			}
			if !in {
				continue
			}
			if !yield(e, nil) {
				return
			}
			if n++; limit > 0 && n == limit {
				return
			}
		}
	}
}

// intersect returns the types that are in both a and b, where nil means every type.
// The result is nil only if both are nil.
func intersect(a, b []string) []string {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	in := map[string]bool{}
	for _, s := range a {
		in[s] = true
	}
	out := []string{}
	for _, s := range b {
		if in[s] {
			out = append(out, s)
		}
	}
	return out
}
