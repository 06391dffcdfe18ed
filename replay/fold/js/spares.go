package js

import (
	"reflect"

	"github.com/dop251/goja/ast"

	"asof/replay"
)

// Unread returns the parts of events that the script certainly never looks at.
func (s *Script) Unread() replay.Fields {
	if s.def.odd || s.e.clockRead {
		return 0
	}
	return s.e.src.unread
}

// envelope are the parts of an event that most scripts never look at, and whose columns
// then need not be read.
const envelope = replay.FieldID | replay.FieldTime | replay.FieldMeta

// Names in a script.
const (
	// placing are the fields of an event that are always read, and its payload.
	placing = words(`data body bodyRaw isJson type eventType streamId stream version sequenceNumber position revision category`)
	// reaching lead to other fields without the event's name: to all that a function was
	// called with, to the clock, and to what the event is said to have caused.
	reaching = words(`arguments Date console log emit linkTo linkStreamTo copyTo`)
)

// unread returns the parts of events that a self-contained script never looks at. If in doubt
// it looks at them all. A script spares them if each function that gets an event names it, or
// takes it apart, and the names stand in the script only before a dot and one of its placing
// fields.
func unread(tree *ast.Program) replay.Fields {
	u := &sparing{names: map[string]bool{}, ok: argumentOf(tree, "partitionBy") == nil}
	if when, ok := argumentOf(tree, "when").(*ast.ObjectLiteral); ok {
		for _, p := range when.Value {
			name, f := handler(p)
			u.ok = u.ok && name != "$deleted"
			u.takes(f)
		}
	} else {
		u.takes(plainStep(tree))
	}
	if u.ok {
		u.look(reflect.ValueOf(tree.Body), nil)
	}
	if !u.ok {
		return 0
	}
	return envelope
}

// plainStep returns the function of a script that is not a projection; nil if it is not plain
// which one that is.
func plainStep(tree *ast.Program) ast.Expression {
	if len(tree.Body) == 0 {
		return nil
	}
	last, ok := tree.Body[len(tree.Body)-1].(*ast.ExpressionStatement)
	if !ok {
		return nil
	}
	return last.Expression
}

type sparing struct {
	names map[string]bool // of events
	ok    bool
}

// takes notes the name that a function has for its second argument, the event.
func (u *sparing) takes(f ast.Expression) {
	var params *ast.ParameterList
	switch f := f.(type) {
	case *ast.FunctionLiteral:
		params = f.ParameterList
	case *ast.ArrowFunctionLiteral:
		params = f.ParameterList
	}
	if params == nil || params.Rest != nil || len(params.List) > 2 {
		u.ok = false
		return
	}
	if len(params.List) < 2 {
		return
	}
	switch e := params.List[1]; target := e.Target.(type) {
	case *ast.Identifier:
		u.ok = u.ok && e.Initializer == nil
		u.names[target.Name.String()] = true
	default:
		u.ok = u.ok && e.Initializer == nil && placed(target)
	}
}

// placed reports whether a pattern takes nothing but placing fields.
func placed(pattern ast.Expression) bool {
	t, ok := pattern.(*ast.ObjectPattern)
	if !ok || t.Rest != nil {
		return false
	}
	for _, p := range t.Properties {
		name := ""
		switch p := p.(type) {
		case *ast.PropertyShort:
			name = p.Name.Name.String()
		case *ast.PropertyKeyed:
			key, isText := p.Key.(*ast.StringLiteral)
			if !isText || p.Computed {
				return false
			}
			name = key.Value.String()
		}
		if !placing.has(name) {
			return false
		}
	}
	return true
}

// look looks for names that lead to an event.
func (u *sparing) look(v reflect.Value, parent any) {
	eachNode(v, func(n any) {
		switch n := n.(type) {
		case *ast.Identifier:
			name := n.Name.String()
			u.ok = u.ok && !reaching.has(name) && (!u.names[name] || isDeclared(n, parent) || beforePlacing(n, parent))
			return
		case *ast.PropertyShort:
			name := n.Name.Name.String()
			u.ok = u.ok && !reaching.has(name) && !u.names[name]
		}
		u.look(reflect.ValueOf(n).Elem(), n)
	})
}

// isDeclared reports whether the parent of a name declares it without giving it a value.
func isDeclared(id *ast.Identifier, parent any) bool {
	b, ok := parent.(*ast.Binding)
	return ok && b.Initializer == nil && b.Target == ast.BindingTarget(id)
}

func beforePlacing(id *ast.Identifier, parent any) bool {
	dot, ok := parent.(*ast.DotExpression)
	return ok && dot.Left == ast.Expression(id) && placing.has(dot.Identifier.Name.String())
}
