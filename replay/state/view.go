package state

import "strconv"

// The content of a container before the event, for the differ. Outside an event
// nothing is saved, and old and new are the same.

func (d *differ) oldElems(n *Node) []Value {
	if n.saved == nil {
		return n.elems
	}
	return n.oldElems()
}

func (d *differ) oldMembers(n *Node) []member { return n.oldMembers() }

func (d *differ) oldGet(n *Node, key string) Value {
	if n.saved != nil {
		if i := n.saved.find(key); i >= 0 {
			return n.saved.members[i].val
		}
	}
	return n.Get(key)
}

// frozen returns a copy of v outside any State, with its old content if old is set.
func (d *differ) frozen(v Value, old bool) Value {
	if v.n == nil || d.st == nil {
		return v
	}
	c := newNode(v.kind)
	elems, members := v.n.elems, v.n.members
	if old {
		elems, members = d.oldElems(v.n), v.n.oldMembers()
	}
	for _, e := range elems {
		c.elems = append(c.elems, d.frozen(e, old))
	}
	for _, m := range members {
		if m.val.kind != Absent {
			c.members = append(c.members, member{m.key, d.frozen(m.val, old)})
		}
	}
	c.reindex()
	return c.Value()
}

// pathOf returns the path of a container in the state; false if it is no longer part
// of the state.
func (d *differ) pathOf(n *Node) ([]string, bool) {
	var rev []string
	for n != d.st.root.n {
		p := n.parent
		if p == nil || len(rev) > MaxDepth { // detached containers that contain each other
			return nil, false
		}
		if p.kind == Object {
			if p.Get(n.key).n != n {
				return nil, false
			}
			rev = append(rev, n.key)
		} else {
			if !p.locate(n) {
				return nil, false
			}
			rev = append(rev, strconv.Itoa(n.at))
		}
		n = p
	}
	for i, j := 0, len(rev)-1; i < j; i, j = i+1, j-1 {
		rev[i], rev[j] = rev[j], rev[i]
	}
	return rev, true
}

// locate searches n among the elements of p, outward from its last known index, and
// records its index.
func (p *Node) locate(n *Node) bool {
	for d := 0; n.at-d >= 0 || n.at+d < len(p.elems); d++ {
		if p.At(n.at+d).n == n {
			n.at += d
			return true
		}
		if p.At(n.at-d).n == n {
			n.at -= d
			return true
		}
	}
	return false
}

// inWhole reports whether an earlier change includes n, or a container around it,
// whole.
func (d *differ) inWhole(n *Node) bool {
	if len(d.whole) == 0 {
		return false
	}
	for ; n != nil; n = n.parent {
		if d.whole[n] {
			return true
		}
	}
	return false
}

func joinPointer(path []string) string {
	var room [64]byte
	b := room[:0]
	for _, tok := range path {
		b = AppendToken(b, tok)
	}
	return string(b)
}
