package state

import (
	"slices"
	"strings"
)

// A State is the tree that events are folded into, with a journal of what the present
// event has touched. It serves one goroutine at a time.
type State struct {
	// Fresh belongs to the reducer: no event has reached the state yet. Code that saves
	// and restores a state must restore Fresh, too.
	Fresh bool

	// Beside also belongs to the reducer: what it keeps in addition to the state.
	Beside any

	root    Value
	oldRoot Value // before this event, when rootSet
	rootSet bool

	grown   int    // bytes that were written since the state was weighed
	event   uint64 // counts commits; nodes made since the last one carry it
	touched []*Node
	placed  []placement
	scratch *Scratch
	keys    []string // that identify objects in arrays, see DiffOptions

	track   *Touched // what events may have changed; nil: not kept
	trackAt uint64   // hash of the path of this state in a larger one

	observer Observer // nil: none
}

// A Scratch is memory for the events of states that serve one goroutine. States that share
// it keep none of their own between their events.
type Scratch struct {
	free    []*saved // of events that are over
	touched []*Node
	placed  []placement
	settler *settler // nil: in use, or none yet
}

// A placement is a container that was put into another one, or into the root (in is
// nil), during this event.
type placement struct {
	in   *Node
	key  string
	at   int
	node *Node
}

// saved is the content of a container before this event, as far as it was
// overwritten.
type saved struct {
	members []savedMember  // each written key with its old value
	byKey   map[string]int // indexes in members, if there are many

	arraySaved
}

// A savedMember is a member before this event, and its index; -1 if there was none. The
// members of a touched object keep their indexes until the event ends.
type savedMember struct {
	member
	at int
}

// New returns an empty state, whose root is Absent.
func New() *State { return NewIn(&Scratch{}) }

// NewIn is [New] for a state that shares memory with others of its goroutine.
func NewIn(scratch *Scratch) *State { return &State{event: 1, scratch: scratch} }

// SetArrayKeys sets the members that identify an object in an array, see
// [DiffOptions].
func (s *State) SetArrayKeys(keys []string) { s.keys = keys }

// Root returns the whole state, which later events change. [State.Freeze] returns a
// copy.
func (s *State) Root() Value { return s.root }

// SetRoot replaces the whole state. Only differences between the old and the new
// state are changes.
func (s *State) SetRoot(v Value) {
	if v == s.root {
		return
	}
	if !s.rootSet {
		s.oldRoot, s.rootSet = s.root, true
	}
	s.root = v
	if v.n != nil {
		s.place(placement{node: v.n})
	}
}

// NewObject returns an empty, detached object of this state.
func (s *State) NewObject() *Node { return s.newNode(Object, nil, "", 0) }

// NewArray returns an empty, detached array of this state.
func (s *State) NewArray() *Node { return s.newNode(Array, nil, "", 0) }

// Owns reports whether the node belongs to this state.
func (s *State) Owns(n *Node) bool { return n.st == s }

// Adopt returns a deep copy of v made of this state's nodes. The copy shares only
// keys with v, which do not refer to the parsed text.
func (s *State) Adopt(v Value) Value {
	c := copier{s: s}
	if v.n != nil {
		c.share(v)
	}
	return c.copy(v, nil, "", 0)
}

// Freeze returns a deep copy that belongs to no State.
func (s *State) Freeze() Value { return (&copier{}).copy(s.root, nil, "", 0) }

// A copier copies a tree into a State, or to a tree outside any State if s is nil.
type copier struct {
	s     *State
	texts strings.Builder // of a tree that shares memory
	left  int             // bytes for them
	nodes []ownedNode     // unused
}

// The parts of a tree share memory if its texts have at most mostShared bytes and there are at
// most sharedNodes nodes: as long as one of them is in use, all are kept.
const (
	mostShared  = 4 << 10
	sharedNodes = 16
)

// share makes the parts of a tree share memory, if they are few.
func (c *copier) share(v Value) {
	bytes, nodes := sizes(v, 0, 0)
	if bytes > mostShared || nodes > sharedNodes {
		return
	}
	c.left, c.nodes = bytes, make([]ownedNode, nodes)
	c.texts.Grow(bytes)
}

// sizes adds the bytes of the texts of a tree and its nodes. It may stop where they are too many.
func sizes(v Value, bytes, nodes int) (allBytes, allNodes int) {
	if bytes > mostShared || nodes > sharedNodes {
		return bytes, nodes
	}
	if v.n == nil {
		return bytes + len(v.s), nodes
	}
	nodes++
	for _, e := range v.n.elems {
		bytes, nodes = sizes(e, bytes, nodes)
	}
	for i := range v.n.members {
		bytes, nodes = sizes(v.n.members[i].val, bytes, nodes)
	}
	return bytes, nodes
}

// node returns a new node.
func (c *copier) node(kind Kind, parent *Node, key string, at int) *Node {
	if len(c.nodes) == 0 {
		return c.s.newNode(kind, parent, key, at)
	}
	n := &c.nodes[0]
	c.nodes = c.nodes[1:]
	return c.s.newNodeAt(n, kind, parent, key, at)
}

// text returns a copy of a text.
func (c *copier) text(s string) string {
	if len(s) > c.left {
		return strings.Clone(s)
	}
	c.left -= len(s)
	from := c.texts.Len()
	c.texts.WriteString(s)
	return c.texts.String()[from:]
}

func (c *copier) copy(v Value, parent *Node, key string, at int) Value {
	s := c.s
	if s != nil {
		s.grown += valueBytes + len(v.s)
	}
	if v.n == nil {
		if v.kind == String || v.kind == Number {
			v.s = c.text(v.s)
		}
		return v
	}
	n := c.node(v.kind, parent, key, at)
	if v.kind == Array {
		n.elems = make([]Value, len(v.n.elems))
		for i, e := range v.n.elems {
			n.elems[i] = c.copy(e, n, "", i)
			n.around(n.elems[i])
		}
		return n.Value()
	}
	n.members = make([]member, 0, v.n.Len())
	for i := range v.n.members {
		if m := &v.n.members[i]; m.val.kind != Absent {
			v := c.copy(m.val, n, m.key, 0)
			n.members = append(n.members, member{m.key, v})
			n.around(v)
		}
	}
	n.reindex()
	return n.Value()
}

// save returns the saved content of n to add to, or nil if none is needed.
func (s *State) save(n *Node) *saved {
	if n.born == s.event {
		return nil
	}
	if n.saved == nil {
		free := &s.scratch.free
		if last := len(*free) - 1; last >= 0 {
			n.saved, *free = (*free)[last], (*free)[:last]
		} else {
			n.saved = &saved{}
		}
		n.saved.length, n.saved.kept = len(n.elems), len(n.elems)
		if s.touched == nil {
			s.touched, s.scratch.touched = s.scratch.touched, nil
		}
		s.touched = append(s.touched, n)
	}
	return n.saved
}

// place records a placement.
func (s *State) place(p placement) {
	if s.placed == nil {
		s.placed, s.scratch.placed = s.scratch.placed, nil
	}
	s.placed = append(s.placed, p)
}

// Small saved values are reused by the next event: most events write few members of
// few containers.
const (
	freeSaved   = 64 // most values kept for reuse
	freeEntries = 64 // most members or elements of each
)

// release drops the saved content of n at the end of an event.
func (s *State) release(n *Node) {
	sv := n.saved
	n.saved = nil
	if len(s.scratch.free) == freeSaved || cap(sv.members) > freeEntries || len(sv.elems) > freeEntries || cap(sv.stretches) > freeEntries {
		return
	}
	clear(sv.members)
	clear(sv.elems)
	*sv = saved{members: sv.members[:0], arraySaved: arraySaved{elems: sv.elems, stretches: sv.stretches[:0]}}
	s.scratch.free = append(s.scratch.free, sv)
}

// touchMember saves the value of a member; i is its index, or -1.
func (s *State) touchMember(n *Node, key string, i int) {
	sv := s.save(n)
	if sv == nil || sv.find(key) >= 0 {
		return
	}
	m := savedMember{member: member{key: key}, at: i}
	if i >= 0 {
		m.val = n.members[i].val
	}
	sv.members = append(sv.members, m)
	switch {
	case sv.byKey != nil:
		sv.byKey[key] = len(sv.members) - 1
	case len(sv.members) == indexFrom:
		sv.byKey = make(map[string]int, 2*indexFrom)
		for i := range sv.members {
			sv.byKey[sv.members[i].key] = i
		}
	}
}

func (sv *saved) find(key string) int {
	if sv.byKey != nil {
		if i, ok := sv.byKey[key]; ok {
			return i
		}
		return -1
	}
	for i := range sv.members {
		if sv.members[i].key == key {
			return i
		}
	}
	return -1
}

// oldMembers returns the members before this event, in their order then.
func (n *Node) oldMembers() []member {
	if n.saved == nil && n.dead == 0 {
		return n.members
	}
	all := slices.Clone(n.members)
	if n.saved != nil {
		for i := range all { // what the event added
			if all[i].val.kind != Absent && n.saved.find(all[i].key) >= 0 {
				all[i].val = Value{}
			}
		}
		for _, m := range n.saved.members {
			if m.at >= 0 {
				all[m.at].val = m.val
			}
		}
	}
	return slices.DeleteFunc(all, func(m member) bool { return m.val.kind == Absent })
}

// Settled reports whether nothing has been written since the last commit.
func (s *State) Settled() bool { return len(s.touched) == 0 && len(s.placed) == 0 && !s.rootSet }

// Rollback undoes all writes since the last commit.
func (s *State) Rollback() {
	for _, n := range s.touched {
		if n.kind == Array {
			n.elems = n.oldElems()
		} else {
			n.members, n.dead = n.oldMembers(), 0
			n.reindex()
		}
	}
	if s.rootSet {
		s.root = s.oldRoot
	}
	s.forget()
}

// forget ends the event.
func (s *State) forget() {
	for _, n := range s.touched {
		s.release(n)
		n.thin()
	}
	giveBack(&s.touched, &s.scratch.touched)
	giveBack(&s.placed, &s.scratch.placed)
	s.oldRoot, s.rootSet = Value{}, false
	s.event++
}

// giveBack puts the memory of an event back for the next one.
func giveBack[T any](used, scratch *[]T) {
	clear(*used)
	if cap(*used) > cap(*scratch) {
		*scratch = (*used)[:0]
	}
	*used = nil
}
