package check

import "asof/replay/state"

// A Spill stores bytes that do not fit in memory. It serves one goroutine.
type Spill interface {
	Put(b []byte) (SpillRef, error)

	// Take appends the bytes at a place to dst, and frees the place.
	Take(dst []byte, at SpillRef) ([]byte, error)
}

// A SpillRef is a place in a [Spill]. The zero SpillRef is no place.
type SpillRef struct {
	Offset int64
	Len    int
}

// lru lists the streams whose state is in memory, least recently used last.
type lru struct{ newest, oldest *foldedStream }

func (l *lru) push(u *foldedStream) {
	u.older, u.newer = l.newest, nil
	if l.newest != nil {
		l.newest.newer = u
	} else {
		l.oldest = u
	}
	l.newest = u
}

func (l *lru) remove(u *foldedStream) {
	if u.newer != nil {
		u.newer.older = u.older
	} else {
		l.newest = u.older
	}
	if u.older != nil {
		u.older.newer = u.newer
	} else {
		l.oldest = u.newer
	}
	u.newer, u.older = nil, nil
}

// load restores a spilled state.
func (w *worker) load(u *foldedStream) error {
	if u.st != nil {
		return nil
	}
	u.st = state.NewIn(&w.scratch)
	u.st.SetArrayKeys(u.rules.Fold.ArrayKeys)
	u.st.Fresh = u.fresh
	if u.place.Len == 0 { // the state was absent
		return nil
	}
	var err error
	if w.buf, err = w.spill.Take(w.buf[:0], u.place); err != nil {
		return err
	}
	v, err := state.ParseState(w.buf)
	if err != nil {
		return err
	}
	u.st.SetRoot(u.st.Adopt(v))
	_, err = u.st.Commit(false)
	return err
}

// weigh measures a state now and then, and spills others if all of them exceed the
// limit.
func (w *worker) weigh(u *foldedStream) error {
	if w.bound == 0 {
		return nil
	}
	if u.weight > 0 {
		w.recent.remove(u)
	}
	if u.st == nil { // folding failed
		w.used -= u.weight
		u.weight = 0
		return nil
	}
	if u.weight == 0 || u.events >= u.weighAt {
		w.used -= u.weight
		u.weight = weightOf(u.st.Root())
		w.used += u.weight
		u.weighAt = u.events + min(u.events, 32)
	}
	w.recent.push(u)
	for w.used > w.bound && w.recent.oldest != u {
		if err := w.evict(w.recent.oldest); err != nil {
			return err
		}
	}
	return nil
}

func (w *worker) evict(u *foldedStream) error {
	var at SpillRef
	if root := u.st.Root(); !root.IsAbsent() {
		var err error
		w.buf = state.AppendJSON(w.buf[:0], root)
		if at, err = w.spill.Put(w.buf); err != nil {
			return err
		}
	}
	w.recent.remove(u)
	w.used -= u.weight
	u.fresh = u.st.Fresh
	u.st, u.place, u.weight = nil, at, 0
	w.spilled++
	return nil
}

// Approximate sizes in memory, in bytes.
const (
	weightUnit   = 200
	weightNode   = 160
	weightMember = 64
)

func weightOf(v state.Value) int64 {
	n := v.Node()
	if n == nil {
		return int64(len(v.Text())) + weightUnit
	}
	return weightUnit + weightNested(n)
}

func weightNested(n *state.Node) int64 {
	total := int64(weightNode)
	add := func(v state.Value) {
		total += weightMember + int64(len(v.Text()))
		if v.Node() != nil {
			total += weightNested(v.Node())
		}
	}
	for _, e := range n.Elems() {
		add(e)
	}
	n.Each(func(key string, v state.Value) bool {
		total += int64(len(key))
		add(v)
		return true
	})
	return total
}
