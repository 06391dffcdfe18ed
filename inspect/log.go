package inspect

import (
	"context"
	"iter"
	"slices"
	"time"

	"asof/replay"
	"asof/replay/state"
)

// An Entry is one event of a log, with its changes if requested.
type Entry struct {
	Moment  replay.Moment // the event's coordinates in the timeline
	Event   *replay.Event // valid until the next entry
	Many    bool          // the timeline has the events of many streams
	Changes []state.Change
	Folded  bool // Changes were requested; there may be none

	Cursor string // if the list was cut after this entry

	// For a log of one path: where the value was after the event, and the changes at or
	// below it. Label is set if there are changes.
	Path, Label string
	Here        []state.Change
}

// Filter narrows a log. The zero Filter takes every event. Filters select what is
// listed; the whole history is always folded.
type Filter struct {
	Types        []string
	Since, Until time.Time                         // recorded at or after, at or before; zero: no limit
	Untimed      *Untimed                          // counts the events without a time that Since and Until skip; may be nil
	Where        func(*replay.Event) (bool, error) // nil: every event
	Absent       func() []string                   // what Where names and no event had; may be nil
	Path         []string                          // only events that changed what is there at the end, or below it; nil: any
	Keyed        state.Path                        // the same, of the elements that the keys of this path name at each event
	Grep         func(*replay.Event) bool          // of type and payload; nil: every event
	Changed      func([]state.Change) bool         // of what it changed; nil: every event
	NoPath       func(error)                       // of many states: gets why the last one does not have a path that no event changed; may be nil
}

// Folds reports whether the filter needs the state.
func (f Filter) Folds() bool { return f.Path != nil || f.Keyed.Keyed() || f.Changed != nil }

// LogOptions select and order the events of a log.
type LogOptions struct {
	Span    replay.Span[replay.Version]
	Within  replay.Span[replay.Version] // only events of Span are listed; a path is resolved at the end of Span
	Filter  Filter
	Reverse bool // newest first
	Limit   int  // maximum; 0: no limit
	Changes bool // with the changes of each event

	Folded *replay.Tally // counts the folded events; may be nil
	First  func(*Entry)  // of what is folded: sees all entries, oldest first, before Reverse yields one; may be nil
}

func (o *LogOptions) see(e *Entry) {
	if o.First != nil {
		o.First(e)
	}
}

// Log yields the events of a timeline that pass the filter.
func Log(ctx context.Context, s replay.Subject, o LogOptions) iter.Seq2[*Entry, error] {
	if o.Changes || o.Filter.Folds() {
		return limited(foldedLog(ctx, s, o), o.Limit)
	}
	return limited(plainLog(ctx, s, o), o.Limit)
}

func plainLog(ctx context.Context, s replay.Subject, o LogOptions) iter.Seq2[*Entry, error] {
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
			if !yield(&Entry{Moment: s.Timeline.Moment(e), Event: e, Many: s.Timeline.Many}, nil) {
				return
			}
		}
	}
}

func foldedLog(ctx context.Context, s replay.Subject, o LogOptions) iter.Seq2[*Entry, error] {
	s = s.Counting()
	f := folded{o: o, many: s.Timeline.Many, version: s.Timeline.Version, moment: s.Timeline.Moment, unread: s.Fold.Unread()}
	f.run = func(fo replay.FoldOptions) iter.Seq2[*replay.Step, error] { return s.Run(ctx, fo) }
	if from, to, ok := o.ends(s.Timeline); ok {
		f.run = func(replay.FoldOptions) iter.Seq2[*replay.Step, error] { return lateSteps(ctx, s, o, from, to) }
	}
	f.init = func(*replay.Event) (state.Value, error) { return replay.InitialState(ctx, s.Fold) }
	f.of = func(*replay.Event) replay.StreamID { return "" }
	f.labels.of = func(*replay.Event) []string { return s.Fold.ArrayKeys }
	f.one = true
	if o.Reverse && o.Limit == 0 {
		if seq := f.inRuns(ctx, s); seq != nil {
			return seq
		}
	}
	return f.log()
}

// folded is a log that folds its events, into one state or one per stream.
type folded struct {
	o       LogOptions
	many    bool                                                    // the timeline has the events of many streams
	one     bool                                                    // the events have one state
	run     func(replay.FoldOptions) iter.Seq2[*replay.Step, error] // each call folds again
	of      func(*replay.Event) replay.StreamID                     // the state an event belongs to
	init    func(*replay.Event) (state.Value, error)                // that state before its first event
	version func(*replay.Event) replay.Version
	moment  func(*replay.Event) replay.Moment
	unread  replay.Fields // fields no fold reads
	trails  map[replay.StreamID]*trail
	keyed   keyedLog
	here    []int // for each change in Here of the last entry, the change of the event
	labels  labels
	seen    bool        // an event changed the path of the log
	root    state.Value // updated by each event
}

func (f *folded) log() iter.Seq2[*Entry, error] {
	if f.o.Reverse {
		return backwards(f.forward, f.o.Limit)
	}
	return f.forward
}

func (f *folded) options() replay.FoldOptions {
	fo := replay.FoldOptions{Changes: true}
	if hi, ok := f.o.Span.Hi(); ok {
		fo.Span = replay.UpTo(hi)
	}
	return fo
}

func (f *folded) forward(yield func(*Entry, error) bool) {
	if err := f.follow(); err != nil {
		yield(nil, err)
		return
	}
	for step, err := range f.run(f.options()) {
		var e *Entry
		if err == nil {
			if f.o.Folded != nil {
				f.o.Folded.Count(step)
			}
			if e, err = f.entry(step); err == nil && f.o.Changes {
				err = f.label(step, e)
			}
		}
		if err != nil {
			yield(nil, err)
			return
		}
		if e == nil {
			continue
		}
		if f.o.see(e); !yield(e, nil) {
			return
		}
	}
	switch err := f.absent(); {
	case err == nil:
	case f.one:
		yield(nil, err)
	case f.o.Filter.NoPath != nil:
		f.o.Filter.NoPath(err)
	}
}

// absent returns an error if no event changed the path of the log, and the last state does
// not have it.
func (f *folded) absent() error {
	filter := &f.o.Filter
	if f.seen || f.root.IsAbsent() || filter.Path == nil && !filter.Keyed.Keyed() {
		return nil
	}
	if filter.Keyed.Keyed() {
		_, err := filter.Keyed.Find(f.root)
		return err
	}
	_, err := state.Lookup(f.root, Pointer(filter.Path))
	return err
}

// follow makes the first of two passes, if one pass cannot tell which array element a
// path means.
func (f *folded) follow() error {
	f.trails = map[replay.StreamID]*trail{}
	if !canMove(f.o.Filter.Path) {
		return nil
	}
	fo := f.options()
	fo.Skip = f.unread
	for step, err := range f.run(fo) {
		if err != nil {
			return err
		}
		t, isNew := f.trail(step.Event)
		if isNew {
			init, err := f.init(step.Event)
			if err != nil {
				return err
			}
			t.begin(init)
		}
		if err := t.note(step); err != nil {
			return err
		}
	}
	for _, t := range f.trails {
		t.look()
	}
	return nil
}

func (f *folded) trail(e *replay.Event) (t *trail, isNew bool) {
	id := f.of(e)
	t, ok := f.trails[id]
	if !ok {
		t = newTrail(f.o.Filter.Path)
		f.trails[id] = t
	}
	return t, !ok
}

// entry returns the step as an entry of the log, or nil if it is not listed.
func (f *folded) entry(step *replay.Step) (*Entry, error) {
	e := &Entry{Event: step.Event, Many: f.many, Changes: step.Changes, Folded: true}
	filter := &f.o.Filter
	if filter.Folds() {
		if in, err := f.touched(step, e); !in || err != nil {
			return nil, err
		}
	}
	if v := f.version(step.Event); !f.o.Span.Contains(v) || !f.o.Within.Contains(v) {
		return nil, nil
	}
	if len(filter.Types) > 0 && !slices.Contains(filter.Types, step.Event.Type) {
		return nil, nil
	}
	if filter.Changed != nil && !filter.Changed(step.Changes) {
		return nil, nil
	}
	if in, err := filter.takes(step.Event); !in || err != nil {
		return nil, err
	}
	e.Moment = f.moment(step.Event)
	return e, nil
}

// touched reports whether the step changed the path of the log, if there is one, and
// sets the changes at the path.
func (f *folded) touched(step *replay.Step, e *Entry) (in bool, err error) {
	f.root = step.Root
	switch filter := &f.o.Filter; {
	case filter.Keyed.Keyed():
		init := func() (state.Value, error) { return f.init(step.Event) }
		if f.here, err = f.keyed.touched(filter.Keyed, step, e, f.of(step.Event), init); err != nil {
			return false, err
		}
	case filter.Path != nil:
		t, _ := f.trail(step.Event)
		e.Here, e.Path, f.here = t.touched(step.Changes), t.name, t.of
	default:
		return true, nil
	}
	f.seen = f.seen || len(e.Here) > 0
	return len(e.Here) > 0, nil
}

// label labels the changes of an entry; it is nil if the step is not listed.
func (f *folded) label(step *replay.Step, e *Entry) error {
	id := f.of(step.Event)
	if e == nil {
		return f.labels.follow(id, step)
	}
	return f.labels.label(id, e, step.Root, f.here)
}

// takes reports whether an event passes the filter. An event without a time is neither
// after a time nor before it.
func (f Filter) takes(e *replay.Event) (bool, error) {
	timed := !f.Since.IsZero() || !f.Until.IsZero()
	if timed && !e.Time.IsZero() && (e.Time.Before(f.Since) || !f.Until.IsZero() && e.Time.After(f.Until)) {
		return false, nil
	}
	if f.Grep != nil && !f.Grep(e) {
		return false, nil
	}
	if f.Where != nil {
		if in, err := f.Where(e); !in || err != nil {
			return false, err
		}
	}
	if timed && e.Time.IsZero() {
		f.Untimed.Add(e)
		return false, nil
	}
	return true, nil
}

// Untimed counts events that have no time.
type Untimed struct {
	Events int
	Unread int    // of them, those that have a time that can't be read
	Why    string // the reason for the last of these
}

// Add counts an event if it has no time.
func (u *Untimed) Add(e *replay.Event) {
	if u == nil || !e.Time.IsZero() {
		return
	}
	u.Events++
	if e.NoTime != "" {
		u.Unread++
		u.Why = e.NoTime
	}
}

// limited yields at most n elements of seq, and its error; 0: no limit.
func limited[T any](seq iter.Seq2[T, error], n int) iter.Seq2[T, error] {
	if n <= 0 {
		return seq
	}
	return func(yield func(T, error) bool) {
		left := n
		for one, err := range seq {
			if !yield(one, err) || err != nil {
				return
			}
			if left--; left == 0 {
				return
			}
		}
	}
}

// Pointer returns the path as an RFC 6901 pointer.
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
