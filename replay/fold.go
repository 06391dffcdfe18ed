package replay

import (
	"context"
	"errors"
	"iter"
	"slices"

	"asof/replay/bounds"
	"asof/replay/fault"
	"asof/replay/state"
)

// A Fold is a way to fold events: a reducer, with the upcaster that runs before it.
type Fold struct {
	Reducer   Reducer
	Upcaster  Upcaster // nil: none
	ArrayKeys []string // members that identify objects in arrays, see [state.DiffOptions]

	// Strict makes an unhandled event an error.
	Strict bool

	// Partitioned keeps one state for each partition that the reducer names. The
	// state of the fold is an object with one member per partition.
	Partitioned bool
}

var errUnhandled = errors.New("no handler for it")

// UnhandledError returns an error if the event is unhandled and the fold is strict,
// else nil.
func (f Fold) UnhandledError(e *Event, handled bool) error {
	if handled || !f.Strict {
		return nil
	}
	return &FoldError{
		At: e.Moment(), By: f.Reducer.Name(), Err: errUnhandled,
		Next: fault.Try("give it a handler").Without("strict"),
	}
}

// A Missing is a Reducer that knows why it did not use a payload.
type Missing interface {
	// Missed returns the reason, or "" if the payload had nothing to use.
	Missed(e *Event) string
}

// Missed returns why the payload of an event could not be read, if the state lacks
// it: the event is unhandled, or its handler asked for the payload and continued
// without it. It is empty if the payload was readable or not needed.
func (f Fold) Missed(e *Event, handled bool) string {
	if handled && !e.failed {
		return ""
	}
	switch e.Opaque {
	case "":
	case NoPayload:
		return "" // there is nothing to read
	default:
		return e.Opaque
	}
	if m, ok := f.Reducer.(Missing); ok {
		return m.Missed(e)
	}
	return ""
}

// A Step is the effect of one event.
type Step struct {
	Event   *Event
	Root    state.Value    // the state after the event; live, valid until the next step
	Changes []state.Change // the event's changes, if FoldOptions.Changes is set
	Handled bool           // the reducer has a handler for the event
	Unread  string         // why the payload could not be read, see [Fold.Missed]; else empty

	// Begun says that the state, or that of each partition, has handled an event.
	// It is never set for a [Partial] reducer.
	Begun bool
}

// FoldOptions selects the part of a timeline to fold.
type FoldOptions struct {
	Span    Span[Version]     // only these versions of the timeline; a lower end starts from Base
	Base    *state.Value      // the state before the span; nil: the reducer's initial state
	Changes bool              // fill in Step.Changes
	Touched *state.Touched    // gets what the events may have changed; nil: not needed
	Bounds  *bounds.Tracker   // gets the states, with the one before the first event; nil: not needed, or the fold is partitioned
	Skip    Fields            // parts of events that the caller does not need
	Init    func(state.Value) // receives the live state before the first event

	// Try, if set, receives the event at TryAt, a version of the timeline, before it is
	// folded.
	Try   func(*Trial) error
	TryAt Version

	// Chain is the start of the running hash that [Event.Chain] returns. The hash
	// covers the parts that the fold looks at, and Skip must not name those. Nil: no
	// hash.
	Chain *Chain
}

// Run folds the timeline's events one by one and yields a Step after each. Like a
// Reader, it never ends early without an error: an error is yielded last, and the
// Step before it is the last valid one.
func (t *Timeline) Run(ctx context.Context, f Fold, o FoldOptions) iter.Seq2[*Step, error] {
	return func(yield func(*Step, error) bool) {
		m := newMachine(f)
		m.touched, m.bounds = o.Touched, o.Bounds
		if err := m.start(ctx, o.Base); err != nil {
			yield(nil, err)
			return
		}
		if o.Init != nil {
			o.Init(m.root())
		}
		a := t.ahead(o)
		if o.Chain != nil {
			start := *o.Chain
			a.chain, a.skip = &start, f.Unread()
		}
		events, take := a.events(ctx), takeFunc(m.step)
		if p, ok := f.Reducer.(Prefetcher); ok && !f.Partitioned {
			events, take = a.prefetched(ctx, f.Upcaster, p), m.apply
		}
		step := &Step{}
		for e, err := range events {
			if err != nil {
				yield(nil, err)
				return
			}
			fold := take
			if o.Try != nil && t.Version(e) == o.TryAt {
				fold = m.tryFirst(o.Try, take)
			}
			if err := fold(ctx, e, o.Changes, step); err != nil {
				yield(nil, err)
				return
			}
			if !yield(step, nil) {
				return
			}
		}
	}
}

// A machine holds the state of one run, or its states by partition.
type machine struct {
	fold  Fold
	st    *state.State
	begun bool // see [Step]

	scratch *state.Scratch // shared with other machines of the goroutine; nil: not shared
	partial bool           // see [Partial]
	touched *state.Touched // see [FoldOptions]
	bounds  *bounds.Tracker

	parts map[string]*state.State
	idle  map[string]bool // parts that have not begun
	whole *state.Node     // object of all parts; nil unless partitioned
}

func newMachine(f Fold) *machine {
	m := &machine{fold: f}
	if p, ok := f.Reducer.(Partial); ok {
		m.partial = p.Partial()
	}
	if f.Partitioned {
		m.parts, m.idle, m.whole = map[string]*state.State{}, map[string]bool{}, state.NewObject()
	}
	return m
}

func (m *machine) root() state.Value {
	if m.whole != nil {
		return m.whole.Value()
	}
	return m.st.Root()
}

func (m *machine) start(ctx context.Context, base *state.Value) error {
	m.begun = base != nil
	if m.whole == nil {
		st, err := m.newState(ctx, base)
		if m.st = st; err == nil {
			m.follow(st)
		}
		return err
	}
	if base == nil {
		return nil
	}
	var err error
	base.Node().Each(func(part string, own state.Value) bool {
		var st *state.State
		if st, err = m.newState(ctx, &own); err == nil {
			st.Track(m.touched, part)
			m.parts[part] = st
			m.whole.Set(part, st.Root())
		}
		return err == nil
	})
	return err
}

// follow notes what events change of the state, as far as it is asked for.
func (m *machine) follow(st *state.State) {
	if st.Track(m.touched); m.bounds != nil {
		m.bounds.Root(st.Root())
		st.Observe(m.bounds)
	}
}

func (m *machine) newState(ctx context.Context, base *state.Value) (*state.State, error) {
	scratch := m.scratch
	if scratch == nil {
		scratch = &state.Scratch{}
	}
	st := state.NewIn(scratch)
	st.SetArrayKeys(m.fold.ArrayKeys)
	if base != nil {
		st.SetRoot(st.Adopt(*base))
	} else if err := m.fold.Reducer.Init(ctx, st); err != nil {
		return nil, err
	}
	_, err := st.Commit(false)
	return st, err
}

// step upcasts one event, folds it and fills in s.
func (m *machine) step(ctx context.Context, e *Event, changes bool, s *Step) error {
	if m.fold.Upcaster != nil {
		if err := m.fold.Upcaster.Upcast(e); err != nil {
			return err
		}
	}
	return m.apply(ctx, e, changes, s)
}

// apply folds an event that is already upcast, and fills in s.
func (m *machine) apply(ctx context.Context, e *Event, changes bool, s *Step) error {
	*s = Step{Event: e, Begun: m.begun}
	st, part := m.st, ""
	isNew := false
	if m.whole != nil {
		var ok bool
		var err error
		if part, ok, err = m.fold.Reducer.(Partitioner).Partition(e); err != nil {
			return err
		}
		if !ok {
			s.Root, s.Unread = m.root(), e.Opaque
			return m.fold.UnhandledError(e, false)
		}
		if st, isNew, err = m.partition(ctx, part); err != nil {
			return err
		}
	}
	e.failed = false
	handled, err := m.fold.Reducer.Apply(ctx, st, e)
	if err == nil {
		err = m.fold.UnhandledError(e, handled)
	}
	if err != nil {
		st.Rollback()
		return err
	}
	s.Handled, s.Unread = handled, m.fold.Missed(e, handled)
	if s.Changes, err = st.Commit(changes); err != nil {
		st.Rollback()
		return &FoldError{At: e.Moment(), By: m.fold.Reducer.Name(), Err: err}
	}
	if m.whole != nil {
		m.compose(part, st, isNew, changes, s)
	}
	m.began(part, isNew, handled)
	s.Root, s.Begun = m.root(), m.begun
	return nil
}

// began updates begun after an event of a part.
func (m *machine) began(part string, isNew, handled bool) {
	switch {
	case m.whole == nil:
		m.begun = (m.begun || handled) && !m.partial
		return
	case isNew && !handled:
		m.idle[part] = true
	case handled && len(m.idle) > 0:
		delete(m.idle, part)
	}
	m.begun = len(m.idle) == 0
}

func (m *machine) partition(ctx context.Context, name string) (st *state.State, isNew bool, err error) {
	st, ok := m.parts[name]
	if ok {
		return st, false, nil
	}
	if st, err = m.newState(ctx, nil); err != nil {
		return nil, false, err
	}
	if m.parts[name] = st; m.touched != nil {
		st.Track(m.touched, name)
		m.touched.AddPart(name)
	}
	return st, true, nil
}

// compose applies the changes of a partition to the whole.
func (m *machine) compose(part string, st *state.State, isNew, changes bool, s *Step) {
	m.whole.Set(part, st.Root())
	if !changes {
		return
	}
	prefix := string(state.AppendToken(nil, part))
	if isNew {
		s.Changes = []state.Change{{Op: state.OpAdd, Path: prefix, To: st.Freeze()}}
		return
	}
	s.Changes = slices.Clone(s.Changes)
	for i := range s.Changes {
		s.Changes[i].Path = prefix + s.Changes[i].Path
	}
}

// InitialState returns the state before the first event, frozen.
func InitialState(ctx context.Context, f Fold) (state.Value, error) {
	m := newMachine(f)
	if err := m.start(ctx, nil); err != nil {
		return state.Value{}, err
	}
	return state.Clone(m.root()), nil
}
