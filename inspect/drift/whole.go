package drift

import (
	"strconv"

	"asof/replay/state"
)

// same reports whether a kept value is what replay says.
type same func(want, got state.Value) bool

// equal is same for values of one type.
func equal(want, got state.Value) bool {
	if want.IsAbsent() || got.IsAbsent() {
		return want.IsAbsent() && got.IsAbsent()
	}
	return state.Equal(want, got)
}

// mostMembers bounds the members of states that are counted apart. The last one has all
// the others.
const mostMembers = 1000

// whole compares two states, member by member.
func (c *Comparison) whole(w *Want, got *Got) error {
	each := func(member string, want, got state.Value, path []byte) error {
		wrong := false
		err := c.differences(want, got, path, func(want, got state.Value, path string) error {
			wrong = true
			e, err := setter(w, state.Path{Pointer: path})
			if err == nil {
				c.groups.count(e, false)
				c.wrong(c.member(member), w, Cell{Column: Column{Name: member, Path: path}, Inside: true, Want: want, Got: got, Event: e})
			}
			return err
		})
		if err != nil || wrong {
			return err
		}
		e, err := setter(w, state.Path{Pointer: string(path)})
		if err == nil && e != nil {
			c.groups.count(e, true)
		}
		return err
	}
	if !both(w.State, got.State, state.Object) {
		return each("", w.State, got.State, nil)
	}
	return eachMember(w.State.Node(), got.State.Node(), func(key string, a, b state.Value) error {
		return each(key, a, b, state.AppendToken(nil, key))
	})
}

// member is the column of a member of the states.
func (c *Comparison) member(name string) int {
	if i, ok := c.members[name]; ok {
		return i
	}
	if len(c.out.Columns) == mostMembers {
		return mostMembers - 1
	}
	i := len(c.out.Columns)
	c.members[name] = i
	col := Column{Name: name, Path: string(state.AppendToken(nil, name))}
	if name == "" {
		col = Column{Name: "state"}
	}
	c.out.Columns, c.out.Wrong = append(c.out.Columns, col), append(c.out.Wrong, 0)
	return i
}

func both(a, b state.Value, kind state.Kind) bool { return a.Kind() == kind && b.Kind() == kind }

// differences calls found for each part of a value that differs, as deep as both sides
// have the same containers.
func (c *Comparison) differences(want, got state.Value, path []byte, found func(want, got state.Value, path string) error) error {
	switch {
	case c.same(want, got):
		return nil
	case both(want, got, state.Object):
		return eachMember(want.Node(), got.Node(), func(key string, a, b state.Value) error {
			return c.differences(a, b, state.AppendToken(path, key), found)
		})
	case both(want, got, state.Array) && want.Node().Len() == got.Node().Len():
		return c.elements(want.Node(), got.Node(), path, found)
	}
	return found(want, got, string(path))
}

// elements compares two arrays of one length.
func (c *Comparison) elements(want, got *state.Node, path []byte, found func(want, got state.Value, path string) error) error {
	for i := range want.Len() {
		if err := c.differences(want.At(i), got.At(i), append(path, "/"+strconv.Itoa(i)...), found); err != nil {
			return err
		}
	}
	return nil
}

// eachMember calls f with the members of two objects: those of the first in their order,
// then the others of the second.
func eachMember(a, b *state.Node, f func(key string, a, b state.Value) error) (err error) {
	a.Each(func(key string, v state.Value) bool {
		err = f(key, v, b.Get(key))
		return err == nil
	})
	b.Each(func(key string, v state.Value) bool {
		if err == nil && a.Get(key).IsAbsent() {
			err = f(key, state.Value{}, v)
		}
		return err == nil
	})
	return err
}
