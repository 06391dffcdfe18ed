package state

import (
	"fmt"
	"unsafe"

	"asof/replay/fault"
)

// A tree takes many times the memory of its text: [[],[]] takes some 100 bytes for
// each element, and gzip makes a few of much text. So trees are bounded by the
// memory that they take, beside what their texts do.
const (
	// MaxTree is the memory in bytes that the tree of one payload may take.
	MaxTree = 128 << 20
	// MaxState is the memory in bytes that a state may take, about, with its texts. A
	// write holds a second copy of what it changes for a while, and the collector as
	// much again, so that a process peaks at about twice this.
	MaxState = 512 << 20
)

// A SizeError is a text of which the tree would take too much memory.
type SizeError struct{ Most int }

func (e *SizeError) Error() string {
	return fmt.Sprintf("too much JSON: it takes more than %d MiB of memory", e.Most>>20)
}

// Class returns [fault.Store].
func (e *SizeError) Class() fault.Class { return fault.Store }

// Remedy returns nothing: the message says it all.
func (e *SizeError) Remedy() fault.Remedy { return fault.Remedy{} }

// What the parts of a tree take, in bytes.
const (
	valueBytes  = int(unsafe.Sizeof(Value{}))
	memberBytes = int(unsafe.Sizeof(member{}))
	nodeBytes   = int(unsafe.Sizeof(Node{}))
	ownedBytes  = nodeBytes + int(unsafe.Sizeof(rest{})) // a node of a State
	indexBytes  = memberBytes                            // an entry of an object's index, about
)

// size returns the memory that a value of a state takes, about.
func (v Value) size() int {
	if v.n == nil {
		return len(v.s)
	}
	sum := ownedBytes + cap(v.n.elems)*valueBytes + cap(v.n.members)*memberBytes + len(v.n.index)*indexBytes
	for _, e := range v.n.elems {
		sum += e.size()
	}
	for i := range v.n.members {
		sum += v.n.members[i].val.size()
	}
	return sum
}

// growthBytes is how much may be written to a state until it is weighed again.
const growthBytes = MaxState / 8

// weigh fails when the state takes more than [MaxState]. It costs little for each
// byte that was written.
func (s *State) weigh() error {
	if s.grown < growthBytes {
		return nil
	}
	if s.root.size() > MaxState {
		return &LimitError{Reason: fmt.Sprintf("the state takes more than %d MiB of memory", MaxState>>20)}
	}
	s.grown = 0
	return nil
}

// node returns a node for a container that is closed.
func (p *Parser) node(kind Kind) *Node {
	p.left -= nodeBytes
	if !p.reuse {
		return newNode(kind)
	}
	if len(p.nodes) == cap(p.nodes) {
		// The full slab lives on in the tree; later trees have room in the new one.
		p.nodes = make([]Node, 0, max(16, min(2*cap(p.nodes), keepUpTo)))
	}
	p.nodes = p.nodes[:len(p.nodes)+1]
	n := &p.nodes[len(p.nodes)-1]
	*n = Node{kind: kind, rest: nothing}
	return n
}

// place copies what a container holds out of the stack of open ones.
func place[T any](reuse bool, slab *[]T, open []T) []T {
	if len(open) == 0 {
		return nil
	}
	if !reuse {
		return append(make([]T, 0, len(open)), open...)
	}
	if cap(*slab)-len(*slab) < len(open) {
		*slab = make([]T, 0, max(64, min(2*cap(*slab), keepUpTo), len(open)))
	}
	at := len(*slab)
	*slab = append(*slab, open...)
	return (*slab)[at:len(*slab):len(*slab)]
}

// drop lets go of what a tree took that was not finished.
func (p *Parser) drop() {
	p.nodes, p.members, p.elems = nil, nil, nil
	p.openMembers, p.openElems = nil, nil
}
