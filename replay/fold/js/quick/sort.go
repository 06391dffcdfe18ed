package quick

import (
	"math"
	"sort"

	"asof/replay/state"
)

// sortBy is the method sort with a function. The engine uses the same algorithm, so
// an inconsistent function has the same result there.
func (r *run) sortBy(v val, f *function) val {
	n := r.length(v)
	o := ordering{r: r, f: f, vals: make([]val, n)}
	for i := range n {
		if o.vals[i] = r.elem(v, i); o.vals[i].kind == undefined {
			panic(giveUp) // they sort last, regardless of f
		}
	}
	var node *state.Node
	if v.kind == container {
		node = r.owned(v.n)
		o.order = make([]int, n)
		for i := range o.order {
			o.order[i] = i
		}
	}
	r.spend(8 * n)
	sort.Stable(&o)
	if r.length(v) != n || r.now(v) != v {
		panic(giveUp) // f changed the array
	}
	if node == nil {
		copy(v.l.elems, o.vals)
	} else {
		node.Reorder(o.order)
	}
	return v
}

// An ordering is an array while it is sorted: the arguments of f and, for an array
// of the tree, its values.
type ordering struct {
	r     *run
	f     *function
	vals  []val
	order []int // their indexes before sorting
}

func (o *ordering) Len() int { return len(o.vals) }

func (o *ordering) Less(i, j int) bool {
	o.r.spend(1)
	c := o.r.number(o.f.call(o.r, o.vals[i], o.vals[j]))
	if c != c || c == 0 && math.Signbit(c) {
		panic(giveUp) // the engine distinguishes -0
	}
	return c < 0
}

func (o *ordering) Swap(i, j int) {
	o.vals[i], o.vals[j] = o.vals[j], o.vals[i]
	if o.order != nil {
		o.order[i], o.order[j] = o.order[j], o.order[i]
	}
}
