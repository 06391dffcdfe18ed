package js

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"
)

// The engine's parser and compiler recurse as deeply as the text nests and take
// time quadratic in the depth. These limits are far above what people write and
// keep a text from ending the process.
const (
	maxSource      = 256 << 10 // bytes
	maxBrackets    = 20_000    // opening brackets
	maxArrows      = 5_000     // arrow functions
	maxLevels      = 2_000     // syntax nodes inside each other
	maxCompileTime = 10 * time.Second
)

// bounded returns an error for a text that is too large for the engine.
func (s *source) bounded() error {
	if len(s.text) > maxSource {
		return &SyntaxError{Name: s.name, Msg: fmt.Sprintf("the script is longer than %d KiB", maxSource>>10)}
	}
	if strings.Count(s.text, "(")+strings.Count(s.text, "[")+strings.Count(s.text, "{") > maxBrackets {
		return &SyntaxError{Name: s.name, Msg: fmt.Sprintf("the script has more than %d brackets", maxBrackets)}
	}
	if strings.Count(s.text, "=>") > maxArrows {
		return &SyntaxError{Name: s.name, Msg: fmt.Sprintf("the script has more than %d arrow functions", maxArrows)}
	}
	return nil
}

// inTime compiles s with f. The engine cannot be stopped while it compiles; if it
// takes too long, inTime abandons it.
func inTime(s *source, o Limits, f func(*source) (*goja.Program, error)) (*goja.Program, error) {
	type result struct {
		src  source // as f left it
		prog *goja.Program
		err  error
	}
	if err := s.bounded(); err != nil {
		return nil, err
	}
	if o.Note != nil {
		if n := o.Note(s.name); n != nil {
			n.Enter(nil)
			defer n.Leave()
		}
	}
	done := make(chan result, 1)
	r := result{src: *s}
	go func() {
		defer func() {
			if x := recover(); x != nil {
				r.prog, r.err = nil, &SyntaxError{Name: r.src.name, Msg: panicError(x).Error()}
			}
			done <- r
		}()
		r.prog, r.err = f(&r.src)
	}()
	timer := time.NewTimer(maxCompileTime)
	defer timer.Stop()
	select {
	case r := <-done:
		*s = r.src
		return r.prog, r.err
	case <-timer.C:
		return nil, &SyntaxError{Name: s.name, Msg: fmt.Sprintf("the script did not compile within %v", maxCompileTime)}
	}
}

// compileFile compiles the text of a file in sloppy mode, as KurrentDB does.
func compileFile(s *source) (*goja.Program, error) {
	if prog := functionExpression(s, false); prog != nil {
		return prog, nil
	}
	return compileWhole(s, false)
}

// compileWhole compiles the source unchanged.
func compileWhole(s *source, strict bool) (*goja.Program, error) {
	tree, err := parseSource(s, s.text)
	if err != nil {
		return nil, err
	}
	return s.compile(tree, strict)
}

// compile compiles the tree and records whether it is self-contained.
func (s *source) compile(tree *ast.Program, strict bool) (*goja.Program, error) {
	if nestsDeeper(reflect.ValueOf(tree).Elem(), maxLevels) {
		return nil, &SyntaxError{
			Name: s.name, Msg: fmt.Sprintf("the script nests more than %d levels deep", maxLevels),
			Next: "each operator of a chain such as a + b + c is a level; break the chain up",
		}
	}
	leftFirst(tree)
	contained := selfContained(tree)
	if s.unread = 0; contained {
		s.unread = unread(tree)
	}
	boundBigInts(reflect.ValueOf(tree).Elem())
	unwatch := s.watchSums(tree)
	prog, err := goja.CompileAST(tree, strict)
	unwatch()
	if err != nil {
		return nil, s.syntaxError(err)
	}
	if s.contained = contained; contained {
		s.tree, s.strict = tree, strict
	}
	return prog, nil
}

// nestsDeeper reports whether a part of the syntax tree lies inside more than limit
// others.
func nestsDeeper(v reflect.Value, limit int) (deeper bool) {
	eachNode(v, func(n any) {
		deeper = deeper || limit == 0 || nestsDeeper(reflect.ValueOf(n).Elem(), limit-1)
	})
	return deeper
}

// compileInline compiles a script that the user typed.
func compileInline(s *source) (*goja.Program, error) {
	if strings.TrimSpace(s.text) == "" {
		return nil, &SyntaxError{Name: s.name, Msg: "the expression is empty"}
	}
	if prog := functionExpression(s, true); prog != nil {
		return prog, nil
	}
	// Statements with a return parse only inside a function.
	if tree, err := parseSource(s, s.text); err == nil {
		if definesFold(tree.Body) {
			return compileWhole(s, true)
		}
		if err := checkUsed(s, tree.Body); err != nil {
			return nil, err
		}
	}
	return compileStatements(s)
}

// parseSource parses src, which is the source's text or made from it. Unlike the
// engine, it never reads a source map from a file.
func parseSource(s *source, src string) (*ast.Program, error) {
	tree, err := parser.ParseFile(nil, s.name, src, 0, parser.WithDisableSourceMaps)
	if err != nil {
		return nil, s.syntaxError(err)
	}
	return tree, nil
}

// functionExpression compiles a text that is a single function expression, such as
// function (s, e) { … }, which is not valid as a statement. It returns nil for any
// other text.
func functionExpression(s *source, strict bool) *goja.Program {
	tree, err := parser.ParseFile(nil, s.name, "(\n"+s.text+"\n)", 0, parser.WithDisableSourceMaps)
	if err != nil || len(tree.Body) != 1 {
		return nil
	}
	x, ok := tree.Body[0].(*ast.ExpressionStatement)
	if !ok {
		return nil
	}
	if _, ok := x.Expression.(*ast.FunctionLiteral); !ok {
		return nil
	}
	prog, err := s.compile(tree, strict)
	if err != nil {
		return nil
	}
	s.header = 1
	return prog
}

// definesFold reports whether a script is a projection or a function rather than
// statements over s and e.
func definesFold(body []ast.Statement) bool {
	for _, st := range body {
		switch st := st.(type) {
		case *ast.FunctionDeclaration:
			if st.Function.Name != nil && st.Function.Name.Name == "fold" {
				return true
			}
		case *ast.ExpressionStatement:
			root := callee(st.Expression)
			if strings.HasPrefix(root, "from") && chains[root] != nil {
				return true
			}
			if _, ok := st.Expression.(*ast.ArrowFunctionLiteral); ok && len(body) == 1 {
				return true
			}
		}
	}
	return false
}

// checkUsed returns an error for a new state that is written but not returned.
func checkUsed(s *source, body []ast.Statement) error {
	if len(body) != 1 {
		return nil
	}
	x, ok := body[0].(*ast.ExpressionStatement)
	if !ok {
		return nil
	}
	switch x.Expression.(type) {
	case *ast.ObjectLiteral, *ast.ArrayLiteral:
		return &SyntaxError{
			Name: s.name, Msg: "the value of the expression is not used",
			Next: "write return before it to make it the state",
		}
	}
	return nil
}

// callee returns the name at the root of a chain of calls, such as fromAll for
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

// compileStatements makes a function of statements over s and e. If s or state is
// assigned to, its value at the end is the state.
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

// compileWrapped compiles a function around the source. It rejects a text that
// closes the function itself.
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
	return s.compile(tree, true)
}
