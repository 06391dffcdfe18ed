package state

import (
	"slices"
	"strconv"
)

// edited compares an array with its content before the event, by the operations on
// it: a set element is compared with the one it replaced; insertions and removals
// are known. If no old element is left, the array is compared like a new one, see
// [differ.arrays].
func (d *differ) edited(n *Node) {
	sv := &n.saved.arraySaved
	runs := sv.runs(len(n.elems))
	if len(runs) == 0 {
		d.arrays(n.oldElems(), n.elems, 0)
		return
	}
	was, set := sv.elems, []int(nil)
	old := sv.full
	if sv.reordered {
		runs, old = inOrder(runs), n.oldElems()
	}
	if old == nil {
		for i := range was {
			set = append(set, i)
		}
		slices.Sort(set)
	}
	gone := func(i, end int) []Value {
		if old != nil {
			return old[i:end]
		}
		var vals []Value
		for ; i < end; i++ {
			vals = append(vals, was[i])
		}
		return vals
	}
	i, j := 0, 0
	for _, r := range runs {
		d.spliced(gone(i, r.a), n.elems[j:r.b], j)
		i, j = r.a+r.n, r.b+r.n
		if old != nil {
			for k := range r.n {
				d.place(old[r.a+k], n.elems[r.b+k], r.b+k)
			}
			continue
		}
		from, _ := slices.BinarySearch(set, r.a)
		for ; from < len(set) && set[from] < i; from++ {
			at := r.b + set[from] - r.a
			d.place(was[set[from]], n.elems[at], at)
		}
	}
	d.spliced(gone(i, sv.length), n.elems[j:], j)
}

// inOrder returns the longest run of elements still in their old order. The others
// count as removed and added.
func inOrder(runs []alignedRun) []alignedRun {
	var pairs [][2]int
	for _, r := range runs {
		for k := range r.n {
			pairs = append(pairs, [2]int{r.b + k, r.a + k})
		}
	}
	runs = runs[:0]
	for _, p := range new(matcher).rising(pairs) {
		if k := len(runs) - 1; k >= 0 && runs[k].b+runs[k].n == p[0] && runs[k].a+runs[k].n == p[1] {
			runs[k].n++
			continue
		}
		runs = append(runs, alignedRun{p[1], p[0], 1})
	}
	return runs
}

// place compares an element with the value it was set to.
func (d *differ) place(a, b Value, at int) {
	if d.same(a, b) {
		return
	}
	d.push(strconv.Itoa(at))
	if d.isAnother(a, b) {
		d.emit(OpReplace, a, b)
	} else {
		d.pair(a, b)
	}
	d.pop()
}

// isAnother reports whether two objects have different identifying keys.
func (d *differ) isAnother(a, b Value) bool {
	if a.kind != Object || b.kind != Object {
		return false
	}
	key := d.keyFor([]Value{a}, []Value{b})
	return key != "" && scalarID(d.oldGet(a.n, key)) != scalarID(b.n.Get(key))
}

// spliced compares removed elements with those inserted in their place, from index
// base. Containers are matched by keys or identity; other elements are paired in
// order, whatever their values.
func (d *differ) spliced(a, b []Value, base int) {
	if len(a) == 0 && len(b) == 0 {
		return
	}
	var t tokens
	if len(a) > 0 && len(b) > 0 {
		t = d.tokens(a, b, false)
	}
	d.matched(a, b, t, base)
}
