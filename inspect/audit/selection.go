package audit

import (
	"context"
	"fmt"
	"iter"
	"time"

	"asof/replay"
	"asof/replay/fault"
)

// A Selection says which events are exported. The zero value is all.
//
// A period is a part of each stream's history, never a set of events picked out
// of it: From leaves out the events up to the last that was recorded before From,
// and To those after the last that was recorded before To. So every event is in
// exactly one of several periods that follow each other, whatever its clock did.
type Selection struct {
	Match    func(stream replay.StreamID, category string) bool // nil is every stream
	From, To time.Time                                          // zero is open

	Patterns, Categories []string // what Match goes by, for the report
}

func (s Selection) matches(e *replay.Event) bool {
	return s.Match == nil || s.Match(e.Stream, e.Category)
}

// A period is the part of one stream that is exported: versions above after, up
// to last.
type period struct {
	after, last       replay.Version
	hasAfter, hasLast bool

	highest replay.Version // seen so far
	odd     bool           // its versions do not rise with the leaves
}

// Reasons why an event of the store is not exported.
const (
	reasonStream = "its stream was not selected"
	reasonBefore = "recorded before the period"
	reasonAfter  = "recorded after the period"
)

// leftOut says why an event is not exported; empty when it is.
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
	if !info.HasTimes {
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
				Err:  fmt.Errorf("the time of %s can't be read, so its period is not known: %s", e.Moment().Label(), e.NoTime),
				Next: r.Info().TimesNext.Or(fault.Remedy{}.Without("from", "to")),
			}
		}
		p, ok := out[e.Stream]
		p.odd = p.odd || ok && e.Version <= p.highest
		p.highest = max(p.highest, e.Version)
		if !ok {
			p.highest = e.Version
		}
		// An event without a time goes with the one before it.
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

// inOrder asks for all events in the order of the leaves: that of the store or,
// where it has none, stream by stream.
func inOrder(i replay.Info) replay.Query {
	q := replay.Query{Order: replay.ByPosition}
	if !i.HasPositions {
		q.Order = replay.ByStream
	}
	return q
}

// leaves seals the events of a store in order. why is empty for an event that is
// exported.
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
