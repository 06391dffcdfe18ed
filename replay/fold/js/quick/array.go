package quick

import (
	"strings"

	"asof/replay/state"
)

// A visitor is an array method that calls a function with each element.
type visitor func(r *run, v val, f *function) val

// visitors are the array methods whose only argument is a function.
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

// search returns the first (or last) element for which f holds, and its index or -1.
// As in the language, it ignores elements that f adds.
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

// until reports whether f returns want for some element.
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

// visits spends the step to an element and reports whether it still exists.
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

// grown appends to a new array.
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
			panic(giveUp) // it would become a hole
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

// spread appends the elements of an array. A value that is not an array is appended
// itself, unless must is set: then it may be a string, of which the characters are.
func (r *run) spread(out []val, x val, must bool) []val {
	x = r.now(x)
	if must && x.kind == text {
		return r.letters(out, x)
	}
	if x.kind != list && (x.kind != container || x.n.Kind() != state.Array) {
		if must {
			panic(giveUp)
		}
		return r.grown(out, x)
	}
	n := r.length(x)
	r.spend(4 * n)
	if x.kind == list {
		return append(out, x.l.elems...)
	}
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

// reduce is the method reduce with an initial value.
func (r *run) reduce(v val, f *function, sum val) val {
	n := r.length(v)
	for i := range n {
		if r.visits(v, i) {
			sum = f.call(r, sum, r.elem(r.now(v), i), integer(int64(i)), v)
		}
	}
	return sum
}

// A method is a method of arrays or strings that takes plain values.
type method func(r *run, v val, args []val) val

// arrayMethods are the array methods that only read.
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
		return ofText(state.JoinHalves(b.String()))
	},
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

// whole returns an argument that must be an integer; absent if it is missing.
func (r *run) whole(x val, absent int) int {
	if x.kind == undefined {
		return absent
	}
	if x.kind != number || x.f != x.f || x.f > 1<<31 || x.f < -1<<31 {
		panic(giveUp)
	}
	return int(x.f)
}

// between returns the bounds of slice.
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
