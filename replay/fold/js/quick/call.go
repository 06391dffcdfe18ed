package quick

import (
	"github.com/dop251/goja/ast"

	"asof/replay/state"
)

// call compiles a call.
func (c *compiler) call(x *ast.CallExpression) expr {
	switch callee := x.Callee.(type) {
	case *ast.Identifier:
		if f := c.called(callee); f != nil {
			return c.callFunction(f, x.ArgumentList)
		}
		if d := c.decimal(x); d != nil {
			return func(r *run) val { return r.calculated(d(r), nil) }
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
		if d := c.decimal(x); d != nil {
			return func(r *run) val { return r.calculated(d(r), nil) }
		}
		if op := decimalOps[name]; op != nil && isSingle(x.ArgumentList) {
			return c.callDecimal(c.expr(callee.Left), op, x.ArgumentList[0])
		}
		return c.callMethod(c.expr(callee.Left), name, x.ArgumentList)
	}
	panic(unknown{})
}

// called returns the function of a name, or nil.
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
			panic(unknown{}) // it is recursive
		}
		return f
	}
	c.script.made[name] = nil
	f = c.alone(func() *function { return c.function(x) })
	c.script.made[name] = f
	return f
}

// alone compiles a function that sees only its own names and those at the top level.
func (c *compiler) alone(compile func() *function) *function {
	scope, outermost := c.scope, c.outermost
	c.scope, c.outermost = nil, false
	defer func() { c.scope, c.outermost = scope, outermost }()
	return compile()
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

// objectAssign compiles Object.assign to a new object or one of the state.
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
				panic(giveUp) // array indexes, which the engine sorts in a new object
			}
		}
		return ofNode(n)
	}
}

// callMethod compiles a method call, for any kind of receiver.
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
	if name == "sort" && len(args) == 1 {
		// The callback must not see the array half sorted.
		f := c.alone(func() *function { return c.callback(args[0]) })
		return func(r *run) val {
			v := r.now(of(r))
			if v.kind == cut {
				return v
			}
			return r.sortBy(v, f)
		}
	}
	m := methods{
		array: arrayMethods[name], edit: arrayEdits[name], text: textMethods[name], wide: wideMethods[name], number: numberMethods[name],
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

// callback compiles a function that an array method calls.
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

// methods are the methods of one name, by kind of receiver.
type methods struct {
	array, edit, text, wide, number, dec method
	hasOwn                               bool
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
	case v.kind == text && m.text != nil && r.ascii(v.s):
		return m.text(r, v, args)
	case v.kind == text && m.wide != nil:
		return m.wide(r, v, args)
	case v.kind == dec && m.dec != nil:
		return m.dec(r, v, args)
	case v.kind == number && m.number != nil:
		return m.number(r, v, args)
	case v.kind == number && m.dec != nil:
		return m.dec(r, r.calculated(r.decimal(v), nil), args)
	case v.kind == container && m.hasOwn && v.n.Get("hasOwnProperty").IsAbsent():
		return r.hasOwn(v, arg(args, 0))
	}
	panic(giveUp)
}
