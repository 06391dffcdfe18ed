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
