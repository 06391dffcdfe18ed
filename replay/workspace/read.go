package workspace

import (
	"context"
	"errors"

	"asof/replay/fold/js"
	"asof/replay/store"
)

// readTries is how often a store is read that does not hold still.
const readTries = 3

// Read opens a store and asks of it. If the store was written to while it was read,
// and nothing could hold the writer back, it is opened and asked again: ask must not
// have passed anything on by then. See [Stream] for answers that are passed on while
// they are found.
func (w *Workspace) Read(ctx context.Context, ref StoreRef, ask func(*Store) error) error {
	w = w.begun()
	for try := 1; ; try++ {
		err := w.within(func(w *Workspace) error { return w.readOnce(ctx, ref, ask) })
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

// again reports whether a question is to be asked again after an error, and says so.
func (w *Workspace) again(ctx context.Context, err error, try int) bool {
	if !errors.Is(err, store.ErrMoved) || try == readTries || ctx.Err() != nil {
		return false
	}
	w.Note("moved", "the store changed while it was read; it is read again")
	return true
}

// begun is the workspace as one question sees it.
func (w *Workspace) begun() *Workspace {
	if w.question == nil {
		return w.Begin(nil)
	}
	return w
}

// within runs what may run scripts. If the host does not say what to do about a
// script that is stuck, f is left to itself then: what f uses is not to be used any
// more.
func (w *Workspace) within(f func(*Workspace) error) error {
	if w.host.Scripts.Stuck != nil {
		return f(w)
	}
	return js.Within(w.scripts, func(l js.Limits) error {
		q := *w
		q.scripts = l
		return f(&q)
	})
}
