package state

import (
	"cmp"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"strconv"
)

// A Touched is which paths events may have changed: more than they did, perhaps, but never
// fewer. It does not tell the elements of an array apart that were moved. The zero value has
// none.
type Touched struct {
	all   bool
	marks map[touch]struct{}
}

// AllTouched returns a Touched that every path is in.
func AllTouched() Touched { return Touched{all: true} }

// A touch is what may have happened to the paths with a hash.
type touch struct {
	path uint32
	kind touchKind
}

type touchKind uint8

const (
	touchSet   touchKind = iota // the value was set or removed
	touchBelow                  // something below was
	touchParts                  // it has other members or elements
	touchKinds
)

// mostTouches is the most that a Touched keeps. Beyond it, every path may have changed.
const mostTouches = 8192

// mostApart is the most elements or members whose names are numbers that are told apart.
const mostApart = 256

// rootHash is the hash of the root.
const rootHash uint64 = 14695981039346656037

// eachNumber stands for all elements of an array, and for all members whose names are numbers.
const eachNumber = "*"

func isNumber(token string) bool {
	for i := range len(token) {
		if token[i]-'0' > 9 {
			return false
		}
	}
	return token != ""
}

// below returns the hash of a member or an element of the path with hash h.
func below(h uint64, token string) uint64 {
	const prime = 1099511628211
	h = (h ^ '/') * prime
	for i := range len(token) {
		h = (h ^ uint64(token[i])) * prime
	}
	return h
}

func touchOf(h uint64, kind touchKind) touch { return touch{uint32(h ^ h>>32), kind} }

func (t *Touched) add(h uint64, kind touchKind) {
	if t.all {
		return
	}
	if t.marks == nil {
		t.marks = map[touch]struct{}{}
	}
	if t.marks[touchOf(h, kind)] = struct{}{}; len(t.marks) > mostTouches {
		t.addEvery()
	}
}

func (t *Touched) addEvery() { t.all, t.marks = true, nil }

func (t *Touched) has(h uint64, kind touchKind) bool {
	_, ok := t.marks[touchOf(h, kind)]
	return ok
}

// AddAll adds what o has.
func (t *Touched) AddAll(o Touched) {
	if o.all {
		t.addEvery()
	}
	for m := range o.marks {
		if t.all {
			return
		}
		if t.marks == nil {
			t.marks = map[touch]struct{}{}
		}
		if t.marks[m] = struct{}{}; len(t.marks) > mostTouches {
			t.addEvery()
		}
	}
}

// Equal reports whether o has the same.
func (t *Touched) Equal(o *Touched) bool { return t.all == o.all && maps.Equal(t.marks, o.marks) }

// Add adds a change.
func (t *Touched) Add(c *Change) { t.addAt(rootHash, c) }

// AddPart adds that the root has another member.
func (t *Touched) AddPart(name string) {
	t.add(rootHash, touchBelow)
	t.add(rootHash, touchParts)
	t.add(below(rootHash, name), touchSet)
}

func (t *Touched) addAt(h uint64, c *Change) {
	tokens, err := ParsePointer(c.Path)
	if err != nil || len(tokens) == 0 {
		t.addEvery()
		return
	}
	for i, token := range tokens {
		t.add(h, touchBelow)
		if i == len(tokens)-1 && c.Op != OpReplace {
			t.add(h, touchParts)
			if isNumber(token) { // perhaps an element, and those after it have another index
				t.add(below(h, eachNumber), touchSet)
			}
		}
		h = below(h, token)
	}
	t.add(h, touchSet)
}

// Has reports whether t says that an event may have made a change.
func (t *Touched) Has(c *Change) bool {
	tokens, err := ParsePointer(c.Path)
	at := t.Root()
	for _, token := range tokens {
		if err != nil || at.Set() {
			break
		}
		at = at.Part(token)
	}
	return err == nil && at.Set()
}

// A TouchedAt is what a Touched says of one path.
type TouchedAt struct {
	t   *Touched
	all [4]uint64 // hashes of the path, with and without its numbers
	n   int
}

// Root returns what is said of the root.
func (t *Touched) Root() TouchedAt { return TouchedAt{t: t, all: [4]uint64{rootHash}, n: 1} }

// Part returns what is said of a member.
func (x TouchedAt) Part(key string) TouchedAt {
	out := TouchedAt{t: x.t}
	apart := isNumber(key)
	for _, h := range x.all[:x.n] {
		out.add(below(h, key))
		if apart {
			out.add(below(h, eachNumber))
		}
	}
	return out
}

// Elem returns what is said of an element.
func (x TouchedAt) Elem(i int) TouchedAt { return x.Part(strconv.Itoa(i)) }

func (x *TouchedAt) add(h uint64) {
	if x.n < len(x.all) {
		x.all[x.n] = h
		x.n++
		return
	}
	x.t = &everyTouched
}

var everyTouched = AllTouched()

// Set reports whether the value may have been set or removed, other than with a container
// around it.
func (x TouchedAt) Set() bool { return x.has(touchSet) }

// Below reports whether something in the value may have changed.
func (x TouchedAt) Below() bool { return x.has(touchBelow) }

// Parts reports whether the container may have got or lost members or elements.
func (x TouchedAt) Parts() bool { return x.has(touchParts) }

func (x TouchedAt) has(kind touchKind) bool {
	return x.t.all || slices.ContainsFunc(x.all[:x.n], func(h uint64) bool { return x.t.has(h, kind) })
}

// errNotTouched means that a text is not of a Touched.
var errNotTouched = errors.New("it does not say what events touched")

// AppendText appends a text that [ParseTouched] reads.
func (t *Touched) AppendText(dst []byte) []byte {
	if t.all {
		return append(dst, 1)
	}
	all := make([]uint64, 0, len(t.marks))
	for m := range t.marks {
		all = append(all, uint64(m.path)*uint64(touchKinds)+uint64(m.kind))
	}
	slices.SortFunc(all, cmp.Compare)
	dst = append(dst, 0)
	last := uint64(0)
	for _, n := range all {
		dst = binary.AppendUvarint(dst, n-last)
		last = n
	}
	return dst
}

// ParseTouched reads a text of [Touched.AppendText].
func ParseTouched(text []byte) (t Touched, err error) {
	switch {
	case len(text) == 1 && text[0] == 1:
		return AllTouched(), nil
	case len(text) == 0 || text[0] != 0:
		return t, errNotTouched
	}
	text = text[1:]
	for n := uint64(0); len(text) > 0; {
		d, size := binary.Uvarint(text)
		if size <= 0 || len(t.marks) == mostTouches {
			return t, errNotTouched
		}
		n, text = n+d, text[size:]
		if t.marks == nil {
			t.marks = map[touch]struct{}{}
		}
		t.marks[touch{uint32(n / uint64(touchKinds)), touchKind(n % uint64(touchKinds))}] = struct{}{}
	}
	return t, nil
}
