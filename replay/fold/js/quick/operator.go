package quick

import (
	"math"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

type operation func(r *run, a, b val) val

// operations are the operators that evaluate both operands.
var operations = map[token.Token]operation{
	token.PLUS:             add,
	token.MINUS:            func(r *run, a, b val) val { return ofNumber(r.number(a) - r.number(b)) },
	token.MULTIPLY:         func(r *run, a, b val) val { return ofNumber(r.number(a) * r.number(b)) },
	token.SLASH:            func(r *run, a, b val) val { return ofNumber(r.number(a) / r.number(b)) },
	token.REMAINDER:        func(r *run, a, b val) val { return ofNumber(math.Mod(r.number(a), r.number(b))) },
	token.STRICT_EQUAL:     func(r *run, a, b val) val { return ofBool(r.same(a, b)) },
	token.STRICT_NOT_EQUAL: func(r *run, a, b val) val { return ofBool(!r.same(a, b)) },
	token.EQUAL:            func(r *run, a, b val) val { return ofBool(r.loose(a, b)) },
	token.NOT_EQUAL:        func(r *run, a, b val) val { return ofBool(!r.loose(a, b)) },
	token.LESS: func(r *run, a, b val) val {
		less, known := r.less(a, b)
		return ofBool(less && known)
	},
	token.GREATER: func(r *run, a, b val) val {
		less, known := r.less(b, a)
		return ofBool(less && known)
	},
	token.LESS_OR_EQUAL: func(r *run, a, b val) val {
		more, known := r.less(b, a)
		return ofBool(!more && known)
	},
	token.GREATER_OR_EQUAL: func(r *run, a, b val) val {
		less, known := r.less(a, b)
		return ofBool(!less && known)
	},
	token.IN: func(r *run, a, b val) val { return r.has(b, a) },
}

func add(r *run, a, b val) val {
	if a.kind == number && b.kind == number {
		return ofNumber(a.f + b.f)
	}
	if a.kind == text || b.kind == text {
		return r.made(r.string(a)+r.string(b), a, b)
	}
	return ofNumber(r.number(a) + r.number(b))
}

func (c *compiler) binary(x *ast.BinaryExpression) expr {
	a, b := c.expr(x.Left), c.expr(x.Right)
	switch x.Operator {
	case token.LOGICAL_AND:
		return func(r *run) val {
			if v := a(r); !v.truthy() {
				return v
			}
			return b(r)
		}
	case token.LOGICAL_OR:
		return func(r *run) val {
			if v := a(r); v.truthy() {
				return v
			}
			return b(r)
		}
	case token.COALESCE:
		return func(r *run) val {
			if v := a(r); !v.isNullish() {
				return v
			}
			return b(r)
		}
	case token.STRICT_EQUAL: // common in the callbacks of find
		return func(r *run) val {
			v, w := a(r), b(r)
			return ofBool(r.same(v, w))
		}
	}
	op := operations[x.Operator]
	if op == nil {
		panic(unknown{})
	}
	op = c.watch(x, op)
	sums, plain := c.plainly(x, x.Operator)
	if !plain {
		return func(r *run) val {
			v := a(r)
			return op(r, v, b(r))
		}
	}
	return func(r *run) val {
		v := a(r)
		w := b(r)
		if v.kind == number && w.kind == number {
			if f, ok := sums.of(v.f, w.f); ok {
				return ofNumber(f)
			}
		}
		return op(r, v, w)
	}
}

// An arithmetic is +, -, * or / on two numbers.
type arithmetic struct {
	op      token.Token
	watched bool  // see [Sums]
	said    *bool // if it is watched
}

// plainly returns the arithmetic of an operator at a place in the script; ok is false for other
// operators.
func (c *compiler) plainly(place ast.Expression, op token.Token) (m arithmetic, ok bool) {
	switch op {
	case token.PLUS, token.MINUS, token.MULTIPLY, token.SLASH:
	default:
		return m, false
	}
	m.op = op
	if i, watched := c.script.sums.At[place]; watched {
		m.watched, m.said = true, &c.script.sums.Said[i]
	}
	return m, true
}

// of returns the result. ok is false if it may be in doubt.
func (m *arithmetic) of(a, b float64) (f float64, ok bool) {
	switch m.op {
	case token.PLUS:
		f = a + b
	case token.MINUS:
		f = a - b
	case token.MULTIPLY:
		return a * b, true
	default:
		return a / b, true
	}
	return f, !m.watched || *m.said || f == math.Trunc(f)
}

func (c *compiler) unary(x *ast.UnaryExpression) expr {
	switch x.Operator {
	case token.INCREMENT:
		return c.update(x, 1)
	case token.DECREMENT:
		return c.update(x, -1)
	case token.DELETE:
		return c.delete(x.Operand)
	}
	of := c.expr(x.Operand)
	switch x.Operator {
	case token.NOT:
		return func(r *run) val { return ofBool(!of(r).truthy()) }
	case token.MINUS:
		return func(r *run) val { return ofNumber(-r.number(of(r))) }
	case token.PLUS:
		return func(r *run) val { return ofNumber(r.number(of(r))) }
	case token.VOID:
		return func(r *run) val { of(r); return val{} }
	case token.TYPEOF:
		return func(r *run) val { return ofText(typeNames[of(r).kind]) }
	}
	panic(unknown{})
}

var typeNames = [...]string{
	undefined: "undefined", null: "object", boolean: "boolean", number: "number", text: "string",
	container: "object", list: "object", dec: "object", event: "object",
}
