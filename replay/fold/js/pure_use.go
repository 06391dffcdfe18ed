package js

import (
	"reflect"
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

// check checks each use of a name and each assignment. inside is set for code in
// functions, which runs repeatedly.
func (p *purity) check(v reflect.Value, parent any, inside bool) {
	eachNode(v, func(n any) {
		within := inside
		switch n := n.(type) {
		case *ast.Identifier:
			p.use(n, parent, inside)
			return
		case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral:
			within = true
		case *ast.PropertyShort:
			p.use(&n.Name, n, inside)
		case *ast.AssignExpression:
			p.target(n.Left)
		case *ast.UnaryExpression:
			if n.Operator == token.INCREMENT || n.Operator == token.DECREMENT || n.Operator == token.DELETE {
				p.target(n.Operand)
			}
		case *ast.ForIntoExpression:
			p.target(n.Expression)
		case *ast.DotExpression:
			p.ok = p.ok && !reflecting.has(n.Identifier.Name.String())
			p.member(n, parent, inside)
		case *ast.BracketExpression:
			if s, ok := n.Member.(*ast.StringLiteral); ok {
				p.ok = p.ok && !reflecting.has(s.Value.String())
			}
			p.member(n, parent, inside)
		case *ast.CallExpression:
			p.call(n)
		case *ast.ThisExpression, *ast.SuperExpression, *ast.ClassLiteral, *ast.WithStatement, *ast.MetaProperty,
			*ast.AwaitExpression, *ast.YieldExpression:
			p.ok = false
		}
		p.check(reflect.ValueOf(n).Elem(), n, within)
	})
}

// use checks a read of a name.
func (p *purity) use(id *ast.Identifier, parent any, inside bool) {
	name := id.Name.String()
	if b, ok := parent.(*ast.Binding); ok && b.Target == ast.BindingTarget(id) {
		return // its declaration
	}
	kind := p.shared[name]
	switch {
	case p.picked[name]:
		p.ok = p.ok && (onlyCalled(id, parent) || onlyTested(id, parent))
	case kind == sharedFunction, p.functions[name]:
		p.ok = p.ok && (!inside || onlyCalled(id, parent))
	case kind == sharedValue, p.local[name]:
	case kind == sharedTable:
		p.ok = p.ok && readsTable(id, parent)
	case kind == sharedHandlers:
		p.ok = p.ok && readsTable(id, parent) && looksUp(id, parent)
	case bareValues.has(name):
	case builtins.has(name):
		p.ok = p.ok && (beforeDot(id, parent) || bare.has(name) && onlyCalled(id, parent))
	default:
		p.ok = false
	}
}

// member checks a read of a member that may be a shared function: from a table with
// functions, or one of the language's own.
func (p *purity) member(x ast.Expression, parent any, inside bool) {
	if !inside || onlyCalled(x, parent) || onlyTested(x, parent) {
		return
	}
	if b, ok := parent.(*ast.Binding); ok && p.picks(x) {
		_, named := b.Target.(*ast.Identifier)
		p.ok = p.ok && named
		return
	}
	p.ok = p.ok && !p.picks(x) && !isOwn(x)
}

// picks reports whether an expression is a member of a table with functions.
func (p *purity) picks(x ast.Expression) bool {
	left, _ := memberOf(x)
	id, ok := left.(*ast.Identifier)
	return ok && p.shared[id.Name.String()] == sharedHandlers
}

// isOwn reports whether an expression is a method of the language, such as [].map or
// Math.max, and not a constant such as Math.PI.
func isOwn(x ast.Expression) bool {
	left, name := memberOf(x)
	switch l := left.(type) {
	case *ast.ArrayLiteral, *ast.ObjectLiteral, *ast.StringLiteral, *ast.TemplateLiteral, *ast.NumberLiteral:
		return name != "length"
	case *ast.Identifier:
		return builtins.has(l.Name.String()) && !bareValues.has(l.Name.String()) && l.Name != "arguments" && name != strings.ToUpper(name)
	}
	return false
}

// memberOf returns the object expression of a member, and the member's name unless
// it is computed.
func memberOf(x ast.Expression) (left ast.Expression, name string) {
	switch x := x.(type) {
	case *ast.DotExpression:
		return x.Left, x.Identifier.Name.String()
	case *ast.BracketExpression:
		return x.Left, ""
	}
	return nil, ""
}

// onlyCalled reports whether the parent of an expression calls it or passes it to a
// method of the language that does.
func onlyCalled(x ast.Expression, parent any) bool {
	switch y := parent.(type) {
	case *ast.CallExpression:
		if y.Callee == x {
			return true
		}
		f, ok := y.Callee.(*ast.DotExpression)
		return ok && calling.has(f.Identifier.Name.String())
	case *ast.NewExpression:
		return y.Callee == x
	}
	return false
}

// onlyTested reports whether the parent of an expression only tests whether it
// exists.
func onlyTested(x ast.Expression, parent any) bool {
	switch y := parent.(type) {
	case *ast.IfStatement:
		return y.Test == x
	case *ast.ConditionalExpression:
		return y.Test == x
	case *ast.UnaryExpression:
		return y.Operator == token.NOT || y.Operator == token.TYPEOF
	case *ast.BinaryExpression:
		return y.Comparison || y.Operator == token.LOGICAL_AND && y.Left == x
	}
	return false
}

// looksUp reports whether the parent of a table's name reads one member or the keys.
func looksUp(id *ast.Identifier, parent any) bool {
	switch x := parent.(type) {
	case *ast.DotExpression, *ast.BracketExpression, *ast.BinaryExpression:
		return true
	case *ast.CallExpression:
		f, ok := x.Callee.(*ast.DotExpression)
		return ok && f.Identifier.Name == "keys"
	}
	return false
}

// readsTable reports whether the parent of a table's name only reads from it.
func readsTable(id *ast.Identifier, parent any) bool {
	switch x := parent.(type) {
	case *ast.DotExpression:
		return true // call checks methods
	case *ast.BracketExpression:
		return x.Left == ast.Expression(id)
	case *ast.SpreadElement, *ast.ForOfStatement, *ast.ForInStatement:
		return true
	case *ast.BinaryExpression:
		return x.Operator == token.IN && x.Right == ast.Expression(id)
	case *ast.CallExpression:
		f, ok := x.Callee.(*ast.DotExpression)
		return ok && callee(f.Left) == "Object" && words("keys values entries").has(f.Identifier.Name.String())
	}
	return false
}

// beforeDot reports whether a name is called or followed by a dot.
func beforeDot(id *ast.Identifier, parent any) bool {
	switch x := parent.(type) {
	case *ast.DotExpression:
		return true
	case *ast.BracketExpression:
		return x.Left == ast.Expression(id)
	case *ast.CallExpression:
		return x.Callee == ast.Expression(id)
	case *ast.NewExpression:
		return x.Callee == ast.Expression(id)
	case *ast.BinaryExpression:
		return x.Operator == token.INSTANCEOF
	}
	return false
}

// call checks a method call that may change its receiver or arguments.
func (p *purity) call(c *ast.CallExpression) {
	f, ok := c.Callee.(*ast.DotExpression)
	if !ok {
		if b, ok := c.Callee.(*ast.BracketExpression); ok && !p.local[rootName(b)] {
			p.ok = false // the method's name is computed
		}
		return
	}
	name := f.Identifier.Name.String()
	if id, ok := f.Left.(*ast.Identifier); ok {
		switch p.shared[id.Name.String()] {
		case sharedTable:
			p.ok = p.ok && (reading.has(name) || visiting.has(name) && visitsOnly(c.ArgumentList))
		case sharedHandlers:
			p.ok = p.ok && asking.has(name)
		}
		if id.Name == "Object" && words("getPrototypeOf setPrototypeOf").has(name) {
			p.ok = false
		}
		if id.Name == "Object" && !words("keys values entries fromEntries is hasOwn groupBy").has(name) {
			if len(c.ArgumentList) > 0 {
				_, fresh := c.ArgumentList[0].(*ast.ObjectLiteral)
				p.ok = p.ok && (fresh || p.local[rootName(c.ArgumentList[0])])
			}
		}
	}
	if words("call apply bind").has(name) {
		p.ok = false
	}
}

// visitsOnly reports whether the argument of a visiting method is a function of the
// element and its index, but not the table.
func visitsOnly(args []ast.Expression) bool {
	if len(args) != 1 {
		return false
	}
	f, ok := args[0].(*ast.ArrowFunctionLiteral)
	return ok && len(f.ParameterList.List) <= 2 && f.ParameterList.Rest == nil
}

// target checks the target of an assignment, which must start with a local name.
func (p *purity) target(x any) {
	switch t := x.(type) {
	case *ast.ArrayPattern, *ast.ObjectPattern:
		p.pattern(t)
	case ast.Expression:
		p.ok = p.ok && p.local[rootName(t)]
	default:
		p.ok = false
	}
}

// pattern checks a destructuring assignment, in which all names must be local.
func (p *purity) pattern(t any) {
	eachNode(reflect.ValueOf(t).Elem(), func(n any) {
		switch n := n.(type) {
		case *ast.Identifier:
			p.ok = p.ok && p.local[n.Name.String()]
			return
		case *ast.PropertyShort:
			p.ok = p.ok && p.local[n.Name.Name.String()]
		}
		p.pattern(n)
	})
}
