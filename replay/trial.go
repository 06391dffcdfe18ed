package replay

import (
	"context"
	"errors"

	"asof/replay/state"
)

// A Trial is the next event of a run. It can be folded as often as needed, each time
// with other inputs; every result is taken back.
type Trial struct {
	m    *machine
	e    *Event // upcast
	st   *state.State
	part string // the partition, if the fold has them
}

var errNoPartition = errors.New("the event has no partition")

// newTrial returns a trial of an event that is upcast.
func (m *machine) newTrial(ctx context.Context, e *Event) (*Trial, error) {
	t := &Trial{m: m, e: e, st: m.st}
	if m.whole == nil {
		return t, nil
	}
	part, ok, err := m.fold.Reducer.(Partitioner).Partition(e)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, &FoldError{At: e.Moment(), By: m.fold.Reducer.Name(), Err: errNoPartition}
	}
	if t.part, t.st = part, m.parts[part]; t.st == nil {
		t.st, err = m.newState(ctx, nil)
	}
	return t, err
}

// Event returns the event as the fold gets it.
func (t *Trial) Event() *Event { return t.e }

// Prefix returns the path of the state that the event is folded into.
func (t *Trial) Prefix() string {
	if t.m.whole == nil {
		return ""
	}
	return string(state.AppendToken(nil, t.part))
}

// State returns the state before the event, live.
func (t *Trial) State() *state.State { return t.st }

// Watched reports whether the fold can report its reads.
func (t *Trial) Watched() bool {
	_, ok := t.m.fold.Reducer.(Watched)
	return ok
}

// Otherwise says what differs in one fold of the event.
type Otherwise struct {
	State func(*state.State) error // edits the state; nil: as it was
	Body  func(state.Value)        // edits a copy of the payload; nil: as it was
	Meta  func(state.Value)        // edits the metadata; nil: as it was
}

// Fold folds the event and passes the state to see, before it is taken back. The state
// may contain a container in two places, or itself.
func (t *Trial) Fold(ctx context.Context, o Otherwise, w *Watch, see func(handled bool)) error {
	e, err := t.event(o)
	if err != nil {
		return err
	}
	fresh, beside := t.st.Fresh, t.st.Beside
	if b, ok := beside.(interface{ Copy() any }); ok {
		t.st.Beside = b.Copy()
	}
	if watched, ok := t.m.fold.Reducer.(Watched); ok {
		watched.Watch(w)
		defer watched.Watch(nil)
	}
	defer func() {
		t.st.Rollback()
		t.st.Fresh, t.st.Beside = fresh, beside
	}()
	if o.State != nil {
		if err := o.State(t.st); err != nil {
			return err
		}
	}
	handled, err := t.m.fold.Reducer.Apply(ctx, t.st, e)
	if err == nil {
		see(handled)
	}
	return err
}

// event returns the event with other inputs. Each fold gets its own tree.
func (t *Trial) event(o Otherwise) (*Event, error) {
	e := t.e.Clone()
	e.failed = false
	if body, err := t.e.Body(); err == nil {
		body = state.Clone(body)
		if o.Body != nil {
			o.Body(body)
			e.Data = state.AppendJSON(nil, body)
		}
		e.SetBody(body)
	}
	if o.Meta != nil && e.Meta.Raw != nil {
		meta, _, err := state.ParsePayload(e.Meta.Raw)
		if err != nil {
			return nil, err
		}
		o.Meta(meta)
		e.Meta.Raw = state.AppendJSON(nil, meta)
	}
	return e, nil
}

// A takeFunc folds an event and fills in the step.
type takeFunc func(ctx context.Context, e *Event, changes bool, s *Step) error

// tryFirst returns take, except that it passes the event to try before it is folded.
func (m *machine) tryFirst(try func(*Trial) error, take takeFunc) takeFunc {
	return func(ctx context.Context, e *Event, changes bool, s *Step) error {
		_, ahead := m.fold.Reducer.(Prefetcher)
		if m.fold.Upcaster != nil && (!ahead || m.fold.Partitioned) {
			if err := m.fold.Upcaster.Upcast(e); err != nil {
				return err
			}
			take = m.apply
		}
		t, err := m.newTrial(ctx, e)
		if err == nil {
			err = try(t)
		}
		if err != nil {
			return err
		}
		return take(ctx, e, changes, s)
	}
}
