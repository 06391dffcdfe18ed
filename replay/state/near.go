package state

// GetNear is [Node.Get] for a key that many objects have at the same index: it first looks
// at index *at, and sets it to where it found the key.
func (n *Node) GetNear(key string, at *int) Value {
	if uint(*at) < uint(len(n.members)) {
		if m := &n.members[*at]; m.key == key && m.val.kind != Absent {
			return m.val
		}
	}
	i := n.find(key)
	if i < 0 {
		return Value{}
	}
	*at = i
	return n.members[i].val
}
