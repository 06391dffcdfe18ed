package quick

import (
	"strings"

	"asof/replay/state"
)

// A visitor is a method of arrays that calls a function with each element.
type visitor func(r *run, v val, f *function) val

// visitors are those methods that take a function and nothing else.
var visitors = map[string]visitor{
	"find":          func(r *run, v val, f *function) val { x, _ := r.search(v, f, false); return x },
	"findIndex":     func(r *run, v val, f *function) val { _, i := r.search(v, f, false); return integer(int64(i)) },
	"findLast":      func(r *run, v val, f *function) val { x, _ := r.search(v, f, true); return x },
	"findLastIndex": func(r *run, v val, f *function) val { _, i := r.search(v, f, true); return integer(int64(i)) },
	"some":          func(r *run, v val, f *function) val { return ofBool(r.until(v, f, true)) },
	"every":         func(r *run, v val, f *function) val { return ofBool(!r.until(v, f, false)) },
	"filter":        filter,
	"map":           mapped,
	"flatMap":       flatMapped,
	"forEach":       forEach,
}

// search returns the first (or last) element that f holds for, and its index, or
// -1. As in the language, what f adds to the array is not looked at.
func (r *run) search(v val, f *function, fromEnd bool) (val, int) {
	n := r.length(v)
	if f.match != nil && v.kind == container {
		if i := f.match.scan(r, v.n, true, fromEnd); i >= 0 {
			return r.elem(v, i), i
		}
		return val{}, -1
	}
	for k := range n {
		i := k
		if fromEnd {
			i = n - 1 - k
		}
		r.spend(1)
		x := r.elem(r.now(v), i)
		if f.visit(r, x, i, v).truthy() {
			return x, i
		}
	}
	return val{}, -1
}

// until reports whether f gives want for an element.
func (r *run) until(v val, f *function, want bool) bool {
	n := r.length(v)
	if f.match != nil && v.kind == container {
		return f.match.scan(r, v.n, want, false) >= 0
	}
	for i := range n {
		if !r.visits(v, i) {
			continue
		}
		if f.visit(r, r.elem(r.now(v), i), i, v).truthy() == want {
			return true
		}
	}
	return false
}

// visits takes the step to an element, which f may have taken away.
func (r *run) visits(v val, i int) bool {
	r.spend(1)
	return i < r.length(v)
}

func filter(r *run, v val, f *function) val {
	var out []val
	n := r.length(v)
	if f.match != nil && v.kind == container && n > 0 {
		return f.match.filter(r, v)
	}
	for i := range n {
		if !r.visits(v, i) {
			continue
		}
		x := r.elem(r.now(v), i)
		if f.visit(r, x, i, v).truthy() {
			out = r.grown(out, x)
		}
	}
	return ofList(out)
}

// grown adds to an array that is being made.
func (r *run) grown(out []val, x val) []val {
	r.spend(4)
	return append(out, x)
}

func mapped(r *run, v val, f *function) val {
	n := r.length(v)
	r.spend(4 * n)
	out := make([]val, 0, n)
	for i := range n {
		if !r.visits(v, i) {
			panic(giveUp) // it would be a hole
		}
		out = append(out, f.visit(r, r.elem(r.now(v), i), i, v))
	}
	return ofList(out)
}

func flatMapped(r *run, v val, f *function) val {
	var out []val
	n := r.length(v)
	for i := range n {
		if !r.visits(v, i) {
			continue
		}
		out = r.spread(out, f.visit(r, r.elem(r.now(v), i), i, v), false)
	}
	return ofList(out)
}

// spread adds the elements of an array; what is none is an element itself,
// unless it has to be an array.
func (r *run) spread(out []val, x val, must bool) []val {
	x = r.now(x)
	if x.kind != list && (x.kind != container || x.n.Kind() != state.Array) {
		if must {
			panic(giveUp)
		}
		return r.grown(out, x)
	}
	n := r.length(x)
	r.spend(4 * n)
	for i := range n {
		out = append(out, r.elem(x, i))
	}
	return out
}

func forEach(r *run, v val, f *function) val {
	n := r.length(v)
	for i := range n {
		if r.visits(v, i) {
			f.visit(r, r.elem(r.now(v), i), i, v)
		}
	}
	return val{}
}

// reduce is the method of that name with a first value.
func (r *run) reduce(v val, f *function, sum val) val {
	n := r.length(v)
	for i := range n {
		if r.visits(v, i) {
			sum = f.call(r, sum, r.elem(r.now(v), i), integer(int64(i)), v)
		}
	}
	return sum
}

// A method is one of arrays or texts that takes plain values.
type method func(r *run, v val, args []val) val

// arrayMethods are those that only read.
var arrayMethods = map[string]method{
	"includes": func(r *run, v val, args []val) val { return ofBool(r.indexOf(v, args) >= 0) },
	"indexOf":  func(r *run, v val, args []val) val { return integer(int64(r.indexOf(v, args))) },
	"slice": func(r *run, v val, args []val) val {
		from, to := r.between(args, r.length(v))
		var out []val
		for i := from; i < to; i++ {
			out = r.grown(out, r.elem(v, i))
		}
		return ofList(out)
	},
	"concat": func(r *run, v val, args []val) val {
		out := r.spread(nil, v, true)
		for _, x := range args {
			out = r.spread(out, x, false)
		}
		return ofList(out)
	},
	"at": func(r *run, v val, args []val) val {
		i, n := r.whole(arg(args, 0), 0), r.length(v)
		if i < 0 {
			i += n
		}
		if i < 0 || i >= n {
			return val{}
		}
		return r.elem(v, i)
	},
	"join": func(r *run, v val, args []val) val {
		sep := ","
		if x := arg(args, 0); x.kind != undefined {
			sep = r.string(x)
		}
		var b strings.Builder
		for i := range r.length(v) {
			if i > 0 {
				b.WriteString(sep)
			}
			before := b.Len()
			if x := r.elem(v, i); !x.isNullish() {
				b.WriteString(r.string(x))
			}
			r.spend(1 + (b.Len()-before+len(sep))/8)
		}
		return ofText(b.String())
	},
}

// arrayEdits are those that change the array.
var arrayEdits = map[string]method{
	"push":    func(r *run, v val, args []val) val { return r.insert(v, r.length(v), args) },
	"unshift": func(r *run, v val, args []val) val { return r.insert(v, 0, args) },
	"pop": func(r *run, v val, _ []val) val {
		if n := r.length(v); n > 0 {
			return r.cut(v, n-1)
		}
		return val{}
	},
	"shift": func(r *run, v val, _ []val) val {
		if r.length(v) > 0 {
			return r.cut(v, 0)
		}
		return val{}
	},
	"splice": splice,
}

func (r *run) indexOf(v val, args []val) int {
	if len(args) > 1 {
		panic(giveUp)
	}
	x := arg(args, 0)
	if x.kind == number && x.f != x.f {
		panic(giveUp) // the two methods differ
	}
	for i := range r.length(v) {
		r.spend(1)
		if r.same(r.elem(v, i), x) {
			return i
		}
	}
	return -1
}

func arg(args []val, i int) val {
	if i < len(args) {
		return args[i]
	}
	return val{}
}

// whole reads an argument that should be an integer.
func (r *run) whole(x val, absent int) int {
	if x.kind == undefined {
		return absent
	}
	if x.kind != number || x.f != x.f || x.f > 1<<31 || x.f < -1<<31 {
		panic(giveUp)
	}
	return int(x.f)
}

// between reads the two bounds of slice.
func (r *run) between(args []val, n int) (from, to int) {
	bound := func(i, absent int) int {
		k := r.whole(arg(args, i), absent)
		if k < 0 {
			k += n
		}
		return min(max(k, 0), n)
	}
	return bound(0, 0), bound(1, n)
}

// insert puts values before index i, and returns the new length.
func (r *run) insert(v val, i int, args []val) val {
	if v.kind == list {
		r.spend(4*len(args) + len(v.l.elems) - i)
		v.l.elems = append(v.l.elems, args...)
		if i < len(v.l.elems)-len(args) {
			copy(v.l.elems[i+len(args):], v.l.elems[i:])
			copy(v.l.elems[i:], args)
		}
		return integer(int64(len(v.l.elems)))
	}
	n := r.owned(v.n)
	if n.Len() == i {
		for _, x := range args {
			n.Append(r.write(x))
			r.put(n, "", x)
		}
	} else if len(args) > 0 {
		r.splice(n, i, 0, args, r.writeAll(args))
	}
	return integer(int64(n.Len()))
}

// splice puts what was written of args in place of elements.
func (r *run) splice(n *state.Node, i, del int, args []val, vals []state.Value) {
	r.spend(n.Len() - i)
	n.Splice(i, del, vals...)
	for _, x := range args {
		r.put(n, "", x)
	}
}

func (r *run) writeAll(args []val) []state.Value {
	vals := make([]state.Value, len(args))
	for i, x := range args {
		vals[i] = r.write(x)
	}
	return vals
}

// cut takes one element out.
func (r *run) cut(v val, i int) val {
	x := r.elem(v, i)
	if v.kind == list {
		v.l.elems = append(v.l.elems[:i], v.l.elems[i+1:]...)
		return x
	}
	n := r.owned(v.n)
	if i == n.Len()-1 {
		n.Truncate(i)
	} else {
		r.spend(n.Len() - i)
		n.Splice(i, 1)
	}
	return x
}

func splice(r *run, v val, args []val) val {
	if v.kind == list || len(args) < 1 {
		panic(giveUp)
	}
	n := r.owned(v.n)
	from, _ := r.between(args[:1], n.Len())
	count := n.Len() - from
	if len(args) > 1 {
		count = min(max(r.whole(args[1], 0), 0), count)
	}
	ins := args[min(2, len(args)):]
	vals := r.writeAll(ins) // before anything is read: a number may be spelled otherwise
	out := make([]val, 0, count)
	for i := range count {
		out = r.grown(out, r.elem(v, from+i))
	}
	if count > 0 || len(ins) > 0 {
		r.splice(n, from, count, ins, vals)
	}
	return ofList(out)
}
