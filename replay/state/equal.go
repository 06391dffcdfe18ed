package state

// Equal reports whether two values are the same JSON value. Numbers are compared as
// numbers (1.0 = 1); the order of members does not matter.
func Equal(a, b Value) bool {
	if a.kind != b.kind {
		return false
	}
	switch a.kind {
	case Absent, Null:
		return true
	case Bool, String:
		return a.s == b.s
	case Number:
		return EqualNumbers(a.s, b.s)
	case Array, Object:
	}
	if a.n == b.n {
		return true
	}
	if a.n.Len() != b.n.Len() {
		return false
	}
	for i := range a.n.elems {
		if !Equal(a.n.elems[i], b.n.elems[i]) {
			return false
		}
	}
	for i := range a.n.members {
		if m := &a.n.members[i]; m.val.kind != Absent && !Equal(m.val, b.n.Get(m.key)) {
			return false
		}
	}
	return true
}

// Clone returns a deep copy of v whose nodes belong to no [State].
func Clone(v Value) Value {
	if v.n == nil {
		return v
	}
	n := newNode(v.kind)
	if len(v.n.elems) > 0 {
		n.elems = make([]Value, len(v.n.elems))
		for i, e := range v.n.elems {
			n.elems[i] = Clone(e)
		}
	}
	if v.n.Len() > 0 && v.kind == Object {
		n.members = make([]member, 0, v.n.Len())
		for _, m := range v.n.members {
			if m.val.kind != Absent {
				n.members = append(n.members, member{m.key, Clone(m.val)})
			}
		}
		n.reindex()
	}
	return Value{kind: v.kind, n: n}
}
