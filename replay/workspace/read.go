package workspace

import (
	"context"
	"errors"

	"asof/replay/fold/js"
	"asof/replay/store"
)

// readTries bounds the attempts to read a store that changes meanwhile.
const readTries = 3

// Read opens a store and calls ask. If the store was written to meanwhile, and the
// writer could not be locked out, Read opens it and calls ask again: ask must not have
// produced output by then. See [Stream] for answers that are produced bit by bit.
func (w *Workspace) Read(ctx context.Context, ref StoreRef, ask func(*Store) error) error {
	w = w.Begun()
	for try := 1; ; try++ {
		err := w.within(ctx, func(w *Workspace) error { return w.readOnce(ctx, ref, ask) })
		if !w.again(ctx, err, try) {
			return err
		}
	}
}

func (w *Workspace) readOnce(ctx context.Context, ref StoreRef, ask func(*Store) error) error {
	s, err := w.Store(ctx, ref)
	if err != nil {
		return err
	}
	err = ask(s)
	return errors.Join(err, s.Close())
}

// again reports whether to repeat a question after an error, and notes that.
func (w *Workspace) again(ctx context.Context, err error, try int) bool {
	if !errors.Is(err, store.ErrMoved) || try == readTries || ctx.Err() != nil {
		return false
	}
	w.Note("moved", "the store changed while it was read; reading it again")
	return true
}

// Begun returns w if it is the workspace of one question, and [Workspace.Begin]s one
// otherwise.
func (w *Workspace) Begun() *Workspace {
	if w.question == nil {
		return w.Begin(nil)
	}
	return w
}

// until returns the workspace of a question whose scripts end with ctx.
func (w *Workspace) until(ctx context.Context) *Workspace {
	q := *w
	q.scripts.Ended = ctx.Err
	return &q
}

// within calls f, which may run scripts until ctx ends. If a script is stuck and the host
// does not handle that, f is abandoned, and the caller must not use anything that f uses.
func (w *Workspace) within(ctx context.Context, f func(*Workspace) error) error {
	w = w.until(ctx)
	if w.host.Scripts.Stuck != nil {
		return f(w)
	}
	return js.Within(w.scripts, func(l js.Limits) error {
		q := *w
		q.scripts = l
		return f(&q)
	})
}
