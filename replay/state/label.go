package state

import (
	"slices"
	"strings"
)

// A Labeler follows a state from event to event and names what changes in it by the keys
// of array elements. It has its own copy of the state, so an event costs what it changed.
type Labeler struct {
	root  Value
	names []string
	keys  map[*Node]*arrayKeys
}

// NewLabeler returns a labeler for changes of v. It takes ownership of v, which must
// belong to no State.
func NewLabeler(v Value, o DiffOptions) *Labeler {
	return &Labeler{root: v, names: o.ArrayKeys, keys: map[*Node]*arrayKeys{}}
}

// Label sets the labels of changes of the present state and makes them. The label of a
// removal is for the state before all of them, that of another change for the state
// after them. They must be like those of [Diff].
func (l *Labeler) Label(changes []Change) error {
	ev := labeling{l: l, before: map[*Node][]string{}, edits: map[*Node][]arrayEdit{}, was: map[memberOf]Value{}}
	taken := make([][]hop, len(changes))
	for i := range changes {
		var err error
		if taken[i], err = ev.take(&changes[i]); err != nil {
			return err
		}
	}
	for i := range changes {
		c := &changes[i]
		c.Label = ev.label(taken[i], c.Op == OpRemove)
		if c.Label == c.Path {
			c.Label = ""
		}
	}
	return nil
}

// LabelOf returns the label of a path in the present state; empty if it has none of its
// own.
func (l *Labeler) LabelOf(pointer string) string {
	tokens, err := ParsePointer(pointer)
	if err != nil {
		return ""
	}
	ev := labeling{l: l}
	return ev.label(l.walk(tokens), false)
}

// LabeledDiff is [Diff] with labels.
func LabeledDiff(a, b Value, o DiffOptions) []Change {
	changes := Diff(a, b, o)
	if !MayHaveLabels(changes) {
		return changes
	}
	labeled := slices.Clone(changes)
	if err := NewLabeler(Clone(a), o).Label(labeled); err != nil {
		return changes
	}
	return labeled
}

// LabelChangesTo sets the labels of changes that led to a state.
func LabelChangesTo(after Value, changes []Change, o DiffOptions) error {
	if !MayHaveLabels(changes) {
		return nil
	}
	l, err := NewLabelerBefore(after, changes, o)
	if err != nil {
		return err
	}
	return l.Label(changes)
}

// NewLabelerBefore returns a labeler for the changes that led to a state.
func NewLabelerBefore(after Value, changes []Change, o DiffOptions) (*Labeler, error) {
	before, err := Apply(after, Invert(changes))
	return NewLabeler(before, o), err
}

// MayHaveLabels reports whether a path has a token that begins with a digit. Without one,
// there is nothing to label.
func MayHaveLabels(changes []Change) bool {
	for _, c := range changes {
		for i := 1; i < len(c.Path); i++ {
			if c.Path[i-1] == '/' && c.Path[i]-'0' <= 9 {
				return true
			}
		}
	}
	return false
}

// A hop is a token of a path in a state.
type hop struct {
	token string
	in    *Node // the container; nil if the path does not exist
	elem  *Node // the element, if in is an array and it is an object
	at    int   // its index; -1: it did not exist before the event
}

// walk returns the hops of a path. One that leads nowhere has no container.
func (l *Labeler) walk(tokens []string) []hop {
	hops := make([]hop, len(tokens))
	v := l.root
	for i, t := range tokens {
		hops[i] = hop{token: t, in: v.n}
		v, _ = step(v, t)
		if in := hops[i].in; in != nil && in.kind == Array {
			hops[i].at, _ = arrayIndex(t)
			if v.kind == Object {
				hops[i].elem = v.n
			}
		}
	}
	return hops
}

// keysOf returns the keys of an array.
func (l *Labeler) keysOf(arr *Node) *arrayKeys {
	k := l.keys[arr]
	if k == nil {
		if len(l.keys) > mostArrays {
			clear(l.keys)
		}
		k = newArrayKeys(arr, l.names)
		l.keys[arr] = k
	}
	return k
}

// mostArrays is the maximum number of arrays whose keys are kept from event to event.
const mostArrays = 10_000

// A labeling is one event of a [Labeler].
type labeling struct {
	l      *Labeler
	before map[*Node][]string // the keys that arrays had; nil: it was empty
	edits  map[*Node][]arrayEdit
	was    map[memberOf]Value // overwritten members of elements
}

type arrayEdit struct {
	op Op
	at int
}

type memberOf struct {
	n    *Node
	name string
}

// take makes a change and returns the hops of its path: in the state before the event
// for a removal, after it otherwise.
func (ev *labeling) take(c *Change) ([]hop, error) {
	tokens, err := ParsePointer(c.Path)
	if err != nil {
		return nil, err
	}
	hops := ev.l.walk(tokens)
	for _, h := range hops {
		if h.in != nil && h.in.kind == Array {
			ev.see(h.in)
		}
	}
	if c.Op == OpRemove {
		for i := range hops {
			if h := &hops[i]; h.in != nil && h.in.kind == Array {
				h.at = ev.origin(h.in, h.at)
			}
		}
	}
	if len(hops) == 0 {
		ev.l.root, err = c.apply(ev.l.root)
		return hops, err
	}
	last := &hops[len(hops)-1]
	old := last.value()
	if ev.l.root, err = c.apply(ev.l.root); err != nil {
		return nil, err
	}
	now := last.value()
	switch {
	case last.in.kind == Array:
		ev.element(last, c.Op, old, now)
	case len(hops) > 1 && hops[len(hops)-2].elem == last.in:
		if k := (memberOf{last.in, last.token}); ev.was[k].IsAbsent() {
			ev.was[k] = old
		}
		if k := ev.l.keys[hops[len(hops)-2].in]; k != nil {
			k.member(last.token, old, now)
		}
	}
	return hops, nil
}

// value returns the value that the hop leads to at present.
func (h *hop) value() Value {
	if h.in == nil {
		return Value{}
	}
	v, _ := step(h.in.Value(), h.token)
	return v
}

// see notes the keys of an array before the event touches it.
func (ev *labeling) see(arr *Node) {
	if _, ok := ev.before[arr]; !ok {
		ev.before[arr] = ev.l.keysOf(arr).valid()
	}
}

// element records that an element was added, removed or replaced.
func (ev *labeling) element(h *hop, op Op, old, now Value) {
	k := ev.l.keys[h.in]
	if k == nil {
		return
	}
	if op != OpAdd {
		k.count(old, -1)
	}
	if op != OpRemove {
		k.count(now, +1)
		h.elem = nil
		if now.kind == Object {
			h.elem = now.n
		}
	}
	if op != OpReplace {
		at, _ := arrayIndex(h.token)
		ev.edits[h.in] = append(ev.edits[h.in], arrayEdit{op, at})
	}
}

// origin returns the index that an element had before the event, or -1.
func (ev *labeling) origin(arr *Node, at int) int {
	for _, e := range slices.Backward(ev.edits[arr]) {
		switch {
		case e.op == OpRemove && at >= e.at:
			at++
		case e.op == OpAdd && at == e.at:
			return -1
		case e.op == OpAdd && at > e.at:
			at--
		}
	}
	return at
}

// label returns a path with keys, or an empty one if no element on it has a key.
func (ev *labeling) label(hops []hop, removed bool) string {
	var b []byte
	keyed := false
	for i, h := range hops {
		switch {
		case h.in == nil:
			return ""
		case h.in.kind != Array:
			if strings.Contains(h.token, "[") { // it could be read as a key
				return ""
			}
			b = AppendToken(b, h.token)
		default:
			k, ok := ev.key(h, removed)
			if ok && (i == 0 || !hidden(hops[i-1], k)) {
				b, keyed = k.append(b), true
			} else if h.at < 0 {
				return ""
			} else {
				b = AppendIndex(b, h.at)
			}
		}
	}
	if !keyed {
		return ""
	}
	return string(b)
}

// hidden reports whether a member has the name that the array and the key make together.
func hidden(array hop, k key) bool {
	if array.in.kind != Object {
		return false
	}
	whole := unescape(string(k.append([]byte(EscapeToken(array.token)))))
	return !array.in.Get(whole).IsAbsent()
}

// key returns the key of an element: a member that is a key of the array before the event
// and after it.
func (ev *labeling) key(h hop, removed bool) (key, bool) {
	if h.elem == nil {
		return key{}, false
	}
	names, before := ev.l.keysOf(h.in).valid(), ev.before[h.in]
	if len(h.in.elems) == 0 {
		names = before
	}
	for _, name := range names {
		if before != nil && !slices.Contains(before, name) {
			continue
		}
		v := h.elem.Get(name)
		if old, ok := ev.was[memberOf{h.elem, name}]; ok && removed {
			v = old
		}
		return keyOf(name, v)
	}
	return key{}, false
}
