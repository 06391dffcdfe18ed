package state

import "iter"

// An Observer is told what each event changed of a state, when the event is committed. It must
// not change the state.
type Observer interface {
	// Root gets the whole state, which the event set.
	Root(v Value)

	// Changed gets a container that the event wrote to. Perhaps it is no longer in the state.
	Changed(n *Node)
}

// Observe makes each Commit tell o what the event changed; nil: nobody is told.
func (s *State) Observe(o Observer) { s.observer = o }

// tell reports what this event changed to whom it concerns.
func (s *State) tell() {
	if s.track != nil {
		s.note()
	}
	switch {
	case s.observer == nil:
	case s.rootSet:
		s.observer.Root(s.root)
	default:
		for _, n := range s.touched {
			s.observer.Changed(n)
		}
	}
}

// Written yields the members that this event wrote to an object, with their values; Absent:
// it removed them. An [Observer] may ask for them.
func (n *Node) Written() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if n.saved == nil {
			return
		}
		for i := range n.saved.members {
			if key := n.saved.members[i].key; !yield(key, n.Get(key)) {
				return
			}
		}
	}
}

// mostUp is the most containers around one that [Node.In] follows.
const mostUp = 100

// In reports whether an object is in the tree at root, with no array around it.
func (n *Node) In(root Value) bool {
	for range mostUp {
		switch up := n.parent; {
		case n == root.n:
			return true
		case up == nil || up.kind != Object || up.Get(n.key).n != n:
			return false
		default:
			n = up
		}
	}
	return false
}
