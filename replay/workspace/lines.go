package workspace

import (
	"context"
	"iter"

	"asof/replay/spawn"
)

// Stream opens a store and yields what ask finds in it. The store is open as long as
// the sequence is read: a line is valid until then, unless ask says until the next.
// It starts over as [Workspace.Read] does, if nothing was yielded yet.
func Stream[T any](ctx context.Context, w *Workspace, ref StoreRef, ask func(*Store) iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		w = w.begun()
		for try := 1; ; try++ {
			yielded, err := passOn(w, yield, func(w *Workspace, pass func(T) bool) error {
				return w.readOnce(ctx, ref, func(s *Store) error {
					for line, err := range ask(s) {
						if err != nil || !pass(line) {
							return err
						}
					}
					return nil
				})
			})
			switch {
			case err == nil:
				return
			case yielded || !w.again(ctx, err, try):
				yield(*new(T), err)
				return
			}
		}
	}
}

// passOn yields the lines that find passes on, and returns how they ended: nil also
// where the reader wants no more.
func passOn[T any](
	w *Workspace, yield func(T, error) bool, find func(w *Workspace, pass func(T) bool) error,
) (yielded bool, err error) {
	if w.host.Scripts.Stuck == nil {
		p := newPipe[T]()
		p.fill(w, find)
		return p.yield(yield)
	}
	stopped := false
	err = find(w, func(line T) bool {
		yielded = true
		stopped = !yield(line, nil)
		return !stopped
	})
	if stopped {
		return true, nil
	}
	return yielded, err
}

// A pipe passes lines from the goroutine that finds them to the one that reads them,
// one at a time: a script that is stuck must not hold up the reader.
type pipe[T any] struct {
	lines chan T
	next  chan struct{} // the reader is through with the line
	gone  chan struct{} // closed: the reader wants no more
	done  chan error
	crash chan *spawn.Crash
}

func newPipe[T any]() *pipe[T] {
	return &pipe[T]{
		lines: make(chan T), next: make(chan struct{}), gone: make(chan struct{}),
		done: make(chan error, 1), crash: make(chan *spawn.Crash, 1),
	}
}

// fill starts what finds the lines.
func (p *pipe[T]) fill(w *Workspace, find func(*Workspace, func(T) bool) error) {
	spawn.Go(func() {
		p.done <- w.within(func(w *Workspace) error { return find(w, p.pass) })
	}, func(c *spawn.Crash) { p.crash <- c })
}

// pass passes on a line, and reports whether the reader wants more.
func (p *pipe[T]) pass(line T) bool {
	select {
	case p.lines <- line:
	case <-p.gone:
		return false
	}
	select {
	case <-p.next:
		return true
	case <-p.gone:
		return false
	}
}

// yield yields the lines, and returns how they ended. Whoever found them has closed
// the store by then, unless a script is stuck.
func (p *pipe[T]) yield(yield func(T, error) bool) (yielded bool, err error) {
	over := false
	stop := func() {
		if !over {
			over = true
			close(p.gone)
		}
	}
	defer stop() // also when the reader panics
	for {
		select {
		case line := <-p.lines:
			yielded = true
			if !yield(line, nil) {
				stop()
				return true, p.end()
			}
			p.next <- struct{}{}
		case err := <-p.done:
			return yielded, err
		case c := <-p.crash:
			panic(c)
		}
	}
}

// end waits for the end of what the reader has left.
func (p *pipe[T]) end() error {
	select {
	case <-p.done:
		return nil
	case c := <-p.crash:
		panic(c)
	}
}
