package quick

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/unistring"

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
		return c.conditional(x)
	case *ast.BinaryExpression:
		return c.binary(x)
	case *ast.UnaryExpression:
		return c.unary(x)
	case *ast.AssignExpression:
		return c.assign(x)
	case *ast.ObjectLiteral:
		return c.object(x)
	case *ast.ArrayLiteral:
		return c.array(x)
	case *ast.TemplateLiteral:
		return c.template(x)
	case *ast.SequenceExpression:
		return c.sequence(x)
	}
	panic(unknown{})
}

func (c *compiler) conditional(x *ast.ConditionalExpression) expr {
	test, yes, no := c.expr(x.Test), c.expr(x.Consequent), c.expr(x.Alternate)
	return func(r *run) val {
		if test(r).truthy() {
			return yes(r)
		}
		return no(r)
	}
}

func (c *compiler) array(x *ast.ArrayLiteral) expr {
	parts := c.list(x.Value)
	return func(r *run) val {
		r.spend(20)
		base := len(r.stack)
		parts(r)
		v := ofList(slices.Clone(r.stack[base:]))
		r.stack = r.stack[:base]
		return v
	}
}

// literal returns the value of a literal.
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
		return ofText(plain(x.Value)), true
	case *ast.BooleanLiteral:
		return ofBool(x.Value), true
	case *ast.NullLiteral:
		return valNull, true
	}
	return val{}, false
}

// plain returns a string of the script. A lone surrogate, such as '\ud83d', is
// outside the subset.
func plain(s unistring.String) string {
	text := s.String()
	if strings.ContainsRune(text, utf8.RuneError) {
		panic(unknown{})
	}
	return text
}

// identifier compiles the use of a name.
func (c *compiler) identifier(name string) expr {
	if l := c.find(name); l != nil {
		if l.f != nil {
			panic(unknown{}) // a function used as a value
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

// isGlobal returns the name of an expression that is a global of the language.
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
			slot, at := l.slot, 0
			return func(r *run) val {
				v := &r.slots[slot]
				if v.kind == container {
					if n := r.current(v.n); n.Kind() == state.Object {
						return r.memberNear(n, key, &at)
					}
				}
				return r.get(*v, key)
			}
		}
	}
	of := c.expr(x.Left)
	if slot, ok := c.payloadOf(x.Left); ok {
		at := 0
		return func(r *run) val {
			if r.slots[slot].kind != event {
				return r.get(of(r), key)
			}
			if v := r.payload(); v.kind == container {
				if n := r.current(v.n); n.Kind() == state.Object {
					return r.memberNear(n, key, &at)
				}
			}
			return r.get(*r.payload(), key)
		}
	}
	return func(r *run) val { return r.get(of(r), key) }
}

// payloadOf returns the slot of e in e.data, the expression that handlers use most.
func (c *compiler) payloadOf(x ast.Expression) (slot int, ok bool) {
	d, ok := x.(*ast.DotExpression)
	if !ok || d.Identifier.Name != "data" && d.Identifier.Name != "body" {
		return 0, false
	}
	id, ok := d.Left.(*ast.Identifier)
	if !ok {
		return 0, false
	}
	l := c.find(id.Name.String())
	if l == nil || l.f != nil {
		return 0, false
	}
	return l.slot, true
}

func (c *compiler) bracket(x *ast.BracketExpression) expr {
	if name, ok := c.isGlobal(x.Left); ok && name == "arguments" {
		return c.argument(x.Member)
	}
	of := c.expr(x.Left)
	if s, ok := x.Member.(*ast.StringLiteral); ok {
		key := c.ownKey(plain(s.Value))
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

// argument compiles arguments[i] of the handler, the value it was called with. In a
// nested function it is outside the subset.
func (c *compiler) argument(member ast.Expression) expr {
	v, ok := literal(member)
	i, isIndex := index(v)
	if !ok || !isIndex || i > 1 || !c.script.strict || !c.outermost {
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
		texts = append(texts, plain(e.Parsed))
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
				b.WriteString(r.digits(v.d))
			} else {
				s := r.string(v)
				r.spend(len(s) / 8)
				b.WriteString(s)
			}
			b.WriteString(texts[i+1])
		}
		return ofText(state.JoinHalves(b.String()))
	}
}
