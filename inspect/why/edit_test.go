package why_test

import (
	"fmt"

	"asof/replay/state"
)

// scalars returns the paths of the values of a tree that have no parts.
func scalars(v state.Value, path string) (all []string) {
	switch {
	case v.Kind() == state.Array:
		for i, e := range v.Node().Elems() {
			all = append(all, scalars(e, fmt.Sprint(path, "/", i))...)
		}
	case v.IsContainer():
		v.Node().Each(func(key string, e state.Value) bool { all = append(all, scalars(e, path+"/"+key)...); return true })
	default:
		all = []string{path}
	}
	return all
}

// edit returns a copy of a tree with another value at a path; absent: none.
func edit(root state.Value, path string, v state.Value) state.Value {
	root = state.Clone(root)
	if path == "" {
		return state.Clone(v)
	}
	tokens, err := state.ParsePointer(path)
	if err != nil {
		panic(err)
	}
	last := tokens[len(tokens)-1]
	in := state.Within(root, tokens[:len(tokens)-1]).Node()
	if in == nil {
		return root
	}
	var i int
	if in.Kind() == state.Array {
		_, err = fmt.Sscan(last, &i)
	}
	switch {
	case err != nil:
	case in.Kind() == state.Array && v.IsAbsent():
		in.Splice(i, 1)
	case in.Kind() == state.Array:
		in.SetAt(i, state.Clone(v))
	case v.IsAbsent():
		in.Delete(last)
	default:
		in.Set(last, state.Clone(v))
	}
	return root
}
