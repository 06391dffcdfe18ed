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

// Wrote reports whether the event may have changed the value at a path of members, or anything
// in it. A container that the event moved counts where it was put: what it was put into was
// written.
func (w *Written) Wrote(path []string) bool {
	if w.all {
		return true
	}
	v := w.st.root
	for _, key := range path {
		n := v.n
		if n == nil || !slices.Contains(w.around, n) {
			return false
		}
		if n.kind == Array || n.wroteOther(key) {
			return true
		}
		v = n.Get(key)
	}
	return v.n != nil && slices.Contains(w.around, v.n)
}

// wroteOther reports whether this event gave a member another value.
func (n *Node) wroteOther(key string) bool {
	if n.saved == nil {
		return false
	}
	i := n.saved.find(key)
	if i < 0 {
		return false
	}
	m, is := &n.saved.members[i], n.Get(key)
	switch {
	case m.at < 0:
		return !is.IsAbsent()
	case m.val.n != nil || is.n != nil:
		return m.val.n != is.n
	}
	return !equalScalars(m.val, is)
}
