package state

import "slices"

// mostWritten is the most containers that a Written has.
const mostWritten = 64

// A Written is what the present event wrote of a state. Its zero value is reused from event
// to event.
type Written struct {
	st     *State
	all    bool
	around []*Node // the containers that were written, and those around them
}

// Written fills in w before the event is committed.
func (s *State) Written(w *Written) {
	w.st, w.all, w.around = s, s.rootSet, w.around[:0]
	for _, n := range s.touched {
		for ; n != nil && !slices.Contains(w.around, n); n = n.parent {
			if len(w.around) == mostWritten {
				w.all = true
				return
			}
			w.around = append(w.around, n)
		}
	}
}

// A Place is a part of the state.
type Place struct {
	Path  []string // keys of members
	There bool     // nothing of it matters but whether it is there and not null
}

// Wrote reports whether the event may have changed what matters of a place. A container that
// the event moved counts where it was put: what it was put into was written.
func (w *Written) Wrote(p Place) bool {
	last := len(p.Path) - 1
	if !p.There || last < 0 {
		v, wrote := w.along(p.Path)
		return wrote || v.n != nil && slices.Contains(w.around, v.n)
	}
	v, wrote := w.along(p.Path[:last])
	if wrote || v.n == nil || !slices.Contains(w.around, v.n) {
		return wrote
	}
	was, is, ok := v.n.written(p.Path[last])
	return v.n.kind == Array || ok && (was.kind <= Null) != (is.kind <= Null)
}

// along follows a path of members to its value. wrote reports whether the event may have put
// another one there.
func (w *Written) along(path []string) (v Value, wrote bool) {
	if v = w.st.root; w.all {
		return v, true
	}
	for _, key := range path {
		n := v.n
		if n == nil || !slices.Contains(w.around, n) {
			return Value{}, false
		}
		if n.kind == Array || n.wroteOther(key) {
			return Value{}, true
		}
		v = n.Get(key)
	}
	return v, false
}

// wroteOther reports whether this event gave a member another value.
func (n *Node) wroteOther(key string) bool {
	was, is, ok := n.written(key)
	switch {
	case !ok:
		return false
	case was.n != nil || is.n != nil:
		return was.n != is.n
	}
	return !equalScalars(was, is)
}

// written returns the values of a member before and after this event. ok is false if the
// event did not write it.
func (n *Node) written(key string) (was, is Value, ok bool) {
	if n.saved == nil {
		return Value{}, Value{}, false
	}
	i := n.saved.find(key)
	if i < 0 {
		return Value{}, Value{}, false
	}
	m := &n.saved.members[i]
	if m.at >= 0 {
		was = m.val
	}
	return was, n.Get(key), true
}
