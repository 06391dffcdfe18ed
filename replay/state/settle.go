package state

import (
	"slices"
	"strconv"
)

// resolve gives the container one parent and copies it to its other places.
func (c *settler) resolve(cl *claim) error {
	if len(cl.places) == 1 {
		c.kept = append(c.kept, cl.places[0])
		return nil
	}
	first := true
	for _, p := range cl.places {
		if !c.reachable(p.in) {
			continue
		}
		if first {
			c.kept = append(c.kept, p)
			first = false
			continue
		}
		v, err := c.copyTree(cl.node, p.in, p.key, p.at, map[*Node]bool{})
		if err != nil {
			return err
		}
		c.copies = append(c.copies, copied{p, v})
	}
	return nil
}

// reachable reports whether the container is part of the state. nil, the parent of
// the root, is.
func (c *settler) reachable(n *Node) bool {
	if n == nil || n == c.st.root.n {
		return true
	}
	if r, ok := c.known[n]; ok {
		return r
	}
	if c.known == nil {
		c.known = map[*Node]bool{}
	}
	visited := map[*Node]bool{}
	r := c.reach(n, visited)
	if !r { // nor are its ancestors
		for v := range visited {
			c.known[v] = false
		}
	}
	return r
}

func (c *settler) reach(n *Node, visited map[*Node]bool) bool {
	if n == nil || n == c.st.root.n {
		return true
	}
	if r, ok := c.known[n]; ok {
		return r
	}
	if visited[n] {
		return false
	}
	visited[n] = true
	if i, ok := c.byNode[n]; ok {
		for _, p := range c.claims[i].places {
			if c.reach(p.in, visited) {
				c.known[n] = true
				return true
			}
		}
		return false
	}
	var one [1]placement
	former := c.formerPlaces(one[:0], n, nil)
	if len(former) > 0 && c.reach(former[0].in, visited) {
		c.known[n] = true
		return true
	}
	return false
}

// copyTree copies a container of the state in its present form.
func (c *settler) copyTree(n, parent *Node, key string, at int, path map[*Node]bool) (Value, error) {
	if path[n] {
		return Value{}, &CycleError{Key: key}
	}
	if c.copied++; c.copied > maxCopies {
		return Value{}, &LimitError{Reason: "an event copies more than " + strconv.Itoa(maxCopies) + " containers to a second place"}
	}
	path[n] = true
	defer delete(path, n)
	d := c.st.newNode(n.kind, parent, key, at)
	for i, v := range n.elems {
		if v.n != nil {
			var err error
			if v, err = c.copyTree(v.n, d, "", i, path); err != nil {
				return Value{}, err
			}
		}
		d.elems = append(d.elems, v)
		d.around(v)
	}
	for _, m := range n.members {
		if m.val.kind == Absent {
			continue
		}
		if m.val.n != nil {
			var err error
			if m.val, err = c.copyTree(m.val.n, d, m.key, 0, path); err != nil {
				return Value{}, err
			}
		}
		d.members = append(d.members, m)
		d.around(m.val)
	}
	d.reindex()
	return d.Value(), nil
}

// holds reports whether the slot of p has p's container.
func (n *Node) holds(p placement) bool {
	if n.kind == Object {
		return n.Get(p.key).n == p.node
	}
	return n.At(p.at).n == p.node
}

// assign makes each placement its container's only place. Heights come last: two
// containers that exchanged places would each be above the other meanwhile.
func (c *settler) assign(all ...placement) {
	for _, p := range all {
		n := p.node
		c.former = append(c.former, placement{in: n.parent, key: n.key, at: n.at, node: n})
		n.parent, n.key, n.at = p.in, p.key, p.at
	}
	for _, p := range all {
		// The limit ends the loop for detached containers that contain each other.
		for up, h := p.in, min(p.node.height+1, MaxDepth+1); up != nil && up.height < h; up, h = up.parent, min(h+1, MaxDepth+1) {
			up.height = h
		}
	}
}

// fit takes the assignments back if they made the state too deep or too large.
func (c *settler) fit() error {
	err := c.st.weigh()
	if root := c.st.root.n; err == nil && root != nil && root.height > MaxDepth {
		err = &LimitError{Reason: "the state is nested deeper than " + strconv.Itoa(MaxDepth) + " levels"}
	}
	if err == nil {
		return nil
	}
	for _, f := range slices.Backward(c.former) {
		f.node.parent, f.node.key, f.node.at = f.in, f.key, f.at
	}
	return err
}

// around updates the container's height for its content v.
func (n *Node) around(v Value) {
	if v.n != nil && v.n.height >= n.height {
		n.height = v.n.height + 1
	}
}

// replaceQuietly puts v in a slot whose old content is already in the journal.
func (n *Node) replaceQuietly(p placement, v Value) {
	if n.kind == Array {
		n.elems[p.at] = v
		return
	}
	n.members[n.find(p.key)].val = v
}
