package js

import (
	"math"
	"math/big"
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
	"github.com/dop251/goja/unistring"

	"asof/replay/bounds"
	"asof/replay/fold/js/quick"
)

// Always reports what the expression gives for each state within some bounds, whatever the
// event. sure is false unless it gives the same for all of them, throws nothing, warns of
// nothing, and finds nothing that it has looked for in vain.
//
// It knows members of the state, constants, comparisons, sums of whole numbers, products, and
// the logical operators. Of anything else it is not sure.
func (p *Predicate) Always(b *bounds.Bounds) (holds, sure bool) {
	x := p.expression()
	if b == nil || x == nil || p.mentions != nil && !p.mentions.knows(b) {
		return false, false
	}
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(unsure); !ok {
				panic(r)
			}
			holds, sure = false, false
		}
	}()
	g := (&guesser{b}).value(x)
	holds = g.kinds == bounds.True
	return holds, !g.nan && (holds || g.kinds == bounds.False)
}

// expression returns what the function of the predicate returns, or nil if it is unknown.
func (p *Predicate) expression() ast.Expression {
	if p.src.tree == nil || len(p.src.tree.Body) != 1 {
		return nil
	}
	st, ok := p.src.tree.Body[0].(*ast.ExpressionStatement)
	if !ok {
		return nil
	}
	f, ok := st.Expression.(*ast.FunctionLiteral)
	if !ok || len(f.Body.List) != 1 {
		return nil
	}
	if r, ok := f.Body.List[0].(*ast.ReturnStatement); ok {
		return r.Argument
	}
	return nil
}

// unsure is the panic value for an expression that may throw, or that is not known.
type unsure struct{}

// A guesser guesses the values of expressions from the bounds of the state.
type guesser struct{ b *bounds.Bounds }

func (s *guesser) value(x ast.Expression) guess {
	switch x := x.(type) {
	case *ast.NumberLiteral:
		return ofLiteral(x)
	case *ast.StringLiteral:
		return ofString(x.Value)
	case *ast.BooleanLiteral:
		return ofTruth(x.Value, !x.Value)
	case *ast.NullLiteral:
		return ofKind(bounds.Null)
	case *ast.Identifier:
		return s.identifier(x.Name.String())
	case *ast.DotExpression:
		return s.value(x.Left).member(x.Identifier.Name.String())
	case *ast.BracketExpression:
		if key, ok := x.Member.(*ast.StringLiteral); ok {
			return s.value(x.Left).member(key.Value.String())
		}
	case *ast.OptionalChain:
		g := s.value(x.Expression)
		if g.cut {
			g.kinds, g.cut = g.kinds|bounds.Missing, false
		}
		return g
	case *ast.Optional:
		g := s.value(x.Expression)
		g.cut = g.cut || g.kinds.Has(nullish)
		g.kinds &^= nullish
		return g
	case *ast.ConditionalExpression:
		return s.conditional(x)
	case *ast.BinaryExpression:
		return s.binary(x)
	case *ast.UnaryExpression:
		return s.unary(x)
	}
	panic(unsure{})
}

func ofLiteral(x *ast.NumberLiteral) guess {
	switch n := x.Value.(type) {
	case int64:
		if n <= 1<<53 && n >= -1<<53 {
			return ofFloat(float64(n))
		}
	case float64:
		if !math.IsInf(n, 0) {
			return ofFloat(n)
		}
	case *big.Int:
	}
	panic(unsure{})
}

// ofString returns a text of the script. Half of a surrogate pair is not known as it is.
func ofString(text unistring.String) guess {
	if s := text.String(); !strings.Contains(s, replacement) {
		return ofTexts(s)
	}
	return ofKind(bounds.AnyText)
}

func (s *guesser) identifier(name string) guess {
	switch name {
	case "state", "s":
		g := ofPart(s.b.Root())
		if g.kinds.Has(bounds.Missing) {
			g.kinds = g.kinds&^bounds.Missing | bounds.Null
		}
		return g
	case "undefined":
		return ofKind(bounds.Missing)
	case "NaN":
		return ofFloat(math.NaN())
	case "Infinity":
		return ofFloat(math.Inf(1))
	}
	panic(unsure{})
}

// mostLength is more than the length of any text.
const mostLength = 1 << 31

// member returns a member by a name.
func (g guess) member(key string) guess {
	if quick.Inherited(key) || strings.Contains(key, replacement) || g.nan {
		panic(unsure{})
	}
	out := guess{cut: g.cut}
	if g.kinds.Has(bounds.Object) {
		if g.part == nil {
			out = out.or(ofPart(nil))
		} else {
			out = out.or(ofPart(g.part.Member(key)))
		}
	}
	if rest := g.kinds &^ bounds.Object; rest != 0 {
		if key != "length" || rest&^(bounds.Array|anyText) != 0 {
			panic(unsure{})
		}
		if rest.Has(anyText) || g.part == nil {
			return out.or(ofInterval(0, mostLength, bounds.Whole))
		}
		out = out.or(ofInterval(float64(g.part.Least), float64(g.part.Most), bounds.Whole))
	}
	return out
}

func (s *guesser) conditional(x *ast.ConditionalExpression) guess {
	test := s.value(x.Test)
	mayHold, mayFail := test.truth()
	var out guess
	if mayHold {
		out = s.value(x.Consequent)
	}
	if mayFail {
		out = out.or(s.value(x.Alternate))
	}
	return out
}

func (s *guesser) binary(x *ast.BinaryExpression) guess {
	a := s.value(x.Left)
	var kept guess // of a, without a look at b
	switch x.Operator {
	case token.LOGICAL_AND:
		kept = a.falsy()
		a = a.truthy()
	case token.LOGICAL_OR:
		kept = a.truthy()
		a = a.falsy()
	case token.COALESCE:
		kept = a.only(^nullish)
		a = a.only(nullish)
	default:
		return operate(x.Operator, a, s.value(x.Right))
	}
	if a.empty() {
		return kept
	}
	return kept.or(s.value(x.Right))
}

// operate applies an operator that takes the values of both operands.
func operate(op token.Token, a, b guess) guess {
	switch op {
	case token.STRICT_EQUAL:
		return same(a, b)
	case token.STRICT_NOT_EQUAL:
		return not(same(a, b))
	case token.EQUAL, token.NOT_EQUAL:
		g, ok := loose(a, b)
		switch {
		case !ok:
			panic(unsure{})
		case op == token.NOT_EQUAL:
			return not(g)
		}
		return g
	}
	if (a.kinds | b.kinds).Has(odd) {
		panic(unsure{})
	}
	if (a.kinds | b.kinds).Has(anyText) {
		switch op {
		case token.LESS, token.LESS_OR_EQUAL, token.GREATER, token.GREATER_OR_EQUAL:
			return ofTruth(true, true)
		}
		panic(unsure{})
	}
	a, b = a.number(), b.number()
	switch op {
	case token.LESS:
		return less(a, b)
	case token.LESS_OR_EQUAL:
		return lessOrEqual(a, b)
	case token.GREATER:
		return less(b, a)
	case token.GREATER_OR_EQUAL:
		return lessOrEqual(b, a)
	}
	return calculate(op, a, b)
}

func not(g guess) guess {
	mayHold, mayFail := g.truth()
	return ofTruth(mayFail, mayHold)
}

// calculate applies an operator of arithmetic. Rounding keeps the order of numbers, so that the
// results at the ends of intervals are the ends of the result. A sum of fractions may be warned
// of.
func calculate(op token.Token, a, b guess) guess {
	if a.nan || b.nan || math.IsInf(a.low-a.high, 0) || math.IsInf(b.low-b.high, 0) {
		panic(unsure{})
	}
	kinds := a.kinds | b.kinds
	var ends [4]float64
	switch op {
	case token.PLUS, token.MINUS:
		if kinds.Has(bounds.Fraction) {
			panic(unsure{})
		}
		if op == token.MINUS {
			b.low, b.high = -b.high, -b.low
		}
		ends = [...]float64{a.low + b.low, a.high + b.high, a.low + b.low, a.high + b.high}
	case token.MULTIPLY:
		ends = [...]float64{a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high}
		if kinds.Has(bounds.Fraction) {
			kinds = bounds.Numbers
		}
	case token.SLASH:
		if b.low <= 0 && b.high >= 0 {
			panic(unsure{})
		}
		ends = [...]float64{a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high}
		kinds = bounds.Numbers
	default:
		panic(unsure{})
	}
	out := ofInterval(ends[0], ends[0], kinds)
	for _, f := range ends {
		if math.IsInf(f, 0) || math.IsNaN(f) {
			panic(unsure{})
		}
		out.low, out.high = min(out.low, f), max(out.high, f)
	}
	return out
}

// The results of typeof.
var typeNames = []struct {
	kinds bounds.Kinds
	name  string
}{
	{bounds.Missing, "undefined"},
	{bounds.Null | odd, "object"},
	{booleans, "boolean"},
	{bounds.Numbers, "number"},
	{anyText, "string"},
}

func (s *guesser) unary(x *ast.UnaryExpression) guess {
	switch x.Operator {
	case token.NOT, token.MINUS, token.PLUS, token.TYPEOF, token.VOID:
	default:
		panic(unsure{})
	}
	g := s.value(x.Operand)
	switch x.Operator {
	case token.NOT:
		return not(g)
	case token.TYPEOF:
		var names []string
		for _, t := range typeNames {
			if g.kinds.Has(t.kinds) || g.nan && t.kinds == bounds.Numbers {
				names = append(names, t.name)
			}
		}
		return ofTexts(names...)
	case token.VOID:
		return ofKind(bounds.Missing)
	}
	if g.kinds.Has(odd | anyText) {
		panic(unsure{})
	}
	if g = g.number(); x.Operator == token.MINUS {
		g.low, g.high = -g.high, -g.low
	}
	return g
}
