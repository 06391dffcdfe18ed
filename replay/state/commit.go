package state

import (
	"slices"
	"strconv"
)

// maxCopies is the most containers that one event copies because they are in two
// places. A state that is put into itself twice doubles with every event.
const maxCopies = 1 << 20

// Commit ends the event. It makes the state a tree again and, if want is set, returns
// the changes of the event in an order in which they can be applied. After a
// CycleError or a LimitError the event has not ended, see [State.Rollback].
func (s *State) Commit(want bool) ([]Change, error) { return s.commit(want, nil) }

// CommitTo commits with changes that are written over those in into.
func (s *State) CommitTo(into []Change) ([]Change, error) { return s.commit(true, into[:0]) }

func (s *State) commit(want bool, into []Change) ([]Change, error) {
	if len(s.touched) == 0 && len(s.placed) == 0 && !s.rootSet {
		s.event++
		return into, nil
	}
	if len(s.placed) > 0 {
		c := settler{st: s}
		if err := c.settle(); err != nil {
			return nil, err
		}
	} else if err := s.weigh(); err != nil {
		return nil, err
	}
	if want {
		into = s.changes(into)
	}
	s.tell()
	s.forget()
	return into, nil
}

// A settler makes the state a tree again after an event: each container that was put
// somewhere gets one parent and is copied to its other places.
type settler struct {
	st     *State
	claims []claim
	byNode map[*Node]int // places in claims
	slots  map[*Node]map[*Node][]int
	scans  map[*Node]int     // number of searches in arrays that slots does not have
	looked map[[2]*Node]bool // arrays with moved elements, and what was looked for in them
	known  map[*Node]bool    // whether it can be reached from the root
	kept   []placement
	former []placement // of those in kept that were assigned
	copies []copied
	copied int // containers
}

type copied struct {
	at placement
	v  Value
}

// A claim is a container and its present places.
type claim struct {
	node   *Node
	places []placement
	known  map[placement]bool // of places, when there are many
}

// manyPlaces is the number of places from which a map is used to look them up.
const manyPlaces = 16

// has reports whether p is one of the places.
func (cl *claim) has(p placement) bool {
	if len(cl.places) < manyPlaces {
		return slices.Contains(cl.places, p)
	}
	if cl.known == nil {
		cl.known = make(map[placement]bool, 2*manyPlaces)
		for _, q := range cl.places {
			cl.known[q] = true
		}
	}
	return cl.known[p]
}

func (cl *claim) add(p placement) {
	cl.places = append(cl.places, p)
	if cl.known != nil {
		cl.known[p] = true
	}
}

func (c *settler) settle() error {
	if len(c.st.placed) == 1 {
		p := c.st.placed[0]
		if p.node.parent == nil && p.node != c.st.root.n && p.in != nil && p.in != p.node && p.in.holds(p) {
			c.assign(p)
			return c.fit()
		}
	}
	c.byNode = make(map[*Node]int, len(c.st.placed))
	for _, p := range c.st.placed {
		c.claim(p)
	}
	for i := range c.claims {
		c.addFormerPlace(&c.claims[i])
	}
	for i := range c.claims {
		if err := c.resolve(&c.claims[i]); err != nil {
			return err // before anything is written
		}
	}
	c.assign(c.kept...)
	if err := c.fit(); err != nil {
		return err
	}
	for _, cp := range c.copies {
		cp.at.in.replaceQuietly(cp.at, cp.v)
	}
	return nil
}

// claim records the places of p.node in p.in, if it is still there.
func (c *settler) claim(p placement) {
	if p.in == nil {
		if c.st.root.n == p.node {
			c.note(p)
		}
		return
	}
	if p.in.kind == Object || !p.in.moved(c.st.event) {
		if p.in.holds(p) {
			c.note(p)
		}
		return
	}
	// Elements were moved, so it may be in any slot. Only then are all searched: the
	// cost of an event must depend on what it changed.
	if pair := [2]*Node{p.in, p.node}; !c.looked[pair] {
		if c.looked == nil {
			c.looked = map[[2]*Node]bool{}
		}
		c.looked[pair] = true
		for _, at := range c.slotsOf(p.in, p.node) {
			c.note(placement{in: p.in, at: at, node: p.node})
		}
	}
}

func (c *settler) note(p placement) {
	i, ok := c.byNode[p.node]
	if !ok {
		c.byNode[p.node] = len(c.claims)
		c.claims = append(c.claims, claim{node: p.node, places: []placement{p}})
		return
	}
	if cl := &c.claims[i]; !cl.has(p) {
		cl.add(p)
	}
}

// addFormerPlace adds the container's place before the event, if it is still there.
func (c *settler) addFormerPlace(cl *claim) {
	var former []placement
	for _, p := range c.formerPlaces(cl.node, cl.places) {
		if !cl.has(p) {
			former = append(former, p)
		}
	}
	cl.places = append(former, cl.places...) // the former place has priority
	// In an array with moved elements, all slots were claimed. The journal takes the one
	// that the container stayed in as unchanged.
	if arr := cl.node.parent; len(cl.places) > 1 && arr != nil && arr.kind == Array {
		stayed := func(p placement) bool { return p.in == arr && arr.stayed(p.at) }
		if i := slices.IndexFunc(cl.places, stayed); i > 0 {
			cl.places[0], cl.places[i] = cl.places[i], cl.places[0]
		}
	}
}

// formerPlaces returns the slots of its former parent that have the container;
// claimed are the slots that it was put into during this event.
func (c *settler) formerPlaces(n *Node, claimed []placement) []placement {
	if n.parent == nil {
		if c.st.root.n == n && n.born != c.st.event {
			return []placement{{node: n}}
		}
		return nil
	}
	p := placement{in: n.parent, node: n}
	if p.in.kind == Object {
		p.key = n.key
		if p.in.holds(p) {
			return []placement{p}
		}
		return nil
	}
	if p.at = n.at; !p.in.moved(c.st.event) && p.in.holds(p) && !slices.Contains(claimed, p) {
		return []placement{p}
	}
	var all []placement
	for _, at := range c.slotsOf(p.in, n) {
		all = append(all, placement{in: p.in, at: at, node: n})
	}
	return all
}

// fewScans is the number of linear searches in an array before it is indexed.
const fewScans = 8

// slotsOf returns the indexes of a container in an array.
func (c *settler) slotsOf(arr, n *Node) []int {
	m, ok := c.slots[arr]
	if !ok {
		if c.slots == nil {
			c.slots, c.scans = map[*Node]map[*Node][]int{}, map[*Node]int{}
		}
		if c.scans[arr]++; c.scans[arr] <= fewScans {
			var all []int
			for i := range arr.elems {
				if arr.elems[i].n == n {
					all = append(all, i)
				}
			}
			return all
		}
		m = map[*Node][]int{}
		for i, v := range arr.elems {
			if v.n != nil {
				m[v.n] = append(m[v.n], i)
			}
		}
		c.slots[arr] = m
	}
	return m[n]
}

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
	former := c.formerPlaces(n, nil)
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
