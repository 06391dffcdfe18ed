package workspace

import (
	"context"
	"errors"
	"iter"

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
		err := w.readOnce(ctx, ref, ask)
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

// Stream opens a store and yields what ask finds in it. The store is open as long as
// the sequence is read: what was yielded is valid until then, unless ask says until
// the next. It starts over as [Workspace.Read] does, if nothing was yielded yet.
func Stream[T any](ctx context.Context, w *Workspace, ref StoreRef, ask func(*Store) iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		w = w.begun()
		for try := 1; ; try++ {
			yielded, stopped := false, false
			err := w.readOnce(ctx, ref, func(s *Store) error {
				for one, err := range ask(s) {
					if err != nil {
						return err
					}
					yielded = true
					if stopped = !yield(one, nil); stopped {
						return nil
					}
				}
				return nil
			})
			switch {
			case stopped, err == nil:
				return
			case yielded || !w.again(ctx, err, try):
				yield(*new(T), err)
				return
			}
		}
	}
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
