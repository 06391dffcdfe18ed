package js

import (
	"math"
	"slices"

	"asof/replay/bounds"
)

// A guess is what an expression may give, if all that is known of a state is its bounds. It
// may allow more values than the expression gives, never fewer.
type guess struct {
	kinds     bounds.Kinds
	nan       bool
	low, high float64      // of the numbers, perhaps infinite
	texts     []string     // if kinds has bounds.Text
	part      *bounds.Part // of the containers; nil: nothing is known of what they hold
	cut       bool         // an optional chain may have ended
}

const (
	nullish    = bounds.Missing | bounds.Null
	booleans   = bounds.True | bounds.False
	anyText    = bounds.Text | bounds.AnyText
	containers = bounds.Array | bounds.Object
	odd        = containers | bounds.Inexact // what a script converts by calling its methods
)

// ofPart returns what is read of a part of the state; nil: nothing is known of it.
func ofPart(p *bounds.Part) guess {
	if p == nil {
		return guess{
			kinds: nullish | booleans | bounds.Numbers | bounds.AnyText | odd,
			low:   -math.MaxFloat64, high: math.MaxFloat64,
		}
	}
	g := guess{kinds: p.Kinds &^ bounds.Open, low: p.Low, high: p.High, texts: p.Texts}
	if g.kinds.Has(containers) {
		g.part = p
	}
	return g
}

func ofKind(k bounds.Kinds) guess { return guess{kinds: k} }

func ofInterval(low, high float64, kinds bounds.Kinds) guess {
	return guess{kinds: kinds, low: low, high: high}
}

// ofFloat returns a constant.
func ofFloat(f float64) guess {
	switch {
	case math.IsNaN(f):
		return guess{nan: true}
	case f == math.Trunc(f):
		return ofInterval(f, f, bounds.Whole)
	}
	return ofInterval(f, f, bounds.Fraction)
}

func ofTexts(all ...string) guess { return guess{kinds: bounds.Text, texts: all} }

// ofTruth returns a boolean.
func ofTruth(mayHold, mayFail bool) (g guess) {
	if mayHold {
		g.kinds |= bounds.True
	}
	if mayFail {
		g.kinds |= bounds.False
	}
	return g
}

// empty reports whether there is no value at all.
func (g *guess) empty() bool { return g.kinds == 0 && !g.nan && !g.cut }

// or returns what either may be.
func (g guess) or(o guess) guess {
	switch {
	case g.empty():
		return o
	case o.empty():
		return g
	}
	out := guess{kinds: g.kinds | o.kinds, nan: g.nan || o.nan, cut: g.cut || o.cut}
	switch {
	case !g.kinds.Has(bounds.Numbers):
		out.low, out.high = o.low, o.high
	case !o.kinds.Has(bounds.Numbers):
		out.low, out.high = g.low, g.high
	default:
		out.low, out.high = min(g.low, o.low), max(g.high, o.high)
	}
	if out.kinds.Has(bounds.AnyText) {
		out.kinds &^= bounds.Text
	} else {
		out.texts = append(slices.Clone(g.texts), o.texts...)
	}
	switch {
	case !g.kinds.Has(containers):
		out.part = o.part
	case !o.kinds.Has(containers) || g.part == o.part:
		out.part = g.part
	}
	return out
}

// truth returns whether the value may be taken for true, and for false.
func (g *guess) truth() (mayHold, mayFail bool) {
	yes, no := g.truthy(), g.falsy()
	return !yes.empty(), !no.empty()
}

// truthy returns the values that are taken for true.
func (g *guess) truthy() guess {
	out := *g
	out.nan = false
	out.kinds &^= nullish | bounds.False
	if out.low == 0 && out.high == 0 {
		out.kinds &^= bounds.Numbers
	}
	if slices.Contains(g.texts, "") {
		if out.texts = slices.DeleteFunc(slices.Clone(g.texts), func(s string) bool { return s == "" }); len(out.texts) == 0 {
			out.kinds &^= bounds.Text
		}
	}
	return out
}

// falsy returns the values that are taken for false.
func (g *guess) falsy() guess {
	out := guess{kinds: g.kinds & (nullish | bounds.False), nan: g.nan, cut: g.cut}
	if g.kinds.Has(bounds.Numbers) && g.low <= 0 && g.high >= 0 {
		out.kinds |= bounds.Whole // 0 is its low and its high
	}
	if g.kinds.Has(bounds.AnyText) || slices.Contains(g.texts, "") {
		out.kinds, out.texts = out.kinds|bounds.Text, []string{""}
	}
	return out
}

// only returns the values of some kinds.
func (g *guess) only(some bounds.Kinds) guess {
	out := *g
	out.kinds &= some
	out.nan = g.nan && some.Has(bounds.Numbers)
	if !some.Has(bounds.Text) {
		out.texts = nil
	}
	return out
}

// number returns the value as an operand of arithmetic: null is 0, and what is missing is NaN.
// It must be neither a text nor odd.
func (g *guess) number() guess {
	out := g.only(bounds.Numbers)
	for _, c := range [...]struct {
		kinds bounds.Kinds
		f     float64
	}{{bounds.Null | bounds.False, 0}, {bounds.True, 1}, {bounds.Missing, math.NaN()}} {
		if g.kinds.Has(c.kinds) {
			out = out.or(ofFloat(c.f))
		}
	}
	out.part, out.texts = nil, nil
	return out
}

// less is the operator <, and lessOrEqual is <=, for neither texts nor odd values.
func less(a, b guess) guess {
	mayHold, mayFail := false, a.nan || b.nan
	if a.kinds.Has(bounds.Numbers) && b.kinds.Has(bounds.Numbers) {
		mayHold, mayFail = a.low < b.high, mayFail || a.high >= b.low
	}
	return ofTruth(mayHold, mayFail)
}

func lessOrEqual(a, b guess) guess {
	mayHold, mayFail := false, a.nan || b.nan
	if a.kinds.Has(bounds.Numbers) && b.kinds.Has(bounds.Numbers) {
		mayHold, mayFail = a.low <= b.high, mayFail || a.high > b.low
	}
	return ofTruth(mayHold, mayFail)
}

// isOne reports whether there is only one value, which equals itself.
func (g *guess) isOne() bool {
	switch {
	case g.nan:
		return false
	case g.kinds&^bounds.Numbers == 0:
		return g.low == g.high
	case g.kinds == bounds.Text:
		return len(g.texts) == 1
	}
	return g.kinds == bounds.Missing || g.kinds == bounds.Null || g.kinds == bounds.True || g.kinds == bounds.False
}

// same is the operator ===.
func same(a, b guess) guess {
	common := a.kinds & b.kinds
	mayHold := common.Has(nullish | booleans | odd)
	if a.kinds.Has(bounds.Numbers) && b.kinds.Has(bounds.Numbers) {
		mayHold = mayHold || a.low <= b.high && b.low <= a.high
	}
	if a.kinds.Has(anyText) && b.kinds.Has(anyText) {
		mayHold = mayHold || (a.kinds | b.kinds).Has(bounds.AnyText) ||
			slices.ContainsFunc(a.texts, func(s string) bool { return slices.Contains(b.texts, s) })
	}
	return ofTruth(mayHold, !mayHold || !a.isOne() || !b.isOne())
}

// loose is the operator ==, for what it does not convert by calling methods; ok is false for
// anything else.
func loose(a, b guess) (g guess, ok bool) {
	noneA, noneB := a.kinds.Has(nullish), b.kinds.Has(nullish)
	g = ofTruth(noneA && noneB, false)
	a, b = a.only(^nullish), b.only(^nullish)
	if noneA && !b.empty() || noneB && !a.empty() {
		g.kinds |= bounds.False
	}
	if a.empty() || b.empty() {
		return g, true
	}
	if a.kinds.Has(odd) || b.kinds.Has(odd) {
		return g, false
	}
	textA, textB := a.kinds.Has(anyText), b.kinds.Has(anyText)
	switch {
	case !textA && !textB:
		return g.or(same(a.number(), b.number())), true
	case a.kinds&^anyText == 0 && b.kinds&^anyText == 0 && !a.nan && !b.nan:
		return g.or(same(a, b)), true
	}
	return ofTruth(true, true), true
}
