// Package drift compares a read model with what replay says it should be.
//
// Both sides come in the order of their keys, byte by byte, and are merged: one row of
// each is in memory. Values are compared as what they are: a number in a text is a number,
// times are equal across zones, and JSON is compared by structure.
package drift

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"asof/replay"
	"asof/replay/state"
)

// A Want is the row of a stream as replay gives it.
type Want struct {
	Key    string
	Stream replay.StreamID
	At     string        // its last event, as a point of its own timeline
	Values []state.Value // by column
	Err    error         // why there is no state
}

// A Got is a row of the read model.
type Got struct {
	Key    string
	Values []state.Value
}

// A Column is a column of the read model, and where its value is in the state.
type Column struct {
	Name, Path string
}

// Options say what is compared, and how.
type Options struct {
	Columns   []Column
	Tolerance string // by how much numbers may differ; empty: not at all
	Most      int    // cells, and keys of each kind, that are listed

	// Setter returns the event that last set the value at a path; nil: none did.
	Setter func(w *Want, path string) (*replay.Event, error)
}

// A Cell is a wrong value. The values are outside any state.
type Cell struct {
	Key    string
	Stream replay.StreamID
	Column Column
	Want   state.Value
	Got    state.Value
	Event  *replay.Event // that last set the right value; nil: none did
}

// A Failure is a stream that could not be folded, so that its row is not compared.
type Failure struct {
	Stream replay.StreamID
	Err    error
}

// A Result counts the rows, and lists the first that differ. Keyless are rows of the read
// model that no stream can be: [Run] never sees them.
type Result struct {
	Identical, Modified, Missing, Extra, Repeated, Keyless, Failed int64

	Wrong []int64 // wrong cells, by column

	Cells    []Cell
	Lacks    []string // keys of missing rows
	Surplus  []string // keys of extra rows
	Twice    []string // keys of more than one row
	Failures []Failure
}

// Blank reports whether there was nothing to compare.
func (r *Result) Blank() bool {
	return r.Identical+r.Modified+r.Missing+r.Extra+r.Repeated+r.Keyless+r.Failed == 0
}

// Drifted reports whether the read model is not known to be right.
func (r *Result) Drifted() bool {
	return r.Blank() || r.Modified+r.Missing+r.Extra+r.Repeated+r.Keyless+r.Failed > 0
}

// WrongCells counts the values that are wrong.
func (r *Result) WrongCells() (n int64) {
	for _, w := range r.Wrong {
		n += w
	}
	return n
}

// Run compares the rows of a read model with those of replay. Both must come in ascending
// order of keys, replay's without duplicates.
func Run(ctx context.Context, want iter.Seq2[Want, error], got iter.Seq2[Got, error], o Options) (*Result, error) {
	m := merge{o: o, out: &Result{Wrong: make([]int64, len(o.Columns))}}
	if o.Tolerance != "" {
		var err error
		if m.tolerance, err = parseTolerance(o.Tolerance); err != nil {
			return nil, err
		}
	}
	nextGot, stop := iter.Pull2(got)
	defer stop()
	row, err := pull(nextGot)
	if err != nil {
		return nil, err
	}
	last := ""
	for w, err := range want {
		switch {
		case err != nil:
			return nil, err
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case last != "" && w.Key <= last:
			return nil, fmt.Errorf("replay gives the key %q after %q", w.Key, last)
		}
		last = w.Key
		for row != nil && row.Key < w.Key {
			m.extra(row.Key)
			if row, err = m.next(row, nextGot); err != nil {
				return nil, err
			}
		}
		if row == nil || row.Key > w.Key {
			m.alone(&w)
			continue
		}
		if err := m.compare(&w, row); err != nil {
			return nil, err
		}
		if row, err = m.next(row, nextGot); err != nil {
			return nil, err
		}
	}
	for row != nil {
		m.extra(row.Key)
		if row, err = m.next(row, nextGot); err != nil {
			return nil, err
		}
	}
	return m.out, nil
}

func pull(next func() (Got, error, bool)) (*Got, error) {
	row, err, ok := next()
	if !ok || err != nil {
		return nil, err
	}
	return &row, nil
}

// A merge is a comparison under way.
type merge struct {
	o         Options
	tolerance *tolerance
	out       *Result
}

// next is the next row with another key. Rows with the same one are counted.
func (m *merge) next(row *Got, next func() (Got, error, bool)) (*Got, error) {
	for {
		after, err := pull(next)
		switch {
		case err != nil || after == nil:
			return nil, err
		case after.Key < row.Key:
			return nil, fmt.Errorf("the read model gives the key %q after %q", after.Key, row.Key)
		case after.Key > row.Key:
			return after, nil
		}
		m.out.Repeated++
		m.list(&m.out.Twice, row.Key)
	}
}

func (m *merge) list(keys *[]string, key string) {
	if n := len(*keys); n < m.o.Most && (n == 0 || (*keys)[n-1] != key) {
		*keys = append(*keys, key)
	}
}

func (m *merge) extra(key string) {
	m.out.Extra++
	m.list(&m.out.Surplus, key)
}

// alone is a row of replay that the read model lacks.
func (m *merge) alone(w *Want) {
	if w.Err != nil {
		m.failed(w)
		return
	}
	m.out.Missing++
	m.list(&m.out.Lacks, w.Key)
}

func (m *merge) failed(w *Want) {
	if m.out.Failed++; len(m.out.Failures) < m.o.Most {
		m.out.Failures = append(m.out.Failures, Failure{w.Stream, w.Err})
	}
}

func (m *merge) compare(w *Want, row *Got) error {
	if w.Err != nil {
		m.failed(w)
		return nil
	}
	wrong := false
	for i, c := range m.o.Columns {
		if m.tolerance.same(w.Values[i], row.Values[i]) {
			continue
		}
		wrong = true
		m.out.Wrong[i]++
		if len(m.out.Cells) >= m.o.Most {
			continue
		}
		cell := Cell{Key: w.Key, Stream: w.Stream, Column: c, Want: state.Clone(w.Values[i]), Got: state.Clone(row.Values[i])}
		if m.o.Setter != nil {
			var err error
			if cell.Event, err = m.o.Setter(w, c.Path); err != nil && !isMissing(err) {
				return err
			}
		}
		m.out.Cells = append(m.out.Cells, cell)
	}
	if wrong {
		m.out.Modified++
	} else {
		m.out.Identical++
	}
	return nil
}

func isMissing(err error) bool {
	var missing *state.PathError
	return errors.As(err, &missing)
}
