package drift

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// ErrOrder is the error of [Run] if the rows of the read model are not in the order of their
// keys.
var ErrOrder = errors.New("the rows of the read model are not in the order of their keys")

// Run compares the rows of a read model with those of replay. Both must come in ascending
// order of keys, replay's without duplicates.
func Run(ctx context.Context, want iter.Seq2[Want, error], got iter.Seq2[Got, error], o Options) (*Result, error) {
	c, err := New(o)
	if err != nil {
		return nil, err
	}
	nextGot, stop := iter.Pull2(got)
	defer stop()
	m := merge{c: c, next: nextGot}
	if err := m.pull(); err != nil {
		return nil, err
	}
	last, begun := "", false
	for w, err := range want {
		switch {
		case err != nil:
			return nil, err
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case begun && w.Key <= last:
			return nil, fmt.Errorf("replay gives the key %q after %q", w.Key, last)
		}
		last, begun = w.Key, true
		if err := m.take(&w); err != nil {
			return nil, err
		}
	}
	for m.row != nil {
		c.Extra(m.row.Key)
		if err := m.skip(); err != nil {
			return nil, err
		}
	}
	return c.Result(), nil
}

// A merge is a comparison of two ordered sequences under way.
type merge struct {
	c    *Comparison
	next func() (Got, error, bool)
	row  *Got // of the read model; nil: no more
}

// pull reads the next row.
func (m *merge) pull() error {
	row, err, ok := m.next()
	if m.row = nil; ok && err == nil {
		m.row = &row
	}
	return err
}

// skip reads the next row with another key. Rows with the same one are counted.
func (m *merge) skip() error {
	for {
		before := m.row.Key
		if err := m.pull(); err != nil {
			return err
		}
		switch {
		case m.row == nil || m.row.Key > before:
			return nil
		case m.row.Key < before:
			return fmt.Errorf("%w: %q comes after %q", ErrOrder, m.row.Key, before)
		}
		m.c.Repeated(before)
	}
}

// take compares the next row of replay.
func (m *merge) take(w *Want) error {
	for m.row != nil && m.row.Key < w.Key {
		m.c.Extra(m.row.Key)
		if err := m.skip(); err != nil {
			return err
		}
	}
	if m.row == nil || m.row.Key > w.Key {
		m.c.Missing(w)
		return nil
	}
	if err := m.c.Compare(w, m.row); err != nil {
		return err
	}
	return m.skip()
}
