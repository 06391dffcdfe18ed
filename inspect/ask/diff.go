package ask

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"asof/inspect"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/workspace"
)

// Diff asks how two states differ: at two points of a timeline, of two timelines, or of
// two folds of the same events.
type Diff struct {
	Timeline
	From       string              `json:"from,omitempty" jsonschema:"the earlier point, instead of at; with other: the point of stream"`
	To         string              `json:"to,omitempty" jsonschema:"the later point, instead of at; with other: the point of other"`
	Last       bool                `json:"last,omitempty" jsonschema:"without a point: what the last event changed, and not all"`
	Other      string              `json:"other,omitempty" jsonschema:"the second timeline and point, STREAM@POINT, or @POINT of the same stream"`
	OtherStore *workspace.StoreRef `json:"other_store,omitempty" jsonschema:"the store of the second timeline"`
	OtherFold  string              `json:"other_fold,omitempty" jsonschema:"the second of two folds of the same events; fold is the first"`
	Stat       bool                `json:"stat,omitempty" jsonschema:"only counts"`
}

// Check rejects an invalid request.
func (q Diff) Check() error {
	if q.OtherFold != "" && (q.Other != "" || q.OtherStore != nil) {
		return workspace.Usagef("name one stream, in one store", "two folds are compared over one stream")
	}
	if q.At != "" && (q.From != "" || q.To != "") {
		return workspace.Usagef("give one of them", "both a range and its start or end")
	}
	if q.OtherStore != nil {
		if err := q.OtherStore.Check(); err != nil {
			return err
		}
	}
	return q.Timeline.Check()
}

// Ask answers the question.
func (q Diff) Ask(ctx context.Context, w *workspace.Workspace) (*inspect.Diffed, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store.
func (q Diff) Of(ctx context.Context, s *workspace.Store) (*inspect.Diffed, error) {
	switch {
	case q.OtherFold != "":
		return q.folds(ctx, s)
	case q.Other != "" || q.OtherStore != nil:
		return q.two(ctx, s)
	}
	return q.points(ctx, s)
}

// points compares two points of one timeline; a single point is compared with the one
// before it.
func (q Diff) points(ctx context.Context, s *workspace.Store) (answer *inspect.Diffed, err error) {
	err = q.in(ctx, s, func(t *workspace.Target) error {
		asked, err := q.asked(t)
		if err != nil {
			return err
		}
		i, err := t.Resolve(ctx, asked)
		if err != nil {
			return err
		}
		if i.Single {
			if i.From, err = t.Timeline.Before(ctx, i.To); err != nil {
				return err
			}
		}
		if answer, err = inspect.DiffRange(ctx, t.Subject, i.From, i.To); err == nil {
			t.NoteBasis(ctx)
		}
		return err
	})
	return answer, err
}

// asked returns the points to compare, which come from From and To, from At, or after
// the @.
func (q Diff) asked(t *workspace.Target) (r replay.Range, err error) {
	env := t.Workspace().Env()
	switch text, err := t.Point(q.At); {
	case err != nil:
		return r, err
	case q.From == "" && q.To == "" && text == "" && q.Last:
		return replay.Range{To: replay.Head(), Single: true}, nil
	case q.From == "" && q.To == "":
		return t.Range(q.At)
	case text != "":
		return r, t.BothPoints()
	}
	r.To, r.Single = replay.Head(), q.From == ""
	if q.To != "" {
		if r.To, err = replay.ParsePoint(q.To, env); err != nil {
			return r, err
		}
	}
	if q.From != "" {
		r.From, err = replay.ParsePoint(q.From, env)
	}
	return r, err
}

// two compares two timelines.
func (q Diff) two(ctx context.Context, s *workspace.Store) (*inspect.Diffed, error) {
	second := s
	if q.OtherStore != nil {
		var err error
		if second, err = s.Workspace().Store(ctx, *q.OtherStore); err != nil {
			return nil, err
		}
		defer second.Close() //nolint:errcheck // only read
	}
	a, err := s.Target(ctx, q.Stream, q.Folding)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	other := q.Other
	switch {
	case other == "":
		other = q.Stream
	case isPointAlone(other, s.Workspace().Env()): // another point of the same stream
		other = a.Timeline.Name + other
	}
	b, err := second.Target(ctx, other, q.Folding)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	from, err := a.Moment(ctx, cmp.Or(q.From, q.At))
	if err != nil {
		return nil, err
	}
	to, err := b.Moment(ctx, cmp.Or(q.To, q.At))
	if err != nil {
		return nil, err
	}
	if second == s && a.Timeline.Name == b.Timeline.Name {
		return noted(ctx, func() (*inspect.Diffed, error) { return inspect.DiffRange(ctx, a.Subject, from, to) }, a)
	}
	return noted(ctx, func() (*inspect.Diffed, error) { return inspect.DiffPoints(ctx, a.Subject, from, b.Subject, to) }, a, b)
}

// isPointAlone reports whether a text is @POINT, and not a stream whose id begins with @,
// with a point.
func isPointAlone(text string, env replay.Env) bool {
	point, ok := strings.CutPrefix(text, "@")
	if !ok || point == "" {
		return false
	}
	if !strings.Contains(point, "@") {
		return true
	}
	_, err := replay.ParsePoint(point, env)
	return err == nil
}

// folds compares two folds of the same events.
func (q Diff) folds(ctx context.Context, s *workspace.Store) (*inspect.Diffed, error) {
	a, err := s.Target(ctx, q.Stream, q.Folding)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	how := q.Folding
	how.Fold = q.OtherFold
	b, err := s.Target(ctx, q.Stream, how)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	at, err := a.Moment(ctx, q.At)
	if err != nil {
		return nil, err
	}
	return noted(ctx, func() (*inspect.Diffed, error) { return inspect.DiffFolds(ctx, a.Subject, b.Subject, at) }, a, b)
}

// noted returns the answer, and notes what it does not cover.
func noted(ctx context.Context, answer func() (*inspect.Diffed, error), sides ...*workspace.Target) (*inspect.Diffed, error) {
	d, err := answer()
	if err != nil {
		return nil, err
	}
	for _, t := range sides {
		t.NoteBasis(ctx)
	}
	return d, nil
}

// DiffAll asks how the states of all streams differ between two moments of a store.
type DiffAll struct {
	workspace.StoreRef
	workspace.Folding
	From string `json:"from" jsonschema:"the earlier point of the store, such as 2026-01-22"`
	To   string `json:"to" jsonschema:"the later point of the store, such as now"`
	Page
}

// An AllDiffed is how all streams differ, with the part of them that a page lists.
type AllDiffed struct {
	*inspect.AllDiffed
	Cursor string // if the page is cut
}

// JSON is the answer.
func (d *AllDiffed) JSON() wire.AllDiffed {
	x := wire.NewAllDiffed(d.AllDiffed)
	x.Cursor = d.Cursor
	return x
}

// Check rejects an invalid request.
func (q DiffAll) Check() error {
	if err := CheckLimit(q.Limit); err != nil {
		return err
	}
	if err := q.StoreRef.Check(); err != nil {
		return err
	}
	for _, text := range []string{q.From, q.To} {
		if _, err := replay.ParsePoint(text, replay.Env{Now: time.Now(), Zone: time.UTC}); err != nil {
			return err
		}
	}
	return q.Folding.Check()
}

// In returns the store.
func (q DiffAll) In() workspace.StoreRef { return q.StoreRef }

// Ask answers the question.
func (q DiffAll) Ask(ctx context.Context, w *workspace.Workspace) (*AllDiffed, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store.
func (q DiffAll) Of(ctx context.Context, s *workspace.Store) (*AllDiffed, error) {
	w := s.Workspace()
	asked := q
	asked.Page = Page{}
	keys, err := q.Page.begin(asked, 4)
	if err != nil {
		return nil, err
	}
	points, err := q.points(w.Env(), keys)
	if err != nil {
		return nil, err
	}
	whole := replay.NewWhole(s.Reader)
	cuts, notices, err := whole.Cuts(ctx, s.Timeline(), points[:]...)
	w.Notices(notices)
	if err != nil {
		return nil, err
	}
	if from, to := cuts[0].Moment, cuts[1].Moment; !from.IsStart() && (to.IsStart() || to.Version() < from.Version()) {
		next := fault.Try("write the earlier point first")
		next.For, next.Near = q.From+" "+q.To, []string{q.To + " " + q.From}
		return nil, workspace.Usage(next, "%q is after %q", q.From, q.To)
	}
	folds := w.Folds(q.Folding)
	defer folds.Close()
	all, err := inspect.DiffAll(ctx, whole, folds.For(ctx), cuts[0], cuts[1])
	if err != nil {
		return nil, err
	}
	answer := &AllDiffed{AllDiffed: all}
	if keys != nil {
		after := inspect.StreamDiff{Stream: replay.StreamID(keys[3])}
		if after.Added, err = strconv.ParseInt(keys[2], 10, 64); err != nil {
			return nil, &CursorError{"not a cursor"}
		}
		all.Behind(&after)
	}
	if all.Cut(q.Limit) {
		last := &all.Largest[q.Limit-1]
		answer.Cursor = cursorAt(asked, pinOf(all.From), pinOf(all.To), keyOf(last.Changes()), string(last.Stream))
	}
	account := replay.Account{Tally: answer.Tally}
	w.Notices(append(whole.Notices(), account.Notices()...))
	folds.NoteWarnings()
	return answer, nil
}

// points are the two moments of the question; with a cursor, those of the first page.
func (q DiffAll) points(env replay.Env, keys []string) (points [2]replay.Point, err error) {
	for i, text := range []string{q.From, q.To} {
		if keys != nil {
			points[i], err = pinned(keys[i])
		} else {
			points[i], err = replay.ParsePoint(text, env)
		}
		if err != nil {
			return points, err
		}
	}
	return points, nil
}

// pinOf is the key of a moment, from which pinned makes its point.
func pinOf(m replay.Moment) string {
	if m.IsStart() {
		return ""
	}
	return keyOf(m.Version())
}

func pinned(key string) (replay.Point, error) {
	if key == "" {
		return replay.Start(), nil
	}
	v, err := versionKey(key)
	return replay.AtVersion(v), err
}
