package state

import "slices"

// Kind is the kind of a [Value].
type Kind uint8

// Kinds. Absent is that of the zero Value, which stands for a missing element or
// member.
const (
	Absent Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

var kindNames = [...]string{"absent", "null", "boolean", "number", "string", "array", "object"}

// String returns the JSON name of the kind.
func (k Kind) String() string { return kindNames[k] }

// Value is a JSON value: a scalar, or a reference to a container. Copying a
// Value copies the reference.
type Value struct {
	kind Kind
	s    string // the text of a Number as written, of a String decoded; "true" or "false"
	n    *Node  // of an Array or Object
}

// NullValue returns null.
func NullValue() Value { return Value{kind: Null} }

// BoolValue returns true or false.
func BoolValue(b bool) Value {
	if b {
		return Value{kind: Bool, s: "true"}
	}
	return Value{kind: Bool, s: "false"}
}

// StringValue returns a string.
func StringValue(s string) Value { return Value{kind: String, s: s} }

// NumberValue returns the number with the given text, which must be a JSON number
// (see [IsNumber]).
func NumberValue(text string) Value { return Value{kind: Number, s: text} }

// Kind returns the value's kind.
func (v Value) Kind() Kind { return v.kind }

// IsAbsent reports whether there is no value.
func (v Value) IsAbsent() bool { return v.kind == Absent }

// IsContainer reports whether the value is an array or an object.
func (v Value) IsContainer() bool { return v.n != nil }

// Bool returns a boolean's value; false for any other kind.
func (v Value) Bool() bool { return v.kind == Bool && v.s == "true" }

// Text returns a string's text or a number as written; empty for other kinds.
func (v Value) Text() string {
	if v.kind == String || v.kind == Number {
		return v.s
	}
	return ""
}

// Node returns the container, or nil.
func (v Value) Node() *Node { return v.n }

// A Node is an array or an object. A [State] follows its identity from event to event.
//
// The methods of a Node write to the journal of its State. Nodes outside any State,
// such as those of [Parse], have no journal.
type Node struct {
	kind    Kind
	shifted bool   // elements were moved during the event in which the node was made
	height  uint16 // upper bound of the nesting depth below the node
	dead    int32  // deleted members that are not yet compacted
	elems   []Value
	members []member
	*rest   // never nil
}

// rest is the part of a Node that most nodes of a payload do not need. They share
// the value nothing.
type rest struct {
	index  map[string]int32 // members by key, if there are many
	st     *State           // the State it belongs to; nil: none
	parent *Node            // the container it is in; nil at the root or when detached
	key    string           // its last known key in an object
	at     int              // its last known index in an array
	saved  *saved           // its content before this event; nil: not touched
	born   uint64           // the event in which it was made
	ext    any
}

// nothing is the rest of nodes without one. It is read-only.
var nothing = &rest{}

// newNode returns a node outside any State.
func newNode(kind Kind) *Node { return &Node{kind: kind, rest: nothing} }

// newNode returns a node of this State, or outside any if s is nil.
func (s *State) newNode(kind Kind, parent *Node, key string, at int) *Node {
	if s == nil {
		return newNode(kind)
	}
	return s.newNodeAt(&ownedNode{}, kind, parent, key, at)
}

// An ownedNode is a node of a State.
type ownedNode struct {
	Node
	own rest
}

// newNodeAt makes a node of this State of unused memory.
func (s *State) newNodeAt(n *ownedNode, kind Kind, parent *Node, key string, at int) *Node {
	s.grown += ownedBytes
	n.own = rest{st: s, born: s.event, parent: parent, key: key, at: at}
	n.Node = Node{kind: kind, rest: &n.own}
	return &n.Node
}

// own returns the rest to write to.
func (n *Node) own() *rest {
	if n.rest == nothing {
		n.rest = &rest{}
	}
	return n.rest
}

// Ext returns a value that the caller attached to the node, such as its wrapper in a
// script.
func (n *Node) Ext() any { return n.ext }

// SetExt sets what [Node.Ext] returns.
func (n *Node) SetExt(x any) {
	if x != nil || n.rest != nothing {
		n.own().ext = x
	}
}

// moved reports whether elements were moved during the event.
func (n *Node) moved(event uint64) bool {
	return n.saved != nil && n.saved.split || n.born == event && n.shifted
}

type member struct {
	key string
	val Value // Absent: deleted
}

// indexFrom is the number of members from which an object has a map as its index;
// below it a linear search is faster.
const indexFrom = 12

// NewObject returns an empty object that belongs to no State.
func NewObject() *Node { return newNode(Object) }

// NewArray returns an array of vals that belongs to no State. It takes ownership of
// vals.
func NewArray(vals ...Value) *Node {
	n := newNode(Array)
	n.elems = vals
	return n
}

// Value returns a value that refers to the node.
func (n *Node) Value() Value { return Value{kind: n.kind, n: n} }

// Kind is Array or Object.
func (n *Node) Kind() Kind { return n.kind }

// Len returns the number of elements or members.
func (n *Node) Len() int {
	if n.kind == Array {
		return len(n.elems)
	}
	return len(n.members) - int(n.dead)
}

// At returns the element at index i, or Absent if there is none.
func (n *Node) At(i int) Value {
	if uint(i) < uint(len(n.elems)) {
		return n.elems[i]
	}
	return Value{}
}

// Get returns the member with that key, or Absent if there is none.
func (n *Node) Get(key string) Value {
	if i := n.find(key); i >= 0 {
		return n.members[i].val
	}
	return Value{}
}

// Each calls f with the members in insertion order until f returns false. f must not
// change the node.
func (n *Node) Each(f func(key string, v Value) bool) {
	for i := range n.members {
		if m := &n.members[i]; m.val.kind != Absent && !f(m.key, m.val) {
			return
		}
	}
}

// Elems returns the elements of an array, valid until the next write. The caller must
// not change them.
func (n *Node) Elems() []Value { return n.elems }

// find returns the index of a member that is not deleted, or -1.
func (n *Node) find(key string) int {
	if n.index != nil {
		if i, ok := n.index[key]; ok {
			return int(i)
		}
		return -1
	}
	for i := range n.members {
		if n.members[i].key == key && n.members[i].val.kind != Absent {
			return i
		}
	}
	return -1
}

// Set sets the member with that key. v must not be Absent.
func (n *Node) Set(key string, v Value) {
	i := n.find(key)
	if n.st != nil {
		n.st.touchMember(n, key, i)
		n.st.grown += memberBytes + len(key) + len(v.s)
		if v.n != nil {
			n.st.place(placement{in: n, key: key, node: v.n})
		}
	}
	if i >= 0 {
		n.members[i].val = v
		return
	}
	n.addMember(key, v)
}

// addMember adds a member that must not exist.
func (n *Node) addMember(key string, v Value) {
	n.members = append(n.members, member{key, v})
	switch {
	case n.index != nil:
		n.index[key] = int32(len(n.members) - 1)
	case len(n.members) == indexFrom:
		n.reindex()
	}
}

// Delete removes the member with that key, if there is one.
func (n *Node) Delete(key string) {
	i := n.find(key)
	if i < 0 {
		return
	}
	if n.st != nil {
		n.st.touchMember(n, key, i)
	}
	n.members[i].val = Value{}
	n.dead++
	if n.index != nil {
		delete(n.index, key)
	}
	if n.saved == nil {
		n.thin()
	}
}

// thin drops the deleted members if they are many.
func (n *Node) thin() {
	if n.dead <= 8 || int(n.dead) <= len(n.members)/2 {
		return
	}
	kept := n.members[:0]
	for _, m := range n.members {
		if m.val.kind != Absent {
			kept = append(kept, m)
		}
	}
	clear(n.members[len(kept):])
	n.members, n.dead = kept, 0
	n.reindex()
}

func (n *Node) reindex() {
	if len(n.members) < indexFrom {
		if n.index != nil {
			n.index = nil
		}
		return
	}
	n.own().index = make(map[string]int32, 2*len(n.members))
	for i, m := range n.members {
		if m.val.kind != Absent {
			n.index[m.key] = int32(i)
		}
	}
}

// SetAt sets the element at index i, which may be one past the last. v must not be
// Absent.
func (n *Node) SetAt(i int, v Value) {
	if n.st != nil {
		n.st.touchElem(n, i)
		n.st.grown += valueBytes + len(v.s)
		if v.n != nil {
			n.st.place(placement{in: n, at: i, node: v.n})
		}
	}
	if i == len(n.elems) {
		n.elems = append(n.elems, v)
		return
	}
	n.elems[i] = v
}

// Grow makes room for more elements.
func (n *Node) Grow(more int) { n.elems = slices.Grow(n.elems, more) }

// Append adds an element at the end.
func (n *Node) Append(v Value) { n.SetAt(len(n.elems), v) }

// Truncate cuts the array to its first l elements.
func (n *Node) Truncate(l int) {
	if l >= len(n.elems) {
		return
	}
	if n.st != nil {
		n.st.touchSplice(n, l, len(n.elems)-l, 0)
	}
	clear(n.elems[l:])
	n.elems = n.elems[:l]
}

// Splice replaces del elements from index i with vals. i and i+del must be within the
// array.
func (n *Node) Splice(i, del int, vals ...Value) {
	if n.st != nil {
		n.st.touchSplice(n, i, del, len(vals))
		for _, v := range vals {
			n.st.grown += valueBytes + len(v.s)
		}
		n.shifted = true
		for k, v := range vals {
			if v.n != nil {
				n.st.place(placement{in: n, at: i + k, node: v.n})
			}
		}
	}
	tail := len(n.elems) - i - del
	switch grow := len(vals) - del; {
	case grow > 0:
		n.elems = append(n.elems, make([]Value, grow)...)
		copy(n.elems[i+len(vals):], n.elems[i+del:i+del+tail])
	case grow < 0 && i == 0:
		clear(n.elems[:-grow])
		n.elems = n.elems[-grow:]
	case grow < 0:
		copy(n.elems[i+len(vals):], n.elems[i+del:])
		clear(n.elems[i+len(vals)+tail:])
		n.elems = n.elems[:i+len(vals)+tail]
	}
	copy(n.elems[i:], vals)
}

// Reorder moves the element at order[i] to index i, for each i. order must be a
// permutation of the array's indexes.
func (n *Node) Reorder(order []int) {
	moved := false
	for i, was := range order {
		moved = moved || i != was
	}
	if !moved {
		return
	}
	if n.st != nil {
		n.st.touchOrder(n, order)
		n.shifted = true
	}
	old := slices.Clone(n.elems)
	for i, was := range order {
		n.elems[i] = old[was]
	}
}
