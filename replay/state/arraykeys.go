package state

import (
	"slices"
	"strings"
)

// arrayKeys counts what the elements of an array have in the members that may be its
// keys. It is kept up to date by [arrayKeys.count] and [arrayKeys.member].
type arrayKeys struct {
	arr    *Node
	prefer []string
	names  []string // that are counted
	of     []idCount
	odd    int // elements that are no objects
}

// An idCount counts the values of one member.
type idCount struct {
	lacking int // elements without a value that can be a key
	twice   int // elements with the value of another one
	n       map[string]int
}

func newArrayKeys(arr *Node, prefer []string) *arrayKeys {
	k := &arrayKeys{arr: arr, prefer: prefer}
	k.recount(k.candidates())
	return k
}

// recount counts again, with more names.
func (k *arrayKeys) recount(names []string) {
	k.names, k.of, k.odd = append(k.names, names...), nil, 0
	for range k.names {
		k.of = append(k.of, idCount{n: make(map[string]int, len(k.arr.elems))})
	}
	for _, v := range k.arr.elems {
		k.count(v, +1)
	}
}

// candidates returns the members that may be keys, in order of preference. A key is a
// member of every element, so one of the first.
func (k *arrayKeys) candidates() []string {
	if len(k.arr.elems) == 0 || k.arr.elems[0].kind != Object {
		return nil
	}
	return keyNames(k.arr.elems[0].n, k.prefer)
}

// keyNames returns the members of an object that may identify it: the preferred ones,
// the usual names, and those that end as the name of a key does.
func keyNames(n *Node, prefer []string) []string {
	var names []string
	add := func(name string) {
		if _, ok := keyOf(name, n.Get(name)); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range prefer {
		add(name)
	}
	for _, name := range DefaultArrayKeys {
		add(name)
	}
	n.Each(func(name string, _ Value) bool {
		if endsAsKey(name) {
			add(name)
		}
		return true
	})
	add("name")
	return names
}

// endsAsKey reports whether a member's name ends in a word for an id.
func endsAsKey(name string) bool {
	return strings.HasSuffix(name, "Id") || strings.HasSuffix(name, "ID") || strings.HasSuffix(name, "_id")
}

// valid returns the members that every element has, each with a different value, in order
// of preference. For an empty array it is nil.
func (k *arrayKeys) valid() []string {
	if len(k.arr.elems) == 0 {
		return nil
	}
	all := k.candidates()
	if more := slices.DeleteFunc(slices.Clone(all), func(name string) bool { return slices.Contains(k.names, name) }); len(more) > 0 {
		k.recount(more)
	}
	names := []string{}
	for _, name := range all {
		if c := &k.of[slices.Index(k.names, name)]; k.odd == 0 && c.lacking == 0 && c.twice == 0 {
			names = append(names, name)
		}
	}
	return names
}

// count adds an element, or takes one away if by is -1.
func (k *arrayKeys) count(v Value, by int) {
	if v.kind != Object {
		k.odd += by
		return
	}
	for i, name := range k.names {
		k.of[i].count(name, v.n.Get(name), by)
	}
}

// member records that a member of an element has another value.
func (k *arrayKeys) member(name string, old, now Value) {
	if i := slices.Index(k.names, name); i >= 0 {
		k.of[i].count(name, old, -1)
		k.of[i].count(name, now, +1)
	}
}

func (c *idCount) count(name string, v Value, by int) {
	if _, ok := keyOf(name, v); !ok {
		c.lacking += by
		return
	}
	id := scalarID(v)
	if c.n[id] += by; by > 0 && c.n[id] > 1 || by < 0 && c.n[id] > 0 {
		c.twice += by
	}
	if c.n[id] == 0 {
		delete(c.n, id)
	}
}
