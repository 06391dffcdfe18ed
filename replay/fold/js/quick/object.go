package quick

import (
	"github.com/dop251/goja/ast"

	"asof/replay/state"
)

// list compiles elements or arguments, which may be spread. The result pushes them
// onto the stack.
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

// objectKey returns a literal key of an object literal.
func objectKey(x ast.Expression) string {
	if n, ok := x.(*ast.NumberLiteral); ok {
		v, _ := literal(n)
		return v.s
	}
	return literalKey(x)
}

// add adds a member to a new object and reports whether the key is an array index.
func (r *run) add(n *state.Node, key string, passing bool, v val) (index bool) {
	if key == "__proto__" {
		panic(giveUp)
	}
	r.spend(4)
	key = r.keep(key, passing)
	n.Set(key, r.write(v, key))
	r.put(n, key, v)
	return IsIndex(key)
}

// assignAll adds all members of another object.
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
		indexes = r.add(n, key, passing, r.read(x, key, passing)) || indexes
		return true
	})
	return indexes
}

// sort puts the keys of a new object in the language's order.
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
