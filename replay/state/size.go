package state

import (
	"fmt"
	"unsafe"

	"asof/replay/fault"
)

// A tree takes many times the memory of its text, which may be compressed in the
// store: [[],[]] takes some 100 bytes per element. The memory of trees is therefore
// limited in addition to the length of texts.
const (
	// MaxTree is the most memory of one payload's tree, in bytes.
	MaxTree = 128 << 20
	// MaxState is about the most memory of a state with its texts, in bytes. A write
	// temporarily needs a second copy of what it changes, and the collector as much
	// again, so a process peaks at about twice this.
	MaxState = 512 << 20
)

// A SizeError is a text whose tree takes too much memory.
type SizeError struct{ Most int }

func (e *SizeError) Error() string {
	return fmt.Sprintf("too much JSON: it takes more than %d MiB of memory", e.Most>>20)
}

// Class returns [fault.Store].
func (e *SizeError) Class() fault.Class { return fault.Store }

// Fault returns [fault.KindUnread].
func (*SizeError) Fault() fault.Kind { return fault.KindUnread }

// Remedy returns nothing: the message says it all.
func (e *SizeError) Remedy() fault.Remedy { return fault.Remedy{} }

// Sizes of the parts of a tree, in bytes.
const (
	valueBytes  = int(unsafe.Sizeof(Value{}))
	memberBytes = int(unsafe.Sizeof(member{}))
	nodeBytes   = int(unsafe.Sizeof(Node{}))
	ownedBytes  = nodeBytes + int(unsafe.Sizeof(rest{})) // a node of a State
	indexBytes  = memberBytes                            // an entry of an object's index, about
)

// size returns about how much memory a value of a state takes.
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

// growthBytes is how much may be written to a state before it is measured again.
const growthBytes = MaxState / 8

// weigh returns an error if the state takes more than [MaxState]. Its cost is small
// per byte written.
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

// node returns a node for a finished container.
func (p *Parser) node(kind Kind) *Node {
	p.left -= nodeBytes
	if !p.reuse {
		return newNode(kind)
	}
	if len(p.nodes) == cap(p.nodes) {
		// The tree retains the full slab; later trees use the new one.
		p.nodes = make([]Node, 0, max(16, min(2*cap(p.nodes), keepUpTo)))
	}
	p.nodes = p.nodes[:len(p.nodes)+1]
	n := &p.nodes[len(p.nodes)-1]
	*n = Node{kind: kind, rest: nothing}
	return n
}

// place copies the content of a container from the stack of open ones.
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

// drop releases the memory of an unfinished tree.
func (p *Parser) drop() {
	p.nodes, p.members, p.elems = nil, nil, nil
	p.openMembers, p.openElems = nil, nil
}

// Size returns about how much memory a value takes, in bytes.
func (v Value) Size() int { return v.size() }
