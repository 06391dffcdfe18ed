package quick

import (
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

// Operands returns the operator and the operands of an addition or a subtraction;
// assigns says that the left operand is also the target. It returns "" for any other
// expression.
func Operands(x ast.Expression) (op string, left, right ast.Expression, assigns bool) {
	switch x := x.(type) {
	case *ast.BinaryExpression:
		return signs[x.Operator], x.Left, x.Right, false
	case *ast.AssignExpression:
		return signs[x.Operator], x.Left, x.Right, true
	}
	return "", nil, nil, false
}

var signs = map[token.Token]string{token.PLUS: "+", token.MINUS: "-"}

// Watched reports whether an expression may add amounts. It does not where it builds
// a text around literal text, or counts by one.
func Watched(x ast.Expression) bool {
	op, left, right, _ := Operands(x)
	if op == "" || isOne(right) || isLiteral(left) && isLiteral(right) {
		return false
	}
	return op == "-" || !buildsText(left) && !buildsText(right)
}

func isOne(x ast.Expression) bool {
	n, ok := x.(*ast.NumberLiteral)
	return ok && n.Literal == "1"
}

func isLiteral(x ast.Expression) bool {
	switch x.(type) {
	case *ast.NumberLiteral, *ast.StringLiteral:
		return true
	}
	return false
}

func buildsText(x ast.Expression) bool {
	switch x := x.(type) {
	case *ast.StringLiteral:
		return decimalKind(x.Value.String()) == notDecimal
	case *ast.TemplateLiteral:
		return true
	case *ast.UnaryExpression:
		return x.Operator == token.TYPEOF
	case *ast.BinaryExpression:
		return x.Operator == token.PLUS && (buildsText(x.Left) || buildsText(x.Right))
	}
	return false
}

// EachRounded calls f with the sums whose result x rounds to a place of the script's
// choice: those that Math.round((a + b) * 100) or (a + b).toFixed(2) begin with.
func EachRounded(x ast.Expression, f func(sum ast.Expression)) {
	call, ok := x.(*ast.CallExpression)
	if !ok {
		return
	}
	of, ok := call.Callee.(*ast.DotExpression)
	if !ok {
		return
	}
	math, isName := of.Left.(*ast.Identifier)
	switch name := of.Identifier.Name.String(); name {
	case "round", "floor", "ceil", "trunc":
		if isName && math.Name == "Math" && len(call.ArgumentList) == 1 {
			eachTerm(call.ArgumentList[0], f)
		}
	case "toFixed", "toPrecision":
		eachTerm(of.Left, f)
	}
}

// eachTerm calls f with the sums that an arithmetic expression is made of.
func eachTerm(x ast.Expression, f func(sum ast.Expression)) {
	b, ok := x.(*ast.BinaryExpression)
	if !ok {
		return
	}
	switch b.Operator {
	case token.PLUS, token.MINUS:
		f(b)
	case token.MULTIPLY, token.SLASH:
	default:
		return
	}
	eachTerm(b.Left, f)
	eachTerm(b.Right, f)
}
