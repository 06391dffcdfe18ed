package state

import "slices"

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
		if err := s.settle(); err != nil {
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

// settle makes the state a tree again, with memory that the next event reuses.
func (s *State) settle() error {
	c := s.scratch.settler
	s.scratch.settler = nil
	if c == nil {
		c = &settler{byNode: map[*Node]int{}}
	}
	c.st = s
	if err := c.settle(); err != nil {
		return err
	}
	if cap(c.claims) <= mostSettled {
		s.scratch.settler = c.emptied()
	}
	return nil
}

// mostSettled is the most containers of an event whose memory is kept.
const mostSettled = 256

// emptied returns a settler without containers that has the memory of c.
func (c *settler) emptied() *settler {
	clear(c.claims)
	clear(c.pairs)
	clear(c.kept)
	clear(c.former)
	clear(c.byNode)
	return &settler{claims: c.claims[:0], pairs: c.pairs[:0], byNode: c.byNode, kept: c.kept[:0], former: c.former[:0]}
}

// A settler makes the state a tree again after an event: each container that was put
// somewhere gets one parent and is copied to its other places.
type settler struct {
	st     *State
	claims []claim
	pairs  []placement   // memory for the places of claims, two for each
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
		at := len(c.pairs)
		c.pairs = append(c.pairs, p, placement{})
		c.claims = append(c.claims, claim{node: p.node, places: c.pairs[at : at+1 : at+2]})
		return
	}
	if cl := &c.claims[i]; !cl.has(p) {
		cl.add(p)
	}
}

// addFormerPlace adds the container's place before the event, if it is still there.
func (c *settler) addFormerPlace(cl *claim) {
	var one [1]placement
	former := slices.DeleteFunc(c.formerPlaces(one[:0], cl.node, cl.places), cl.has)
	cl.places = slices.Insert(cl.places, 0, former...) // the former place has priority
	// In an array with moved elements, all slots were claimed. The journal takes the one
	// that the container stayed in as unchanged.
	if arr := cl.node.parent; len(cl.places) > 1 && arr != nil && arr.kind == Array {
		stayed := func(p placement) bool { return p.in == arr && arr.stayed(p.at) }
		if i := slices.IndexFunc(cl.places, stayed); i > 0 {
			cl.places[0], cl.places[i] = cl.places[i], cl.places[0]
		}
	}
}

// formerPlaces appends to all the slots of its former parent that have the container;
// claimed are the slots that it was put into during this event.
func (c *settler) formerPlaces(all []placement, n *Node, claimed []placement) []placement {
	if n.parent == nil {
		if c.st.root.n == n && n.born != c.st.event {
			all = append(all, placement{node: n})
		}
		return all
	}
	p := placement{in: n.parent, node: n}
	if p.in.kind == Object {
		p.key = n.key
		if p.in.holds(p) {
			all = append(all, p)
		}
		return all
	}
	if p.at = n.at; !p.in.moved(c.st.event) && p.in.holds(p) && !slices.Contains(claimed, p) {
		return append(all, p)
	}
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
