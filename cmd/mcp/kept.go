package mcp

import (
	"context"
	"sync"

	"asof/inspect"
	"asof/replay"
)

// A kept holds what was read of stores, while they are the same files.
type kept[A any] struct {
	all     sync.Map // by replay.Fingerprint
	reading sync.Map // closed when the reading ends, by replay.Fingerprint
}

// get returns what is kept of a store, or else reads and keeps it. Of several calls at once
// one reads, and the others wait for it.
func (k *kept[A]) get(ctx context.Context, f replay.Fingerprint, read func() (A, error)) (a A, err error) {
	for {
		if a, ok := k.load(f); ok {
			return a, nil
		}
		done := make(chan struct{})
		other, busy := k.reading.LoadOrStore(f, done)
		if !busy {
			return k.read(f, done, read)
		}
		select {
		case <-other.(chan struct{}):
		case <-ctx.Done():
			return a, context.Cause(ctx)
		}
	}
}

func (k *kept[A]) read(f replay.Fingerprint, done chan struct{}, read func() (A, error)) (a A, err error) {
	defer func() {
		k.reading.Delete(f)
		close(done)
	}()
	if a, err = read(); err == nil {
		k.store(f, a)
	}
	return a, err
}

func (k *kept[A]) load(f replay.Fingerprint) (a A, ok bool) {
	if one, found := k.all.Load(f); found {
		return one.(A), true
	}
	return a, false
}

// store replaces what is kept of the same store.
func (k *kept[A]) store(f replay.Fingerprint, a A) {
	k.all.Range(func(old, _ any) bool {
		if old.(replay.Fingerprint).Store == f.Store { // it has changed since
			k.all.Delete(old)
		}
		return true
	})
	k.all.Store(f, a)
}

// fingerprint identifies a store and its content. ok is false if that is not known, or must
// not be kept.
func fingerprint(r replay.Reader) (f replay.Fingerprint, ok bool) {
	if p, is := r.(replay.Fingerprinter); is {
		f, ok = p.Fingerprint()
	}
	return f, ok && f.Content != ""
}

// causes returns the index of a store's causes, which is read once while the store is the
// same file; nil: there is none.
func (c *call) causes(ctx context.Context, r replay.Reader) (*inspect.Links, error) {
	f, ok := fingerprint(r)
	if !ok {
		return nil, nil //nolint:nilnil // there is no index
	}
	return c.server.causes.get(ctx, f, func() (*inspect.Links, error) { return inspect.IndexLinks(ctx, r) })
}
