package quick

import (
	"math"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"

	"asof/replay/state"
)

type operation func(r *run, a, b val) val

// operations are the operators that compute both sides first.
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
		return r.made(r.string(a) + r.string(b))
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
	case token.STRICT_EQUAL: // the one in nearly every test of a find
		return func(r *run) val {
			v, w := a(r), b(r)
			return ofBool(r.same(v, w))
		}
	}
	op := operations[x.Operator]
	if op == nil {
		panic(unknown{})
	}
	return func(r *run) val {
		v := a(r)
		return op(r, v, b(r))
	}
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

// A place is what can be assigned to: a name, or a member of what two expressions
// give, which are computed once.
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

// A spot is a place of which the expressions have been computed.
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

// compound are the operators of assignments that compute.
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
	op := operations[x.Operator]
	return func(r *run) val {
		s := p.spot(r)
		old := p.read(r, s)
		v := op(r, old, value(r))
		p.write(r, s, v)
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

// call compiles a call.
func (c *compiler) call(x *ast.CallExpression) expr {
	switch callee := x.Callee.(type) {
	case *ast.Identifier:
		if f := c.called(callee); f != nil {
			return c.callFunction(f, x.ArgumentList)
		}
		if name, ok := c.isGlobal(callee); ok && functions[name] != nil {
			return c.callNative(functions[name], x.ArgumentList)
		}
	case *ast.DotExpression:
		name := callee.Identifier.Name.String()
		if of, ok := c.isGlobal(callee.Left); ok {
			if of == "Object" && name == "assign" && len(x.ArgumentList) > 0 {
				return c.objectAssign(x.ArgumentList)
			}
			if f := functions[of+"."+name]; f != nil {
				return c.callNative(f, x.ArgumentList)
			}
			panic(unknown{})
		}
		return c.callMethod(c.expr(callee.Left), name, x.ArgumentList)
	}
	panic(unknown{})
}

// called returns the function that a name stands for, or nil.
func (c *compiler) called(id *ast.Identifier) *function {
	name := id.Name.String()
	if l := c.find(name); l != nil {
		if l.f == nil {
			panic(unknown{})
		}
		return l.f
	}
	x, ok := c.script.shared[name]
	if !ok {
		return nil
	}
	f, ok := c.script.made[name]
	if ok {
		if f == nil {
			panic(unknown{}) // it calls itself
		}
		return f
	}
	c.script.made[name] = nil
	outer := c.scope
	c.scope = nil
	f = c.function(x)
	c.scope = outer
	c.script.made[name] = f
	return f
}

func (c *compiler) callFunction(f *function, args []ast.Expression) expr {
	all := c.list(args)
	return func(r *run) val {
		r.spend(1)
		base := len(r.stack)
		all(r)
		v := f.call(r, r.stack[base:]...)
		r.stack = r.stack[:base]
		return v
	}
}

func (c *compiler) callNative(f method, args []ast.Expression) expr {
	all := c.list(args)
	return func(r *run) val {
		base := len(r.stack)
		all(r)
		v := f(r, val{}, r.stack[base:])
		r.stack = r.stack[:base]
		return v
	}
}

// objectAssign compiles Object.assign, on an object that is new or the state's.
func (c *compiler) objectAssign(args []ast.Expression) expr {
	all := c.list(args)
	return func(r *run) val {
		base := len(r.stack)
		all(r)
		vs := r.stack[base:]
		r.stack = r.stack[:base]
		v := r.now(vs[0])
		if v.kind != container || v.n.Kind() != state.Object {
			panic(giveUp)
		}
		n := r.owned(v.n)
		for _, from := range vs[1:] {
			if r.now(from).n != n && r.assignAll(n, from) {
				panic(giveUp) // keys that an object may have to sort
			}
		}
		return ofNode(n)
	}
}

// callMethod compiles a call of a method of whatever the receiver is.
func (c *compiler) callMethod(of expr, name string, args []ast.Expression) expr {
	if visit := visitors[name]; visit != nil {
		if len(args) != 1 {
			panic(unknown{})
		}
		f := c.callback(args[0])
		return func(r *run) val {
			v := r.now(of(r))
			if v.kind == cut {
				return v
			}
			return visit(r, v, f)
		}
	}
	if name == "reduce" {
		if len(args) != 2 {
			panic(unknown{})
		}
		f, first := c.callback(args[0]), c.expr(args[1])
		return func(r *run) val {
			v := r.now(of(r))
			if v.kind == cut {
				return v
			}
			return r.reduce(v, f, first(r))
		}
	}
	m := methods{
		array: arrayMethods[name], edit: arrayEdits[name], text: textMethods[name], number: numberMethods[name],
		dec: decimalMethods[name], hasOwn: name == "hasOwnProperty",
	}
	if m.array == nil && m.edit == nil && m.text == nil && m.number == nil && m.dec == nil && !m.hasOwn {
		panic(unknown{})
	}
	all := c.list(args)
	return func(r *run) val {
		v := of(r)
		if v.kind == cut {
			return v
		}
		base := len(r.stack)
		all(r)
		v = m.call(r, v, r.stack[base:])
		r.stack = r.stack[:base]
		return v
	}
}

// callback compiles a function that a method of arrays calls.
func (c *compiler) callback(x ast.Expression) *function {
	if id, ok := x.(*ast.Identifier); ok {
		if f := c.called(id); f != nil {
			return f
		}
		name, ok := c.isGlobal(id)
		if !ok || name != "Boolean" && name != "String" && name != "Number" {
			panic(unknown{})
		}
		slot, native := c.slot(), functions[name]
		return &function{
			params: []binder{func(r *run, v val) { r.slots[slot] = v }}, slots: []int{slot},
			body: func(r *run) val {
				return native(r, val{}, r.slots[slot:slot+1])
			},
		}
	}
	return c.function(x)
}

// methods are those of one name.
type methods struct {
	array, edit, text, number, dec method
	hasOwn                         bool
}

func (m *methods) call(r *run, v val, args []val) val {
	v = r.now(v)
	switch {
	case v.kind == list || v.kind == container && v.n.Kind() == state.Array:
		if m.array != nil {
			return m.array(r, v, args)
		}
		if m.edit != nil {
			return m.edit(r, v, args)
		}
	case v.kind == text && m.text != nil && isASCII(v.s):
		return m.text(r, v, args)
	case v.kind == dec && m.dec != nil:
		return m.dec(r, v, args)
	case v.kind == number && m.number != nil:
		return m.number(r, v, args)
	case v.kind == container && m.hasOwn && v.n.Get("hasOwnProperty").IsAbsent():
		return r.hasOwn(v, arg(args, 0))
	}
	panic(giveUp)
}
