package inspect

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"asof/replay"
	"asof/replay/state"
)

// An Entry is one event of a log, with what it changed where that was asked for.
type Entry struct {
	Moment  replay.Moment // the event's coordinates in the timeline
	Event   *replay.Event // valid until the next entry
	Changes []state.Change
	Folded  bool // Changes were asked for; there may be none
}

// Filter narrows a log. The zero value takes every event. Filters choose what is
// listed; what is folded is always the whole history.
type Filter struct {
	Types        []string
	Since, Until time.Time                         // recorded at or after, at or before; zero is open
	Where        func(*replay.Event) (bool, error) // nil: every event
	Path         []string                          // only events that changed this path or below it; nil: any
	Grep         func(*replay.Event) bool          // of type and payload; nil: every event
	Changed      func([]state.Change) bool         // of what it changed; nil: every event
}

// Folds reports whether the filter speaks of the state.
func (f Filter) Folds() bool { return f.Path != nil || f.Changed != nil }

// LogOptions says what of a timeline is listed.
type LogOptions struct {
	Span    replay.Span[replay.Version]
	Filter  Filter
	Reverse bool // newest first
	Limit   int  // at most so many; 0 is no limit
	Changes bool // with what each event changed
}

// Log yields the events of a timeline that the filter takes.
func Log(ctx context.Context, s Subject, o LogOptions) iter.Seq2[*Entry, error] {
	if o.Changes || o.Filter.Folds() {
		return limited(foldedLog(ctx, s, o), o.Limit)
	}
	return limited(plainLog(ctx, s, o), o.Limit)
}

func plainLog(ctx context.Context, s Subject, o LogOptions) iter.Seq2[*Entry, error] {
	return func(yield func(*Entry, error) bool) {
		l := replay.Listing{Span: o.Span, Types: nilIfEmpty(o.Filter.Types), Reverse: o.Reverse}
		for e, err := range s.Timeline.List(ctx, l) {
			if err == nil {
				var in bool
				if in, err = o.Filter.takes(e); err == nil && !in {
					continue
				}
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(&Entry{Moment: s.Timeline.Moment(e), Event: e}, nil) {
				return
			}
		}
	}
}

func foldedLog(ctx context.Context, s Subject, o LogOptions) iter.Seq2[*Entry, error] {
	forward := func(yield func(*Entry, error) bool) {
		fo := replay.FoldOptions{Changes: true}
		if hi, ok := o.Span.Hi(); ok {
			fo.Span = replay.UpTo(hi)
		}
		for step, err := range s.Timeline.Run(ctx, s.Fold, fo) {
			var in bool
			if err == nil {
				in, err = o.takes(s, step)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !in {
				continue
			}
			e := &Entry{Moment: s.Timeline.Moment(step.Event), Event: step.Event, Changes: step.Changes, Folded: true}
			if !yield(e, nil) {
				return
			}
		}
	}
	if !o.Reverse {
		return forward
	}
	return backwards(forward, o.Limit)
}

func (o LogOptions) takes(s Subject, step *replay.Step) (bool, error) {
	if lo, ok := o.Span.Lo(); ok && s.Timeline.Version(step.Event) < lo {
		return false, nil
	}
	f := o.Filter
	if len(f.Types) > 0 && !slices.Contains(f.Types, step.Event.Type) {
		return false, nil
	}
	if f.Path != nil && !Touches(step.Changes, f.Path) {
		return false, nil
	}
	if f.Changed != nil && !f.Changed(step.Changes) {
		return false, nil
	}
	return f.takes(step.Event)
}

func (f Filter) takes(e *replay.Event) (bool, error) {
	if !f.Since.IsZero() && e.Time.Before(f.Since) || !f.Until.IsZero() && e.Time.After(f.Until) {
		return false, nil
	}
	if f.Grep != nil && !f.Grep(e) {
		return false, nil
	}
	if f.Where != nil {
		return f.Where(e)
	}
	return true, nil
}

// backwards yields the last entries first. It keeps at most limit of them, or
// all when there is no limit: what is printed is what is kept.
func backwards(seq iter.Seq2[*Entry, error], limit int) iter.Seq2[*Entry, error] {
	return func(yield func(*Entry, error) bool) {
		var kept []*Entry
		for e, err := range seq {
			if err != nil {
				yield(nil, err)
				return
			}
			e.Event = e.Event.Clone()
			kept = append(kept, e)
			if limit > 0 && len(kept) > 2*limit {
				kept = append(kept[:0], kept[len(kept)-limit:]...)
			}
		}
		for _, e := range slices.Backward(kept) {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func limited(seq iter.Seq2[*Entry, error], n int) iter.Seq2[*Entry, error] {
	if n <= 0 {
		return seq
	}
	return func(yield func(*Entry, error) bool) {
		left := n
		for e, err := range seq {
			if !yield(e, err) || err != nil {
				return
			}
			if left--; left == 0 {
				return
			}
		}
	}
}

// Touches reports whether any change is of the path, below it, or of a value
// that holds it.
func Touches(changes []state.Change, path []string) bool {
	p := Pointer(path)
	for _, c := range changes {
		if c.Path == p || under(c.Path, p) || under(p, c.Path) {
			return true
		}
	}
	return false
}

// under reports whether a is strictly below b. Both are RFC 6901 pointers, in
// which a token never holds a bare slash.
func under(a, b string) bool { return len(a) > len(b) && a[len(b)] == '/' && strings.HasPrefix(a, b) }

// Pointer writes the path as an RFC 6901 pointer.
func Pointer(path []string) string {
	var b []byte
	for _, tok := range path {
		b = state.AppendToken(b, tok)
	}
	return string(b)
}

func nilIfEmpty(s []string) []string {
	if len(s) == 0 {
		return nil
	}
	return s
}
