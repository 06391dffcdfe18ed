package js

import (
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

// selfContained reports whether a script certainly keeps no data between events
// except its state, and so can continue from a kept state. If in doubt it returns
// false.
//
// At its top level such a script only declares functions and constants and defines
// its projection. It assigns only to names declared in functions and to what they
// lead to. Its functions share only functions, plain values and flat tables, and
// only call methods of the language's own objects. Functions can have properties,
// so shared functions may only be called.
func selfContained(tree *ast.Program) bool {
	p := &purity{
		shared: map[string]sharedKind{}, local: map[string]bool{}, functions: map[string]bool{},
		picked: map[string]bool{}, ok: true,
	}
	for _, st := range tree.Body {
		p.declare(st)
	}
	for _, st := range tree.Body {
		p.top(st)
	}
	p.collect(reflect.ValueOf(tree.Body), false)
	for name := range p.local {
		if p.shared[name] != 0 || p.functions[name] || builtins.has(name) {
			return false // the name has several meanings
		}
	}
	if p.ok {
		p.check(reflect.ValueOf(tree.Body), nil, false)
	}
	return p.ok
}

// scriptVersion changes whenever a script may produce another state than before.
const scriptVersion = "6"

// identity returns a hash of the script for a purpose, and whether it is
// self-contained.
func (s *source) identity(purpose string) (id string, ok bool) {
	sum := sha256.Sum256([]byte(purpose + "\x00" + scriptVersion + "\x00" + strconv.FormatBool(s.inline) + "\x00" + s.text))
	return "javascript " + hex.EncodeToString(sum[:]), s.contained
}

type sharedKind int

const (
	sharedValue    sharedKind = iota + 1 // a number, a string, …
	sharedFunction                       // a function
	sharedTable                          // an array or an object of values
	sharedHandlers                       // an array or an object with functions
)

type purity struct {
	shared    map[string]sharedKind // names at the top level
	functions map[string]bool       // names of functions inside functions
	local     map[string]bool       // other names inside functions
	picked    map[string]bool       // local names for members of a table with functions
	ok        bool
}

// builtins are the names of the language and the API that a script may use.
const builtins = words(`undefined NaN Infinity arguments Math JSON Object Array String Number Boolean Date Map Set
	RegExp Error TypeError RangeError BigInt Symbol isNaN isFinite parseInt parseFloat Decimal structuredClone
	encodeURIComponent decodeURIComponent encodeURI decodeURI console log emit linkTo linkStreamTo copyTo
	fromAll fromStream fromStreams fromCategory fromCategories options upcast`)

// bareValues are allowed anywhere, not only before a dot or in a call. bare may be
// passed to the methods in calling, which call their argument.
const (
	bareValues = words(`undefined NaN Infinity`)
	bare       = words(`String Number Boolean Decimal`)
	calling    = words(`map filter some every find findIndex findLast findLastIndex forEach flatMap reduce reduceRight
	sort toSorted from groupBy replace replaceAll`)
)

// reading are the methods that do not change a table. Those in asking also return
// no part of it. Those in visiting call a function and pass it the table as the
// last argument.
const (
	asking   = words(`includes indexOf lastIndexOf join keys hasOwnProperty`)
	reading  = words(`includes indexOf lastIndexOf join slice at concat keys values entries hasOwnProperty toString`)
	visiting = words(`map filter some every find findIndex forEach`)
)

// reflecting are the properties that lead from any object to shared ones.
const reflecting = words(`prototype constructor __proto__ callee caller`)

// A words is some names, with spaces between them.
type words string

func (w words) has(name string) bool {
	for one := range strings.FieldsSeq(string(w)) {
		if one == name {
			return true
		}
	}
	return false
}

// declare records the names that a top-level statement declares.
func (p *purity) declare(st ast.Statement) {
	switch st := st.(type) {
	case *ast.FunctionDeclaration:
		p.shared[st.Function.Name.Name.String()] = sharedFunction
	case *ast.VariableStatement:
		p.declareAll(st.List)
	case *ast.LexicalDeclaration:
		p.declareAll(st.List)
	}
}

func (p *purity) declareAll(list []*ast.Binding) {
	for _, b := range list {
		id, ok := b.Target.(*ast.Identifier)
		if !ok {
			p.ok = false
			return
		}
		kind := sharedValue
		switch x := b.Initializer.(type) {
		case nil:
		case *ast.ArrayLiteral:
			kind = sharedTable
			if slices.ContainsFunc(x.Value, p.maybeFunction) {
				kind = sharedHandlers
			}
		case *ast.ObjectLiteral:
			kind = sharedTable
			if slices.ContainsFunc(x.Value, p.maybeFunctionProperty) {
				kind = sharedHandlers
			}
		default:
			if isFunction(x) {
				kind = sharedFunction
			}
		}
		p.shared[id.Name.String()] = kind
		p.ok = p.ok && (b.Initializer == nil || p.constant(b.Initializer, true))
	}
}

// top checks a top-level statement, which runs once.
func (p *purity) top(st ast.Statement) {
	switch st := st.(type) {
	case *ast.FunctionDeclaration, *ast.VariableStatement, *ast.LexicalDeclaration, *ast.EmptyStatement:
	case *ast.ExpressionStatement:
		p.ok = p.ok && (p.constant(st.Expression, false) || p.defines(st.Expression))
	default:
		p.ok = false
	}
}

func isFunction(x ast.Expression) bool {
	switch x.(type) {
	case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral:
		return true
	}
	return false
}

// maybeFunction reports whether a constant may be a function.
func (p *purity) maybeFunction(x ast.Expression) bool {
	_, named := x.(*ast.Identifier)
	return named || isFunction(x)
}

func (p *purity) maybeFunctionProperty(v ast.Property) bool {
	keyed, ok := v.(*ast.PropertyKeyed)
	return !ok || p.maybeFunction(keyed.Value)
}

// constant reports whether a top-level expression is a plain value or a function,
// or, if tables is set, a flat array or object of those.
func (p *purity) constant(x ast.Expression, tables bool) bool {
	switch x := x.(type) {
	case *ast.NumberLiteral, *ast.StringLiteral, *ast.BooleanLiteral, *ast.NullLiteral:
		return true
	case *ast.UnaryExpression:
		_, number := x.Operand.(*ast.NumberLiteral)
		return number && x.Operator == token.MINUS
	case *ast.Identifier:
		return p.shared[x.Name.String()] == sharedFunction
	case *ast.ArrayLiteral:
		return tables && !slices.ContainsFunc(x.Value, func(v ast.Expression) bool { return !p.constant(v, false) })
	case *ast.ObjectLiteral:
		return tables && !slices.ContainsFunc(x.Value, func(v ast.Property) bool { return !p.constantProperty(v) })
	}
	return isFunction(x)
}

func (p *purity) constantProperty(v ast.Property) bool {
	switch v := v.(type) {
	case *ast.PropertyKeyed:
		return !v.Computed && v.Kind != ast.PropertyKindGet && v.Kind != ast.PropertyKindSet && p.constant(v.Value, false)
	case *ast.PropertyShort:
		return p.shared[v.Name.Name.String()] == sharedFunction
	}
	return false
}

// defines reports whether an expression is a chain of calls with constant arguments
// that defines a projection or an upcaster.
func (p *purity) defines(x ast.Expression) bool {
	for {
		switch y := x.(type) {
		case *ast.CallExpression:
			for _, a := range y.ArgumentList {
				if !p.constant(a, true) {
					return false
				}
			}
			x = y.Callee
		case *ast.DotExpression:
			x = y.Left
		case *ast.Identifier:
			name := y.Name.String()
			return chains[name] != nil || name == "options" || name == "upcast"
		default:
			return false
		}
	}
}

// collect records the names declared inside functions.
func (p *purity) collect(v reflect.Value, inside bool) {
	eachNode(v, func(n any) {
		switch n := n.(type) {
		case *ast.FunctionLiteral:
			if n.Name != nil && p.shared[n.Name.Name.String()] != sharedFunction {
				p.functions[n.Name.Name.String()] = true
			}
			p.collect(reflect.ValueOf(n).Elem(), true)
			return
		case *ast.ArrowFunctionLiteral:
			p.collect(reflect.ValueOf(n).Elem(), true)
			return
		case *ast.ParameterList:
			p.bind(n.Rest)
		case *ast.Binding:
			if inside {
				p.bind(n.Target)
				if id, ok := n.Target.(*ast.Identifier); ok && p.picks(n.Initializer) {
					p.picked[id.Name.String()] = true
				}
			}
		case *ast.CatchStatement:
			p.bind(n.Parameter)
		case *ast.ForDeclaration:
			p.bind(n.Target)
		}
		p.collect(reflect.ValueOf(n).Elem(), inside)
	})
}

// bind records the names in a pattern.
func (p *purity) bind(target any) {
	switch t := target.(type) {
	case nil:
	case *ast.Identifier:
		p.local[t.Name.String()] = true
	case *ast.ArrayPattern:
		for _, x := range t.Elements {
			p.bind(x)
		}
		p.bind(t.Rest)
	case *ast.ObjectPattern:
		for _, x := range t.Properties {
			p.bind(x)
		}
		p.bind(t.Rest)
	case *ast.PropertyShort:
		p.local[t.Name.Name.String()] = true
	case *ast.PropertyKeyed:
		p.bind(t.Value)
	case *ast.AssignExpression:
		p.bind(t.Left)
	default:
		p.ok = false
	}
}

// rootName returns the first name of a chain of members and calls.
func rootName(x ast.Expression) string {
	for {
		switch y := x.(type) {
		case *ast.DotExpression:
			x = y.Left
		case *ast.BracketExpression:
			x = y.Left
		case *ast.CallExpression:
			x = y.Callee
		case *ast.OptionalChain:
			x = y.Expression
		case *ast.Optional:
			x = y.Expression
		case *ast.Identifier:
			return y.Name.String()
		default:
			return ""
		}
	}
}

// eachNode calls f with the direct child nodes of v, a struct or a list of nodes. It
// leaves out names that do not refer to a variable, such as labels and members.
func eachNode(v reflect.Value, f func(n any)) {
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			eachNode(v.Index(i), f)
		}
	case reflect.Interface:
		if !v.IsNil() {
			eachNode(v.Elem(), f)
		}
	case reflect.Pointer:
		if !v.IsNil() && v.Elem().Kind() == reflect.Struct {
			f(v.Interface())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			switch field.Type {
			case reflect.TypeFor[*ast.Identifier](), reflect.TypeFor[ast.Identifier](), reflect.TypeFor[[]*ast.VariableDeclaration]():
				continue
			}
			eachNode(v.Field(i), f)
		}
	}
}
