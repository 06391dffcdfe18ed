package table

import (
	"maps"
	"slices"
	"strings"
	"time"

	"asof/replay"
	"asof/replay/store/cell"
)

// writtenTimes describes how the times of the events so far are written.
func (a *assembler) writtenTimes() string {
	if !a.Layout.hasTimes() {
		return ""
	}
	return a.Times.Describe(&a.row.Tally)
}

// unread counts the unreadable payloads and times of the events so far.
func (a *assembler) unread() []string {
	out := a.payloadsSeen.Describe()
	if n := a.row.Tally[cell.TimeUnread]; n > 0 {
		out = append(out, replay.Counted(n, "unreadable time", "unreadable times"))
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

// countEvents counts the events from next until it returns nil. It scans every payload, to
// count the unreadable ones.
func countEvents(next func() (*replay.Event, error), s *replay.Summary, payloads *cell.PayloadCounts) error {
	var scan cell.Scanner
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
		payloads.Add(e, &scan)
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
