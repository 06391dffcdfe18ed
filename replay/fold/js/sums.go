package js

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/parser"
	"github.com/dop251/goja/unistring"

	"asof/replay/fold/js/quick"
)

// sums are the additions and subtractions of a script that are watched: a script
// that adds decimal texts joins them, and one that adds doubles may round.
type sums struct {
	file *file.File
	all  []ast.Expression
}

// watched returns the sums as package quick watches them.
func (s *sums) watched(said []bool) quick.Sums {
	at := make(map[ast.Expression]int, len(s.all))
	for i, x := range s.all {
		at[x] = i
	}
	if len(said) < len(s.all) {
		at = nil
	}
	return quick.Sums{At: at, Said: said}
}

// sumRight and sumDone are global functions with names that no script can write. The
// first notes the right operand of a sum, the second gets its result.
const (
	sumRight = " right"
	sumDone  = " sum"
)

// watchSums wraps each sum a + b as done(a + right(b), n) for the engine. What it
// returns restores the tree.
func (s *source) watchSums(tree *ast.Program) (restore func()) {
	s.sums = sums{file: tree.File}
	var undo []func()
	rounded := map[ast.Expression]bool{}
	eachExpression(reflect.ValueOf(tree).Elem(), func(x ast.Expression, _ func(ast.Expression)) {
		quick.EachRounded(x, func(sum ast.Expression) { rounded[sum] = true })
	})
	eachExpression(reflect.ValueOf(tree).Elem(), func(x ast.Expression, set func(ast.Expression)) {
		if !quick.Watched(x) || rounded[x] {
			return
		}
		n := len(s.sums.all)
		s.sums.all = append(s.sums.all, x)
		undo = append(undo, func() { set(x) }, noteRight(x))
		set(hiddenCall(sumDone, x, x, &ast.NumberLiteral{Idx: x.Idx0(), Literal: fmt.Sprint(n), Value: int64(n)}))
	})
	return func() {
		for _, f := range slices.Backward(undo) {
			f()
		}
	}
}

// noteRight wraps the right operand of a sum.
func noteRight(sum ast.Expression) (undo func()) {
	var right *ast.Expression
	switch x := sum.(type) {
	case *ast.BinaryExpression:
		right = &x.Right
	case *ast.AssignExpression:
		right = &x.Right
	}
	was := *right
	*right = hiddenCall(sumRight, was, was)
	return func() { *right = was }
}

// hiddenCall returns a call of a global function, as if it were written at a place.
func hiddenCall(name string, at ast.Expression, args ...ast.Expression) ast.Expression {
	return &ast.CallExpression{
		Callee:          &ast.Identifier{Name: unistring.String(name), Idx: at.Idx0()},
		ArgumentList:    args,
		LeftParenthesis: at.Idx0(), RightParenthesis: at.Idx1(),
	}
}

var typeExpression = reflect.TypeFor[ast.Expression]()

// eachExpression calls f with the expressions in v, inner ones first, and with a
// function that puts another in its place.
func eachExpression(v reflect.Value, f func(x ast.Expression, set func(ast.Expression))) {
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			eachExpression(v.Index(i), f)
		}
	case reflect.Interface:
		if v.IsNil() {
			return
		}
		eachExpression(v.Elem(), f)
		if v.Type() == typeExpression && v.CanSet() {
			f(v.Interface().(ast.Expression), func(x ast.Expression) { v.Set(reflect.ValueOf(x)) })
		}
	case reflect.Pointer:
		if !v.IsNil() && v.Elem().Kind() == reflect.Struct {
			eachExpression(v.Elem(), f)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			switch v.Type().Field(i).Type {
			case reflect.TypeFor[*ast.Identifier](), reflect.TypeFor[ast.Identifier](), reflect.TypeFor[[]*ast.VariableDeclaration](), reflect.TypeFor[*file.File]():
				continue
			}
			eachExpression(v.Field(i), f)
		}
	}
}

func (e *engine) makeSums() {
	e.said = make([]bool, len(e.src.sums.all))
	hide := func(name string, f func(goja.FunctionCall) goja.Value) {
		must(e.rt.GlobalObject().DefineDataProperty(name, e.rt.ToValue(f), goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE))
	}
	hide(sumRight, func(c goja.FunctionCall) goja.Value {
		e.right = c.Argument(0)
		return e.right
	})
	hide(sumDone, func(c goja.FunctionCall) goja.Value {
		result := c.Argument(0)
		if i := c.Argument(1).ToInteger(); i >= 0 && i < int64(len(e.said)) && !e.said[i] {
			e.checkSum(int(i), result, e.right)
		}
		return result
	})
}

// checkSum adds a warning if the result of a sum is in doubt.
func (e *engine) checkSum(i int, result, right goja.Value) {
	place := e.src.sums.all[i]
	op, _, _, _ := quick.Operands(place)
	switch result.ExportType() {
	case typeFloat:
		if f := result.ToFloat(); f != math.Trunc(f) && goja.IsNumber(right) {
			if left, rounds := quick.Rounds(f, right.ToFloat(), op == "-"); rounds {
				e.doubtSum(i, fmt.Sprintf("%s %s %s rounds to %s",
					e.rt.ToValue(left), op, right, result), e.src.exactNumbers(place))
			}
		}
	case typeString:
		s, ok := result.(goja.String)
		if !ok || s.Length() > maxJoined || !isScalar(right) {
			return
		}
		if left, joins := quick.Joins(s.String(), right.String(), goja.IsString(right)); joins {
			b := right.String()
			if goja.IsString(right) {
				b = fmt.Sprintf("%q", b)
			}
			e.doubtSum(i, fmt.Sprintf("%q + %s gives the text %q", left, b, s.String()), e.src.exactTexts(place, left))
		}
	}
}

const maxJoined = 64

// isScalar reports whether a value has a text without running code of the script.
func isScalar(v goja.Value) bool {
	_, isObject := v.(*goja.Object)
	return !isObject && (goja.IsString(v) || goja.IsNumber(v) || v.ExportType() == typeBool || goja.IsUndefined(v) || goja.IsNull(v))
}

const writeExact = "; write "

// doubtSum explains a sum once, and shows how to write it.
func (e *engine) doubtSum(i int, what, form string) {
	if e.reads != nil {
		return
	}
	e.said[i] = true
	at := e.src.name
	if p := e.src.placeOf(e.src.sums.all[i]); p.Line > 0 {
		at = fmt.Sprintf("%s:%d:%d", e.src.name, p.Line, p.Col)
	}
	if e.event != nil && e.event.ev != nil {
		what += " at " + e.event.ev.Moment().Label()
	}
	e.warn(fmt.Sprint("sum ", i), at+": "+shorten(what)+writeExact+form)
}

// placeOf returns the place of an expression in the script.
func (s *source) placeOf(x ast.Expression) *SyntaxError {
	p := s.sums.file.Position(int(x.Idx0()) - s.sums.file.Base())
	return s.at(p.Line, p.Column, "")
}

// maxForm is the longest operand that a warning repeats, in bytes.
const maxForm = 60

// exactNumbers returns a sum of numbers written with their methods.
func (s *source) exactNumbers(sum ast.Expression) string {
	_, left, _, _ := quick.Operands(sum)
	switch left.(type) {
	case *ast.Identifier, *ast.DotExpression, *ast.BracketExpression:
		return s.exactForm(sum, func(a string) string { return a })
	}
	return s.exactForm(sum, func(a string) string { return "Decimal(" + a + ")" })
}

// exactTexts returns a sum of texts written with decimals.
func (s *source) exactTexts(sum ast.Expression, left string) string {
	return s.exactForm(sum, func(a string) string {
		if left == "undefined" || left == "null" {
			a += " ?? 0"
		}
		return "Decimal(" + a + ")"
	})
}

// exactForm returns a sum written with a method of its left operand.
func (s *source) exactForm(sum ast.Expression, decimal func(left string) string) string {
	op, left, right, assigns := quick.Operands(sum)
	method := map[string]string{"+": "plus", "-": "minus"}[op]
	a, okA := s.textOf(left)
	b, okB := s.textOf(right)
	if !okA || !okB || assigns && changes(a) {
		return fmt.Sprintf("Decimal(a).%s(b)", method)
	}
	form := fmt.Sprintf("%s.%s(%s)", decimal(a), method, b)
	if assigns {
		return a + " = " + form
	}
	return form
}

// changes reports whether a target may not be written twice.
func changes(target string) bool {
	return strings.ContainsAny(target, "(=`") || strings.Contains(target, "++") || strings.Contains(target, "--")
}

// textOf returns the text of an operand, if it is short and whole.
func (s *source) textOf(x ast.Expression) (text string, ok bool) {
	base := s.sums.file.Base()
	from, to := int(x.Idx0())-base, int(x.Idx1())-base
	src := s.sums.file.Source()
	if from < 0 || to > len(src) || from >= to || to-from > maxForm {
		return "", false
	}
	text = src[from:to]
	if strings.ContainsAny(text, "\n\r") {
		return "", false
	}
	_, err := parser.ParseFile(nil, "", text, 0, parser.WithDisableSourceMaps)
	return text, err == nil
}
