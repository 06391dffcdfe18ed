package quick

import (
	"github.com/dop251/goja/ast"

	"asof/replay/decimal"
)

// A decimalExpr computes an expression that can only be a Decimal, such as
// Decimal(x).times(y). Its intermediate results are never values of the script.
type decimalExpr func(r *run) decimal.Decimal

// A decimalOp is a method of Decimals with one argument and a Decimal as its result.
type decimalOp func(d, o decimal.Decimal) (decimal.Decimal, error)

var decimalOps = map[string]decimalOp{
	"plus": decimal.Decimal.Plus, "add": decimal.Decimal.Plus,
	"minus": decimal.Decimal.Minus, "sub": decimal.Decimal.Minus,
	"times": decimal.Decimal.Times, "mul": decimal.Decimal.Times,
}

// isSingle reports whether there is a single argument that is not spread.
func isSingle(args []ast.Expression) bool {
	if len(args) != 1 {
		return false
	}
	_, spread := args[0].(*ast.SpreadElement)
	return !spread
}

// decimal compiles a call that can only be a Decimal. It returns nil for any other
// expression, of which it has compiled nothing.
func (c *compiler) decimal(x ast.Expression) decimalExpr {
	call, ok := x.(*ast.CallExpression)
	if !ok || !isSingle(call.ArgumentList) {
		return nil
	}
	c.deeper()
	defer func() { c.depth-- }()
	switch callee := call.Callee.(type) {
	case *ast.Identifier:
		if name, ok := c.isGlobal(callee); ok && name == "Decimal" {
			return c.operand(call.ArgumentList[0])
		}
	case *ast.DotExpression:
		op := decimalOps[callee.Identifier.Name.String()]
		if op == nil {
			return nil
		}
		of := c.decimal(callee.Left)
		if of == nil {
			return nil
		}
		by := c.operand(call.ArgumentList[0])
		return func(r *run) decimal.Decimal {
			d := of(r)
			o := by(r)
			r.spend(calculating)
			return mustDecimal(op(d, o))
		}
	}
	return nil
}

// operand compiles an argument that is converted to a Decimal.
func (c *compiler) operand(x ast.Expression) decimalExpr {
	if d := c.decimal(x); d != nil {
		return d
	}
	of := c.expr(x)
	return func(r *run) decimal.Decimal { return r.decimal(of(r)) }
}

// callDecimal compiles a call of a method that only numbers and Decimals have.
func (c *compiler) callDecimal(of expr, op decimalOp, arg ast.Expression) expr {
	by := c.operand(arg)
	return func(r *run) val {
		v := of(r)
		if v.kind == cut {
			return v
		}
		o := by(r)
		r.spend(calculating)
		switch v.kind {
		case dec:
			return r.calculated(op(*v.d, o))
		case number:
			return r.calculated(op(r.decimal(v), o))
		}
		panic(giveUp)
	}
}
