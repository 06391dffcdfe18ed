package mcp

import (
	"context"
	"sync"
	"time"

	"asof/replay"
	"asof/replay/workspace"
)

// An ahead reads, in the background, what calls about a whole store need: its description,
// its streams and its causes. A call that needs it sooner waits for it.
type ahead struct {
	mu    sync.Mutex
	ctx   context.Context // nil: the server does not read ahead
	begun map[string]bool // by the name of a store
	tasks sync.WaitGroup
	turn  chan struct{} // of the one store that is read
}

// Bounds of reading ahead.
const (
	aheadEvents = 4 << 20               // of a store; what is larger is read when it is asked for
	aheadWait   = 10 * time.Second      // for calls that are at work
	aheadTries  = 5                     // of a store that is being written to
	aheadAgain  = time.Second           // between two tries
	aheadLook   = 50 * time.Millisecond // between two looks whether any is
)

// readAhead begins to read ahead: a single store at once, and one of several after the
// first call about it. The function that it returns ends that.
func (s *Server) readAhead(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	a := &s.ahead
	a.mu.Lock()
	a.ctx, a.begun, a.turn = ctx, map[string]bool{}, make(chan struct{}, 1)
	a.mu.Unlock()
	if len(s.o.Stores) == 1 {
		s.prepare(&s.o.Stores[0])
	}
	return func() {
		cancel()
		a.mu.Lock()
		a.ctx = nil
		a.mu.Unlock()
		a.tasks.Wait()
	}
}

// prepare reads a store ahead, once.
func (s *Server) prepare(store *Store) {
	a := &s.ahead
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ctx == nil || a.begun[store.Name] {
		return
	}
	a.begun[store.Name] = true
	ctx, turn := a.ctx, a.turn
	a.tasks.Go(func() {
		defer func() { _ = recover() }() // the call that needs it says so
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
		case <-ctx.Done():
			return
		}
		s.prepared(ctx, store)
	})
}

// prepared reads a store. An error ends it: the call that needs what was not read says why.
func (s *Server) prepared(ctx context.Context, store *Store) {
	ctx, cancel := context.WithTimeout(ctx, s.o.Timeout)
	defer cancel()
	c := &call{ctx: ctx, server: s, store: store}
	c.w = s.space.Begin(c.note)
	if !c.readable() {
		return
	}
	for _, read := range []func() error{
		func() error {
			_, err := c.described()
			return err
		},
		func() error {
			return c.w.Read(ctx, store.Ref, func(one *workspace.Store) error {
				for _, err := range c.keeping(one.Reader).Streams(ctx, replay.StreamQuery{}) {
					if err != nil {
						return err
					}
				}
				return nil
			})
		},
		func() error {
			return c.w.Read(ctx, store.Ref, func(one *workspace.Store) error {
				_, err := c.causes(ctx, one.Reader)
				return err
			})
		},
	} {
		if s.idle(ctx); read() != nil {
			return
		}
	}
}

// readable reports whether the store is read ahead: it is not too large, and stays the same
// file. Whether it does is not known of a file that was written to a moment ago.
func (c *call) readable() bool {
	for range aheadTries {
		c.server.idle(c.ctx)
		known, kept, small := false, false, false
		err := c.w.Read(c.ctx, c.store.Ref, func(one *workspace.Store) error {
			_, known = one.Reader.(replay.Fingerprinter)
			_, kept = fingerprint(one.Reader)
			head, err := c.head(one)
			small = err == nil && head != nil && head.Position != nil && *head.Position <= aheadEvents
			return err
		})
		if err != nil || !known || kept {
			return err == nil && kept && small
		}
		select {
		case <-time.After(aheadAgain):
		case <-c.ctx.Done():
			return false
		}
	}
	return false
}

// idle waits until no call is at work, for a while.
func (s *Server) idle(ctx context.Context) {
	until := time.Now().Add(aheadWait)
	for len(s.slots) > 0 && time.Now().Before(until) {
		select {
		case <-time.After(aheadLook):
		case <-ctx.Done():
			return
		}
	}
}
