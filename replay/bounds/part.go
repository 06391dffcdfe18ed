package bounds

import (
	"math"
	"slices"
	"strings"

	"asof/replay/state"
)

// Kinds is a set of kinds of values.
type Kinds uint16

// The kinds.
const (
	Missing  Kinds = 1 << iota // there is no value
	Null                       // null
	True                       // true
	False                      // false
	Whole                      // a number without a fraction that a double represents
	Fraction                   // another number that a double represents
	Inexact                    // a number that no double represents
	Text                       // one of Part.Texts
	AnyText                    // any text
	Array                      // an array
	Object                     // an object
	Open                       // the objects have members that are not listed
	all      Kinds = 1<<iota - 1
)

// Numbers are the kinds of numbers within [Part.Low] and [Part.High].
const Numbers = Whole | Fraction

// Has reports whether one of some kinds is in the set.
func (k Kinds) Has(some Kinds) bool { return k&some != 0 }

// The most that bounds keep.
const (
	mostParts   = 64 // in all
	mostMembers = 24 // of an object other than the root
	mostDeep    = 4  // objects around a part
	mostTexts   = 8  // distinct texts of a part
	mostText    = 40 // bytes of such a text
	mostKey     = 80 // bytes of the name of a member
)

// A Part is what some states have at one path.
type Part struct {
	Kinds       Kinds
	Low, High   float64  // of the numbers, both finite
	Least, Most int      // elements of the arrays
	Texts       []string // distinct
	members     []*Part
	key         string
	index       map[string]*Part // of many members
	deep        int
	node        *state.Node // the latest container here that is followed; nil: none
	dropped     bool        // its members are no longer listed
}

// Bounds are what some states have. They must not be changed.
type Bounds struct{ root *Part }

// Root returns what the states are.
func (b *Bounds) Root() *Part { return b.root }

// Member returns what the objects have as a member. It is nil if nothing is known of it.
func (p *Part) Member(key string) *Part {
	m := p.find(key)
	if m == nil && !p.Kinds.Has(Open) {
		return &Part{Kinds: Missing}
	}
	return m
}

func (p *Part) find(key string) *Part {
	if p.index != nil {
		return p.index[key]
	}
	for _, m := range p.members {
		if m.key == key {
			return m
		}
	}
	return nil
}

// indexFrom is the number of members from which they are looked up in a map.
const indexFrom = 10

func (p *Part) addMember(m *Part) {
	p.members = append(p.members, m)
	switch {
	case p.index != nil:
		p.index[m.key] = m
	case len(p.members) == indexFrom:
		p.index = make(map[string]*Part, 2*indexFrom)
		for _, m := range p.members {
			p.index[m.key] = m
		}
	}
}

// number adds a number.
func (p *Part) number(text string) {
	f, exact := toFloat(text)
	if !exact {
		p.Kinds |= Inexact
		return
	}
	switch {
	case !p.Kinds.Has(Numbers):
		p.Low, p.High = f, f
	case f < p.Low:
		p.Low = f
	case f > p.High:
		p.High = f
	}
	if f == math.Trunc(f) {
		p.Kinds |= Whole
	} else {
		p.Kinds |= Fraction
	}
}

// toFloat is [state.FloatExact], faster for short numbers.
func toFloat(text string) (f float64, exact bool) {
	const most = 15 // digits that a double always represents
	if len(text) > most {
		return state.FloatExact(text)
	}
	var n int64
	after := -1 // digits after the point
	for i := range len(text) {
		switch c := text[i]; {
		case c-'0' <= 9:
			n = n*10 + int64(c-'0')
			if after >= 0 {
				after++
			}
		case c == '.':
			after = 0
		case c == '-':
		default:
			return state.FloatExact(text)
		}
	}
	if f = float64(n); after > 0 {
		f /= tenTo[after] // both are exact, so the quotient is the nearest double
	}
	if text[0] == '-' {
		f = -f
	}
	return f, true
}

// tenTo are powers of ten, all exact as doubles.
var tenTo = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// text adds a text.
func (p *Part) text(text string) {
	switch {
	case p.Kinds.Has(AnyText) || slices.Contains(p.Texts, text):
	case len(p.Texts) == mostTexts || len(text) > mostText:
		p.Kinds, p.Texts = p.Kinds&^Text|AnyText, nil
	default:
		p.Kinds |= Text
		p.Texts = append(p.Texts, strings.Clone(text))
	}
}

// array adds an array of n elements.
func (p *Part) array(n int) {
	if !p.Kinds.Has(Array) {
		p.Least, p.Most = n, n
	}
	p.Kinds |= Array
	p.Least, p.Most = min(p.Least, n), max(p.Most, n)
}

// scalar adds a value that is no container.
func (p *Part) scalar(v state.Value) {
	switch v.Kind() {
	case state.Absent:
		p.Kinds |= Missing
	case state.Null:
		p.Kinds |= Null
	case state.Bool:
		if v.Bool() {
			p.Kinds |= True
		} else {
			p.Kinds |= False
		}
	case state.Number:
		p.number(v.Text())
	case state.String:
		p.text(v.Text())
	}
}

// Cover reports whether a state is within the bounds.
func (b *Bounds) Cover(root state.Value) bool { return b.root.covers(root) }

func (p *Part) covers(v state.Value) bool {
	switch v.Kind() {
	case state.Array:
		n := v.Node().Len()
		return p.Kinds.Has(Array) && p.Least <= n && n <= p.Most
	case state.Object:
		return p.Kinds.Has(Object) && p.coverMembers(v.Node())
	case state.String:
		return p.Kinds.Has(AnyText) || slices.Contains(p.Texts, v.Text())
	case state.Number:
		f, exact := toFloat(v.Text())
		if !exact {
			return p.Kinds.Has(Inexact)
		}
		kind := Fraction
		if f == math.Trunc(f) {
			kind = Whole
		}
		return p.Kinds.Has(kind) && p.Low <= f && f <= p.High
	}
	var one Part
	one.scalar(v)
	return p.Kinds.Has(one.Kinds)
}

func (p *Part) coverMembers(n *state.Node) bool {
	for _, m := range p.members {
		if !m.covers(n.Get(m.key)) {
			return false
		}
	}
	within := true
	if !p.Kinds.Has(Open) {
		n.Each(func(key string, _ state.Value) bool {
			within = p.find(key) != nil
			return within
		})
	}
	return within
}
