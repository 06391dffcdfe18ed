package quick

import (
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

// A place is the target of an assignment: a name, or a member given by expressions
// that are evaluated once.
type place struct {
	slot int // of a name
	of   expr
	key  string
	by   expr // of a computed key
}

func (c *compiler) place(x ast.Expression) place {
	switch x := x.(type) {
	case *ast.Identifier:
		l := c.find(x.Name.String())
		if l == nil || l.constant || l.f != nil {
			panic(unknown{})
		}
		return place{slot: l.slot}
	case *ast.DotExpression:
		return place{of: c.expr(x.Left), key: c.ownKey(x.Identifier.Name.String())}
	case *ast.BracketExpression:
		return place{of: c.expr(x.Left), by: c.expr(x.Member)}
	}
	panic(unknown{})
}

// A spot is a place with its expressions evaluated.
type spot struct{ of, key val }

func (p *place) spot(r *run) (s spot) {
	if p.of != nil {
		s.of = p.of(r)
		if p.by != nil {
			s.key = p.by(r)
		}
	}
	return s
}

func (p *place) read(r *run, s spot) val {
	switch {
	case p.of == nil:
		return r.slots[p.slot]
	case p.by != nil:
		return r.getBy(s.of, s.key)
	}
	return r.get(s.of, p.key)
}

func (p *place) write(r *run, s spot, v val) {
	switch {
	case p.of == nil:
		r.slots[p.slot] = v
	case p.by != nil:
		r.setBy(s.of, s.key, v)
	default:
		r.set(r.now(s.of), p.key, false, v)
	}
}

func (c *compiler) update(x *ast.UnaryExpression, by float64) expr {
	p := c.place(x.Operand)
	return func(r *run) val {
		s := p.spot(r)
		old := ofNumber(r.number(p.read(r, s)))
		v := ofNumber(old.f + by)
		p.write(r, s, v)
		if x.Postfix {
			return old
		}
		return v
	}
}

func (c *compiler) delete(x ast.Expression) expr {
	p := c.place(x)
	if p.of == nil {
		panic(unknown{})
	}
	return func(r *run) val {
		s := p.spot(r)
		key := p.key
		if p.by != nil {
			key = r.string(s.key)
		}
		r.delete(s.of, key)
		return valTrue
	}
}

// compound are the operators of compound assignments.
var compound = map[token.Token]bool{
	token.PLUS: true, token.MINUS: true, token.MULTIPLY: true, token.SLASH: true, token.REMAINDER: true,
}

func (c *compiler) assign(x *ast.AssignExpression) expr {
	switch left := x.Left.(type) {
	case *ast.ObjectPattern, *ast.ArrayPattern:
		if x.Operator != token.ASSIGN {
			panic(unknown{})
		}
		value := c.expr(x.Right)
		bind := c.target(left, assigning)
		return func(r *run) val {
			v := value(r)
			bind(r, v)
			return v
		}
	}
	if sum := c.accumulate(x); sum != nil {
		return sum
	}
	p, value := c.place(x.Left), c.expr(x.Right)
	switch x.Operator {
	case token.ASSIGN:
		return func(r *run) val {
			s := p.spot(r)
			v := value(r)
			p.write(r, s, v)
			return v
		}
	case token.LOGICAL_AND, token.LOGICAL_OR, token.COALESCE:
		return c.assignUnless(p, value, x.Operator)
	}
	if !compound[x.Operator] {
		panic(unknown{})
	}
	op := c.watch(x, operations[x.Operator])
	if sums, plain := c.plainly(x, x.Operator); plain && p.of == nil {
		return assignSum(p.slot, value, sums, op)
	}
	return func(r *run) val {
		s := p.spot(r)
		old := p.read(r, s)
		v := op(r, old, value(r))
		p.write(r, s, v)
		return v
	}
}

// assignSum is a compound assignment to a name.
func assignSum(slot int, value expr, sums arithmetic, op operation) expr {
	return func(r *run) val {
		to := &r.slots[slot]
		old := *to
		isNumber, f := to.kind == number, to.f
		v := value(r)
		sum, ok := 0.0, false
		if isNumber && v.kind == number {
			sum, ok = sums.of(f, v.f)
		}
		if ok {
			v = ofNumber(sum)
		} else {
			v = op(r, old, v)
		}
		*to = v
		return v
	}
}

// assignUnless compiles &&=, ||= and ??=.
func (c *compiler) assignUnless(p place, value expr, op token.Token) expr {
	return func(r *run) val {
		s := p.spot(r)
		old := p.read(r, s)
		keep := false
		switch op {
		case token.LOGICAL_AND:
			keep = !old.truthy()
		case token.LOGICAL_OR:
			keep = old.truthy()
		default:
			keep = !old.isNullish()
		}
		if keep {
			return old
		}
		v := value(r)
		p.write(r, s, v)
		return v
	}
}
