package quick

import (
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"

	"asof/replay/state"
)

// A match is a function of an element x whose body is x.key === other (or !==), as
// in most calls of find. other does not depend on the element, so it is computed
// once per array.
type match struct {
	key   string
	other expr
	not   bool
}

// matching returns the match of a function with a single plain parameter and an
// expression as its body, or nil.
func (c *compiler) matching(params *ast.ParameterList, body ast.Expression) *match {
	b, ok := body.(*ast.BinaryExpression)
	if !ok || len(params.List) != 1 || b.Operator != token.STRICT_EQUAL && b.Operator != token.STRICT_NOT_EQUAL {
		return nil
	}
	name, ok := params.List[0].Target.(*ast.Identifier)
	if !ok || params.List[0].Initializer != nil {
		return nil
	}
	of, other := b.Left, b.Right
	if steady(of, name) {
		of, other = other, of
	}
	x, ok := of.(*ast.DotExpression)
	if !ok || !steady(other, name) {
		return nil
	}
	id, ok := x.Left.(*ast.Identifier)
	if !ok || id.Name != name.Name {
		return nil
	}
	return &match{key: c.ownKey(x.Identifier.Name.String()), other: c.expr(other), not: b.Operator == token.STRICT_NOT_EQUAL}
}

// steady reports whether an expression is the same for each element: a literal, or
// members of a name other than the element's.
func steady(x ast.Expression, element *ast.Identifier) bool {
	switch x := x.(type) {
	case *ast.NumberLiteral, *ast.StringLiteral, *ast.BooleanLiteral, *ast.NullLiteral:
		return true
	case *ast.Identifier:
		return x.Name != element.Name
	case *ast.DotExpression:
		return steady(x.Left, element)
	}
	return false
}

// A matcher is a match applied to one array.
type matcher struct {
	*match
	with val
}

// on computes the value to compare with. Call it only for an array with elements: the
// language computes nothing for an empty one. It gives up on a number whose spelling
// matters, which would be read again for each element.
func (m *match) on(r *run) matcher {
	with := m.other(r)
	if with.kind == number && len(r.spellings) > 0 {
		panic(giveUp)
	}
	return matcher{m, with}
}

// holds tests an element.
func (m *matcher) holds(r *run, x state.Value, passing bool) bool {
	if n := x.Node(); n != nil && n.Kind() == state.Object && len(r.moved) == 0 && !r.concealing {
		v := n.Get(m.key)
		if m.with.kind == text && v.Kind() == state.String {
			return (v.Text() == m.with.s) != m.not
		}
		return r.same(r.read(v, m.key, passing), m.with) != m.not
	}
	return r.same(r.get(r.read(x, "", passing), m.key), m.with) != m.not
}

// holdsText is holds for a text to compare with, unless an element needs care.
func (m *matcher) holdsText(r *run, x state.Value, at *int) (holds, ok bool) {
	n := x.Node()
	if n == nil || n.Kind() != state.Object {
		return false, false
	}
	v := n.GetNear(m.key, at)
	return (v.Text() == m.with.s) != m.not, v.Kind() == state.String
}

// scan returns the index of the first (or last) element of an array of the tree for
// which the match is want, or -1.
func (m *match) scan(r *run, n *state.Node, want, fromEnd bool) int {
	elems := n.Elems()
	if len(elems) == 0 {
		return -1
	}
	r.spend(len(elems))
	passing := r.passing(n)
	with, at := m.on(r), 0
	plainly := with.with.kind == text && len(r.moved) == 0 && !r.concealing
	for k := range elems {
		i := k
		if fromEnd {
			i = len(elems) - 1 - k
		}
		holds, ok := false, false
		if plainly {
			holds, ok = with.holdsText(r, elems[i], &at)
		}
		if !ok {
			holds = with.holds(r, elems[i], passing)
		}
		if holds == want {
			return i
		}
	}
	return -1
}

// filter returns the matching elements of an array of the tree that is not empty.
func (m *match) filter(r *run, v val) val {
	elems := v.n.Elems()
	passing := r.passing(v.n)
	with := m.on(r)
	var out []val
	for i, x := range elems {
		r.spend(1)
		if with.holds(r, x, passing) {
			if out == nil {
				out = make([]val, 0, min(len(elems)-i, mostRoom))
			}
			out = r.grown(out, r.elem(v, i))
		}
	}
	return ofList(out)
}

// mostRoom is the most elements that a new array has room for before they are known.
const mostRoom = 64
