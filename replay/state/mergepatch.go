package state

// MergePatch applies a merge patch (RFC 7396) to the state. The patch may be a
// transient tree, see [Parser]. Equal values are not written, so an array that is
// sent again keeps its elements.
func (s *State) MergePatch(patch Value) {
	switch {
	case patch.kind == Absent:
	case patch.kind != Object:
		if !unchanged(s.root, patch) {
			s.SetRoot(s.Adopt(patch))
		}
	case s.root.kind == Object:
		s.root.n.merge(patch.n)
	default:
		n := s.NewObject()
		n.merge(patch.n)
		s.SetRoot(n.Value())
	}
}

// merge applies the patch to n, which may be outside any State.
func (n *Node) merge(patch *Node) {
	for i := range patch.members {
		key, v := patch.members[i].key, patch.members[i].val
		if v.kind == Absent {
			continue
		}
		if v.kind == Null {
			n.Delete(key)
			continue
		}
		old := n.Get(key)
		switch {
		case v.kind == Object && old.kind == Object:
			old.n.merge(v.n)
		case v.kind == Object:
			made := newNode(Object)
			if n.st != nil {
				made = n.st.NewObject()
			}
			made.merge(v.n)
			n.Set(key, made.Value())
		case unchanged(old, v):
		case n.st != nil:
			n.Set(key, n.st.Adopt(v))
		default:
			n.Set(key, Clone(v))
		}
	}
}

// unchanged reports whether v need not be written over old. A number whose text
// differs is written, so that the last text is kept.
func unchanged(old, v Value) bool {
	if old.n == nil {
		return old == v
	}
	return Equal(old, v)
}

// MakeMergePatch returns the merge patch (RFC 7396) from a to b. ok is false if b has
// a null in an object that must be set: in a merge patch null removes the member.
func MakeMergePatch(a, b Value) (patch Value, ok bool) {
	switch {
	case b.kind == Absent:
		return Value{}, false
	case b.kind != Object:
		return Clone(b), true
	case a.kind != Object:
		if hasNull(b) {
			return Value{}, false
		}
		return Clone(b), true
	}
	n := NewObject()
	ok = true
	a.n.Each(func(key string, _ Value) bool {
		if b.n.Get(key).kind == Absent {
			n.Set(key, NullValue())
		}
		return true
	})
	b.n.Each(func(key string, v Value) bool {
		old := a.n.Get(key)
		switch {
		case Equal(old, v):
		case v.kind == Null:
			ok = false
		default:
			var sub Value
			sub, ok = MakeMergePatch(old, v)
			n.Set(key, sub)
		}
		return ok
	})
	if !ok {
		return Value{}, false
	}
	return n.Value(), true
}

// hasNull reports whether an object, or an object inside it, has a null member.
// Objects in arrays do not count: a merge patch replaces arrays whole.
func hasNull(v Value) bool {
	if v.kind != Object {
		return v.kind == Null
	}
	found := false
	v.n.Each(func(_ string, m Value) bool {
		found = hasNull(m)
		return !found
	})
	return found
}
