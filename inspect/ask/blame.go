package ask

import (
	"context"
	"iter"

	"asof/inspect"
	"asof/replay"
	"asof/replay/state"
	"asof/replay/workspace"
)

// Blame asks which event last set each path of the state.
type Blame struct {
	Timeline
	Path string `json:"path,omitempty" jsonschema:"only this part of the state, such as /items/0 or /items[sku=a]"`
}

// Check refuses what cannot be asked.
func (q Blame) Check() error {
	if err := checkPath(q.Path); err != nil {
		return err
	}
	return q.Timeline.Check()
}

// Ask answers the question.
func (q Blame) Ask(ctx context.Context, w *workspace.Workspace) (*inspect.Blamed, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store.
func (q Blame) Of(ctx context.Context, s *workspace.Store) (answer *inspect.Blamed, err error) {
	notePath(s.Workspace(), q.Path)
	err = q.overRange(ctx, s, func(t *workspace.Target, i replay.Interval) error {
		if answer, err = inspect.Blame(ctx, t.Subject, i, pathOf(q.Path).String()); err == nil {
			t.NoteBasis(ctx)
		}
		return err
	})
	return answer, err
}

// Removed asks what was removed from the state, and by which event.
type Removed struct{ Blame }

// Ask answers the question.
func (q Removed) Ask(ctx context.Context, w *workspace.Workspace) (*inspect.Gone, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store.
func (q Removed) Of(ctx context.Context, s *workspace.Store) (answer *inspect.Gone, err error) {
	notePath(s.Workspace(), q.Path)
	err = q.overRange(ctx, s, func(t *workspace.Target, i replay.Interval) error {
		if answer, err = inspect.Removed(ctx, t.Subject, i, pathOf(q.Path).String()); err == nil {
			t.NoteBasis(ctx)
		}
		return err
	})
	return answer, err
}

// History asks for every event that set a path.
type History struct{ Blame }

// A PathHistory is every event that set a path, the newest first.
type PathHistory struct {
	Path    string        // as it is shown: with keys, if it has any
	Moment  replay.Moment // up to which events were read
	Entries []*inspect.Entry
}

// Check refuses what cannot be asked.
func (q History) Check() error {
	if err := q.Blame.Check(); err != nil {
		return err
	}
	if q.Path == "" {
		return workspace.Usagef("name a path, such as /total", "a history needs a path")
	}
	return nil
}

// Ask answers the question.
func (q History) Ask(ctx context.Context, w *workspace.Workspace) (*PathHistory, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store. A path that no event set and that
// the state does not have is an error.
func (q History) Of(ctx context.Context, s *workspace.Store) (answer *PathHistory, err error) {
	path := pathOf(q.Path)
	notePath(s.Workspace(), q.Path)
	err = q.overRange(ctx, s, func(t *workspace.Target, i replay.Interval) error {
		all := &PathHistory{Path: path.String(), Moment: i.To}
		for e, err := range q.entries(ctx, t, i, path) {
			if err != nil {
				return err
			}
			all.Entries = append(all.Entries, e)
		}
		if len(all.Entries) == 0 {
			v, _, err := t.StateAt(ctx, i.To)
			if err != nil {
				return err
			}
			if _, err := path.Lookup(v); err != nil {
				return err
			}
		} else if last := all.Entries[0]; last.Label != "" && last.Path == all.Path {
			all.Path = last.Label
		}
		t.NoteBasis(ctx)
		answer = all
		return nil
	})
	return answer, err
}

func (q History) entries(ctx context.Context, t *workspace.Target, i replay.Interval, path state.Path) iter.Seq2[*inspect.Entry, error] {
	if path.Keyed() {
		return inspect.KeyedHistory(ctx, t.Subject, i, path)
	}
	tokens, err := state.ParsePointer(path.Pointer)
	if err != nil {
		return func(yield func(*inspect.Entry, error) bool) { yield(nil, err) }
	}
	return inspect.History(ctx, t.Subject, i, tokens)
}

// lines are the events of the history, one by one.
func (q History) lines(ctx context.Context, w *workspace.Workspace) iter.Seq2[*inspect.Entry, error] {
	return func(yield func(*inspect.Entry, error) bool) {
		all, err := q.Ask(ctx, w)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, e := range all.Entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}
