package whatif

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/state"
)

// An EditKind is a kind of [Edit].
type EditKind string

// The kinds of edits.
const (
	Drop   EditKind = "drop"   // the event at At did not happen
	Set    EditKind = "set"    // it had Value at Path
	Insert EditKind = "insert" // Event happened after it
	Swap   EditKind = "swap"   // the event and the one at Other swap places
)

// An Edit is a hypothetical change of a history. Events keep their versions: a dropped
// event leaves a gap, and an inserted one gets the version of the event it follows.
type Edit struct {
	Kind  EditKind
	Text  string // as the user wrote it
	At    replay.Version
	First bool           // of an insert: before the first event, whatever At is
	Other replay.Version // of a swap
	Path  []string       // of a set: a path into the event in the native format, such as data, qty
	Keyed state.Path     // of a set, instead of Path: with keys of array elements
	Wrote string         // of a set: the path as the user wrote it
	Value state.Value    // of a set
	Event *replay.Event  // of an insert
}

// A Result is the state had history been different. It is a simulation: nothing is
// written.
type Result struct {
	At         replay.Moment
	Projection string
	Edits      []Edit
	Was, Would state.Value // the states at At, real and simulated
	Changes    []state.Change
	Account    replay.Account // of the real history
	WouldTally replay.Tally
	Added      []Added // members that an edit set and the event does not have
	Path       string  // the compared part of the state; empty: all of it
	Label      string  // with keys of array elements, if it has any
}

// Run simulates the state at a moment had history been different, and compares it with
// the real one. With a path, it compares only that part, resolved in each state.
func Run(ctx context.Context, s replay.Subject, at replay.Moment, edits []Edit, path state.Path) (*Result, error) {
	edited, err := EditTimeline(ctx, s.Timeline, edits, at)
	if err != nil {
		return nil, err
	}
	out := &Result{At: at, Projection: s.Fold.Reducer.Name(), Edits: edits}
	s = s.Counting()
	if out.Was, _, err = s.StateAt(ctx, at); err != nil {
		return nil, err
	}
	if out.Account, err = s.Account(ctx); err != nil {
		return nil, err
	}
	imagined := replay.Subject{Timeline: edited, Fold: s.Fold}
	out.Added = edited.Reader.(*editedReader).added
	if out.Would, out.WouldTally, err = imagined.StateAt(ctx, at); err != nil {
		return nil, err
	}
	return out, out.compare(path, state.DiffOptions{ArrayKeys: s.Fold.ArrayKeys})
}

// compare sets the changes at a path.
func (r *Result) compare(path state.Path, o state.DiffOptions) error {
	was, errWas := path.Lookup(r.Was)
	would, errWould := path.Lookup(r.Would)
	if errWas != nil && errWould != nil {
		return errWas
	}
	place := func(in state.Value) (pointer, label string) {
		pointer, _ = path.Find(in)
		return pointer, state.NewLabeler(in, o).LabelOf(pointer)
	}
	before, labelBefore := place(r.Was)
	if r.Path, r.Label = place(r.Would); errWould != nil {
		r.Path, r.Label = before, labelBefore
	}
	r.Changes = state.LabeledDiff(was, would, o)
	for i := range r.Changes {
		c, label := &r.Changes[i], r.Label
		if c.Op == state.OpRemove {
			label = labelBefore
		}
		if label != "" {
			c.Label = label + c.Name()
		} else if c.Label != "" {
			c.Label = r.Path + c.Label
		}
		c.Path = r.Path + c.Path
	}
	return nil
}

// An editedReader is a store with an edited timeline. It holds the edited events and
// reads the others on demand.
type editedReader struct {
	replay.Reader
	inner  *replay.Timeline
	places map[replay.Version]*replay.Event   // nil: dropped
	after  map[replay.Version][]*replay.Event // inserted
	first  []*replay.Event                    // inserted before the first
	added  []Added
}

// EditTimeline returns the timeline with the edits applied in order, each to the result
// of those before it.
func EditTimeline(ctx context.Context, t *replay.Timeline, edits []Edit, upTo replay.Moment) (*replay.Timeline, error) {
	r := &editedReader{
		Reader: t.Reader, inner: t,
		places: map[replay.Version]*replay.Event{}, after: map[replay.Version][]*replay.Event{},
	}
	for _, e := range edits {
		if err := r.edit(ctx, e, upTo); err != nil {
			return nil, err
		}
	}
	return &replay.Timeline{Name: t.Name, Reader: r, Many: t.Many}, nil
}

func (r *editedReader) edit(ctx context.Context, e Edit, upTo replay.Moment) error {
	if e.Kind == Insert && e.First {
		r.first = append(r.first, r.placed(e.Event, nil))
		return nil
	}
	at, err := r.load(ctx, e.At, e, upTo)
	if err != nil {
		return err
	}
	switch e.Kind {
	case Drop:
		r.places[e.At] = nil
	case Set:
		added, err := e.set(at)
		if added != nil {
			r.added = append(r.added, *added)
		}
		return err
	case Insert:
		r.after[e.At] = append(r.after[e.At], r.placed(e.Event, at))
	case Swap:
		other, err := r.load(ctx, e.Other, e, upTo)
		if err != nil {
			return err
		}
		a, b := *at, *other
		a.Version, b.Version = b.Version, a.Version
		a.Position, b.Position = b.Position, a.Position
		r.places[e.At], r.places[e.Other] = &b, &a
	}
	return nil
}

// load returns the event at a place, with the earlier edits applied.
func (r *editedReader) load(ctx context.Context, v replay.Version, e Edit, upTo replay.Moment) (*replay.Event, error) {
	if have, ok := r.places[v]; ok {
		if have == nil {
			return nil, &EventError{Reason: fmt.Sprintf("%s: the event at %d was already dropped", e.Text, v), Next: fault.Try("edits apply in the order given")}
		}
		return have, nil
	}
	m, _, err := r.inner.Resolve(ctx, replay.AtVersion(v))
	if err != nil {
		return nil, err
	}
	if upTo.IsStart() || v > upTo.Version() {
		return nil, &replay.NotFoundError{
			Kind: "event", Name: m.Label(), In: "the history up to " + upTo.Label(),
			Next: fault.Try("ask about a later point").With("at", "head"),
		}
	}
	for ev, err := range r.inner.List(ctx, replay.Listing{Span: replay.Between(v, v), Limit: 1}) {
		if err != nil {
			return nil, err
		}
		r.places[v] = ev.Clone()
	}
	if r.places[v] == nil {
		return nil, &replay.NotFoundError{Kind: "event", Name: m.Label(), In: r.inner.Name}
	}
	return r.places[v], nil
}

// placed sets the place of an inserted event in the history.
func (r *editedReader) placed(e, after *replay.Event) *replay.Event {
	e = e.Clone()
	e.Position = replay.NoPosition
	if after == nil {
		if e.Stream == "" && !r.inner.Many {
			e.Stream = replay.StreamID(r.inner.Name)
		}
		return e
	}
	e.Version, e.Position = after.Version, after.Position
	if e.Stream == "" {
		e.Stream, e.Category = after.Stream, after.Category
	}
	if e.Category == "" {
		e.Category = after.Category
	}
	if e.Time.IsZero() {
		e.Time = after.Time
	}
	return e
}

// Events yields the edited timeline.
func (r *editedReader) Events(ctx context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
	l := replay.Listing{Span: q.Versions, Skip: q.Skip}
	if r.inner.Many {
		if lo, ok := q.Positions.Lo(); ok {
			l.Span = replay.From(replay.Version(lo))
		}
		if hi, ok := q.Positions.Hi(); ok {
			lo, hasLo := l.Span.Lo()
			l.Span = replay.UpTo(replay.Version(hi))
			if hasLo {
				l.Span = replay.Between(lo, replay.Version(hi))
			}
		}
	}
	return func(yield func(*replay.Event, error) bool) {
		if _, fromLater := l.Span.Lo(); !fromLater && !each(r.first, yield) {
			return
		}
		for e, err := range r.inner.List(ctx, l) {
			if err != nil {
				yield(nil, err)
				return
			}
			v := r.inner.Version(e)
			if edited, ok := r.places[v]; ok {
				e = edited
			}
			if e != nil && !yield(e, nil) || !each(r.after[v], yield) {
				return
			}
		}
	}
}

func each(events []*replay.Event, yield func(*replay.Event, error) bool) bool {
	return !slices.ContainsFunc(events, func(e *replay.Event) bool { return !yield(e.Clone(), nil) })
}
