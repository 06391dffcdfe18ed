package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"asof/replay"
)

func (r *sqliteReader) Summary(ctx context.Context) (replay.Summary, error) {
	s, err := r.summarise(ctx)
	if err == nil {
		err = r.file.moved()
	}
	if err != nil {
		return replay.Summary{}, r.failed(ctx, err)
	}
	return s, nil
}

func (r *sqliteReader) summarise(ctx context.Context) (replay.Summary, error) {
	var s replay.Summary
	if err := r.sound(ctx); err != nil {
		return s, err
	}
	// The payload is read to count those that can't be.
	q := replay.Query{Skip: replay.FieldID | replay.FieldMeta}
	if !r.layout.has(colPosition) {
		q.Order = replay.ByStream
	}
	c, err := r.open(ctx, q)
	if err != nil {
		return s, err
	}
	defer c.close()
	if err := countEvents(c.next, &s, &c.payloadsSeen); err != nil {
		return s, err
	}
	counts, err := r.oneRow(r.layout.countStreams(r.flavour), 2)
	if err != nil {
		return s, err
	}
	s.Streams = counts[0].num
	if counts[1].num != s.Events {
		return s, damaged(s.Events, counts[1].num)
	}
	if r.layout.snapshots != "" {
		v, err := r.one(r.layout.snapshots)
		if err != nil {
			return s, err
		}
		s.Snapshots = v.num
	}
	s.Times = c.writtenTimes()
	s.LeftOut, err = r.countLeftOut(c)
	return s, err
}

func (r *sqliteReader) countLeftOut(c *cursor) ([]string, error) {
	out := []string{} // not nil: it was counted, and takes the place of what Info says
	for _, o := range r.layout.leftOut {
		if o.count == "" {
			out = append(out, o.what)
			continue
		}
		v, err := r.one(o.count)
		if err != nil {
			return nil, err
		}
		if v.num > 0 {
			out = append(out, fmt.Sprintf("%d %s", v.num, o.what))
		}
	}
	return append(out, c.unread()...), nil
}

// writtenTimes says how the times of the events so far are written.
func (a *assembler) writtenTimes() string {
	if !a.layout.hasTimes() {
		return ""
	}
	return a.times.describe(&a.row.tally)
}

// unread counts what could not be read of the events so far.
func (a *assembler) unread() []string {
	out := a.payloadsSeen.told()
	switch n := a.row.tally[timeUnread]; n {
	case 0:
	case 1:
		out = append(out, "1 time that can't be read")
	default:
		out = append(out, fmt.Sprintf("%d times that can't be read", n))
	}
	return out
}

type typeRevision struct {
	typ      string
	revision int
}

// A tally counts events.
type tally struct {
	events      int64
	types       map[typeRevision]int64
	categories  map[string]bool
	first, last time.Time
}

// countEvents counts the events that next returns, until there are no more. Every
// payload is gone through, to know of those that can't be read.
func countEvents(next func() (*replay.Event, error), s *replay.Summary, payloads *payloadCounts) error {
	var scan jsonScanner
	t := tally{types: map[typeRevision]int64{}, categories: map[string]bool{}}
	for {
		e, err := next()
		if err != nil {
			return err
		}
		if e == nil {
			t.into(s)
			return nil
		}
		t.add(e)
		payloads.add(e, &scan)
	}
}

func (t *tally) add(e *replay.Event) {
	t.events++
	t.types[typeRevision{e.Type, e.Revision}]++
	if e.Category != "" && !t.categories[e.Category] {
		t.categories[e.Category] = true
	}
	if e.Time.IsZero() {
		return
	}
	if t.first.IsZero() || e.Time.Before(t.first) {
		t.first = e.Time
	}
	if e.Time.After(t.last) {
		t.last = e.Time
	}
}

func (t *tally) into(s *replay.Summary) {
	s.Events, s.FirstTime, s.LastTime = t.events, t.first, t.last
	s.Categories = slices.Sorted(maps.Keys(t.categories))
	for k, n := range t.types {
		s.Types = append(s.Types, replay.TypeCount{Type: k.typ, Revision: k.revision, Events: n})
	}
	slices.SortFunc(s.Types, func(a, b replay.TypeCount) int {
		if c := strings.Compare(a.Type, b.Type); c != 0 {
			return c
		}
		return a.Revision - b.Revision
	})
}
