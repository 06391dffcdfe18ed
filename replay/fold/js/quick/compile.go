package quick

import (
	"github.com/dop251/goja/ast"

	"asof/replay/state"
)

// An expr computes a value. A stmt executes and returns how it ended.
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

// unknown is the panic value of the compiler for code outside the subset.
type unknown struct{}

// A Script is the shared part of a script's functions. It serves one goroutine.
type Script struct {
	r      *run
	shared map[string]ast.Expression // functions and constants at the top level
	made   map[string]*function      // compiled functions; nil: being compiled
	tables map[string]*state.Node
	slots  int
	strict bool
	sums   Sums
}

// NewScript returns the script with the given syntax tree, which must be
// self-contained.
func NewScript(tree *ast.Program, strict bool, sums Sums) *Script {
	s := &Script{
		strict: strict, sums: sums, r: &run{}, shared: map[string]ast.Expression{}, made: map[string]*function{}, tables: map[string]*state.Node{},
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

// share records the meaning of a top-level name. A name that is declared twice is
// outside the subset.
func (s *Script) share(id *ast.Identifier, x ast.Expression) {
	name := id.Name.String()
	if _, twice := s.shared[name]; twice {
		x = &ast.BadExpression{}
	}
	s.shared[name] = x
}

// Shared returns the expression of a top-level name, or nil.
func (s *Script) Shared(name string) ast.Expression { return s.shared[name] }

// Compile compiles a function, given as a literal or a top-level name. It returns
// nil if the function uses anything outside the subset.
func (s *Script) Compile(f ast.Expression) (out *Func) {
	c := &compiler{script: s}
	defer func() {
		if x := recover(); x != nil {
			if _, ok := x.(unknown); !ok {
				panic(x)
			}
			for name, f := range s.made { // functions that were being compiled
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

// A compiler compiles one function and the functions it calls.
type compiler struct {
	script    *Script
	scope     *scope
	depth     int
	outermost bool // only arrow functions enclose this code within the compiled function
}

// A scope has the names of a block or a function.
type scope struct {
	up    *scope
	names map[string]*local
}

// A local is a name in a function. It is usable after its declaration in the text:
// code that uses it earlier is not compiled.
type local struct {
	slot     int
	live     bool
	constant bool
	f        *function // of a nested function
}

func (c *compiler) open() { c.scope = &scope{up: c.scope, names: map[string]*local{}} }

func (c *compiler) close() { c.scope = c.scope.up }

func (c *compiler) slot() int {
	c.script.slots++
	return c.script.slots - 1
}

// declare adds a name to the scope. live says that it is usable at once, as the name
// of a function is.
func (c *compiler) declare(name string, live, constant bool) *local {
	if l := c.scope.names[name]; l != nil {
		panic(unknown{})
	}
	l := &local{slot: c.slot(), live: live, constant: constant}
	c.scope.names[name] = l
	return l
}

// find returns the local of a name, or nil if no function declares it.
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

// A function is a compiled function. Each of its names has a fixed slot: no function
// in the subset is recursive.
type function struct {
	params []binder // one for each parameter
	slots  []int    // of parameters that are plain names; -1 for others
	body   expr
	match  *match // the function as a match; nil: it is not one
}

// A binder assigns a value to a name or to the names of a pattern.
type binder func(r *run, v val)

// maxDepth is how deeply source text may nest.
const maxDepth = 200

func (c *compiler) deeper() {
	if c.depth++; c.depth > maxDepth {
		panic(unknown{})
	}
}

// function compiles a function literal in the current scope.
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

// functionBody compiles the statements of a function, in which names of var and of
// functions are hoisted.
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
	for i, slot := range f.slots {
		if slot >= 0 && i < len(args) {
			r.slots[slot] = args[i]
			continue
		}
		f.params[i](r, arg(args, i))
	}
	return f.body(r)
}

// visit runs the function with the arguments that array methods pass.
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
