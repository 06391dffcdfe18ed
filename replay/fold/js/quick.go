package js

import (
	"slices"

	"github.com/dop251/goja/ast"

	"asof/replay"
	"asof/replay/fold/js/quick"
	"asof/replay/state"
)

// quickFuncs are the handlers of a script that can run without the engine as long
// as nothing unusual happens.
type quickFuncs struct {
	step, any, perEvent *quick.Func
	handlers            map[string]*quick.Func
}

// quickHandlers compiles the handlers that package quick supports. Only a script
// that keeps nothing outside its state may alternate between two engines.
func quickHandlers(src *source, said []bool) (q quickFuncs) {
	if src.tree == nil {
		return q
	}
	s := quick.NewScript(src.tree, src.strict, src.sums.watched(said))
	if f := argumentOf(src.tree, "partitionBy"); f != nil {
		q.perEvent = s.Compile(f)
	}
	when, _ := argumentOf(src.tree, "when").(*ast.ObjectLiteral)
	if when == nil {
		if f := stepOf(src.tree, s); f != nil {
			q.step = s.Compile(f)
		}
		return q
	}
	q.handlers = map[string]*quick.Func{}
	for _, p := range when.Value {
		name, f := handler(p)
		if f == nil {
			return quickFuncs{}
		}
		switch name {
		case "$init", "$initShared", "$created", "$deleted":
		case "$any":
			q.any = s.Compile(f)
		default:
			q.handlers[name] = s.Compile(f)
		}
	}
	return q
}

// handler returns the name and the function of a member of when's object.
func handler(p ast.Property) (name string, f ast.Expression) {
	switch p := p.(type) {
	case *ast.PropertyShort:
		return p.Name.Name.String(), &p.Name
	case *ast.PropertyKeyed:
		switch key := p.Key.(type) {
		case *ast.StringLiteral:
			return key.Value.String(), p.Value
		case *ast.Identifier:
			return key.Name.String(), p.Value
		}
	}
	return "", nil
}

// argumentOf returns the first argument of a call of the projection API, or nil.
func argumentOf(tree *ast.Program, function string) ast.Expression {
	for _, st := range tree.Body {
		x, ok := st.(*ast.ExpressionStatement)
		if !ok {
			continue
		}
		for e := x.Expression; e != nil; {
			call, ok := e.(*ast.CallExpression)
			if !ok {
				break
			}
			dot, ok := call.Callee.(*ast.DotExpression)
			if !ok {
				break
			}
			if dot.Identifier.Name.String() == function && len(call.ArgumentList) > 0 {
				return call.ArgumentList[0]
			}
			e = dot.Left
		}
	}
	return nil
}

// stepOf returns the function of a script that is not a projection: the script's
// value, else the function fold, else nil.
func stepOf(tree *ast.Program, s *quick.Script) ast.Expression {
	for _, st := range slices.Backward(tree.Body) { // declarations have no value
		if x, ok := st.(*ast.ExpressionStatement); ok {
			if isFunction(x.Expression) {
				return x.Expression
			}
			return nil
		}
	}
	return s.Shared("fold")
}

// quickTest compiles the function of an expression.
func quickTest(src *source, said []bool) *quick.Func {
	if src.tree == nil {
		return nil
	}
	s := quick.NewScript(src.tree, src.strict, src.sums.watched(said))
	if f := stepOf(src.tree, s); f != nil {
		return s.Compile(f)
	}
	return nil
}

// quickFor returns the handler that can run without the engine, or nil.
func (s *Script) quickFor(ev *replay.Event, st *state.State) *quick.Func {
	if s.e.broken != nil || st.Fresh || s.e.reads != nil {
		return nil
	}
	if s.step != nil {
		return s.quick.step
	}
	if s.def.handlers[ev.Type] != nil {
		return s.quick.handlers[ev.Type]
	}
	if s.def.deleted != nil {
		return nil
	}
	return s.quick.any
}
