package state

// MergePatch folds a merge patch (RFC 7396) into the state. The patch may be a
// transient tree, see [Parser]. What it leaves as it is is not written, so that
// an array that is sent again keeps its elements.
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

// merge folds the patch into n, which belongs to a State or to none.
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

// unchanged reports whether there is no need to write v over old. Numbers are
// written when only their text differs, so that they stay as they came last.
func unchanged(old, v Value) bool {
	if old.n == nil {
		return old == v
	}
	return Equal(old, v)
}

// MakeMergePatch returns the merge patch (RFC 7396) that makes b of a. There is
// none, and ok is false, where b has a null in an object that must be set: a
// merge patch can only remove by it.
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

// hasNull reports whether an object has a member that is null, or one of its
// members' objects has. Those within arrays don't count: a merge patch takes
// arrays as they are.
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
