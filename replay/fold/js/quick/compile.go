package quick

import (
	"github.com/dop251/goja/ast"

	"asof/replay/state"
)

// An expr computes a value, a stmt does something and says how it ended.
type (
	expr func(r *run) val
	stmt func(r *run) signal
)

type signal uint8

const (
	done signal = iota
	brk
	cont
	ret
)

// unknown is what the compiler panics with at what it does not know.
type unknown struct{}

// A Script is what functions of one script share. It serves one goroutine.
type Script struct {
	r      *run
	shared map[string]ast.Expression // functions and constants of the top level
	made   map[string]*function      // of the functions, as they are needed; nil: being made
	tables map[string]*state.Node
	slots  int
	strict bool
}

// NewScript takes in the top level of a script, which must be self-contained, and
// whether it was compiled in strict mode.
func NewScript(tree *ast.Program, strict bool) *Script {
	s := &Script{
		strict: strict, r: &run{}, shared: map[string]ast.Expression{}, made: map[string]*function{}, tables: map[string]*state.Node{},
	}
	for _, st := range tree.Body {
		switch st := st.(type) {
		case *ast.FunctionDeclaration:
			s.share(st.Function.Name, st.Function)
		case *ast.VariableStatement:
			s.shareAll(st.List)
		case *ast.LexicalDeclaration:
			s.shareAll(st.List)
		}
	}
	return s
}

func (s *Script) shareAll(list []*ast.Binding) {
	for _, b := range list {
		if id, ok := b.Target.(*ast.Identifier); ok {
			s.share(id, b.Initializer)
		}
	}
}

// share notes what a name stands for. One that is declared twice, in one way or
// another, stands for what is not known here.
func (s *Script) share(id *ast.Identifier, x ast.Expression) {
	name := id.Name.String()
	if _, twice := s.shared[name]; twice {
		x = &ast.BadExpression{}
	}
	s.shared[name] = x
}

// Shared returns what a name of the top level stands for, or nil.
func (s *Script) Shared(name string) ast.Expression { return s.shared[name] }

// Compile compiles a function, which is a literal or a name of the top level. It
// returns nil where the function holds anything that is not known here.
func (s *Script) Compile(f ast.Expression) (out *Func) {
	c := &compiler{script: s}
	defer func() {
		if x := recover(); x != nil {
			if _, ok := x.(unknown); !ok {
				panic(x)
			}
			for name, f := range s.made { // what was being made
				if f == nil {
					delete(s.made, name)
				}
			}
			out = nil
		}
	}()
	if id, ok := f.(*ast.Identifier); ok {
		f = s.shared[id.Name.String()]
	}
	fn := c.function(f)
	s.r.slots = make([]val, s.slots)
	return &Func{r: s.r, f: fn}
}

// A compiler compiles one function and those that it calls.
type compiler struct {
	script    *Script
	scope     *scope
	depth     int
	outermost bool // no function stands between here and the one that is compiled, but arrows
}

// A scope holds the names of a block or a function.
type scope struct {
	up    *scope
	names map[string]*local
}

// A local is a name of a function. It may be used once its declaration was run,
// which is in the order of the text: what uses it before is not compiled.
type local struct {
	slot     int
	live     bool
	constant bool
	f        *function // of a function that is declared within another
}

func (c *compiler) open() { c.scope = &scope{up: c.scope, names: map[string]*local{}} }

func (c *compiler) close() { c.scope = c.scope.up }

func (c *compiler) slot() int {
	c.script.slots++
	return c.script.slots - 1
}

// declare adds a name to the scope. A function has it at once, others when their
// declaration is compiled.
func (c *compiler) declare(name string, live, constant bool) *local {
	if l := c.scope.names[name]; l != nil {
		panic(unknown{})
	}
	l := &local{slot: c.slot(), live: live, constant: constant}
	c.scope.names[name] = l
	return l
}

// find returns the local of a name; nil: it is none of a function's.
func (c *compiler) find(name string) *local {
	for s := c.scope; s != nil; s = s.up {
		if l := s.names[name]; l != nil {
			if !l.live {
				panic(unknown{})
			}
			return l
		}
	}
	return nil
}

// A function is a compiled function. Its names have places of their own among the
// slots, as no function here can be running twice.
type function struct {
	params []binder // of each parameter
	slots  []int    // of parameters that are plain names; -1: another
	body   expr
	match  *match // of one that is nothing else; nil: it is
}

// A binder puts a value where a name, or the names of a pattern, have it.
type binder func(r *run, v val)

// maxDepth bounds how deep a text may nest.
const maxDepth = 200

func (c *compiler) deeper() {
	if c.depth++; c.depth > maxDepth {
		panic(unknown{})
	}
}

// function compiles a function literal in the scope that it stands in.
func (c *compiler) function(x ast.Expression) *function {
	var params *ast.ParameterList
	var block *ast.BlockStatement
	var value ast.Expression
	switch x := x.(type) {
	case *ast.FunctionLiteral:
		if x.Async || x.Generator {
			panic(unknown{})
		}
		params, block = x.ParameterList, x.Body
	case *ast.ArrowFunctionLiteral:
		if x.Async {
			panic(unknown{})
		}
		params = x.ParameterList
		switch b := x.Body.(type) {
		case *ast.BlockStatement:
			block = b
		case *ast.ExpressionBody:
			value = b.Expression
		}
	default:
		panic(unknown{})
	}
	outermost := c.outermost
	if _, isArrow := x.(*ast.ArrowFunctionLiteral); !isArrow {
		c.outermost = c.depth == 0
	}
	c.deeper()
	c.open()
	defer func() { c.depth--; c.close(); c.outermost = outermost }()
	f := &function{}
	if params.Rest != nil {
		panic(unknown{})
	}
	for _, p := range params.List {
		c.declareTarget(p.Target, false)
	}
	for _, p := range params.List {
		bind, slot := c.parameter(p)
		f.params, f.slots = append(f.params, bind), append(f.slots, slot)
	}
	if value != nil {
		f.body, f.match = c.expr(value), c.matching(params, value)
		return f
	}
	body := c.functionBody(block.List)
	f.body = func(r *run) val {
		if body(r) == ret {
			return r.out
		}
		return val{}
	}
	return f
}

func (c *compiler) parameter(p *ast.Binding) (binder, int) {
	if id, ok := p.Target.(*ast.Identifier); ok && p.Initializer == nil {
		name := id.Name.String()
		return c.name(name, declaring), c.scope.names[name].slot
	}
	return c.pattern(p.Target, p.Initializer, declaring), -1
}

// functionBody compiles the statements of a function: var and functions have all
// of it as their scope.
func (c *compiler) functionBody(list []ast.Statement) stmt {
	vars := c.hoist(list)
	body := c.block(list, true)
	if len(vars) == 0 {
		return body
	}
	return func(r *run) signal {
		for _, slot := range vars {
			r.slots[slot] = val{}
		}
		return body(r)
	}
}

// call runs the function.
func (f *function) call(r *run, args ...val) val {
	for i, bind := range f.params {
		bind(r, arg(args, i))
	}
	return f.body(r)
}

// visit runs the function as methods of arrays do.
func (f *function) visit(r *run, x val, i int, v val) val {
	switch {
	case len(f.slots) == 1 && f.slots[0] >= 0:
		r.slots[f.slots[0]] = x
		return f.body(r)
	case len(f.slots) <= 1:
		return f.call(r, x)
	case len(f.slots) == 2:
		return f.call(r, x, integer(int64(i)))
	}
	return f.call(r, x, integer(int64(i)), v)
}
