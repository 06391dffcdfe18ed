package query

import (
	"errors"
	"iter"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"

	"asof/replay"
	"asof/replay/state"
)

// states are the folded streams of a projection, as of a moment.
type states struct {
	byStream map[replay.StreamID]*fact
	order    []*fact
	bytes    int // held
}

func (s *states) at(id replay.StreamID) *fact {
	f := s.byStream[id]
	if f == nil {
		f = &fact{stream: id, e: &replay.Event{}}
		s.byStream[id], s.order = f, append(s.order, f)
	}
	return f
}

// A weight is about what a state takes that is kept, in bytes. A state is measured when
// its stream has twice as many events or payloads as it had, which costs little.
type weight struct {
	measured     int
	events, next int
	grown        int // bytes of payloads since
}

// rowWeight is what a state takes beside its values.
const rowWeight = 500

// after returns by how much the weight has grown, after an event with that many bytes of
// payload. It never shrinks: whether the states of many streams fit does not depend on the
// order in which these are folded.
func (w *weight) after(payload int, root state.Value) int {
	w.events++
	if w.grown += payload; w.events < w.next && w.grown < max(w.measured/2, 1<<16) {
		return 0
	}
	w.next, w.grown = 2*w.events, 0
	before := w.measured
	w.measured = max(before, rowWeight+root.Size())
	return w.measured - before
}

// mostSingles is how many streams are folded one by one before all are.
const mostSingles = 200

// states yields a row for each stream: from those that are folded already, or of one
// stream that is folded by itself, or after folding all. Those that do not fit in memory
// together are folded in shares.
func (t *table) states(at string, l limits, n need) (iter.Seq2[[]sqlite.Value, error], error) {
	key := t.proj.Name + "\x00" + at
	if all := t.db.states[key]; all != nil {
		return t.asOf(t.stateRows(all.each(l.stream), l, n), at), nil
	}
	p := passOf{proj: t.proj, at: at, limits: l}
	whole := l.stream == nil && l.category == nil && (!l.narrow() || t.db.singles[key] > 0)
	large := t.db.large[key]
	if t.proj.Many != nil || whole || t.db.singles[key] > mostSingles && !large {
		p.limits = allRows()
	}
	if large && l.stream == nil {
		return t.asOf(t.stateRows(func(yield func(*fact) bool) error {
			_, err := t.db.halves(p, nil, yield)
			return err
		}, l, n), at), nil
	}
	all, err := t.db.fold(p, nil)
	var size *SizeError
	if errors.As(err, &size) && p.limits.stream == nil && t.proj.Many == nil {
		t.db.large[key] = true
		return t.states(at, l, n)
	}
	if err != nil {
		return nil, err
	}
	if t.db.singles[key]++; p.limits.stream == nil && p.limits.category == nil && !p.limits.narrow() {
		t.db.states[key] = all
	} else {
		t.db.held -= all.bytes // they go with the scan
	}
	return t.asOf(t.stateRows(all.each(l.stream), l, n), at), nil
}

// each returns what passes on the states of all streams, or of one.
func (s *states) each(one *replay.StreamID) func(yield func(*fact) bool) error {
	list := s.order
	if one != nil {
		list = nil
		if f := s.byStream[*one]; f != nil {
			list = []*fact{f}
		}
	}
	return func(yield func(*fact) bool) error {
		for _, f := range list {
			if !yield(f) {
				break
			}
		}
		return nil
	}
}

// stateRows yields the rows of states within limits.
func (t *table) stateRows(each func(func(*fact) bool) error, l limits, n need) iter.Seq2[[]sqlite.Value, error] {
	return func(yield func([]sqlite.Value, error) bool) {
		err := each(func(f *fact) bool {
			if l.category != nil && f.kind() != *l.category {
				return true
			}
			if err := t.cased(f, n); err != nil {
				yield(nil, err)
				return false
			}
			return yield(t.row(f, n), nil)
		})
		if err != nil {
			yield(nil, err)
		}
	}
}

// cased refuses a state that lacks a column's member but has one whose name differs in
// case alone: which of the two is meant, SQL cannot say.
func (t *table) cased(f *fact, n need) error {
	obj := f.state().Node()
	if obj == nil || obj.Kind() != state.Object {
		return nil
	}
	for i, c := range t.cols {
		if !c.member || !n.has(i) || !obj.Get(c.key).IsAbsent() {
			continue
		}
		var other string
		obj.Each(func(key string, _ state.Value) bool {
			if strings.EqualFold(key, c.key) && !slices.Contains(t.db.found[t.proj.Name], key) {
				other = key
			}
			return other == ""
		})
		if other != "" {
			return &CaseError{c.name, other}
		}
	}
	return nil
}
