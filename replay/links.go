package replay

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"

	"asof/replay/state"
)

// FollowLinks returns a reader that resolves KurrentDB links: a query by position
// yields the target of a link, at the link's position. Links whose target is gone
// are skipped. Closing the reader closes r.
func FollowLinks(r Reader) Reader { return &linkReader{Reader: r} }

// unlinked returns the reader without link resolution.
func unlinked(r Reader) Reader {
	if l, ok := r.(*linkReader); ok {
		return l.Reader
	}
	return r
}

type linkReader struct {
	Reader
	targets map[linkKey]*Event // target by link, nil if gone; a nil map: no link was read yet
	size    int                // bytes of all targets
}

// A linkKey locates an event: a link or its target.
type linkKey struct {
	stream  StreamID
	version Version
}

// Fingerprint returns the fingerprint of the wrapped reader.
func (r *linkReader) Fingerprint() (f Fingerprint, ok bool) {
	if p, is := r.Reader.(Fingerprinter); is {
		return p.Fingerprint()
	}
	return Fingerprint{}, false
}

// Witness returns that of the wrapped reader.
func (r *linkReader) Witness(ctx context.Context) (string, error) {
	if w, is := r.Reader.(Witness); is {
		return w.Witness(ctx)
	}
	return "", nil
}

// maxLinked bounds the bytes of all link targets.
const maxLinked = 512 << 20

var errTooManyLinks = errors.New("the events it links to do not fit in memory")

// Events reads until it meets a link. A Reader runs one query at a time: Events
// stops there, reads the targets of all links of the query, and resumes.
func (r *linkReader) Events(ctx context.Context, q Query) iter.Seq2[*Event, error] {
	if q.Order != ByPosition {
		return r.Reader.Events(ctx, q)
	}
	return func(yield func(*Event, error) bool) {
		left := q.Limit
		from, more := r.pass(ctx, q, &left, false, yield)
		if !more {
			return
		}
		if err := r.resolve(ctx, q); err != nil {
			r.targets, r.size = nil, 0 // some targets are marked but unread
			yield(nil, err)
			return
		}
		q.Positions = beginAt(q.Positions, from, q.Reverse)
		r.pass(ctx, q, &left, true, yield)
	}
}

// pass yields events. Unless resolved is set, it stops at the first unresolved link
// and returns its position.
func (r *linkReader) pass(ctx context.Context, q Query, left *int, resolved bool, yield func(*Event, error) bool) (at Position, more bool) {
	wide := q
	wide.IDPrefix, wide.Limit = "", 0
	if q.IDPrefix == "" && r.targets == nil && q.Types == nil {
		wide.Limit = q.Limit
	}
	if q.Types != nil {
		wide.Types = append(slices.Clone(q.Types), LinkType)
	}
	if q.IDPrefix != "" {
		wide.Skip &^= FieldID
	}
	for e, err := range r.Reader.Events(ctx, wide) {
		if err != nil {
			yield(nil, err)
			return 0, false
		}
		if e.Type == LinkType {
			if _, known := r.targets[linkKey{e.Stream, e.Version}]; !known && !resolved {
				return e.Position, true
			}
			if e = r.follow(e); e == nil {
				continue
			}
		}
		if q.Types != nil && !slices.Contains(q.Types, e.Type) || !strings.HasPrefix(e.ID, q.IDPrefix) {
			continue
		}
		if !yield(e, nil) {
			return 0, false
		}
		if *left--; *left == 0 {
			return 0, false
		}
	}
	return 0, false
}

// beginAt narrows a span to the rest that begins at a position.
func beginAt(s Span[Position], at Position, reverse bool) Span[Position] {
	if reverse {
		s.hi, s.hasHi = at, true
	} else {
		s.lo, s.hasLo = at, true
	}
	return s
}

// follow returns the target of a link, or nil if it is gone.
func (r *linkReader) follow(link *Event) *Event {
	target := r.targets[linkKey{link.Stream, link.Version}]
	if target == nil {
		return nil
	}
	e := target.Clone() // a fold may change the event
	e.Position = link.Position
	return e
}

// resolve reads the targets of a query's links, except those already read.
func (r *linkReader) resolve(ctx context.Context, q Query) error {
	wanted, err := r.links(ctx, q)
	if err != nil {
		return err
	}
	streams := map[StreamID]bool{}
	for k := range wanted {
		streams[k.stream] = true
	}
	for chunk := range slices.Chunk(slices.Collect(keysOf(streams)), 500) {
		for e, err := range r.Reader.Events(ctx, Query{Streams: chunk, Order: ByStream}) {
			if err != nil {
				return err
			}
			for _, l := range wanted[linkKey{e.Stream, e.Version}] {
				t := e.Clone()
				t.Link = l
				r.targets[linkKey{l.Stream, l.Version}] = t
				if r.size += len(e.Data) + len(e.Meta.Raw) + len(l.Meta); r.size > maxLinked {
					return errTooManyLinks
				}
			}
		}
	}
	return nil
}

func keysOf(m map[StreamID]bool) iter.Seq[StreamID] {
	return func(yield func(StreamID) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// links returns the unresolved links of a query by target, and marks them as
// resolved.
func (r *linkReader) links(ctx context.Context, q Query) (map[linkKey][]*Link, error) {
	if r.targets == nil {
		r.targets = map[linkKey]*Event{}
	}
	all := Query{Streams: q.Streams, Categories: q.Categories, Types: []string{LinkType}}
	wanted := map[linkKey][]*Link{}
	for e, err := range r.Reader.Events(ctx, all) {
		if err != nil {
			return nil, err
		}
		at := linkKey{e.Stream, e.Version}
		if _, known := r.targets[at]; known {
			continue
		}
		r.targets[at] = nil
		if to, ok := pointsTo(e); ok {
			wanted[to] = append(wanted[to], &Link{
				Stream: e.Stream, Category: e.Category, Version: e.Version, Meta: bytes.Clone(e.Meta.Raw),
			})
		}
	}
	return wanted, nil
}

// pointsTo parses the payload of a link: VERSION@STREAM, bare or as a JSON string.
func pointsTo(e *Event) (linkKey, bool) {
	text := string(e.Text)
	if v, err := e.Body(); err == nil && v.Kind() == state.String {
		text = v.Text()
	}
	number, stream, ok := strings.Cut(text, "@")
	version, err := strconv.ParseInt(number, 10, 64)
	return linkKey{StreamID(stream), Version(version)}, ok && err == nil
}
