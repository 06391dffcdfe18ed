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

// selfContained reports whether a script surely keeps nothing from one event to
// the next but its state, so that it can go on from a state that was kept. It is
// cautious: what it can't follow, it takes for something that is kept.
//
// At its top level such a script only declares functions and constants and
// defines its projection. What it assigns to, anywhere, is reached from a name
// that a function declares; what the functions share are functions, plain values
// and flat tables, and of the language's own objects it only calls methods. Functions
// are objects, too, so within functions those that are shared are only called.
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
		if p.shared[name] != 0 || p.functions[name] || builtins[name] {
			return false // the same name means different things in different places
		}
	}
	if p.ok {
		p.check(reflect.ValueOf(tree.Body), nil, false)
	}
	return p.ok
}

// scriptVersion changes whenever the same script may give another state.
const scriptVersion = "4"

// identity names what the script does, for a purpose.
func (s *source) identity(purpose string) (id string, ok bool) {
	sum := sha256.Sum256([]byte(purpose + "\x00" + scriptVersion + "\x00" + strconv.FormatBool(s.inline) + "\x00" + s.text))
	return "javascript " + hex.EncodeToString(sum[:]), s.contained
}

type sharedKind int

const (
	sharedValue    sharedKind = iota + 1 // a number, a text, …
	sharedFunction                       // a function
	sharedTable                          // an array or an object of values
	sharedHandlers                       // one that has functions, too
)

type purity struct {
	shared    map[string]sharedKind // names of the top level
	functions map[string]bool       // names of functions within functions
	local     map[string]bool       // other names within functions
	picked    map[string]bool       // of these, for what is picked from a table that has functions
	ok        bool
}

// builtins are the language's and the API's names that a script may use.
var builtins = setOf(`undefined NaN Infinity arguments Math JSON Object Array String Number Boolean Date Map Set
	RegExp Error TypeError RangeError BigInt Symbol isNaN isFinite parseInt parseFloat Decimal structuredClone
	encodeURIComponent decodeURIComponent encodeURI decodeURI console log emit linkTo linkStreamTo copyTo
	fromAll fromStream fromStreams fromCategory fromCategories options upcast`)

// bareValues may stand anywhere, not just before a dot or a call; bare may also be
// handed to a method that calls them, which calling are.
var (
	bareValues = setOf(`undefined NaN Infinity`)
	bare       = setOf(`String Number Boolean Decimal`)
	calling    = setOf(`map filter some every find findIndex findLast findLastIndex forEach flatMap reduce reduceRight
	sort toSorted from groupBy replace replaceAll`)
)

// reading are the methods that leave a table as it is; those of asking give nothing
// of it away, either. Those of visiting call a function, and hand it the table itself
// as the last parameter.
var (
	asking   = setOf(`includes indexOf lastIndexOf join keys hasOwnProperty`)
	reading  = setOf(`includes indexOf lastIndexOf join slice at concat keys values entries hasOwnProperty toString`)
	visiting = setOf(`map filter some every find findIndex forEach`)
)

// reflecting are the properties that lead from any object to what all share.
var reflecting = setOf(`prototype constructor __proto__ callee caller`)

func setOf(names string) map[string]bool {
	set := map[string]bool{}
	for n := range strings.FieldsSeq(names) {
		set[n] = true
	}
	return set
}

// declare notes what a statement of the top level declares.
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

// top checks a statement of the top level, which runs once.
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

// maybeFunction reports whether a constant is not surely a plain value.
func (p *purity) maybeFunction(x ast.Expression) bool {
	_, named := x.(*ast.Identifier)
	return named || isFunction(x)
}

func (p *purity) maybeFunctionProperty(v ast.Property) bool {
	keyed, ok := v.(*ast.PropertyKeyed)
	return !ok || p.maybeFunction(keyed.Value)
}

// constant reports whether an expression of the top level is a plain value or a
// function, or, where tables may be, a flat array or object of those.
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

// defines reports whether an expression is a chain of calls that defines a
// projection or an upcaster, from constants.
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

// collect notes the names that are declared within functions.
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

// bind notes the names in a pattern.
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

// rootName returns the name that a chain of members and calls begins with.
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

// eachNode calls f with the nodes right beneath v, a struct or a list of nodes.
// Names that are no uses of a variable, as labels and those after a dot, are not
// among them.
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
