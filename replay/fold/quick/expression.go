package quick

import (
	"math"
	"slices"
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"

	"asof/replay/state"
)

// expr compiles an expression.
func (c *compiler) expr(x ast.Expression) expr {
	c.deeper()
	defer func() { c.depth-- }()
	switch x := x.(type) {
	case *ast.NumberLiteral, *ast.StringLiteral, *ast.BooleanLiteral, *ast.NullLiteral:
		v, _ := literal(x)
		return func(*run) val { return v }
	case *ast.Identifier:
		return c.identifier(x.Name.String())
	case *ast.DotExpression:
		return c.dot(x)
	case *ast.BracketExpression:
		return c.bracket(x)
	case *ast.OptionalChain:
		chain := c.expr(x.Expression)
		return func(r *run) val {
			v := chain(r)
			if v.kind == cut {
				return val{}
			}
			return v
		}
	case *ast.Optional:
		of := c.expr(x.Expression)
		return func(r *run) val {
			v := of(r)
			if v.isNullish() {
				return val{kind: cut}
			}
			return v
		}
	case *ast.CallExpression:
		return c.call(x)
	case *ast.NewExpression:
		if name, ok := c.isGlobal(x.Callee); ok && name == "Decimal" {
			return c.callNative(functions[name], x.ArgumentList)
		}
	case *ast.ConditionalExpression:
		test, yes, no := c.expr(x.Test), c.expr(x.Consequent), c.expr(x.Alternate)
		return func(r *run) val {
			if test(r).truthy() {
				return yes(r)
			}
			return no(r)
		}
	case *ast.BinaryExpression:
		return c.binary(x)
	case *ast.UnaryExpression:
		return c.unary(x)
	case *ast.AssignExpression:
		return c.assign(x)
	case *ast.ObjectLiteral:
		return c.object(x)
	case *ast.ArrayLiteral:
		parts := c.list(x.Value)
		return func(r *run) val {
			r.spend(20)
			base := len(r.stack)
			parts(r)
			v := ofList(slices.Clone(r.stack[base:]))
			r.stack = r.stack[:base]
			return v
		}
	case *ast.TemplateLiteral:
		return c.template(x)
	case *ast.SequenceExpression:
		return c.sequence(x)
	}
	panic(unknown{})
}

// literal is the value of a literal.
func literal(x ast.Expression) (v val, ok bool) {
	switch x := x.(type) {
	case *ast.NumberLiteral:
		switch n := x.Value.(type) {
		case int64:
			if n <= 1<<53 && n >= -1<<53 {
				return val{kind: number, f: float64(n), s: state.FormatFloat(float64(n))}, true
			}
		case float64:
			if !math.IsInf(n, 0) {
				return val{kind: number, f: n, s: state.FormatFloat(n)}, true
			}
		}
		panic(unknown{})
	case *ast.StringLiteral:
		return ofText(x.Value.String()), true
	case *ast.BooleanLiteral:
		return ofBool(x.Value), true
	case *ast.NullLiteral:
		return valNull, true
	}
	return val{}, false
}

// identifier compiles the use of a name.
func (c *compiler) identifier(name string) expr {
	if l := c.find(name); l != nil {
		if l.f != nil {
			panic(unknown{}) // a function is only called
		}
		slot := l.slot
		return func(r *run) val { return r.slots[slot] }
	}
	if x, ok := c.script.shared[name]; ok {
		v := c.constant(name, x)
		return func(*run) val { return v }
	}
	switch name {
	case "undefined":
		return func(*run) val { return val{} }
	case "NaN":
		return func(*run) val { return ofNumber(math.NaN()) }
	case "Infinity":
		return func(*run) val { return ofNumber(math.Inf(1)) }
	}
	panic(unknown{})
}

// constant is the value of a name of the top level.
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

// table makes a tree of a constant array or object. Nothing writes to it, and what
// is put into the state is a copy.
func table(x ast.Expression) *state.Node {
	var r run // that writes scalars
	part := func(x ast.Expression) state.Value {
		v, ok := scalar(x)
		if !ok {
			panic(unknown{})
		}
		return r.write(v)
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

// isGlobal reports whether an expression is a name of the language's own.
func (c *compiler) isGlobal(x ast.Expression) (string, bool) {
	id, ok := x.(*ast.Identifier)
	if !ok {
		return "", false
	}
	name := id.Name.String()
	for s := c.scope; s != nil; s = s.up {
		if s.names[name] != nil {
			return "", false
		}
	}
	_, shared := c.script.shared[name]
	return name, !shared
}

func (c *compiler) dot(x *ast.DotExpression) expr {
	key := c.ownKey(x.Identifier.Name.String())
	if id, ok := x.Left.(*ast.Identifier); ok {
		if l := c.find(id.Name.String()); l != nil && l.f == nil {
			slot := l.slot
			return func(r *run) val { return r.get(r.slots[slot], key) }
		}
	}
	of := c.expr(x.Left)
	return func(r *run) val { return r.get(of(r), key) }
}

func (c *compiler) bracket(x *ast.BracketExpression) expr {
	if name, ok := c.isGlobal(x.Left); ok && name == "arguments" {
		return c.argument(x.Member)
	}
	of := c.expr(x.Left)
	if s, ok := x.Member.(*ast.StringLiteral); ok {
		key := c.ownKey(s.Value.String())
		return func(r *run) val {
			v := of(r)
			if v.kind != container && v.kind != event {
				panic(giveUp)
			}
			return r.get(v, key)
		}
	}
	by := c.expr(x.Member)
	return func(r *run) val {
		v := of(r)
		if v.kind == cut {
			return v
		}
		return r.getBy(v, by(r))
	}
}

// argument is what the handler was called with, whatever its names are now.
func (c *compiler) argument(member ast.Expression) expr {
	v, ok := literal(member)
	i, isIndex := index(v)
	if !ok || !isIndex || i > 1 || !c.script.strict {
		panic(unknown{})
	}
	return func(r *run) val { return r.args[i] }
}

func (c *compiler) sequence(x *ast.SequenceExpression) expr {
	var all []expr
	for _, one := range x.Sequence {
		all = append(all, c.expr(one))
	}
	return func(r *run) val {
		var v val
		for _, one := range all {
			v = one(r)
		}
		return v
	}
}

func (c *compiler) template(x *ast.TemplateLiteral) expr {
	if x.Tag != nil {
		panic(unknown{})
	}
	var texts []string
	for _, e := range x.Elements {
		if !e.Valid {
			panic(unknown{})
		}
		texts = append(texts, e.Parsed.String())
	}
	var parts []expr
	for _, e := range x.Expressions {
		parts = append(parts, c.expr(e))
	}
	return func(r *run) val {
		var b strings.Builder
		b.WriteString(texts[0])
		for i, p := range parts {
			v := p(r)
			if v.kind == dec {
				b.WriteString(v.d.JSON())
			} else {
				b.WriteString(r.string(v))
			}
			b.WriteString(texts[i+1])
		}
		return r.made(b.String())
	}
}

// list compiles elements or arguments, which may be spread. They are pushed onto
// the stack.
func (c *compiler) list(xs []ast.Expression) func(r *run) {
	type part struct {
		x      expr
		spread bool
	}
	var parts []part
	for _, x := range xs {
		switch x := x.(type) {
		case nil:
			panic(unknown{}) // a hole
		case *ast.SpreadElement:
			parts = append(parts, part{c.expr(x.Expression), true})
		default:
			parts = append(parts, part{c.expr(x), false})
		}
	}
	return func(r *run) {
		for i := range parts {
			v := parts[i].x(r)
			if parts[i].spread {
				r.stack = r.spread(r.stack, v, true)
			} else {
				r.stack = append(r.stack, v)
			}
		}
	}
}

// object compiles an object literal.
func (c *compiler) object(x *ast.ObjectLiteral) expr {
	type part struct {
		key    string
		by     expr // of a computed key
		value  expr
		spread bool
	}
	var parts []part
	for _, p := range x.Value {
		switch p := p.(type) {
		case *ast.PropertyShort:
			if p.Initializer != nil {
				panic(unknown{})
			}
			parts = append(parts, part{key: p.Name.Name.String(), value: c.identifier(p.Name.Name.String())})
		case *ast.PropertyKeyed:
			if p.Kind != ast.PropertyKindValue {
				panic(unknown{})
			}
			one := part{}
			if p.Computed {
				one.by = c.expr(p.Key)
			} else {
				one.key = objectKey(p.Key)
			}
			one.value = c.expr(p.Value)
			parts = append(parts, one)
		case *ast.SpreadElement:
			parts = append(parts, part{value: c.expr(p.Expression), spread: true})
		default:
			panic(unknown{})
		}
	}
	return func(r *run) val {
		n := r.newObject()
		indexes := false
		for i := range parts {
			p := &parts[i]
			if p.spread {
				indexes = r.assignAll(n, p.value(r)) || indexes
				continue
			}
			key, passing := p.key, false
			if p.by != nil {
				k := p.by(r)
				key, passing = r.string(k), k.passing
			}
			indexes = r.add(n, key, passing, p.value(r)) || indexes
		}
		if indexes {
			r.sort(n)
		}
		return ofNode(n)
	}
}

// objectKey is a key as it is written in an object literal.
func objectKey(x ast.Expression) string {
	if n, ok := x.(*ast.NumberLiteral); ok {
		v, _ := literal(n)
		return v.s
	}
	return literalKey(x)
}

// add adds to an object that is being made, and reports whether the key is an
// array index.
func (r *run) add(n *state.Node, key string, passing bool, v val) (index bool) {
	if key == "__proto__" {
		panic(giveUp)
	}
	r.spend(4)
	key = r.keep(key, passing)
	n.Set(key, r.write(v))
	r.put(n, key, v)
	return IsIndex(key)
}

// assignAll adds all that another object has.
func (r *run) assignAll(n *state.Node, v val) (indexes bool) {
	v = r.now(v)
	if v.isNullish() {
		return false
	}
	if v.kind != container || v.n.Kind() != state.Object {
		panic(giveUp)
	}
	passing := r.passing(v.n)
	v.n.Each(func(key string, x state.Value) bool {
		r.reveal(v.n, x)
		indexes = r.add(n, key, passing, r.read(x, passing)) || indexes
		return true
	})
	return indexes
}

// sort puts the keys of an object that was made in the language's order.
func (r *run) sort(n *state.Node) {
	keys := Keys(n)
	vals := make([]state.Value, len(keys))
	for i, key := range keys {
		vals[i] = n.Get(key)
		n.Delete(key)
	}
	for i, key := range keys {
		n.Set(key, vals[i])
	}
}
