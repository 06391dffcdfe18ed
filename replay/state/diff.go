package state

import (
	"cmp"
	"slices"
	"strconv"
)

// Op is the operation of a [Change], with its name in RFC 6902.
type Op string

// Operations.
const (
	OpAdd     Op = "add"
	OpRemove  Op = "remove"
	OpReplace Op = "replace"
)

// A Change is one edit of a state. Path is an RFC 6901 pointer that applies after the
// preceding changes. From is Absent for an add, To for a remove. Both are frozen:
// they belong to no State.
type Change struct {
	Op       Op
	Path     string
	From, To Value

	// Label is the path with keys in place of indexes; empty if it has none, or nobody
	// has asked a [Labeler].
	Label string
}

// Name returns the label, or else the path.
func (c *Change) Name() string {
	if c.Label != "" {
		return c.Label
	}
	return c.Path
}

// DiffOptions say how to compare two states.
type DiffOptions struct {
	// ArrayKeys names the members that identify an object in an array, in order of
	// preference. Nil means [DefaultArrayKeys], then any member whose name ends in
	// "Id", "ID" or "_id".
	ArrayKeys []string
}

// DefaultArrayKeys are the members that identify an object in an array, if every
// object there has a different value.
var DefaultArrayKeys = []string{"id", "_id", "uuid", "guid", "sku", "key", "code"}

// Diff returns the changes from a to b. Applied to a in order, they result in a state
// equal to b.
func Diff(a, b Value, o DiffOptions) []Change {
	d := differ{keys: o.ArrayKeys}
	d.pair(a, b)
	return d.out
}

// changes appends the changes of the present event.
func (s *State) changes(into []Change) []Change {
	d := differ{keys: s.keys, st: s, out: into}
	if s.rootSet && s.root != s.oldRoot {
		d.pair(s.oldRoot, s.root)
	}
	type at struct {
		n    *Node
		path []string
	}
	todo, most := make([]at, 0, len(s.touched)), 0
	for _, n := range s.touched {
		if path, ok := d.pathOf(n); ok {
			todo = append(todo, at{n, path})
			most += len(n.saved.members)
		}
	}
	d.out = slices.Grow(d.out, most)
	slices.SortStableFunc(todo, func(x, y at) int { return cmp.Compare(len(x.path), len(y.path)) })
	for _, t := range todo {
		if d.handled[t.n] || d.inWhole(t.n) {
			continue
		}
		d.path = t.path
		d.touched(t.n)
	}
	return d.out
}

// A differ compares an old tree with a new one. Within an event (st is set) the two
// trees share containers. The same container in the same place counts as equal, since
// it is compared separately with its own old content.
type differ struct {
	keys    []string
	path    []string
	out     []Change
	st      *State
	handled map[*Node]bool // containers whose content has been compared
	whole   map[*Node]bool // containers that a change includes whole

	contents contents
}

func (d *differ) emit(op Op, from, to Value) {
	c := Change{Op: op, Path: joinPointer(d.path)}
	if from.kind != Absent {
		c.From = d.frozen(from, true)
	}
	if to.kind != Absent {
		c.To = d.frozen(to, false)
		if to.n != nil && d.st != nil {
			d.whole = with(d.whole, to.n)
		}
	}
	d.out = append(d.out, c)
}

// with returns a set with a node. Most events need none.
func with(set map[*Node]bool, n *Node) map[*Node]bool {
	if set == nil {
		set = map[*Node]bool{}
	}
	set[n] = true
	return set
}

func (d *differ) push(tok string) { d.path = append(d.path, tok) }
func (d *differ) pop()            { d.path = d.path[:len(d.path)-1] }

// pair compares the old and the new value of a slot.
func (d *differ) pair(a, b Value) {
	switch {
	case a.n != nil && a.n == b.n:
	case a.n != nil && b.n != nil && a.kind == b.kind:
		if d.st != nil {
			d.handled = with(d.handled, b.n)
		}
		if a.kind == Array {
			d.arrays(d.oldElems(a.n), b.n.elems, 0)
		} else {
			d.objects(a.n, b.n)
		}
	case a.kind == Absent && b.kind == Absent:
	case a.kind == Absent:
		d.emit(OpAdd, a, b)
	case b.kind == Absent:
		d.emit(OpRemove, a, b)
	case a.n != nil || b.n != nil || !equalScalars(a, b):
		d.emit(OpReplace, a, b)
	}
}

func (d *differ) objects(a, b *Node) {
	old := d.oldMembers(a)
	seen := make(map[string]bool, len(old))
	for _, m := range old {
		seen[m.key] = true
		d.push(m.key)
		d.pair(m.val, b.Get(m.key))
		d.pop()
	}
	b.Each(func(key string, v Value) bool {
		if !seen[key] {
			d.push(key)
			d.pair(Value{}, v)
			d.pop()
		}
		return true
	})
}

// touched compares a container with its content before the event.
func (d *differ) touched(n *Node) {
	if n.kind == Array {
		d.edited(n)
		return
	}
	for _, m := range n.saved.members {
		d.push(m.key)
		d.pair(m.val, n.Get(m.key))
		d.pop()
	}
}

// arrays compares two runs of elements that begin at index base. Elements common to
// both, in the same order, stay. In the gaps between them, elements are paired in
// order unless their keys differ.
func (d *differ) arrays(a, b []Value, base int) {
	lo := 0
	for lo < len(a) && lo < len(b) && d.same(a[lo], b[lo]) {
		lo++
	}
	ea, eb := len(a), len(b)
	for ea > lo && eb > lo && d.same(a[ea-1], b[eb-1]) {
		ea, eb = ea-1, eb-1
	}
	a, b, base = a[lo:ea], b[lo:eb], base+lo
	if len(a) == 0 && len(b) == 0 {
		return
	}
	i, j := 0, 0
	if d.st != nil { // otherwise they share no containers
		runs, _ := d.align(a, b)
		for _, r := range runs {
			d.unaligned(a[i:r.a], b[j:r.b], base+j)
			i, j = r.a+r.n, r.b+r.n
		}
	}
	d.unaligned(a[i:], b[j:], base+j)
}

// unaligned compares two runs that align could not align, see [differ.arrays].
func (d *differ) unaligned(a, b []Value, base int) {
	var t tokens
	if len(a) > 0 && len(b) > 0 {
		t = d.tokens(a, b, true)
	}
	d.matched(a, b, t, base)
}

// matched compares two runs by a longest common subsequence of tokens.
func (d *differ) matched(a, b []Value, t tokens, base int) {
	if len(a) == 0 || len(b) == 0 {
		d.gap(a, b, tokens{}, base)
		return
	}
	at := base // the present index of the next element
	i, j := 0, 0
	for _, m := range append(matchLCS(t.a, t.b), [2]int{len(a), len(b)}) {
		at = d.gap(a[i:m[0]], b[j:m[1]], t.from(i, j), at)
		i, j = m[0], m[1]
		if i < len(a) && j < len(b) {
			d.push(strconv.Itoa(at))
			d.pair(a[i], b[j])
			d.pop()
			at++
		}
		i, j = i+1, j+1
	}
}

// gap changes the elements a, which begin at index at, to b. It returns the index
// after them.
func (d *differ) gap(a, b []Value, t tokens, at int) int {
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		d.push(strconv.Itoa(at))
		switch {
		case i < len(a) && j < len(b):
			if t.keyed && a[i].kind == Object && b[j].kind == Object && t.a[i] != t.b[j] {
				d.emit(OpReplace, a[i], b[j])
			} else {
				d.pair(a[i], b[j])
			}
			i, j, at = i+1, j+1, at+1
		case i < len(a):
			d.emit(OpRemove, a[i], Value{})
			i++
		default:
			d.emit(OpAdd, Value{}, b[j])
			j, at = j+1, at+1
		}
		d.pop()
	}
	return at
}

// same reports whether two elements are the same scalar or container, without
// comparing the content of containers.
func (d *differ) same(a, b Value) bool {
	if a.n != nil || b.n != nil {
		return a.n == b.n
	}
	return equalScalars(a, b)
}

// scalarID is equal for equal scalars.
func scalarID(v Value) string {
	if v.kind == Number {
		return "n" + Canonical(v.s)
	}
	return string(rune('0'+v.kind)) + v.s
}

func equalScalars(a, b Value) bool {
	if a.kind != b.kind {
		return false
	}
	return a.s == b.s || a.kind == Number && EqualNumbers(a.s, b.s)
}
