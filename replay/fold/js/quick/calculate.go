package quick

import (
	"math"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"

	"asof/replay/decimal"
	"asof/replay/state"
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
	if d := c.decimalMember(x); d != nil {
		return d
	}
	of := c.expr(x)
	return func(r *run) decimal.Decimal { return r.decimal(of(r)) }
}

// decimalMember compiles the member of a name, such as item.price, or returns nil.
func (c *compiler) decimalMember(x ast.Expression) decimalExpr {
	dot, ok := x.(*ast.DotExpression)
	if !ok {
		return nil
	}
	id, ok := dot.Left.(*ast.Identifier)
	if !ok {
		return nil
	}
	l := c.find(id.Name.String())
	if l == nil || l.f != nil {
		return nil
	}
	slot, key, at := l.slot, c.ownKey(dot.Identifier.Name.String()), 0
	return func(r *run) decimal.Decimal {
		v := &r.slots[slot]
		if v.kind == container {
			if d, ok := r.memberDecimal(r.current(v.n), key, &at); ok {
				return d
			}
		}
		return r.decimal(r.get(*v, key))
	}
}

// memberDecimal is [run.decimal] of [run.member] for a number that needs no care. If ok is
// false, it has done nothing.
func (r *run) memberDecimal(n *state.Node, key string, at *int) (d decimal.Decimal, ok bool) {
	if r.concealing || n.Kind() != state.Object {
		return d, false
	}
	v := n.GetNear(key, at)
	if v.Kind() != state.Number {
		return d, false
	}
	num := v.Text()
	p, ok := parsePlain(num)
	if !ok || p.digits == 0 && num[0] == '-' {
		return d, false
	}
	r.spend(len(num) / 8)
	switch {
	case !p.plain:
		if !r.spelledAs(p.float(), key, num, n) {
			return d, false
		}
	case p.places > 0 || len(r.spellings) > 0:
		f := p.float()
		if p.places > 0 {
			r.notePlain(f, key)
		}
		if text := r.firstSpelled(f); text != "" { // the same number, with another text
			return mustDecimal(decimal.Parse(text)), true
		}
	}
	return decimal.Small(p.signed(), p.places), true
}

// spelledAs does what [run.readNumber] does with the spelling of a number that is not plain,
// unless the number was read with another one.
func (r *run) spelledAs(f float64, key, num string, n *state.Node) bool {
	bits := math.Float64bits(f)
	for i := range r.spellings {
		if s := &r.spellings[i]; s.bits == bits {
			return s.text == num && s.key == SpelledAs(key)
		}
	}
	if len(r.spellings) == maxSpellings || r.respells(f, bits, SpelledAs(key)) {
		return false
	}
	r.spellings = append(r.spellings, spelling{bits, SpelledAs(key), r.keep(num, r.passing(n))})
	return true
}

// accumulate compiles sum = sum.plus(x) of a name, or returns nil for any other assignment.
func (c *compiler) accumulate(x *ast.AssignExpression) expr {
	left, ok := x.Left.(*ast.Identifier)
	call, called := x.Right.(*ast.CallExpression)
	if !ok || !called || x.Operator != token.ASSIGN || !isSingle(call.ArgumentList) {
		return nil
	}
	dot, ok := call.Callee.(*ast.DotExpression)
	if !ok || decimalOps[dot.Identifier.Name.String()] == nil {
		return nil
	}
	if of, ok := dot.Left.(*ast.Identifier); !ok || of.Name != left.Name {
		return nil
	}
	slot := c.place(left).slot
	op, by := decimalOps[dot.Identifier.Name.String()], c.operand(call.ArgumentList[0])
	return func(r *run) val {
		sum := &r.slots[slot]
		if sum.kind != dec {
			old := *sum
			o := by(r)
			r.spend(calculating)
			v := r.applied(old, op, o)
			*sum = v
			return v
		}
		old := *sum.d
		o := by(r)
		r.spend(calculating)
		v := r.calculated(op(old, o))
		*sum = v
		return v
	}
}

// applied calls a method that only numbers and Decimals have.
func (r *run) applied(v val, op decimalOp, o decimal.Decimal) val {
	switch v.kind {
	case dec:
		return r.calculated(op(*v.d, o))
	case number:
		return r.calculated(op(r.decimal(v), o))
	}
	panic(giveUp)
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
		return r.applied(v, op, o)
	}
}
