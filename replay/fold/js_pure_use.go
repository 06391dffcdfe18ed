package fold

import (
	"reflect"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

// check looks at each use of a name and each assignment.
func (p *purity) check(v reflect.Value, parent any) {
	eachNode(v, func(n any) {
		switch n := n.(type) {
		case *ast.Identifier:
			p.use(n, parent)
			return
		case *ast.PropertyShort:
			p.use(&n.Name, n)
		case *ast.AssignExpression:
			p.target(n.Left)
		case *ast.UnaryExpression:
			if n.Operator == token.INCREMENT || n.Operator == token.DECREMENT || n.Operator == token.DELETE {
				p.target(n.Operand)
			}
		case *ast.ForIntoExpression:
			p.target(n.Expression)
		case *ast.DotExpression:
			p.ok = p.ok && !reflecting[n.Identifier.Name.String()]
		case *ast.BracketExpression:
			if s, ok := n.Member.(*ast.StringLiteral); ok {
				p.ok = p.ok && !reflecting[s.Value.String()]
			}
		case *ast.CallExpression:
			p.call(n)
		case *ast.ThisExpression, *ast.SuperExpression, *ast.ClassLiteral, *ast.WithStatement, *ast.MetaProperty,
			*ast.AwaitExpression, *ast.YieldExpression:
			p.ok = false
		}
		p.check(reflect.ValueOf(n).Elem(), n)
	})
}

// use checks a name where it is read.
func (p *purity) use(id *ast.Identifier, parent any) {
	name := id.Name.String()
	if b, ok := parent.(*ast.Binding); ok && b.Target == ast.BindingTarget(id) {
		return // its declaration
	}
	switch {
	case p.local[name], p.functions[name], p.shared[name] == sharedFunction, p.shared[name] == sharedValue:
	case p.shared[name] == sharedTable:
		p.ok = p.ok && readsTable(id, parent)
	case builtins[name]:
		p.ok = p.ok && (bare[name] || beforeDot(id, parent))
	default:
		p.ok = false
	}
}

// readsTable reports whether the parent of a table's name only looks into it.
func readsTable(id *ast.Identifier, parent any) bool {
	switch x := parent.(type) {
	case *ast.DotExpression:
		return true // a method is looked at in call
	case *ast.BracketExpression:
		return x.Left == ast.Expression(id)
	case *ast.SpreadElement, *ast.ForOfStatement, *ast.ForInStatement:
		return true
	case *ast.BinaryExpression:
		return x.Operator == token.IN && x.Right == ast.Expression(id)
	case *ast.CallExpression:
		f, ok := x.Callee.(*ast.DotExpression)
		return ok && callee(f.Left) == "Object" && setOf("keys values entries")[f.Identifier.Name.String()]
	}
	return false
}

// beforeDot reports whether a name is called, or stands before a dot.
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

// call checks a method that may change what it is called on or with.
func (p *purity) call(c *ast.CallExpression) {
	f, ok := c.Callee.(*ast.DotExpression)
	if !ok {
		if b, ok := c.Callee.(*ast.BracketExpression); ok && !p.local[rootName(b)] {
			p.ok = false // a method by a name that is computed
		}
		return
	}
	name := f.Identifier.Name.String()
	if id, ok := f.Left.(*ast.Identifier); ok {
		if p.shared[id.Name.String()] == sharedTable {
			p.ok = p.ok && (reading[name] || visiting[name] && visitsOnly(c.ArgumentList))
		}
		if id.Name == "Object" && !setOf("keys values entries fromEntries is hasOwn groupBy")[name] {
			if len(c.ArgumentList) > 0 {
				_, fresh := c.ArgumentList[0].(*ast.ObjectLiteral)
				p.ok = p.ok && (fresh || p.local[rootName(c.ArgumentList[0])])
			}
		}
	}
	if setOf("call apply bind")[name] {
		p.ok = false
	}
}

// visitsOnly reports whether the argument of a visiting method is a function that
// takes the element and its index, and not the table.
func visitsOnly(args []ast.Expression) bool {
	if len(args) != 1 {
		return false
	}
	f, ok := args[0].(*ast.ArrowFunctionLiteral)
	return ok && len(f.ParameterList.List) <= 2 && f.ParameterList.Rest == nil
}

// target checks what is assigned to: it has to be reached from a local name.
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

// pattern checks a destructuring assignment: all names in it have to be local.
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
