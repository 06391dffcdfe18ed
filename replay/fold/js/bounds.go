package js

import (
	_ "embed"
	"math/big"
	"reflect"
	"sync"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
	"github.com/dop251/goja/unistring"
)

// The bounds keep one built-in function from taking more time or memory than a
// moment's: in it, the engine can't be stopped.
//
//go:embed bounds.js
var boundsSource string

var bounds = sync.OnceValues(func() (*goja.Program, error) { return compile("bounds.js", boundsSource, true) })

// exponentBound and shiftBound are global functions that no script can spell.
// They return an operand as it is, unless it is too large a BigInt.
const (
	exponentBound = " exponent"
	shiftBound    = " shift"
)

// maxParsed bounds JSON that a script parses, in bytes.
const maxParsed = 1 << 24

// maxNesting bounds how deep JSON may nest.
const maxNesting = 10_000

// isDeep reports whether a JSON text nests too deep for the engine.
func isDeep(text string) bool {
	depth, inText := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case inText:
		case c == '[' || c == '{':
			if depth++; depth > maxNesting {
				return true
			}
		case c == ']' || c == '}':
			depth--
		}
	}
	return false
}

// boundBigInts has a script call a bound on the right operand of ** and of shifts:
// of two small BigInts they make one that is larger than the memory. The engine
// would do that even while it compiles.
func boundBigInts(v reflect.Value) {
	eachNode(v, func(n any) {
		switch n := n.(type) {
		case *ast.BinaryExpression:
			n.Right = boundOperand(n.Operator, n.Right)
		case *ast.AssignExpression:
			n.Right = boundOperand(n.Operator, n.Right)
		}
		boundBigInts(reflect.ValueOf(n).Elem())
	})
}

func boundOperand(operator token.Token, x ast.Expression) ast.Expression {
	bound := shiftBound
	switch operator {
	case token.EXPONENT:
		bound = exponentBound
	case token.SHIFT_LEFT, token.SHIFT_RIGHT:
	default:
		return x
	}
	if n, ok := x.(*ast.NumberLiteral); ok {
		if _, isBig := n.Value.(*big.Int); !isBig {
			return x
		}
	}
	return &ast.CallExpression{
		Callee:          &ast.Identifier{Name: unistring.String(bound), Idx: x.Idx0()},
		ArgumentList:    []ast.Expression{x},
		LeftParenthesis: x.Idx0(), RightParenthesis: x.Idx1(),
	}
}
