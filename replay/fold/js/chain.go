package js

import (
	"bytes"
	"reflect"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

// The engine's parser reads a < b < c as a < (b < c), and so the other comparisons of its
// kind. The language says (a < b) < c.

// leftFirst makes the chains of such operators in a tree those of the language.
func leftFirst(tree *ast.Program) {
	c := &comparisons{tree: tree}
	c.in(reflect.ValueOf(tree.Body))
}

type comparisons struct {
	tree *ast.Program
	bare []byte // the source, with blanks for literals and comments; nil: not needed yet
}

func (c *comparisons) in(v reflect.Value) {
	eachNode(v, func(n any) {
		if x := relation(n); x != nil {
			c.turn(x)
		}
		c.in(reflect.ValueOf(n).Elem())
	})
}

// relation returns an expression with an operator that the parser reads from the right; nil
// for other nodes.
func relation(n any) *ast.BinaryExpression {
	x, ok := n.(*ast.BinaryExpression)
	if !ok {
		return nil
	}
	switch x.Operator {
	case token.LESS, token.LESS_OR_EQUAL, token.GREATER, token.GREATER_OR_EQUAL, token.INSTANCEOF, token.IN:
		return x
	}
	return nil
}

// turn makes the last operator of a chain the outermost one.
func (c *comparisons) turn(x *ast.BinaryExpression) {
	for {
		right := relation(x.Right)
		if right == nil || c.inParentheses(right) {
			return
		}
		left := &ast.BinaryExpression{Operator: x.Operator, Left: x.Left, Right: right.Left, Comparison: x.Comparison}
		*x = ast.BinaryExpression{Operator: right.Operator, Left: left, Right: right.Right, Comparison: right.Comparison}
	}
}

// inParentheses reports whether the right operand of an operator is in parentheses, which the
// tree does not tell: whether some are open at its own operator.
func (c *comparisons) inParentheses(x *ast.BinaryExpression) bool {
	if c.bare == nil {
		c.bare = bareSource(c.tree)
	}
	from, to := c.start(x), c.start(x.Right)
	part := c.bare[from:to]
	return c.opened(from)+bytes.Count(part, []byte("("))-bytes.Count(part, []byte(")"))-c.opened(to) > 0
}

// opened counts the parentheses between what stands before an operand and the operand.
func (c *comparisons) opened(at int) (n int) {
	for at--; at >= 0; at-- {
		switch b := c.bare[at]; {
		case b == '(':
			n++
		case b > ' ' && b < 0x80:
			return n
		}
	}
	return n
}

// start returns where a node begins. The tag of a template comes before what the tree says.
func (c *comparisons) start(n ast.Node) int {
	base := c.tree.File.Base()
	at := int(n.Idx0()) - base
	eachNode(reflect.ValueOf(n).Elem(), func(part any) {
		if p, ok := part.(ast.Node); ok && int(p.Idx0()) >= base {
			at = min(at, c.start(p))
		}
	})
	return at
}

// bareSource returns the source with blanks for what may hold parentheses that are none.
func bareSource(tree *ast.Program) []byte {
	text := []byte(tree.File.Source())
	blank := func(from, to int) {
		for i := max(from, 0); i < min(to, len(text)); i++ {
			text[i] = ' '
		}
	}
	blankLiterals(reflect.ValueOf(tree.Body), func(n any) {
		switch n := n.(type) {
		case *ast.StringLiteral, *ast.RegExpLiteral:
			x := n.(ast.Node)
			blank(int(x.Idx0())-tree.File.Base(), int(x.Idx1())-tree.File.Base())
		case *ast.TemplateLiteral: // what is in its braces is read
			for _, part := range n.Elements {
				from := int(part.Idx) - 1 - tree.File.Base() // the parser says one more
				blank(from, templateEnd(text, from))
			}
		}
	})
	for at := 0; at+1 < len(text); at++ {
		end := ""
		switch string(text[at : at+2]) {
		case "//":
			end = "\n"
		case "/*":
			end = "*/"
		default:
			continue
		}
		to := len(text)
		if n := bytes.Index(text[at+2:], []byte(end)); n >= 0 {
			to = at + 2 + n + len(end)
		}
		blank(at, to)
	}
	return text
}

// templateEnd returns where the text of a template ends that begins at from. The tree does
// not tell: it has line breaks of one byte.
func templateEnd(text []byte, from int) int {
	for at := from; at < len(text); at++ {
		switch text[at] {
		case '\\':
			at++
		case '`':
			return at
		case '$':
			if at+1 < len(text) && text[at+1] == '{' {
				return at
			}
		}
	}
	return len(text)
}

func blankLiterals(v reflect.Value, blank func(any)) {
	eachNode(v, func(n any) {
		blank(n)
		blankLiterals(reflect.ValueOf(n).Elem(), blank)
	})
}
