package state

import (
	"encoding/binary"
	"slices"
	"strings"
)

// tokens assigns the same number to elements with the same identity.
type tokens struct {
	a, b  []int32
	keyed bool // objects are identified by a key
}

func (t tokens) from(i, j int) tokens {
	return tokens{t.a[min(i, len(t.a)):], t.b[min(j, len(t.b)):], t.keyed}
}

// tokens numbers the elements of two runs. Without byValue, an element without a key
// that is in only one run gets its own number.
func (d *differ) tokens(a, b []Value, byValue bool) tokens {
	t := tokens{a: make([]int32, len(a)), b: make([]int32, len(b))}
	key := d.keyFor(a, b)
	t.keyed = key != ""
	ids := map[any]int32{}
	number := func(id any) int32 {
		n, ok := ids[id]
		if !ok {
			n = int32(len(ids))
			ids[id] = n
		}
		return n
	}
	inBoth := map[*Node]bool{}
	if d.st != nil {
		inOld := map[*Node]bool{}
		for _, v := range a {
			inOld[v.n] = v.n != nil
		}
		for _, v := range b {
			inBoth[v.n] = inOld[v.n]
		}
	}
	identify := func(to []int32, run []Value, old bool) {
		for i, v := range run {
			if !byValue && !inBoth[v.n] && (key == "" || v.kind != Object) {
				to[i] = number([2]any{i, old})
			} else {
				to[i] = number(d.identity(v, key, old, inBoth))
			}
		}
	}
	identify(t.a, a, true)
	identify(t.b, b, false)
	return t
}

// identity returns what identifies an element: the key of an object, a container
// itself if it is in both runs, otherwise the content.
func (d *differ) identity(v Value, key string, old bool, inBoth map[*Node]bool) any {
	switch {
	case v.n == nil:
		return scalarID(v)
	case key != "" && v.kind == Object:
		if old {
			return "k" + scalarID(d.oldGet(v.n, key))
		}
		return "k" + scalarID(v.n.Get(key))
	case inBoth[v.n]:
		return v.n
	default:
		return d.content(v.n, old)
	}
}

// A side is a container with its old or its present content.
type side struct {
	n   *Node
	old bool
}

// contents numbers containers: those with equal content have the same number. Each is
// looked at once, however deep the tree is in which it is compared.
type contents struct {
	of     map[side]int32
	byText map[string]int32
}

// content returns the number of the content of a container.
func (d *differ) content(n *Node, old bool) int32 {
	at := side{n, old && d.st != nil}
	if number, ok := d.contents.of[at]; ok {
		return number
	}
	if d.contents.of == nil {
		d.contents = contents{map[side]int32{}, map[string]int32{}}
	}
	elems, members := n.elems, n.members
	if at.old {
		elems, members = d.oldElems(n), n.oldMembers()
	}
	text := []byte{byte(n.kind)}
	for _, e := range elems {
		text = d.appendContent(text, e, old)
	}
	members = slices.Clone(members)
	slices.SortFunc(members, func(a, b member) int { return strings.Compare(a.key, b.key) })
	for _, m := range members {
		if m.val.kind != Absent {
			text = d.appendContent(appendSized(text, m.key), m.val, old)
		}
	}
	number, ok := d.contents.byText[string(text)]
	if !ok {
		number = int32(len(d.contents.byText))
		d.contents.byText[string(text)] = number
	}
	d.contents.of[at] = number
	return number
}

// appendContent appends a scalar, or the number of a container.
func (d *differ) appendContent(to []byte, v Value, old bool) []byte {
	if v.n == nil {
		return appendSized(append(to, 0), scalarID(v))
	}
	return binary.AppendUvarint(append(to, 1), uint64(d.content(v.n, old)))
}

// appendSized appends a text that ends where its length says.
func appendSized(to []byte, text string) []byte {
	return append(binary.AppendUvarint(to, uint64(len(text))), text...)
}

// keyFor returns the member that identifies all objects of both runs, or "".
func (d *differ) keyFor(a, b []Value) string {
	var first *Node
	for _, v := range append(a[:len(a):len(a)], b...) {
		if v.kind == Object {
			first = v.n
			break
		}
	}
	if first == nil {
		return ""
	}
	names := d.keys
	if names == nil {
		names = DefaultArrayKeys
		first.Each(func(k string, _ Value) bool {
			if endsAsKey(k) {
				names = append(names[:len(names):len(names)], k)
			}
			return true
		})
	}
	for _, k := range names {
		if d.tellsApart(a, k, true) && d.tellsApart(b, k, false) {
			return k
		}
	}
	return ""
}

func (d *differ) tellsApart(run []Value, key string, old bool) bool {
	seen := make(map[string]bool, len(run))
	for _, v := range run {
		if v.kind != Object {
			continue
		}
		k := v.n.Get(key)
		if old {
			k = d.oldGet(v.n, key)
		}
		if k.kind != String && k.kind != Number {
			return false
		}
		id := scalarID(k)
		if seen[id] {
			return false
		}
		seen[id] = true
	}
	return true
}
