package state

import (
	"slices"
	"sort"
)

// A stretch is a run of an array's elements that have one origin: they were in the
// array before the event, side by side, or the event put them in.
type stretch struct {
	at   int // the index of the first, plus saved.base
	from int // the index that the first had before the event; -1: put in
}

// arraySaved is what an array held before this event: the elements that were
// written over or taken out, and where those that are there now come from.
type arraySaved struct {
	length int           // of the array
	kept   int           // while it is not split: elements from here on were put in
	elems  map[int]Value // by the index that they had
	full   []Value       // all that there were, once many were written over

	split     bool // elements were moved: stretches says where they come from
	reordered bool // and they are not in their old order any more
	stretches []stretch
	base      int // how far the array's beginning has moved
}

// fullFrom is the number of saved elements from which an array is saved as a
// whole, where that is an eighth of it or more.
const fullFrom = 64

// isMany reports whether so many elements are worth a copy of the array.
func (sv *arraySaved) isMany(elems int) bool { return elems >= fullFrom && elems >= sv.length/8 }

// origin returns the index that the element at i had before the event, or -1 where
// the event put it in.
func (sv *arraySaved) origin(i int) int {
	if !sv.split {
		if i < sv.kept {
			return i
		}
		return -1
	}
	at := i + sv.base
	k := sort.Search(len(sv.stretches), func(k int) bool { return sv.stretches[k].at > at }) - 1
	if k < 0 || sv.stretches[k].from < 0 {
		return -1
	}
	return sv.stretches[k].from + at - sv.stretches[k].at
}

// keep saves the elements from index i up to end, before they are written over.
func (n *Node) keep(i, end int) {
	sv := n.saved
	if sv.full != nil {
		return
	}
	if sv.isMany(max(end-i, len(sv.elems))) {
		sv.full, sv.elems = n.oldElems(), nil
		return
	}
	for ; i < end; i++ {
		o := sv.origin(i)
		if o < 0 {
			continue
		}
		if _, ok := sv.elems[o]; ok {
			continue
		}
		if sv.elems == nil {
			sv.elems = make(map[int]Value)
		}
		sv.elems[o] = n.elems[i]
	}
}

// touchElem notes what the element at i held; i may be one past the last.
func (s *State) touchElem(n *Node, i int) {
	sv := s.save(n)
	switch {
	case sv == nil:
	case i < len(n.elems):
		n.keep(i, i+1)
	case sv.split:
		sv.replace(i, 0, 1, len(n.elems))
	}
}

// touchSplice notes that del elements from index i on are about to give way to ins
// others.
func (s *State) touchSplice(n *Node, i, del, ins int) {
	sv := s.save(n)
	if sv == nil {
		return
	}
	n.keep(i, i+del)
	if !sv.split {
		if i+del == len(n.elems) {
			sv.kept = min(sv.kept, i)
			return
		}
		sv.begin(len(n.elems))
	}
	sv.replace(i, del, ins, len(n.elems))
}

// begin makes the stretches of an array of that length, of which no element was
// moved yet.
func (sv *arraySaved) begin(length int) {
	sv.split = true
	if sv.kept > 0 {
		sv.stretches = append(sv.stretches, stretch{0, 0})
	}
	if length > sv.kept {
		sv.stretches = append(sv.stretches, stretch{sv.kept, -1})
	}
}

// replace notes a splice in an array that had so many elements before it.
func (sv *arraySaved) replace(i, del, ins, length int) {
	lo, hi, end := i+sv.base, i+del+sv.base, length+sv.base
	s := sv.stretches
	a := sort.Search(len(s), func(k int) bool { return s[k].at >= lo })
	b := sort.Search(len(s), func(k int) bool { return s[k].at > hi })
	if i == 0 && ins == 0 && hi < end { // the rest stays where it is
		sv.stretches = s[b-1:]
		sv.stretches[0] = s[b-1].cut(hi)
		sv.base += del
		return
	}
	var mid [2]stretch
	m := mid[:0]
	add := func(t stretch) {
		switch {
		case len(m) > 0 && m[len(m)-1].runsInto(t):
		case len(m) == 0 && a > 0 && s[a-1].runsInto(t):
		default:
			m = append(m, t)
		}
	}
	if ins > 0 {
		add(stretch{lo, -1})
	}
	if hi < end {
		rest := s[b-1].cut(hi)
		rest.at += ins - del
		add(rest)
	}
	if grow := ins - del; grow != 0 {
		for k := b; k < len(s); k++ {
			s[k].at += grow
		}
	}
	sv.stretches = slices.Replace(s, a, b, m...)
}

// cut returns what the stretch is from a place within it on.
func (t stretch) cut(at int) stretch {
	if t.from >= 0 {
		t.from += at - t.at
	}
	t.at = at
	return t
}

// runsInto reports whether u, which begins where t ends, goes on from it.
func (t stretch) runsInto(u stretch) bool { return t.cut(u.at).from == u.from }

// touchOrder notes that the elements are about to be reordered, see [Node.Reorder].
func (s *State) touchOrder(n *Node, order []int) {
	sv := s.save(n)
	if sv == nil {
		return
	}
	origins := make([]int, len(order))
	for i, was := range order {
		origins[i] = sv.origin(was)
	}
	sv.split, sv.reordered = true, true
	sv.base, sv.stretches = 0, sv.stretches[:0]
	for i, o := range origins {
		t := stretch{i, o}
		if k := len(sv.stretches); k == 0 || !sv.stretches[k-1].runsInto(t) {
			sv.stretches = append(sv.stretches, t)
		}
	}
}

// oldElems returns a copy of the array as it was before this event.
func (n *Node) oldElems() []Value {
	sv := n.saved
	switch {
	case sv == nil:
		return append([]Value{}, n.elems...)
	case sv.full != nil:
		return sv.full
	}
	old := make([]Value, sv.length)
	for _, r := range sv.runs(len(n.elems)) {
		copy(old[r.a:], n.elems[r.b:r.b+r.n])
	}
	for i, v := range sv.elems {
		old[i] = v
	}
	return old
}

// runs returns the elements of before the event that are still there, in the order
// that they are in now: a is where a run was, b where it is.
func (sv *arraySaved) runs(length int) []alignedRun {
	if !sv.split {
		if sv.kept == 0 {
			return nil
		}
		return []alignedRun{{0, 0, sv.kept}}
	}
	var runs []alignedRun
	end := length + sv.base
	for k := len(sv.stretches) - 1; k >= 0; k-- {
		t := sv.stretches[k]
		if t.from >= 0 && end > t.at {
			runs = append(runs, alignedRun{t.from, t.at - sv.base, end - t.at})
		}
		end = t.at
	}
	slices.Reverse(runs)
	return runs
}
