package state

import (
	"slices"
	"strconv"
)

// PlaceBefore returns the path that a container had before this event. ok is false if
// the event made it, or if it was not part of the state.
func (s *State) PlaceBefore(n *Node) (path []string, ok bool) {
	root := s.root.n
	if s.rootSet {
		root = s.oldRoot.n
	}
	for n != root {
		p := n.parent
		if n.st != s || n.born == s.event || p == nil || len(path) > MaxDepth {
			return nil, false
		}
		token := n.key
		if p.kind == Array {
			i, ok := p.placeBefore(n)
			if !ok {
				return nil, false
			}
			token = strconv.Itoa(i)
		} else if (&differ{st: s}).oldGet(p, token).n != n {
			return nil, false
		}
		path = append(path, token)
		n = p
	}
	slices.Reverse(path)
	return path, n != nil && n.st == s && n.born != s.event
}

// placeBefore returns the index of n among the elements of p before this event.
func (p *Node) placeBefore(n *Node) (int, bool) {
	elems := p.elems
	if p.saved != nil {
		elems = p.oldElems()
	}
	at := func(i int) bool { return uint(i) < uint(len(elems)) && elems[i].n == n }
	for d := 0; n.at-d >= 0 || n.at+d < len(elems); d++ {
		switch {
		case at(n.at + d):
			return n.at + d, true
		case at(n.at - d):
			return n.at - d, true
		}
	}
	return 0, false
}

// Wrote reports whether this event wrote the member with that key.
func (n *Node) Wrote(key string) bool { return n.saved != nil && n.saved.find(key) >= 0 }

// IndexBefore returns the index that the element at i had before this event, or -1 if
// the event inserted it. It may be that the event has overwritten the element.
func (n *Node) IndexBefore(i int) int {
	if n.saved == nil {
		return i
	}
	return n.saved.origin(i)
}
