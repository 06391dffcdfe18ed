package quick

import (
	"github.com/dop251/goja/ast"

	"asof/replay/state"
)

// Whether a pattern declares its names.
const (
	declaring = true  // its names are usable from here on
	assigning = false // its names were declared before
)

// declareTarget declares the names of a pattern.
func (c *compiler) declareTarget(t ast.Expression, constant bool) {
	switch t := t.(type) {
	case *ast.Identifier:
		c.declare(t.Name.String(), false, constant)
	case *ast.ObjectPattern:
		for _, p := range t.Properties {
			switch p := p.(type) {
			case *ast.PropertyShort:
				c.declare(p.Name.Name.String(), false, constant)
			case *ast.PropertyKeyed:
				c.declareTarget(withoutDefault(p.Value), constant)
			default:
				panic(unknown{})
			}
		}
		if t.Rest != nil {
			c.declareTarget(t.Rest, constant)
		}
	case *ast.ArrayPattern:
		for _, x := range t.Elements {
			if x != nil {
				c.declareTarget(withoutDefault(x), constant)
			}
		}
		if t.Rest != nil {
			c.declareTarget(t.Rest, constant)
		}
	default:
		panic(unknown{})
	}
}

func withoutDefault(x ast.Expression) ast.Expression {
	if a, ok := x.(*ast.AssignExpression); ok {
		return a.Left
	}
	return x
}

// pattern compiles the assignment of a value to a pattern. missing is the default
// that replaces undefined, or nil.
func (c *compiler) pattern(t, missing ast.Expression, declares bool) binder {
	if a, ok := t.(*ast.AssignExpression); ok && missing == nil {
		t, missing = a.Left, a.Right
	}
	var instead expr
	if missing != nil {
		instead = c.expr(missing)
	}
	bind := c.target(t, declares)
	if instead == nil {
		return bind
	}
	return func(r *run, v val) {
		if v.kind == undefined {
			v = instead(r)
		}
		bind(r, v)
	}
}

func (c *compiler) target(t ast.Expression, declares bool) binder {
	switch t := t.(type) {
	case *ast.Identifier:
		return c.name(t.Name.String(), declares)
	case *ast.ObjectPattern:
		return c.objectPattern(t, declares)
	case *ast.ArrayPattern:
		return c.arrayPattern(t, declares)
	}
	panic(unknown{})
}

// name compiles the assignment to a name.
func (c *compiler) name(name string, declares bool) binder {
	var l *local
	if declares {
		l = c.scope.names[name]
		l.live = true
	} else if l = c.find(name); l == nil || l.constant || l.f != nil {
		panic(unknown{})
	}
	slot := l.slot
	return func(r *run, v val) { r.slots[slot] = v }
}

// objectPattern compiles a pattern of members of an object or fields of the event.
func (c *compiler) objectPattern(t *ast.ObjectPattern, declares bool) binder {
	type part struct {
		key  string
		bind binder
	}
	var parts []part
	for _, p := range t.Properties {
		switch p := p.(type) {
		case *ast.PropertyShort:
			name := p.Name.Name.String()
			parts = append(parts, part{c.ownKey(name), c.pattern(&p.Name, p.Initializer, declares)})
		case *ast.PropertyKeyed:
			if p.Computed {
				panic(unknown{})
			}
			parts = append(parts, part{c.ownKey(literalKey(p.Key)), c.pattern(p.Value, nil, declares)})
		default:
			panic(unknown{})
		}
	}
	var rest binder
	if t.Rest != nil {
		rest = c.target(t.Rest, declares)
	}
	return func(r *run, v val) {
		for i := range parts {
			parts[i].bind(r, r.get(v, parts[i].key))
		}
		if len(parts) == 0 && v.isNullish() {
			panic(giveUp)
		}
		if rest != nil {
			rest(r, r.without(v, func(key string) bool {
				for i := range parts {
					if parts[i].key == key {
						return true
					}
				}
				return false
			}))
		}
	}
}

// without returns a new object with the members that are not left out.
func (r *run) without(v val, leftOut func(key string) bool) val {
	v = r.now(v)
	if v.kind != container || v.n.Kind() != state.Object {
		panic(giveUp)
	}
	n := r.newObject()
	for _, key := range Keys(v.n) {
		if !leftOut(key) {
			r.add(n, key, r.passing(v.n), r.member(v.n, key))
		}
	}
	return ofNode(n)
}

// ownKey rejects keys that an object may have inherited.
func (c *compiler) ownKey(key string) string {
	if inherited[key] {
		panic(unknown{})
	}
	return key
}

// literalKey returns a literal key of a pattern or an object.
func literalKey(x ast.Expression) string {
	switch k := x.(type) {
	case *ast.StringLiteral:
		return plain(k.Value)
	case *ast.Identifier:
		return k.Name.String()
	}
	panic(unknown{})
}

func (c *compiler) arrayPattern(t *ast.ArrayPattern, declares bool) binder {
	binds := make([]binder, len(t.Elements))
	for i, x := range t.Elements {
		if x != nil {
			binds[i] = c.pattern(x, nil, declares)
		}
	}
	var rest binder
	if t.Rest != nil {
		rest = c.target(t.Rest, declares)
	}
	return func(r *run, v val) {
		v = r.now(v)
		r.length(v) // it has to be an array
		for i, bind := range binds {
			x := r.elem(r.now(v), i) // always read, for its spelling
			if bind != nil {
				bind(r, x)
			}
		}
		if rest != nil {
			var out []val
			for i := len(binds); i < r.length(v); i++ {
				out = r.grown(out, r.elem(r.now(v), i))
			}
			rest(r, ofList(out))
		}
	}
}
