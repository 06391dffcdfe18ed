package state

// DeleteBut removes the members whose keys another object does not have; nil has none.
func (n *Node) DeleteBut(keys *Node) {
	var gone []string
	for i := range n.members {
		m := &n.members[i]
		if m.val.kind == Absent || keys != nil && keys.findNear(m.key, i) >= 0 {
			continue
		}
		gone = append(gone, m.key)
	}
	for _, key := range gone {
		n.Delete(key)
	}
}

// SetMembers sets members of n, which belongs to this State, to copies of those of another
// object. Equal values are not written.
func (s *State) SetMembers(n, from *Node) {
	for i := range from.members {
		m := &from.members[i]
		if m.val.kind == Absent {
			continue
		}
		var old Value
		if at := n.findNear(m.key, i); at >= 0 {
			old = n.members[at].val
		}
		if !unchanged(old, m.val) {
			n.Set(m.key, s.Adopt(m.val))
		}
	}
}

// findNear is find for a key that is likely the one at index i.
func (n *Node) findNear(key string, i int) int {
	if i < len(n.members) && n.members[i].key == key && n.members[i].val.kind != Absent {
		return i
	}
	return n.find(key)
}
