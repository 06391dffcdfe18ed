package why

import (
	"slices"

	"asof/replay/state"
)

// An edited says what a test changes before the event.
type edited struct {
	shift    shift
	own      []string    // the path of a value that the test changes in the state; nil: none
	was, now state.Value // before and after the edit; absent: there is none
}

// keeps reports whether a result differs only in the value that the test changed: before the
// event that was in the same container, and the event left it as it was.
func (e *edited) keeps(o *out, is state.Value) bool {
	if len(e.own) <= len(o.tokens) || !slices.Equal(e.own[:len(o.tokens)], o.tokens) {
		return false
	}
	return onlyIn(o.was, is, e)
}

// onlyIn reports whether the edit is all that makes two containers differ.
func onlyIn(a, b state.Value, e *edited) bool {
	if !a.IsContainer() || a.Kind() != b.Kind() {
		return false
	}
	x, y := a.Node(), b.Node()
	if x.Kind() == state.Object {
		key, ok := onlyMember(x, y)
		return ok && onlyPart(x.Get(key), y.Get(key), e)
	}
	all, rest := x.Elems(), y.Elems()
	i := firstElem(all, rest)
	switch {
	case len(all) == len(rest):
		return slices.EqualFunc(all[i+1:], rest[i+1:], state.Equal) && onlyPart(all[i], rest[i], e)
	case len(all) == len(rest)+1:
		return e.now.IsAbsent() && state.Equal(all[i], e.was) && slices.EqualFunc(all[i+1:], rest[i:], state.Equal)
	case len(all) == len(rest)-1:
		return e.was.IsAbsent() && state.Equal(rest[i], e.now) && slices.EqualFunc(all[i:], rest[i+1:], state.Equal)
	}
	return false
}

// onlyPart is [onlyIn] for the part of a container that differs.
func onlyPart(a, b state.Value, e *edited) bool {
	if state.Equal(a, e.was) && state.Equal(b, e.now) {
		return true
	}
	return onlyIn(a, b, e)
}

// firstElem returns the index of the first element in which two arrays differ that are not equal.
func firstElem(a, b []state.Value) (i int) {
	if len(a) == 1 && len(b) == 1 {
		return 0
	}
	for i < len(a) && i < len(b) && state.Equal(a[i], b[i]) {
		i++
	}
	return i
}

// onlyMember returns the member in which two objects differ that are not equal, if it is the only
// one.
func onlyMember(x, y *state.Node) (only string, ok bool) {
	if only, ok = sameMember(x, y); ok {
		return only, true
	}
	n := 0
	see := func(key string, _ state.Value) bool {
		if a, b := x.Get(key), y.Get(key); !state.Equal(a, b) && (n == 0 || key != only) {
			only = key
			n++
		}
		return n < 2
	}
	x.Each(see)
	y.Each(see)
	return only, n == 1
}

// narrow returns the part of a result that differs, if everything around it is the same, and else
// the first member of an object that differs, preferably another than the edit.
func (e *edited) narrow(path string, a, b state.Value) (at string, was, is state.Value) {
	tokens := []byte(path)
	for a.IsContainer() && a.Kind() == b.Kind() {
		x, y := a.Node(), b.Node()
		if x.Kind() == state.Object {
			key := e.firstMember(x, y)
			tokens = state.AppendToken(tokens, key)
			a, b = x.Get(key), y.Get(key)
			continue
		}
		i, ok := onlyElem(x.Elems(), y.Elems())
		if !ok {
			break
		}
		tokens = state.AppendIndex(tokens, i)
		a, b = x.At(i), y.At(i)
	}
	return string(tokens), a, b
}

// firstMember returns the first member in which two objects differ that are not equal, preferably
// another than the edit.
func (e *edited) firstMember(x, y *state.Node) string {
	if only, ok := sameMember(x, y); ok {
		return only
	}
	first, edit := "", ""
	found := false
	see := func(key string, _ state.Value) bool {
		a, b := x.Get(key), y.Get(key)
		switch {
		case state.Equal(a, b):
		case e.own != nil && state.Equal(a, e.was) && state.Equal(b, e.now):
			edit = key
		default:
			first, found = key, true
		}
		return !found
	}
	if x.Each(see); !found {
		y.Each(see)
	}
	if !found {
		return edit
	}
	return first
}

// sameMember returns the member of two objects that have no other one. Nothing is compared: a
// result may be nested ten thousand levels deep.
func sameMember(x, y *state.Node) (key string, ok bool) {
	if x.Len() != 1 || y.Len() != 1 {
		return "", false
	}
	x.Each(func(name string, _ state.Value) bool {
		key = name
		return true
	})
	return key, !y.Get(key).IsAbsent()
}

// onlyElem returns the only element in which two arrays of the same length differ.
func onlyElem(a, b []state.Value) (i int, ok bool) {
	if len(a) != len(b) {
		return 0, false
	}
	i = firstElem(a, b)
	return i, i < len(a) && slices.EqualFunc(a[i+1:], b[i+1:], state.Equal)
}

// mostCopied is the most values of a result that are copied. In a state that an event has not
// ended, containers may be in many places.
const mostCopied = 1 << 22

// copyOf returns a copy of a value that may contain itself; ok is false if it does, or if it is
// too large or deep for a state.
func copyOf(v state.Value) (out state.Value, ok bool) {
	left := mostCopied
	return copyPart(v, 0, &left)
}

func copyPart(v state.Value, depth int, left *int) (out state.Value, ok bool) {
	if *left--; *left < 0 || depth > state.MaxDepth {
		return state.Value{}, false
	}
	if !v.IsContainer() {
		return state.Clone(v), true
	}
	ok = true
	if v.Kind() == state.Array {
		c := state.NewArray()
		for _, e := range v.Node().Elems() {
			one, fine := copyPart(e, depth+1, left)
			if ok = ok && fine; !ok {
				return state.Value{}, false
			}
			c.Append(one)
		}
		return c.Value(), true
	}
	c := state.NewObject()
	v.Node().Each(func(key string, e state.Value) bool {
		one, fine := copyPart(e, depth+1, left)
		if ok = fine; ok {
			c.Set(key, one)
		}
		return ok
	})
	return c.Value(), ok
}
