package quick

import (
	"math"
	"strings"

	"asof/replay/decimal"
	"asof/replay/state"
)

type kind uint8

const (
	undefined kind = iota
	null
	boolean
	number
	text
	container
	list  // an array that the script made
	dec   // a Decimal
	event // the current event
	cut   // the end of an optional chain
)

// A val is a value of the script.
type val struct {
	kind    kind
	passing bool    // the memory of s ends with the event
	f       float64 // of a number; 1 and 0 for true and false
	s       string  // of a string; for a number, its text or empty
	n       *state.Node
	l       *array
	d       *decimal.Decimal
}

// An array was made by the script. It may contain any values until it is put in the
// state; from then on it stands for the node.
type array struct {
	elems []val
	n     *state.Node
}

var (
	valNull  = val{kind: null}
	valTrue  = val{kind: boolean, f: 1}
	valFalse = val{kind: boolean}
)

func ofBool(b bool) val {
	if b {
		return valTrue
	}
	return valFalse
}

func ofNumber(f float64) val { return val{kind: number, f: f} }

func ofText(s string) val { return val{kind: text, s: s} }

func ofNode(n *state.Node) val { return val{kind: container, n: n} }

func ofList(elems []val) val { return val{kind: list, l: &array{elems: elems}} }

func (v val) isNullish() bool { return v.kind <= null }

func (v val) truthy() bool {
	switch v.kind {
	case undefined, null:
		return false
	case boolean:
		return v.f != 0
	case number:
		return v.f != 0 && v.f == v.f
	case text:
		return v.s != ""
	}
	return true
}

// read returns the script's value for a value of the tree at key.
func (r *run) read(v state.Value, key string, passing bool) val {
	switch v.Kind() {
	case state.Absent:
		return val{}
	case state.Null:
		return valNull
	case state.Bool:
		return ofBool(v.Bool())
	case state.String:
		return val{kind: text, s: v.Text(), passing: passing}
	case state.Number:
		if v.Text() == hole {
			return val{}
		}
		return r.readNumber(v.Text(), key, passing)
	}
	return ofNode(v.Node())
}

// write returns the tree's value for a script's value that is put at key.
func (r *run) write(v val, key string) state.Value {
	switch v.kind {
	case null:
		return state.NullValue()
	case boolean:
		return state.BoolValue(v.f != 0)
	case text:
		return state.StringValue(r.keep(v.s, v.passing))
	case number:
		return state.NumberValue(r.writeNumber(v, key))
	case container:
		r.spend(4)
		return r.place(v.n).Value()
	case list:
		r.spend(4)
		return r.placeList(v.l).Value()
	case undefined:
		return state.NumberValue(hole)
	case dec:
		return state.NumberValue(r.digits(v.d))
	}
	panic(giveUp)
}

// A hole stands for undefined in the tree until the end of the event, as the text of
// a number that no number has. As in JSON, a member that is undefined is then
// removed, and an element becomes null.
const hole = "\x00"

// A gap is the location of a hole: a member, or anywhere in an array.
type gap struct {
	n   *state.Node
	key string
}

// put records where a value was put that differs between the tree and the script.
func (r *run) put(n *state.Node, key string, v val) {
	if v.kind == dec {
		r.conceal(n)
	}
	if v.kind != undefined {
		return
	}
	if k := len(r.gaps); n.Kind() == state.Array && k > 0 && r.gaps[k-1].n == n {
		return
	}
	r.gaps = append(r.gaps, gap{n, key})
}

// close ends the event and removes all holes.
func (r *run) close() {
	if len(r.gaps) == 0 {
		return
	}
	for _, g := range r.gaps {
		if g.n.Kind() == state.Object {
			if isHole(g.n.Get(g.key)) {
				g.n.Delete(g.key)
			}
			continue
		}
		for i, v := range g.n.Elems() {
			if isHole(v) {
				g.n.SetAt(i, state.NullValue())
			}
		}
	}
	clear(r.gaps)
	r.gaps = r.gaps[:0]
}

func isHole(v state.Value) bool { return v.Kind() == state.Number && v.Text() == hole }

// interned is the number of short strings that are cached.
const interned = 1024

// keep returns a string in memory that outlives the event. Short strings recur and
// are cached: types, codes, amounts.
func (r *run) keep(s string, passing bool) string {
	if !passing || s == "" {
		return s
	}
	if len(s) > 20 {
		r.spendString(s)
		return strings.Clone(s)
	}
	h := uint32(2166136261) // FNV-1a
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	slot := &r.texts[(h^h>>16)%interned]
	if *slot != s {
		*slot = strings.Clone(s)
	}
	return *slot
}

// number converts an operand of arithmetic.
func (r *run) number(v val) float64 {
	switch v.kind {
	case number, boolean:
		return v.f
	case null:
		return 0
	case undefined:
		return math.NaN()
	}
	panic(giveUp)
}

// string converts a scalar to a string, as a template or a key does.
func (r *run) string(v val) string {
	switch v.kind {
	case text:
		return v.s
	case number:
		return r.formatted(v)
	case boolean:
		if v.f != 0 {
			return "true"
		}
		return "false"
	case null:
		return "null"
	case undefined:
		return "undefined"
	}
	panic(giveUp)
}

// asText returns a scalar as a string value.
func (r *run) asText(v val) val { return val{kind: text, s: r.string(v), passing: v.passing} }

func (r *run) formatted(v val) string {
	switch {
	case v.s != "":
		return v.s
	case v.f != v.f:
		return "NaN"
	case math.IsInf(v.f, 0):
		panic(giveUp)
	}
	return state.FormatFloat(v.f)
}

// same is the operator ===.
func (r *run) same(a, b val) bool {
	a, b = r.now(a), r.now(b)
	if a.kind != b.kind {
		return false
	}
	switch a.kind {
	case number, boolean:
		return a.f == b.f
	case text:
		if len(a.s) == len(b.s) {
			r.spendString(a.s)
		}
		return a.s == b.s
	case container:
		return a.n == b.n
	case list:
		return a.l == b.l
	case dec:
		panic(giveUp)
	}
	return true
}

// loose is the operator ==. It gives up where == converts.
func (r *run) loose(a, b val) bool {
	switch {
	case a.isNullish() || b.isNullish():
		return a.isNullish() && b.isNullish()
	case a.kind != b.kind:
		panic(giveUp)
	}
	return r.same(a, b)
}

// less is the operator <; known is false if an operand is NaN.
func (r *run) less(a, b val) (less, known bool) {
	if a.kind == text && b.kind == text {
		r.spendString(a.s)
		r.spendString(b.s)
		if HasPairs(a.s) || HasPairs(b.s) {
			panic(giveUp) // the language compares by UTF-16
		}
		return a.s < b.s, true
	}
	x, y := r.number(a), r.number(b)
	return x < y, x == x && y == y
}

// ascii reports whether a string is ASCII, so that bytes and UTF-16 units agree.
func (r *run) ascii(s string) bool {
	r.spendString(s)
	i := 0
	for ; i+wordBytes <= len(s); i += wordBytes {
		if wordAt(s, i)&(lowBits<<7) != 0 {
			return false
		}
	}
	for ; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
