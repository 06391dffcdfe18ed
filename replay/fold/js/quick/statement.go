package quick

import (
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

// hoist declares the names of var in a function and returns their slots.
func (c *compiler) hoist(list []ast.Statement) (slots []int) {
	var look func(s ast.Statement)
	add := func(list []*ast.Binding) {
		for _, b := range list {
			id, ok := b.Target.(*ast.Identifier)
			if !ok {
				panic(unknown{})
			}
			if c.scope.names[id.Name.String()] == nil {
				slots = append(slots, c.declare(id.Name.String(), true, false).slot)
			}
		}
	}
	all := func(list []ast.Statement) {
		for _, s := range list {
			look(s)
		}
	}
	look = func(s ast.Statement) {
		switch s := s.(type) {
		case *ast.VariableStatement:
			add(s.List)
		case *ast.BlockStatement:
			all(s.List)
		case *ast.IfStatement:
			look(s.Consequent)
			look(s.Alternate)
		case *ast.ForStatement:
			if v, ok := s.Initializer.(*ast.ForLoopInitializerVarDeclList); ok {
				add(v.List)
			}
			look(s.Body)
		case *ast.ForOfStatement:
			look(s.Body)
		case *ast.ForInStatement:
			look(s.Body)
		case *ast.WhileStatement:
			look(s.Body)
		case *ast.DoWhileStatement:
			look(s.Body)
		case *ast.SwitchStatement:
			for _, k := range s.Body {
				all(k.Consequent)
			}
		}
	}
	all(list)
	return slots
}

// block compiles statements in their own scope. functions says whether they may
// declare functions, which in an inner block have two bindings.
func (c *compiler) block(list []ast.Statement, functions bool) stmt {
	c.open()
	defer c.close()
	c.lexical(list)
	stmts := make([]stmt, 0, len(list))
	for _, s := range list {
		if d, ok := s.(*ast.FunctionDeclaration); ok && functions {
			c.declareFunction(d.Function)
			continue
		}
		if st := c.stmt(s); st != nil {
			stmts = append(stmts, st)
		}
	}
	return inTurn(stmts)
}

func inTurn(stmts []stmt) stmt {
	switch len(stmts) {
	case 0:
		return func(*run) signal { return done }
	case 1:
		return stmts[0]
	case 2:
		a, b := stmts[0], stmts[1]
		return func(r *run) signal {
			if s := a(r); s != done {
				return s
			}
			return b(r)
		}
	}
	return func(r *run) signal {
		for _, st := range stmts {
			if s := st(r); s != done {
				return s
			}
		}
		return done
	}
}

// lexical declares the names of a block, which become usable once their declaration
// is compiled.
func (c *compiler) lexical(list []ast.Statement) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.LexicalDeclaration:
			for _, b := range s.List {
				c.declareTarget(b.Target, s.Token == token.CONST)
			}
		case *ast.FunctionDeclaration:
			c.declare(s.Function.Name.Name.String(), false, true)
		case *ast.ClassDeclaration:
			panic(unknown{})
		}
	}
}

func (c *compiler) declareFunction(f *ast.FunctionLiteral) {
	l := c.scope.names[f.Name.Name.String()]
	l.f = c.function(f)
	l.live = true
}

// stmt compiles a statement; the result is nil if it does nothing.
func (c *compiler) stmt(s ast.Statement) stmt {
	c.deeper()
	defer func() { c.depth-- }()
	switch s := s.(type) {
	case *ast.EmptyStatement:
		return nil
	case *ast.ExpressionStatement:
		x := c.expr(s.Expression)
		return func(r *run) signal {
			x(r)
			return done
		}
	case *ast.BlockStatement:
		return c.block(s.List, false)
	case *ast.VariableStatement:
		return c.bindings(s.List, false)
	case *ast.LexicalDeclaration:
		return c.bindings(s.List, true)
	case *ast.IfStatement:
		return c.ifStmt(s)
	case *ast.ReturnStatement:
		return c.returnStmt(s)
	case *ast.BranchStatement:
		return branch(s)
	case *ast.ThrowStatement:
		return func(*run) signal { panic(giveUp) }
	case *ast.SwitchStatement:
		return c.switchStmt(s)
	}
	return c.loop(s)
}

func branch(s *ast.BranchStatement) stmt {
	if s.Label != nil {
		panic(unknown{})
	}
	sig := brk
	if s.Token == token.CONTINUE {
		sig = cont
	}
	return func(*run) signal { return sig }
}

func (c *compiler) ifStmt(s *ast.IfStatement) stmt {
	test, yes := c.expr(s.Test), c.stmt(s.Consequent)
	if yes == nil {
		yes = inTurn(nil)
	}
	var no stmt
	if s.Alternate != nil {
		no = c.stmt(s.Alternate)
	}
	if no == nil {
		no = inTurn(nil)
	}
	return func(r *run) signal {
		if test(r).truthy() {
			return yes(r)
		}
		return no(r)
	}
}

func (c *compiler) returnStmt(s *ast.ReturnStatement) stmt {
	if s.Argument == nil {
		return func(r *run) signal {
			r.out = val{}
			return ret
		}
	}
	x := c.expr(s.Argument)
	return func(r *run) signal {
		r.out = x(r)
		return ret
	}
}

// bindings compiles the assignments of a declaration. Lexical names without a value
// become undefined.
func (c *compiler) bindings(list []*ast.Binding, lexical bool) stmt {
	var stmts []stmt
	for _, b := range list {
		if lexical && c.localFunction(b) {
			continue
		}
		if b.Initializer == nil {
			if !lexical {
				continue
			}
			bind := c.pattern(b.Target, nil, declaring)
			stmts = append(stmts, func(r *run) signal {
				bind(r, val{})
				return done
			})
			continue
		}
		x := c.expr(b.Initializer) // before the name is usable
		how := declaring
		if !lexical {
			how = assigning
		}
		bind := c.pattern(b.Target, nil, how)
		stmts = append(stmts, func(r *run) signal {
			bind(r, x(r))
			return done
		})
	}
	return inTurn(stmts)
}

// localFunction compiles a constant that is a function and reports whether b is one.
func (c *compiler) localFunction(b *ast.Binding) bool {
	id, ok := b.Target.(*ast.Identifier)
	if !ok {
		return false
	}
	l := c.scope.names[id.Name.String()]
	switch b.Initializer.(type) {
	case *ast.ArrowFunctionLiteral, *ast.FunctionLiteral:
		if !l.constant {
			panic(unknown{})
		}
		l.f = c.function(b.Initializer)
		l.live = true
		return true
	}
	return false
}

func (c *compiler) switchStmt(s *ast.SwitchStatement) stmt {
	x := c.expr(s.Discriminant)
	c.open()
	defer c.close()
	type arm struct {
		test expr // nil: default
		run  stmt
	}
	arms := make([]arm, len(s.Body))
	for i, k := range s.Body {
		before := len(c.scope.names)
		c.lexical(k.Consequent)
		if len(c.scope.names) > before && i < len(s.Body)-1 {
			panic(unknown{}) // later cases would have the name without a value
		}
	}
	for i, k := range s.Body {
		if k.Test != nil {
			arms[i].test = c.expr(k.Test)
		}
		var stmts []stmt
		for _, st := range k.Consequent {
			if one := c.stmt(st); one != nil {
				stmts = append(stmts, one)
			}
		}
		arms[i].run = inTurn(stmts)
	}
	def := s.Default
	return func(r *run) signal {
		v := x(r)
		from := def
		for i := range arms {
			if t := arms[i].test; t != nil && r.same(v, t(r)) {
				from = i
				break
			}
		}
		if from < 0 {
			return done
		}
		for i := from; i < len(arms); i++ {
			switch sig := arms[i].run(r); sig {
			case done:
			case brk:
				return done
			default:
				return sig
			}
		}
		return done
	}
}
