package quick

import (
	"slices"

	"asof/replay/state"
)

// arrayEdits are the array methods that change the array.
var arrayEdits = map[string]method{
	"push":    func(r *run, v val, args []val) val { return r.insert(v, r.length(v), args) },
	"unshift": func(r *run, v val, args []val) val { return r.insert(v, 0, args) },
	"pop": func(r *run, v val, _ []val) val {
		if n := r.length(v); n > 0 {
			return r.takeOut(v, n-1)
		}
		return val{}
	},
	"shift": func(r *run, v val, _ []val) val {
		if r.length(v) > 0 {
			return r.takeOut(v, 0)
		}
		return val{}
	},
	"splice": splice,
}

// insert inserts values before index i and returns the new length.
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
			n.Append(r.write(x, ""))
			r.put(n, "", x)
		}
	} else if len(args) > 0 {
		r.replace(n, i, 0, args, r.writeAll(args))
	}
	return integer(int64(n.Len()))
}

// replace replaces del elements at index i with vals, the tree's values of args.
func (r *run) replace(n *state.Node, i, del int, args []val, vals []state.Value) {
	r.spend(n.Len() - i)
	n.Splice(i, del, vals...)
	for _, x := range args {
		r.put(n, "", x)
	}
}

func (r *run) writeAll(args []val) []state.Value {
	vals := make([]state.Value, len(args))
	for i, x := range args {
		vals[i] = r.write(x, "")
	}
	return vals
}

// takeOut removes and returns one element.
func (r *run) takeOut(v val, i int) val {
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
	if len(args) < 1 {
		panic(giveUp)
	}
	from, _ := r.between(args[:1], r.length(v))
	count := r.length(v) - from
	if len(args) > 1 {
		count = min(max(r.whole(args[1], 0), 0), count)
	}
	ins := args[min(2, len(args)):]
	if v.kind == list {
		r.spend(4*(count+len(ins)) + (len(v.l.elems)-from)/4)
		out := slices.Clone(v.l.elems[from : from+count])
		v.l.elems = slices.Replace(v.l.elems, from, from+count, ins...)
		return ofList(out)
	}
	n := r.owned(v.n)
	vals := r.writeAll(ins) // before reading, which may record another spelling
	out := make([]val, 0, count)
	for i := range count {
		out = r.grown(out, r.elem(v, from+i))
	}
	if count > 0 || len(ins) > 0 {
		r.replace(n, from, count, ins, vals)
	}
	return ofList(out)
}
