package ask

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"

	"asof/replay"
	"asof/replay/workspace"
)

// A question has a single answer.
type question[A any] interface {
	Check() error
	In() workspace.StoreRef
	Of(ctx context.Context, s *workspace.Store) (A, error)
}

// A precheckedQuestion can be refuted by asof.toml alone. If precheck fails, its store
// is not opened, because opening it may wait for a server.
type precheckedQuestion interface {
	precheck(w *workspace.Workspace) error
}

// one asks a question of a fresh snapshot of its store. It returns the answer even with
// an error.
func one[A any](ctx context.Context, w *workspace.Workspace, q question[A]) (answer A, err error) {
	if err := q.Check(); err != nil {
		return answer, err
	}
	w = w.Begun()
	if p, ok := q.(precheckedQuestion); ok {
		if err := p.precheck(w); err != nil {
			return answer, err
		}
	}
	var found atomic.Pointer[A] // an unchecked question may still succeed
	err = w.Read(ctx, q.In(), func(s *workspace.Store) error {
		a, err := q.Of(ctx, s)
		found.Store(&a)
		if _, ok := q.(accountable); err == nil && !ok {
			err = NoteLost(ctx, s)
		}
		return err
	})
	if a := found.Load(); a != nil {
		answer = *a
	}
	return answer, err
}

// A listing has a list as its answer, which may be longer than memory allows.
type listing[A any] interface {
	Check() error
	In() workspace.StoreRef
	Of(ctx context.Context, s *workspace.Store) iter.Seq2[A, error]
}

// list asks a question of a fresh snapshot of its store, which stays open while the
// list is read.
func list[A any](ctx context.Context, w *workspace.Workspace, q listing[A]) iter.Seq2[A, error] {
	if err := q.Check(); err != nil {
		return failed[A](err)
	}
	return workspace.Stream(ctx, w, q.In(), func(s *workspace.Store) iter.Seq2[A, error] { return q.Of(ctx, s) })
}

// failed returns a list that only yields an error.
func failed[A any](err error) iter.Seq2[A, error] {
	return func(yield func(A, error) bool) { yield(*new(A), err) }
}

// A Timeline is the common part of questions about one timeline: its name, the point
// and the fold.
type Timeline struct {
	workspace.StoreRef
	Stream string `json:"stream" jsonschema:"a stream, a unique prefix of one, id: and the id of an event, or proj:NAME[/PARTITION]; optionally with @POINT or @A..B"`
	At     string `json:"at,omitempty" jsonschema:"a point such as 17, head, head~3, pos:48210, type:OrderPaid or 2026-11-20T14:00:00Z; a range A..B where the question takes one; default: now, or all"`
	workspace.Folding
}

// Check rejects an invalid request.
func (t Timeline) Check() error {
	if err := t.StoreRef.Check(); err != nil {
		return err
	}
	if t.Stream == "" {
		return workspace.Usagef("name a stream", "no stream given")
	}
	return t.Folding.Check()
}

// In returns the store.
func (t Timeline) In() workspace.StoreRef { return t.StoreRef }

// atPoint finds the timeline in a store and resolves the point of the question.
func (t Timeline) atPoint(ctx context.Context, s *workspace.Store, f func(*workspace.Target, replay.Moment) error) error {
	return t.in(ctx, s, func(target *workspace.Target) error {
		at, err := target.Moment(ctx, t.At)
		if err != nil {
			return err
		}
		return f(target, at)
	})
}

// overRange finds the timeline in a store and resolves the range of the question, which
// must run forward.
func (t Timeline) overRange(ctx context.Context, s *workspace.Store, f func(*workspace.Target, replay.Interval) error) error {
	return t.in(ctx, s, func(target *workspace.Target) error {
		i, err := target.Forward(ctx, t.At)
		if err != nil {
			return err
		}
		return f(target, i)
	})
}

func (t Timeline) in(ctx context.Context, s *workspace.Store, f func(*workspace.Target) error) error {
	target, err := s.Target(ctx, t.Stream, t.Folding)
	if err != nil {
		return err
	}
	defer target.Close()
	return f(target)
}

// errEnough ends a list after its reader stops.
var errEnough = errors.New("enough was read")

// lines turns a function that passes on lines into a list. The function must return the
// error of yield.
func lines[A any](find func(yield func(A) error) error) iter.Seq2[A, error] {
	return func(yield func(A, error) bool) {
		err := find(func(line A) error {
			if !yield(line, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(*new(A), err)
		}
	}
}
