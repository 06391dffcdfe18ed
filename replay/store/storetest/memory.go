package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"asof/replay"
)

var errClosed = errors.New("the reader is closed")

// Memory returns a reader over a copy of events. They must be in position order; if all
// positions are 0, they are numbered from 1. If any event has [replay.NoPosition], the
// store has no positions.
//
// Memory panics if two events have the same version in a stream or the same position,
// which is a mistake in the calling test.
func Memory(events []replay.Event) replay.Reader {
	m := &memory{all: make([]*replay.Event, len(events)), positions: true}
	unset := true
	for i := range events {
		m.all[i] = events[i].Clone()
		unset = unset && events[i].Position == 0
		if events[i].Position == replay.NoPosition {
			m.positions = false
		}
		m.times = m.times || !events[i].Time.IsZero()
	}
	for i, e := range m.all {
		if unset {
			e.Position = replay.Position(i + 1)
		}
		if !m.positions {
			e.Position = replay.NoPosition
		}
	}
	m.byPosition = slices.Clone(m.all)
	if m.positions {
		slices.SortStableFunc(m.byPosition, func(a, b *replay.Event) int {
			return cmp.Compare(a.Position, b.Position)
		})
	}
	m.byStream = slices.Clone(m.all)
	slices.SortStableFunc(m.byStream, func(a, b *replay.Event) int {
		return cmp.Or(cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Version, b.Version))
	})
	m.mustBeUnique()
	m.listStreams()
	return m
}

type memory struct {
	all, byPosition, byStream []*replay.Event
	streams                   []replay.Stream
	positions, times, closed  bool
}

func (m *memory) mustBeUnique() {
	for i := 1; i < len(m.byStream); i++ {
		a, b := m.byStream[i-1], m.byStream[i]
		if a.Stream == b.Stream && a.Version == b.Version {
			panic(fmt.Sprintf("storetest: two events are %s", b.Moment().Label()))
		}
	}
	for i := 1; i < len(m.byPosition) && m.positions; i++ {
		a, b := m.byPosition[i-1], m.byPosition[i]
		if a.Position == b.Position {
			panic(fmt.Sprintf("storetest: two events are at position %d", b.Position))
		}
	}
}

// listStreams builds the list of streams. A stream has the category of its first event.
func (m *memory) listStreams() {
	for i, e := range m.byStream {
		if i == 0 || m.byStream[i-1].Stream != e.Stream {
			m.streams = append(m.streams, replay.Stream{
				ID: e.Stream, Category: e.Category, First: e.Version, FirstTime: e.Time,
			})
		}
		s := &m.streams[len(m.streams)-1]
		s.Events++
		s.Last, s.LastTime = e.Version, e.Time
	}
}

func (m *memory) Info() replay.Info {
	i := replay.Info{
		Path: "memory", Dialect: "memory", Recognised: "made by a test", Access: "in memory",
	}
	if !m.positions {
		i.Lacks = append(i.Lacks, "positions")
	}
	if !m.times {
		i.Lacks = append(i.Lacks, "times")
	}
	return i
}

func (m *memory) Lost(context.Context) ([]string, error) { return nil, nil }

func (m *memory) Omitted(context.Context, replay.StreamID) ([]string, error) { return nil, nil }

func (m *memory) Summary(ctx context.Context) (replay.Summary, error) {
	if err := m.usable(ctx); err != nil {
		return replay.Summary{}, err
	}
	s := replay.Summary{Events: int64(len(m.all)), Streams: int64(len(m.streams))}
	types := map[replay.TypeCount]int64{}
	for _, e := range m.all {
		types[replay.TypeCount{Type: e.Type, Revision: e.Revision}]++
		if e.Category != "" && !slices.Contains(s.Categories, e.Category) {
			s.Categories = append(s.Categories, e.Category)
		}
		if e.Time.IsZero() {
			continue
		}
		if s.FirstTime.IsZero() || e.Time.Before(s.FirstTime) {
			s.FirstTime = e.Time
		}
		if e.Time.After(s.LastTime) {
			s.LastTime = e.Time
		}
	}
	slices.Sort(s.Categories)
	for t, n := range types {
		t.Events = n
		s.Types = append(s.Types, t)
	}
	slices.SortFunc(s.Types, byType)
	return s, nil
}

func byType(a, b replay.TypeCount) int {
	return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Revision, b.Revision))
}

func (m *memory) Streams(ctx context.Context, q replay.StreamQuery) iter.Seq2[replay.Stream, error] {
	return func(yield func(replay.Stream, error) bool) {
		n := 0
		streams := slices.Clone(m.streams)
		if q.Reverse {
			slices.Reverse(streams)
		}
		for _, s := range streams {
			if err := m.usable(ctx); err != nil {
				yield(replay.Stream{}, err)
				return
			}
			if q.IDs != nil && !slices.Contains(q.IDs, s.ID) ||
				q.Categories != nil && !slices.Contains(q.Categories, s.Category) ||
				!hasPrefix(string(s.ID), q.Prefix) ||
				q.After != "" && (!q.Reverse && s.ID <= q.After || q.Reverse && s.ID >= q.After) {
				continue
			}
			if q.IDsOnly {
				s = replay.Stream{ID: s.ID}
			}
			if !yield(s, nil) {
				return
			}
			if n++; n == q.Limit {
				return
			}
		}
	}
}

func (m *memory) Events(ctx context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		events, err := m.answer(q)
		if err == nil {
			err = m.usable(ctx)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		e, buf := new(replay.Event), new(scratch)
		for i, from := range events {
			if err := m.usable(ctx); err != nil && i > 0 {
				yield(nil, err)
				return
			}
			if buf.load(e, from, q.Skip); !yield(e, nil) {
				return
			}
		}
		buf.load(e, new(replay.Event), 0)
	}
}

// answer returns the complete events that match a query.
func (m *memory) answer(q replay.Query) ([]*replay.Event, error) {
	events, err := m.order(q)
	if err != nil {
		return nil, err
	}
	var out []*replay.Event
	for i, e := range events {
		if q.Reverse {
			e = events[len(events)-1-i]
		}
		if !m.selects(q, e) {
			continue
		}
		if out = append(out, e); len(out) == q.Limit {
			break
		}
	}
	return out, nil
}

// order returns the events in the order of the query.
func (m *memory) order(q replay.Query) ([]*replay.Event, error) {
	one := len(q.Streams) > 0 && !slices.ContainsFunc(q.Streams, func(id replay.StreamID) bool {
		return id != q.Streams[0]
	})
	if isBounded(q.Versions) && !one {
		return nil, errors.New("a span of versions needs exactly one stream")
	}
	byPosition := q.Order == replay.ByPosition && !one
	if !m.positions && (byPosition || isBounded(q.Positions)) {
		return nil, &replay.UnsupportedError{Dialect: "memory", Lacks: "positions"}
	}
	if byPosition {
		return m.byPosition, nil
	}
	return m.byStream, nil
}

func (m *memory) selects(q replay.Query, e *replay.Event) bool {
	return (q.Streams == nil || slices.Contains(q.Streams, e.Stream)) &&
		(q.Categories == nil || slices.Contains(q.Categories, e.Category)) &&
		(q.Types == nil || slices.Contains(q.Types, e.Type)) &&
		hasPrefix(e.ID, q.IDPrefix) &&
		q.Versions.Contains(e.Version) &&
		q.Positions.Contains(e.Position)
}

func (m *memory) usable(ctx context.Context) error {
	if m.closed {
		return &replay.StoreError{Path: "memory", Op: "read", Err: errClosed}
	}
	return ctx.Err()
}

func (m *memory) Close() error {
	m.closed = true
	return nil
}

func isBounded[T ~int64](s replay.Span[T]) bool {
	_, lo := s.Lo()
	_, hi := s.Hi()
	return lo || hi
}

// A scratch holds the bytes of the last event. They are overwritten before the next one,
// so that a test detects code that keeps them.
type scratch struct{ data, raw []byte }

func (s *scratch) load(e, from *replay.Event, skip replay.Fields) {
	spoil(s.data)
	spoil(s.raw)
	*e = *from
	s.data = append(s.data[:0], from.Data...)
	s.raw = append(s.raw[:0], from.Meta.Raw...)
	if from.Data != nil {
		e.Data = s.data
	}
	if from.Meta.Raw != nil {
		e.Meta.Raw = s.raw
	}
	blank(e, skip)
}

func spoil(b []byte) {
	b = b[:cap(b)]
	for i := range b {
		b[i] = '#'
	}
}

// blank clears the fields that a query skips.
func blank(e *replay.Event, skip replay.Fields) {
	if skip&replay.FieldID != 0 {
		e.ID = ""
	}
	if skip&replay.FieldTime != 0 {
		e.Time = time.Time{}
	}
	if skip&replay.FieldMeta != 0 {
		e.Meta = replay.Meta{}
	}
	if skip&replay.FieldData != 0 {
		e.Data, e.Opaque = nil, ""
	}
}

// hasPrefix reports whether an id begins with prefix. It accepts any spelling of a UUID.
func hasPrefix(id, prefix string) bool {
	if strings.HasPrefix(id, prefix) {
		return true
	}
	u, ok := hexDigits(id)
	p, hex := hexDigits(prefix)
	return ok && hex && len(u) == 32 && strings.HasPrefix(u, p)
}

// hexDigits returns s in lower case without dashes, and whether the rest is only hex
// digits.
func hexDigits(s string) (string, bool) {
	s = strings.ToLower(strings.ReplaceAll(s, "-", ""))
	return s, s != "" && strings.Trim(s, "0123456789abcdef") == ""
}
