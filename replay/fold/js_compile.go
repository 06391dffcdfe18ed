package fold

import (
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"
)

// compileSource compiles src, which may be the source's text or be made from it.
func compileSource(s *source, src string, strict bool) (*goja.Program, error) {
	tree, err := parseSource(s, src)
	if err != nil {
		return nil, err
	}
	prog, err := goja.CompileAST(tree, strict)
	if err != nil {
		return nil, s.syntaxError(err)
	}
	return prog, nil
}

func parseSource(s *source, src string) (*ast.Program, error) {
	tree, err := parser.ParseFile(nil, s.name, src, 0, parser.WithDisableSourceMaps)
	if err != nil {
		return nil, s.syntaxError(err)
	}
	return tree, nil
}

type inline int

const (
	inlineStatements inline = iota
	inlineFunction          // a function expression, or a projection
)

// functionExpression compiles a text that is one function expression, which no
// script could begin with: function (s, e) { … }. It returns nil for any other.
func functionExpression(s *source, strict bool) *goja.Program {
	tree, err := parser.ParseFile(nil, s.name, "(\n"+s.text+"\n)", 0, parser.WithDisableSourceMaps)
	if err != nil || len(tree.Body) != 1 {
		return nil
	}
	x, ok := tree.Body[0].(*ast.ExpressionStatement)
	if !ok {
		return nil
	}
	if f, ok := x.Expression.(*ast.FunctionLiteral); !ok || f.Async {
		return nil
	}
	prog, err := goja.CompileAST(tree, strict)
	if err != nil {
		return nil
	}
	s.header = 1
	return prog
}

// inlineKind tells what a script on the command line is.
func inlineKind(s *source) (inline, error) {
	if strings.TrimSpace(s.text) == "" {
		return 0, &SyntaxError{Name: s.name, Msg: "the expression is empty"}
	}
	tree, err := parser.ParseFile(nil, s.name, s.text, 0, parser.WithDisableSourceMaps)
	if err != nil || len(tree.Body) == 0 {
		return inlineStatements, nil // perhaps for a return, which is fine in statements
	}
	for _, st := range tree.Body {
		if f, ok := st.(*ast.FunctionDeclaration); ok && f.Function.Name != nil && f.Function.Name.Name == "fold" {
			return inlineFunction, nil
		}
	}
	first, ok := tree.Body[0].(*ast.ExpressionStatement)
	if !ok {
		return inlineStatements, nil
	}
	if root := callee(first.Expression); len(tree.Body) == 1 || root == "options" {
		if strings.HasPrefix(root, "from") && chains[root] != nil || root == "options" {
			return inlineFunction, nil
		}
	}
	if len(tree.Body) > 1 {
		return inlineStatements, nil
	}
	switch first.Expression.(type) {
	case *ast.ArrowFunctionLiteral, *ast.FunctionLiteral:
		return inlineFunction, nil
	case *ast.ObjectLiteral, *ast.ArrayLiteral:
		return 0, &SyntaxError{
			Name: s.name, Msg: "the value of the expression is not used",
			Next: "write return before it to make it the state",
		}
	}
	return inlineStatements, nil
}

// callee returns the name at the root of a chain of calls, as fromAll in
// fromAll().when({}).
func callee(x ast.Expression) string {
	for {
		switch y := x.(type) {
		case *ast.CallExpression:
			x = y.Callee
		case *ast.DotExpression:
			x = y.Left
		case *ast.Identifier:
			return y.Name.String()
		default:
			return ""
		}
	}
}

// compileStatements makes a function of statements over s and e. What s or state
// refers to at the end, if it was assigned to, is the state.
func compileStatements(s *source) (*goja.Program, error) {
	wrapped := "(function (s, e) { let state = s, event = e;\n" + s.text +
		"\n;return s !== arguments[0] ? s : state; })"
	s.header = 1
	return compileWrapped(s, wrapped)
}

// compileExpression makes a function of an expression over state and event (or s
// and e).
func compileExpression(s *source) (*goja.Program, error) {
	if strings.TrimSpace(s.text) == "" {
		return nil, &SyntaxError{Name: s.name, Msg: "the expression is empty"}
	}
	s.header = 1
	return compileWrapped(s, "(function (state, event, s, e) { return (\n"+s.text+"\n); })")
}

// compileWrapped compiles a function around the source. The text must not end the
// function itself: that would be accepted here and make no sense to anyone.
func compileWrapped(s *source, wrapped string) (*goja.Program, error) {
	tree, err := parseSource(s, wrapped)
	if err != nil {
		return nil, err
	}
	one := len(tree.Body) == 1
	if one {
		x, ok := tree.Body[0].(*ast.ExpressionStatement)
		if one = ok; ok {
			_, one = x.Expression.(*ast.FunctionLiteral)
		}
	}
	if !one {
		return nil, &SyntaxError{Name: s.name, Msg: "unbalanced brackets"}
	}
	prog, err := goja.CompileAST(tree, true)
	if err != nil {
		return nil, s.syntaxError(err)
	}
	return prog, nil
}
