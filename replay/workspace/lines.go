package workspace

import (
	"context"
	"iter"

	"asof/replay/spawn"
)

// Stream opens a store and yields the lines that ask returns. The store stays open
// while the sequence is read. A line is valid that long, unless ask says otherwise.
// Stream starts over like [Workspace.Read] if it has not yielded anything yet.
func Stream[T any](ctx context.Context, w *Workspace, ref StoreRef, ask func(*Store) iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		w = w.Begun()
		for try := 1; ; try++ {
			yielded, err := passOn(ctx, w, yield, func(w *Workspace, pass func(T) bool) error {
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

// passOn yields the lines that find passes on, and returns its error, or nil if the
// consumer stopped.
func passOn[T any](
	ctx context.Context, w *Workspace, yield func(T, error) bool, find func(w *Workspace, pass func(T) bool) error,
) (yielded bool, err error) {
	if w.host.Scripts.Stuck == nil {
		p := newPipe[T]()
		p.fill(ctx, w, find)
		return p.yield(yield)
	}
	stopped := false
	err = find(w.until(ctx), func(line T) bool {
		yielded = true
		stopped = !yield(line, nil)
		return !stopped
	})
	if stopped {
		return true, nil
	}
	return yielded, err
}

// A pipe passes lines, one at a time, from the goroutine that finds them to the one
// that consumes them: a stuck script must not block the consumer.
type pipe[T any] struct {
	lines chan T
	next  chan struct{} // the consumer is done with the line
	gone  chan struct{} // closed when the consumer stops
	done  chan error
	crash chan *spawn.Crash
}

func newPipe[T any]() *pipe[T] {
	return &pipe[T]{
		lines: make(chan T), next: make(chan struct{}), gone: make(chan struct{}),
		done: make(chan error, 1), crash: make(chan *spawn.Crash, 1),
	}
}

// fill starts the goroutine that finds the lines.
func (p *pipe[T]) fill(ctx context.Context, w *Workspace, find func(*Workspace, func(T) bool) error) {
	spawn.Go(func() {
		p.done <- w.within(ctx, func(w *Workspace) error { return find(w, p.pass) })
	}, func(c *spawn.Crash) { p.crash <- c })
}

// pass sends a line, and reports whether the consumer wants more.
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

// yield yields the lines and returns their final error. By then the store is closed,
// unless a script is stuck.
func (p *pipe[T]) yield(yield func(T, error) bool) (yielded bool, err error) {
	stopped := false
	stop := func() {
		if !stopped {
			stopped = true
			close(p.gone)
		}
	}
	defer stop() // also if the consumer panics
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

// end waits until the goroutine that finds the lines has ended.
func (p *pipe[T]) end() error {
	select {
	case <-p.done:
		return nil
	case c := <-p.crash:
		panic(c)
	}
}
