package audit

import (
	"context"
	"fmt"
	"iter"
	"time"

	"asof/replay"
	"asof/replay/fault"
)

// A Selection selects the events to export. The zero value selects all.
//
// A period is a contiguous part of each stream's history. From leaves out the events
// up to the last one recorded before From, and To leaves out the events after the
// last one recorded before To. Every event is therefore in exactly one of several
// consecutive periods, even if the clock ran backwards.
type Selection struct {
	Match    func(stream replay.StreamID, category string) bool // nil selects every stream
	From, To time.Time                                          // zero: no limit

	Patterns, Categories []string // the filters that Match applies, for the report
}

func (s Selection) matches(e *replay.Event) bool {
	return s.Match == nil || s.Match(e.Stream, e.Category)
}

// A period is the exported part of one stream: the versions above after, up to last.
type period struct {
	after, last       replay.Version
	hasAfter, hasLast bool

	highest   replay.Version // highest version so far
	unordered bool           // the versions do not rise with the leaves
}

// Reasons why an event of the store is not exported.
const (
	reasonStream = "its stream was not selected"
	reasonBefore = "recorded before the period"
	reasonAfter  = "recorded after the period"
)

// leftOut returns the reason why an event is not exported, or "" if it is.
func (s Selection) leftOut(e *replay.Event, periods map[replay.StreamID]period) string {
	if !s.matches(e) {
		return reasonStream
	}
	if s.From.IsZero() && s.To.IsZero() {
		return ""
	}
	p := periods[e.Stream]
	switch {
	case p.hasAfter && e.Version <= p.after:
		return reasonBefore
	case !s.To.IsZero() && (!p.hasLast || e.Version > p.last):
		return reasonAfter
	}
	return ""
}

// periods finds the period of each selected stream.
func (s Selection) periods(ctx context.Context, r replay.Reader) (map[replay.StreamID]period, error) {
	if s.From.IsZero() && s.To.IsZero() {
		return nil, nil
	}
	info := r.Info()
	if !info.Has("times") {
		return nil, &replay.UnsupportedError{Dialect: info.Dialect, Lacks: "times", Next: fault.Remedy{}.Without("from", "to")}
	}
	out := map[replay.StreamID]period{}
	q := inOrder(info)
	q.Skip = replay.FieldID | replay.FieldMeta | replay.FieldData
	for e, err := range r.Events(ctx, q) {
		if err != nil {
			return nil, err
		}
		if !s.matches(e) {
			continue
		}
		if e.NoTime != "" {
			return nil, &replay.StoreError{
				Path: info.Path, Op: "read",
				Err:  fmt.Errorf("the time of %s cannot be read, so its period is unknown: %s", e.Moment().Label(), e.NoTime),
				Next: r.Info().TimesNext.Or(fault.Remedy{}.Without("from", "to")),
			}
		}
		p, ok := out[e.Stream]
		p.unordered = p.unordered || ok && e.Version <= p.highest
		p.highest = max(p.highest, e.Version)
		if !ok {
			p.highest = e.Version
		}
		// An event without a time belongs to the period of the previous event.
		if !s.From.IsZero() && !e.Time.IsZero() && e.Time.Before(s.From) {
			if !p.hasAfter {
				p.after, p.hasAfter = e.Version, true
			}
			p.after = max(p.after, e.Version)
		}
		if !s.To.IsZero() && (e.Time.Before(s.To) && !e.Time.IsZero() || e.Time.IsZero() && p.hasLast && p.last == e.Version-1) {
			if !p.hasLast {
				p.last, p.hasLast = e.Version, true
			}
			p.last = max(p.last, e.Version)
		}
		if !ok {
			out[cloneID(e.Stream)] = p
			continue
		}
		out[e.Stream] = p
	}
	return out, nil
}

// inOrder returns a query for all events in the order of the leaves: the order of the
// store or, if it has none, stream by stream.
func inOrder(i replay.Info) replay.Query {
	q := replay.Query{Order: replay.ByPosition}
	if !i.Has("positions") {
		q.Order = replay.ByStream
	}
	return q
}

// leaves yields the sealed events of a store in order.
func (x *Export) leaves(ctx context.Context, periods map[replay.StreamID]period, erased *erasedSet) iter.Seq2[*leaf, error] {
	return func(yield func(*leaf, error) bool) {
		s := newSealer(x.Key, x.Redact)
		s.erased = erased
		q := inOrder(x.Reader.Info())
		q.Stored = true
		for e, err := range x.Reader.Events(ctx, q) {
			var l *leaf
			if err == nil {
				l, err = s.seal(e, x.Select.leftOut(e, periods) == "")
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(l, nil) {
				return
			}
		}
	}
}
