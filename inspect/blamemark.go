package inspect

import (
	"fmt"
	"slices"
	"strconv"

	"asof/replay/state"
)

// A mark is who set a value of the state, beside the value itself. The marks of
// the parts of a container are made only where they differ from its own, or
// where something inside was changed, so that marking costs what an event
// changed and the marks take no more room than the state.
type mark struct {
	by *Origin // nil: it came with the container that it is in
	in *inside // nil: no container
}

// inside is what is known of the parts of a container.
type inside struct {
	last    *Origin     // the last to change anything in it; nil: no one since it was set
	whole   state.Value // what was put in, as long as nobody has looked into it
	array   bool
	elems   []*mark // nil: a scalar that came with the array
	members map[string]*mark
}

func newMark(by *Origin, v state.Value) *mark {
	m := &mark{by: by}
	if v.IsContainer() {
		m.in = &inside{whole: v, array: v.Kind() == state.Array}
	}
	return m
}

// open makes the marks of the containers that the container holds.
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

// elem and member return the mark of a part, or nil where it has none of its own.

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

// marks are those of a whole state.
type marks struct{ root *mark }

// apply notes that an event made a change. It reports whether the change is of an
// element of an array.
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

// index reads the token of an element, which is below limit.
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

// isAnother reports whether a change puts one object in the place of another, as
// is done only in an array, where their keys tell them apart.
func isAnother(c *state.Change) bool {
	return c.Op == state.OpReplace && c.From.Kind() == state.Object && c.To.Kind() == state.Object
}
