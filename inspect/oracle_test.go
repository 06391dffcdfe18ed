package inspect_test

import (
	"slices"
	"strconv"

	"asof/replay/state"
)

// An oracle keeps a tree of slots next to the state. Each slot has the versions of all
// events that changed what is in it. It is an independent implementation of blame and
// history that stores everything, where they store as little as possible.
type oracle struct{ root *slot }

type slot struct {
	hist  []int
	v     state.Value // a scalar, or the kind of container
	keys  map[string]*slot
	elems []*slot
	here  bool // false: a removed member, whose history is kept
}

func (s *slot) touch(version int) {
	if len(s.hist) == 0 || s.hist[len(s.hist)-1] != version {
		s.hist = append(s.hist, version)
	}
}

// put puts v into the slot.
func (s *slot) put(v state.Value, version int) {
	s.touch(version)
	s.v, s.here = v, true
	for _, k := range s.keys {
		k.kill(version)
	}
	s.elems = nil
	switch v.Kind() {
	case state.Object:
		v.Node().Each(func(key string, e state.Value) bool {
			s.key(key).put(e, version)
			return true
		})
	case state.Array:
		for _, e := range v.Node().Elems() {
			n := &slot{}
			n.put(e, version)
			s.elems = append(s.elems, n)
		}
	}
}

func (s *slot) key(k string) *slot {
	if s.keys == nil {
		s.keys = map[string]*slot{}
	}
	if s.keys[k] == nil {
		s.keys[k] = &slot{}
	}
	return s.keys[k]
}

// kill removes the value of the slot.
func (s *slot) kill(version int) {
	if !s.here {
		return
	}
	s.touch(version)
	s.here, s.elems = false, nil
	for _, k := range s.keys {
		k.kill(version)
	}
}

func (o *oracle) apply(c state.Change, version int) {
	tokens, _ := state.ParsePointer(c.Path)
	s := o.root
	for i, t := range tokens {
		s.touch(version)
		last := i == len(tokens)-1
		if s.v.Kind() == state.Array {
			at, _ := strconv.Atoi(t)
			if last && c.Op == state.OpRemove {
				s.elems = slices.Delete(s.elems, at, at+1)
				return
			}
			another := c.Op == state.OpReplace && c.From.Kind() == state.Object && c.To.Kind() == state.Object
			if last && c.Op == state.OpAdd {
				s.elems = slices.Insert(s.elems, at, &slot{})
			} else if last && another {
				s.elems[at] = &slot{}
			}
			s = s.elems[at]
			continue
		}
		s = s.key(t)
	}
	if c.Op == state.OpRemove {
		s.kill(version)
		return
	}
	s.put(c.To, version)
}

// at returns the slot a path leads to now, and whether it leads through an array.
func (o *oracle) at(path string) (s *slot, elem bool) {
	tokens, _ := state.ParsePointer(path)
	s = o.root
	for _, t := range tokens {
		if s.v.Kind() == state.Array {
			i, _ := strconv.Atoi(t)
			s, elem = s.elems[i], true
			continue
		}
		s = s.key(t)
	}
	return s, elem
}

// paths returns every path of a value, including containers.
func paths(v state.Value, at string, f func(path string, v state.Value)) {
	f(at, v)
	n := v.Node()
	if n == nil {
		return
	}
	for i, e := range n.Elems() {
		paths(e, string(state.AppendIndex([]byte(at), i)), f)
	}
	n.Each(func(key string, e state.Value) bool {
		paths(e, string(state.AppendToken([]byte(at), key)), f)
		return true
	})
}
