package inspect

import (
	"fmt"
	"slices"
	"strconv"

	"asof/replay/state"
)

// A mark records what set a value of the state. The parts of a container get marks only
// if they differ from the container's, or if something inside was changed. So an event
// costs what it changes, and the marks take no more space than the state.
type mark struct {
	by *Origin // nil: set with the container around it
	in *inside // nil: not a container
}

// inside holds the marks of a container's parts.
type inside struct {
	last    *Origin     // what last changed anything inside; nil: nothing since it was set
	whole   state.Value // the value as set, until something looks inside
	array   bool
	elems   []*mark // nil: a scalar set with the array
	members map[string]*mark
}

func newMark(by *Origin, v state.Value) *mark {
	m := &mark{by: by}
	if v.IsContainer() {
		m.in = &inside{whole: v, array: v.Kind() == state.Array}
	}
	return m
}

// open creates marks for the containers inside the container.
func (in *inside) open() {
	n := in.whole.Node()
	if n == nil {
		return
	}
	in.whole = state.Value{}
	if in.array {
		in.elems = make([]*mark, n.Len())
		for i, v := range n.Elems() {
			if v.IsContainer() {
				in.elems[i] = newMark(nil, v)
			}
		}
		return
	}
	n.Each(func(key string, v state.Value) bool {
		if v.IsContainer() {
			in.put(key, newMark(nil, v))
		}
		return true
	})
}

func (in *inside) put(key string, m *mark) {
	if in.members == nil {
		in.members = map[string]*mark{}
	}
	in.members[key] = m
}

// elem and member return the mark of a part, or nil if it has none of its own.

func (in *inside) elem(i int) *mark {
	if in == nil || i >= len(in.elems) {
		return nil
	}
	return in.elems[i]
}

func (in *inside) member(key string) *mark {
	if in == nil {
		return nil
	}
	return in.members[key]
}

// marks holds the marks of a whole state.
type marks struct{ root *mark }

// apply records a change by an event. It reports whether the change is of an array
// element.
func (ms *marks) apply(c *state.Change, by *Origin) (elem bool, err error) {
	tokens, err := state.ParsePointer(c.Path)
	if err != nil {
		return false, err
	}
	if len(tokens) == 0 {
		ms.root = newMark(by, c.To)
		return false, nil
	}
	at := ms.root
	last := len(tokens) - 1
	for i, t := range tokens {
		if at == nil || at.in == nil {
			return false, fmt.Errorf("change %s %q does not fit the state", c.Op, c.Path)
		}
		at.in.open()
		at.in.last = by
		if i == last {
			break
		}
		if at, err = at.in.part(c, t); err != nil {
			return false, err
		}
	}
	return at.in.array, at.in.set(c, tokens[last], by)
}

func (in *inside) part(c *state.Change, token string) (*mark, error) {
	if !in.array {
		return in.member(token), nil
	}
	i, err := in.index(c, token, len(in.elems))
	if err != nil {
		return nil, err
	}
	return in.elems[i], nil
}

// index parses the token of an element below limit.
func (in *inside) index(c *state.Change, token string, limit int) (int, error) {
	i, err := strconv.Atoi(token)
	if err != nil || i < 0 || i >= limit {
		return 0, fmt.Errorf("change %s %q does not fit an array of %d elements", c.Op, c.Path, len(in.elems))
	}
	return i, nil
}

func (in *inside) set(c *state.Change, token string, by *Origin) error {
	if !in.array {
		if c.Op == state.OpRemove {
			delete(in.members, token)
		} else {
			in.put(token, newMark(by, c.To))
		}
		return nil
	}
	limit := len(in.elems)
	if c.Op == state.OpAdd {
		limit++
	}
	i, err := in.index(c, token, limit)
	if err != nil {
		return err
	}
	switch c.Op {
	case state.OpAdd:
		in.elems = slices.Insert(in.elems, i, newMark(by, c.To))
	case state.OpRemove:
		in.elems = slices.Delete(in.elems, i, i+1)
	case state.OpReplace:
		in.elems[i] = newMark(by, c.To)
	}
	return nil
}

// isAnother reports whether a change replaces one object by another. This happens only
// in arrays, where keys tell objects apart.
func isAnother(c *state.Change) bool {
	return c.Op == state.OpReplace && c.From.Kind() == state.Object && c.To.Kind() == state.Object
}
