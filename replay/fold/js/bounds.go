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

// The bounds limit the time and memory of a single built-in function, in which the
// engine cannot be stopped.
//
//go:embed bounds.js
var boundsSource string

var boundsProgram = sync.OnceValues(func() (*goja.Program, error) { return compile("bounds.js", boundsSource, true) })

// exponentBound and shiftBound are global functions with names that no script can
// write. They return their operand, or throw if it is too large a BigInt.
const (
	exponentBound = " exponent"
	shiftBound    = " shift"
)

// maxParsed is the largest JSON text that a script may parse, in bytes.
const maxParsed = 1 << 24

// maxNesting is how deeply JSON may nest.
const maxNesting = 10_000

// isDeep reports whether a JSON text nests too deeply for the engine.
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

// boundBigInts wraps the right operand of ** and of shifts in a call of a bound.
// Two small BigInts can make one that is larger than memory, even while the engine
// compiles a constant.
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
