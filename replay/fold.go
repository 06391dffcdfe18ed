package replay

import (
	"context"
	"errors"
	"iter"
	"slices"

	"asof/replay/fault"
	"asof/replay/state"
)

// A Fold is a way of folding: a reducer, and what is done to events before it.
type Fold struct {
	Reducer   Reducer
	Upcaster  Upcaster // nil: none
	ArrayKeys []string // that identify objects in arrays, see [state.DiffOptions]

	// Strict makes an event that no handler takes an error.
	Strict bool

	// Partitioned keeps one state for each partition that the reducer names; the
	// whole is an object of them.
	Partitioned bool
}

// UnhandledError returns an error if no handler took the event and the fold is
// strict, else nil.
func (f Fold) UnhandledError(e *Event, handled bool) error {
	if handled || !f.Strict {
		return nil
	}
	return &FoldError{
		At: e.Moment(), By: f.Reducer.Name(), Err: errors.New("no handler took it"),
		Next: fault.Try("give it a handler").Without("strict"),
	}
}

// A Missing is a Reducer that can tell why it took nothing of a payload that was
// meant for it.
type Missing interface {
	// Missed returns why, or nothing where there was nothing to take.
	Missed(e *Event) string
}

// Missed returns why the payload of an event took no part in the state: no handler
// took it, or one asked for it and went on without. It is empty where that is not
// because it can't be read.
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

// A Step is what one event did.
type Step struct {
	Event   *Event
	Root    state.Value    // the state after the event: live, to be read before the next step
	Changes []state.Change // what the event changed; only when they were asked for
	Handled bool           // the reducer has a handler for the event
	Unread  string         // why nothing of its payload was taken, where it could not be read; empty otherwise
	Begun   bool           // some event was handled in the state; by partition, in each of them; never if it is [Partial]
}

// FoldOptions says what of a timeline is folded.
type FoldOptions struct {
	Span    Span[Version]     // only these versions of the timeline; a lower end starts from Base
	Base    *state.Value      // the state before the span; nil: the reducer's initial state
	Changes bool              // fill in Step.Changes
	Skip    Fields            // parts of events that nobody needs
	Init    func(state.Value) // is shown the state before the first event; live

	// Chain is where a running hash over the events goes on, for [Event.Chain]. It
	// covers what the fold looks at, which Skip must not name. Nil: there is none.
	Chain *Chain
}

// Run folds the timeline's events one by one and yields a Step after each. Like
// a Reader it never merely stops: an error is yielded last, and the Step before
// it is the last that is sound.
func (t *Timeline) Run(ctx context.Context, f Fold, o FoldOptions) iter.Seq2[*Step, error] {
	return func(yield func(*Step, error) bool) {
		m := newMachine(f)
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
		events, take := a.events(ctx), m.step
		if p, ok := f.Reducer.(Prefetcher); ok && !f.Partitioned {
			events, take = a.prefetched(ctx, f.Upcaster, p), m.apply
		}
		step := &Step{}
		for e, err := range events {
			if err != nil {
				yield(nil, err)
				return
			}
			if err := take(ctx, e, o.Changes, step); err != nil {
				yield(nil, err)
				return
			}
			if !yield(step, nil) {
				return
			}
		}
	}
}

// machine holds the state, or the states by partition, of one run.
type machine struct {
	fold  Fold
	st    *state.State
	begun bool // see [Step]

	partial bool // see [Partial]

	parts map[string]*state.State
	idle  map[string]bool // of the parts, those that are not begun
	whole *state.Node     // of the parts
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
		m.st = st
		return err
	}
	if base == nil {
		return nil
	}
	var err error
	base.Node().Each(func(part string, own state.Value) bool {
		var st *state.State
		if st, err = m.newState(ctx, &own); err == nil {
			m.parts[part] = st
			m.whole.Set(part, st.Root())
		}
		return err == nil
	})
	return err
}

func (m *machine) newState(ctx context.Context, base *state.Value) (*state.State, error) {
	st := state.New()
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

// apply folds one event, which is upcast, and fills in s.
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

// began notes whether an event was handled in a state.
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
	m.parts[name] = st
	return st, true, nil
}

// compose makes a change of a partition one of the whole.
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
