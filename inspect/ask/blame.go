package ask

import (
	"cmp"
	"context"
	"iter"
	"strings"

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

// Check rejects an invalid request.
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

// Next returns questions about the event that last changed the state, and a value it set.
func (q Blame) Next(b *inspect.Blamed) []Next {
	last := b.Root().Last()
	if last == nil || last.Event == nil {
		return nil
	}
	here := on(q.StoreRef, q.Folding, pointOf(b.Moment))
	next := []Next{{"show", Show{on(q.StoreRef, q.Folding, pointOf(last.Moment))}}}
	if path, ok := outermost(b, last); ok {
		next = append([]Next{{"why", Why{Timeline: here, Path: path}}}, next...)
	}
	return next
}

// mostLooked is the most paths among which one is looked for.
const mostLooked = 10_000

// outermost returns the path with the fewest members of those that an event set.
func outermost(b *inspect.Blamed, by *inspect.Origin) (path string, ok bool) {
	depth, n := 0, 0
	b.Each(func(one inspect.PathBlame) bool {
		d := strings.Count(one.Path, "/")
		if one.How == inspect.HowSet && one.By.Moment == by.Moment && d > 0 && (!ok || d < depth) {
			path, depth, ok = one.Path, d, true
		}
		n++
		return n < mostLooked
	})
	if !ok {
		return "", false
	}
	return cmp.Or(b.Labels()(path), path), true
}

// Removed asks for the paths removed from the state, and the events that removed them.
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
type History struct {
	Blame
	Page
}

// A PathHistory lists every event that set a path, newest first.
type PathHistory struct {
	Path    string        // with keys, if it has any
	Moment  replay.Moment // the last event read
	Events  int           // on all pages
	Entries []*inspect.Entry
}

// Check rejects an invalid request.
func (q History) Check() error {
	if err := q.Blame.Check(); err != nil {
		return err
	}
	if err := CheckLimit(q.Limit); err != nil {
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

// Of answers the question about an open store. A path that no event set and that is
// missing from the state is an error.
func (q History) Of(ctx context.Context, s *workspace.Store) (answer *PathHistory, err error) {
	path := pathOf(q.Path)
	notePath(s.Workspace(), q.Path)
	err = q.overRange(ctx, s, func(t *workspace.Target, i replay.Interval) error {
		begin, err := q.begin(ctx, t.Timeline, &i)
		if err != nil {
			return err
		}
		all := &PathHistory{Path: path.String(), Moment: i.To}
		for e, err := range q.entries(ctx, t, i, path) {
			if err != nil {
				return err
			}
			all.Events++
			if begin == nil || t.Timeline.Version(e.Event) < *begin {
				all.Entries = append(all.Entries, e)
			}
		}
		all.cut(q, t.Timeline)
		if len(all.Entries) == 0 && begin == nil {
			v, _, err := t.StateAt(ctx, i.To)
			if err != nil {
				return err
			}
			if _, err := path.Lookup(v); err != nil {
				return err
			}
		}
		if len(all.Entries) > 0 && all.Entries[0].Label != "" && all.Entries[0].Path == all.Path {
			all.Path = all.Entries[0].Label
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

// begin returns the version before which the page begins, or nil, and ends the interval
// where the first page did.
func (q History) begin(ctx context.Context, t *replay.Timeline, i *replay.Interval) (*replay.Version, error) {
	keys, err := q.Page.begin(q.asked(), 2)
	if keys == nil || err != nil {
		return nil, err
	}
	before, err := versionKey(keys[0])
	if err != nil {
		return nil, err
	}
	end, err := versionKey(keys[1])
	if err != nil {
		return nil, err
	}
	i.To, _, err = t.Resolve(ctx, replay.AtVersion(end))
	return &before, err
}

// asked is the question without its page.
func (q History) asked() History {
	q.Page = Page{}
	return q
}

// cut removes the lines after the page.
func (h *PathHistory) cut(q History, t *replay.Timeline) {
	if q.Limit == 0 || len(h.Entries) <= q.Limit {
		return
	}
	h.Entries = h.Entries[:q.Limit]
	last := h.Entries[q.Limit-1]
	last.Cursor = cursorAt(q.asked(), keyOf(t.Version(last.Event)), keyOf(h.Moment.Version()))
}

// lines returns the events of the history, one by one.
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
