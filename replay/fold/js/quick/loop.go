package quick

import (
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"

	"asof/replay/state"
)

// body compiles the body of a loop.
func (c *compiler) body(s ast.Statement) stmt {
	if st := c.stmt(s); st != nil {
		return st
	}
	return inTurn(nil)
}

// ended reports whether a signal ends the loop, and how.
func ended(sig signal) (signal, bool) {
	switch sig {
	case brk:
		return done, true
	case ret:
		return ret, true
	}
	return done, false
}

func (c *compiler) loop(s ast.Statement) stmt {
	switch s := s.(type) {
	case *ast.WhileStatement:
		return repeat(c.expr(s.Test), nil, c.body(s.Body), false)
	case *ast.DoWhileStatement:
		return repeat(c.expr(s.Test), nil, c.body(s.Body), true)
	case *ast.ForStatement:
		return c.forStmt(s)
	case *ast.ForOfStatement:
		return c.loopOver(s.Into, s.Source, s.Body, forOf)
	case *ast.ForInStatement:
		return c.loopOver(s.Into, s.Source, s.Body, forIn)
	}
	panic(unknown{})
}

func repeat(test, update expr, body stmt, bodyFirst bool) stmt {
	return func(r *run) signal {
		for first := bodyFirst; ; first = false {
			r.spend(1)
			if !first && test != nil && !test(r).truthy() {
				return done
			}
			if sig, end := ended(body(r)); end {
				return sig
			}
			if update != nil {
				update(r)
			}
		}
	}
}

func (c *compiler) forStmt(s *ast.ForStatement) stmt {
	c.open()
	defer c.close()
	var init stmt
	switch i := s.Initializer.(type) {
	case nil:
	case *ast.ForLoopInitializerExpression:
		x := c.expr(i.Expression)
		init = func(r *run) signal { x(r); return done }
	case *ast.ForLoopInitializerVarDeclList:
		init = c.bindings(i.List, false)
	case *ast.ForLoopInitializerLexicalDecl:
		for _, b := range i.LexicalDeclaration.List {
			c.declareTarget(b.Target, i.LexicalDeclaration.Token == token.CONST)
		}
		init = c.bindings(i.LexicalDeclaration.List, true)
	}
	var test, update expr
	if s.Test != nil {
		test = c.expr(s.Test)
	}
	if s.Update != nil {
		update = c.expr(s.Update)
	}
	again := repeat(test, update, c.body(s.Body), false)
	if init == nil {
		return again
	}
	return func(r *run) signal {
		init(r)
		return again(r)
	}
}

// loopOver compiles a loop over the value of source. The names that the loop declares
// exist in source too, without a value.
func (c *compiler) loopOver(into ast.ForInto, source ast.Expression, body ast.Statement, loop func(r *run, v val, to target, body stmt) signal) stmt {
	d, ok := into.(*ast.ForDeclaration)
	if !ok {
		panic(unknown{})
	}
	c.open()
	defer c.close()
	c.declareTarget(d.Target, d.IsConst)
	of := c.expr(source)
	to := target{slot: -1, bind: c.pattern(d.Target, nil, declaring)}
	if id, ok := d.Target.(*ast.Identifier); ok {
		to.slot = c.scope.names[id.Name.String()].slot
	}
	st := c.body(body)
	return func(r *run) signal { return loop(r, of(r), to, st) }
}

// A target is what a loop declares: a plain name, or a pattern.
type target struct {
	slot int // of a plain name; -1 for a pattern
	bind binder
}

func (t *target) set(r *run, v val) {
	if t.slot >= 0 {
		r.slots[t.slot] = v
		return
	}
	t.bind(r, v)
}

// forOf loops over an array, which the body may change, or over the characters of a string.
func forOf(r *run, v val, to target, body stmt) signal {
	if v.kind == text {
		v = ofList(r.letters(nil, v))
	}
	for i := 0; ; i++ {
		x, ok := r.nth(&v, i)
		if !ok {
			return done
		}
		r.spend(1)
		to.set(r, x)
		if sig, end := ended(body(r)); end {
			return sig
		}
	}
}

// nth returns an element of an array, if there is one.
func (r *run) nth(v *val, i int) (x val, ok bool) {
	if v.kind == container && len(r.moved) == 0 && v.n.Kind() == state.Array {
		if i >= v.n.Len() {
			return x, false
		}
		if e := v.n.At(i); e.IsContainer() {
			return ofNode(e.Node()), true
		}
	} else if i >= r.length(*v) {
		return x, false
	}
	return r.elem(r.now(*v), i), true
}

// forIn loops over the keys of an object, except those deleted meanwhile.
func forIn(r *run, v val, to target, body stmt) signal {
	v = r.now(v)
	if v.isNullish() {
		return done
	}
	if v.kind != container || v.n.Kind() != state.Object {
		panic(giveUp)
	}
	passing := r.passing(v.n)
	keys := Keys(v.n)
	r.spend(4 * len(keys))
	for _, key := range keys {
		if r.now(v).n.Get(key).IsAbsent() {
			continue
		}
		to.set(r, val{kind: text, s: key, passing: passing})
		if sig, end := ended(body(r)); end {
			return sig
		}
	}
	return done
}
