package quick

import (
	"math"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"

	"asof/replay/state"
)

// constant returns the value of a top-level name.
func (c *compiler) constant(name string, x ast.Expression) val {
	if x == nil {
		return val{}
	}
	if v, ok := scalar(x); ok {
		return v
	}
	n := c.script.tables[name]
	if n == nil {
		n = table(x)
		c.script.tables[name] = n
	}
	return ofNode(n)
}

func scalar(x ast.Expression) (val, bool) {
	if u, ok := x.(*ast.UnaryExpression); ok && u.Operator == token.MINUS {
		v, ok := literal(u.Operand)
		if !ok || v.kind != number {
			panic(unknown{})
		}
		return ofNumber(-v.f), true
	}
	return literal(x)
}

// table converts a constant array or object to a tree. The tree is read-only; what a
// script puts in the state is a copy.
func table(x ast.Expression) *state.Node {
	var r run // to write scalars
	part := func(x ast.Expression) state.Value {
		v, ok := scalar(x)
		if !ok {
			panic(unknown{})
		}
		if v.kind == number && v.f == 0 && math.Signbit(v.f) {
			panic(unknown{}) // it has no place in a tree
		}
		return r.write(v, "")
	}
	switch x := x.(type) {
	case *ast.ArrayLiteral:
		n := state.NewArray()
		for _, e := range x.Value {
			if e == nil {
				panic(unknown{})
			}
			n.Append(part(e))
		}
		return n
	case *ast.ObjectLiteral:
		n := state.NewObject()
		for _, p := range x.Value {
			k, ok := p.(*ast.PropertyKeyed)
			if !ok || k.Computed || k.Kind != ast.PropertyKindValue {
				panic(unknown{})
			}
			key := literalKey(k.Key)
			if key == "__proto__" {
				panic(unknown{})
			}
			n.Set(key, part(k.Value))
		}
		return n
	}
	panic(unknown{})
}
