package state

import (
	"slices"
	"strconv"
)

// Track makes each Commit add to t what the event may have changed. at is the path of this
// state in a larger one.
func (s *State) Track(t *Touched, at ...string) {
	s.track, s.trackAt = t, rootHash
	for _, token := range at {
		s.trackAt = below(s.trackAt, token)
	}
}

// note adds to s.track what this event may have changed.
func (s *State) note() {
	if s.rootSet {
		if s.trackAt != rootHash {
			s.track.add(rootHash, touchBelow)
		}
		for _, c := range s.changes(nil) {
			s.track.addAt(s.trackAt, &c)
		}
		return
	}
	for _, n := range s.touched {
		if n.kind == Array {
			s.noteElems(n, s.noteAbove(n, 0))
		} else {
			s.noteMembers(n)
		}
	}
}

// noteMembers adds the members that the event changed.
func (s *State) noteMembers(n *Node) {
	var h uint64
	for i := range n.saved.members {
		m := &n.saved.members[i]
		was, is := m.val, n.Get(m.key)
		switch {
		case m.at < 0:
			was = Value{}
		case was.n != nil && was.n == is.n:
			continue
		}
		if was.n == nil && is.n == nil && equalScalars(was, is) {
			continue
		}
		if h == 0 {
			h = s.noteAbove(n, 0)
		}
		left := mostCompared
		s.noteMember(h, m.key, was, is, &left)
	}
}

// mostCompared is the most members of an object that are compared with those of the object
// that took its place.
const mostCompared = 256

// noteMember adds that a member of the object at h was given another value. A container that
// took the place of one of its kind is compared with it, as [Diff] does.
func (s *State) noteMember(h uint64, key string, was, is Value, left *int) {
	at := below(h, key)
	*left--
	switch {
	case was.IsAbsent() || is.IsAbsent():
		s.track.add(h, touchParts)
	case *left < 0 || was.n == nil || was.kind != is.kind:
	case was.kind == Array:
		s.track.add(at, touchBelow)
		s.track.add(at, touchParts)
		s.track.add(below(at, eachNumber), touchSet)
		return
	default:
		s.noteObjects(at, was.n, is.n, left)
		return
	}
	s.track.add(at, touchSet)
}

// noteObjects adds the members in which the object at h is not as the one before the event.
func (s *State) noteObjects(h uint64, was, is *Node, left *int) {
	old := was.oldMembers()
	had := make(map[string]bool, len(old))
	note := func(key string, was, is Value) {
		if was.n != nil && was.n == is.n || was.n == nil && is.n == nil && equalScalars(was, is) {
			return
		}
		s.track.add(h, touchBelow)
		s.noteMember(h, key, was, is, left)
	}
	for _, m := range old {
		had[m.key] = true
		note(m.key, m.val, is.Get(m.key))
	}
	is.Each(func(key string, v Value) bool {
		if !had[key] {
			note(key, Value{}, v)
		}
		return true
	})
}

// noteElems adds the elements of the array at h that the event set, or all if it moved any.
func (s *State) noteElems(n *Node, h uint64) {
	sv := &n.saved.arraySaved
	end := max(sv.length, len(n.elems))
	if sv.length != len(n.elems) || sv.split {
		s.track.add(h, touchParts)
	}
	if sv.split || sv.kept == 0 || sv.full != nil || end > mostApart || n.mayMatch() {
		s.track.add(h, touchParts)
		s.track.add(below(h, eachNumber), touchSet)
		return
	}
	for i := range sv.elems {
		s.track.add(below(h, strconv.Itoa(i)), touchSet)
	}
	for i := sv.kept; i < end; i++ {
		s.track.add(h, touchParts)
		s.track.add(below(h, strconv.Itoa(i)), touchSet)
	}
}

// mayMatch reports whether elements put in the place of removed ones may be the same as those,
// at other indexes. Scalars are compared in order.
func (n *Node) mayMatch() bool {
	kept := n.saved.kept
	return kept < n.saved.length && kept < len(n.elems) && slices.ContainsFunc(n.elems[kept:], Value.IsContainer)
}

// mostAbove is the most containers around one that are followed. Containers that the event
// took out of the state may be in one another.
const mostAbove = 1000

// noteAbove adds that something below n and the containers around it may have changed, and
// returns the hash of its path.
func (s *State) noteAbove(n *Node, depth int) uint64 {
	h := s.trackAt
	switch {
	case depth == mostAbove:
		s.track.addEvery()
		return h
	case n.parent != nil && n.parent.kind == Array:
		h = below(s.noteAbove(n.parent, depth+1), n.place())
	case n.parent != nil:
		h = below(s.noteAbove(n.parent, depth+1), n.key)
	case h != rootHash:
		s.track.add(rootHash, touchBelow)
	}
	s.track.add(h, touchBelow)
	return h
}

// place returns the index of n in the array around it, or [eachNumber] if it would have to be
// looked for.
func (n *Node) place() string {
	all := n.parent.elems
	if len(all) <= mostApart && n.at < len(all) && all[n.at].n == n {
		return strconv.Itoa(n.at)
	}
	return eachNumber
}
