package ask

import (
	"cmp"
	"context"
	"iter"
	"strings"

	"asof/inspect"
	"asof/replay"
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
	HistoryHead
	Entries []*inspect.Entry // of the page
}

// A HistoryHead says what a history lists.
type HistoryHead struct {
	Path   string        // with keys, if it has any
	Moment replay.Moment // the last event read
	Events int           // on all pages
	Listed int           // on this page
	Timed  bool          // at least one event has a time
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
	answer = &PathHistory{}
	for e, err := range (begunHistory{q, func(h HistoryHead) { answer.HistoryHead = h }}).Of(ctx, s) {
		if err != nil {
			return nil, err
		}
		answer.Entries = append(answer.Entries, e)
	}
	return answer, nil
}

// Each answers the question entry by entry. begun receives the head of the answer before the
// first entry.
func (q History) Each(ctx context.Context, w *workspace.Workspace, begun func(HistoryHead)) iter.Seq2[*inspect.Entry, error] {
	return list(ctx, w, begunHistory{q, begun})
}

// A begunHistory is the question, answered entry by entry.
type begunHistory struct {
	History
	begun func(HistoryHead)
}

// Of answers the question about an open store.
func (q begunHistory) Of(ctx context.Context, s *workspace.Store) iter.Seq2[*inspect.Entry, error] {
	return lines(func(yield func(*inspect.Entry) error) error {
		notePath(s.Workspace(), q.Path)
		return q.overRange(ctx, s, func(t *workspace.Target, i replay.Interval) error { return q.pass(ctx, t, i, yield) })
	})
}

func (q begunHistory) pass(ctx context.Context, t *workspace.Target, i replay.Interval, yield func(*inspect.Entry) error) error {
	begin, err := q.begin(ctx, t.Timeline, &i)
	if err != nil {
		return err
	}
	path := pathOf(q.Path)
	head := HistoryHead{Path: path.String(), Moment: i.To}
	listed := func(e *inspect.Entry) bool { return begin == nil || t.Timeline.Version(e.Event) < *begin }
	left := 0 // entries of this page and of those after it
	n := 0    // passed on
	for e, err := range inspect.History(ctx, t.Subject, i, path, func(e *inspect.Entry) {
		if head.Events++; listed(e) {
			left++
		}
		head.Timed = head.Timed || !e.Event.Time.IsZero()
	}) {
		if err != nil {
			return err
		}
		if !listed(e) {
			continue
		}
		if n++; n == 1 {
			if e.Label != "" && e.Path == head.Path {
				head.Path = e.Label
			}
			if head.Listed = left; q.Limit > 0 {
				head.Listed = min(left, q.Limit)
			}
			q.begun(head)
		}
		if n == q.Limit && left > n {
			e.Cursor = cursorAt(q.asked(), keyOf(t.Timeline.Version(e.Event)), keyOf(i.To.Version()))
		}
		if err := yield(e); err != nil {
			return err
		}
		if n == q.Limit {
			break
		}
	}
	if n == 0 {
		if begin == nil {
			if err := q.exists(ctx, t, i.To); err != nil {
				return err
			}
		}
		q.begun(head)
	}
	t.NoteBasis(ctx)
	return nil
}

// exists returns an error if the state at a moment does not have the path.
func (q History) exists(ctx context.Context, t *workspace.Target, at replay.Moment) error {
	v, _, err := t.StateAt(ctx, at)
	if err == nil {
		_, err = pathOf(q.Path).Lookup(v)
	}
	return err
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

// lines returns the events of the history, one by one.
func (q History) lines(ctx context.Context, w *workspace.Workspace) iter.Seq2[*inspect.Entry, error] {
	return q.Each(ctx, w, func(HistoryHead) {})
}
