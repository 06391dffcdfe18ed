package state

import (
	"slices"
	"sort"
)

// A stretch is a run of an array's elements with one origin: either they were
// adjacent before the event, or the event inserted them.
type stretch struct {
	at   int // the index of the first, plus saved.base
	from int // the first one's index before the event; -1: inserted
}

// arraySaved is the content of an array before this event: the elements that were
// overwritten or removed, and the origin of the present ones.
type arraySaved struct {
	length int           // of the array
	kept   int           // unless split: elements from here on were inserted
	elems  map[int]Value // by old index
	full   []Value       // all old elements, once many were overwritten

	split     bool // elements were moved: stretches has their origins
	reordered bool // they are no longer in their old order
	stretches []stretch
	base      int // how far the array's beginning has moved
}

// fullFrom is the number of saved elements from which the whole array is saved, if
// they are an eighth of it or more.
const fullFrom = 64

// isMany reports whether saving this many elements is worth a copy of the array.
func (sv *arraySaved) isMany(elems int) bool { return elems >= fullFrom && elems >= sv.length/8 }

// origin returns the old index of the element at i, or -1 if the event inserted it.
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

// stayed reports whether the element at i was there before the event and was not set
// since, wherever its slot has moved.
func (n *Node) stayed(i int) bool {
	sv := n.saved
	if sv == nil {
		return false
	}
	o := sv.origin(i)
	if o < 0 || sv.full != nil {
		return o >= 0 && sv.full[o] == n.elems[i]
	}
	old, set := sv.elems[o]
	return !set || old == n.elems[i]
}

// keep saves the elements from index i up to end before they are overwritten.
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

// touchElem saves the element at i; i may be one past the last.
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

// touchSplice records that del elements from index i are about to be replaced by ins
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

// begin makes the stretches of an array of that length, before elements move.
func (sv *arraySaved) begin(length int) {
	sv.split = true
	if sv.kept > 0 {
		sv.stretches = append(sv.stretches, stretch{0, 0})
	}
	if length > sv.kept {
		sv.stretches = append(sv.stretches, stretch{sv.kept, -1})
	}
}

// replace records a splice in an array with the given length before it.
func (sv *arraySaved) replace(i, del, ins, length int) {
	lo, hi, end := i+sv.base, i+del+sv.base, length+sv.base
	s := sv.stretches
	a := sort.Search(len(s), func(k int) bool { return s[k].at >= lo })
	b := sort.Search(len(s), func(k int) bool { return s[k].at > hi })
	if i == 0 && ins == 0 && hi < end { // the other elements keep their index
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

// cut returns the rest of a stretch, from index at.
func (t stretch) cut(at int) stretch {
	if t.from >= 0 {
		t.from += at - t.at
	}
	t.at = at
	return t
}

// runsInto reports whether u, which begins where t ends, continues t.
func (t stretch) runsInto(u stretch) bool { return t.cut(u.at).from == u.from }

// touchOrder records that the elements are about to be reordered, see [Node.Reorder].
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

// oldElems returns a copy of the array's content before this event.
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

// runs returns the remaining old elements in their present order: a is the old index
// of a run, b the present one.
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
