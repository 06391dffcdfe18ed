package js

import (
	"maps"
	"slices"

	"github.com/dop251/goja"

	"asof/replay/state"
)

// makeArrayProto makes the prototype of arrays of the tree. It behaves like
// Array.prototype, but inserting, removing and reordering is a single step on the
// node, which the journal records; the generic methods move each element. This also
// applies to calls through Array.prototype.
//
// All other methods are the built-in ones. On Array.prototype they check the length
// first: a script's own array may have a huge length at no cost until a method
// visits each index.
func (e *engine) makeArrayProto() {
	shared := e.rt.Get("Array").(*goja.Object).Get("prototype").(*goja.Object)
	e.arrayProto = e.rt.NewObject()
	must(e.arrayProto.SetPrototype(shared))
	own := map[string]treeMethod{
		"push": e.push, "pop": e.pop, "shift": e.shift, "unshift": e.unshift, "splice": e.splice,
		"sort": e.sort, "reverse": e.reverse,
	}
	for _, name := range lengthDriven {
		builtin, ok := goja.AssertFunction(shared.Get(name))
		if !ok {
			continue
		}
		define(e.arrayProto, name, shared.Get(name))
		f := own[name]
		e.method(shared, name, func(c goja.FunctionCall) goja.Value {
			if a := treeArray(c.This); f != nil && a != nil {
				return f(a, c.Arguments)
			}
			e.guardLength(c.This)
			v, err := builtin(c.This, c.Arguments...)
			if err != nil {
				panic(err)
			}
			return v
		})
	}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		e.arrayMethod(name, own[name])
	}
}

// A treeMethod is a method of arrays of the tree.
type treeMethod func(*arrayWrapper, []goja.Value) goja.Value

// treeArray returns the wrapper of an array of the tree, or nil.
func treeArray(v goja.Value) *arrayWrapper {
	if o, ok := v.(*goja.Object); ok && o.ExportType() == typeArrayWrapper {
		return o.Export().(*arrayWrapper)
	}
	return nil
}

// lengthDriven are the methods of Array.prototype that visit each index below the
// length inside the engine, where a script cannot be stopped.
var lengthDriven = []string{
	"concat", "copyWithin", "every", "fill", "filter", "find", "findIndex", "findLast", "findLastIndex",
	"flat", "flatMap", "forEach", "includes", "indexOf", "join", "lastIndexOf", "map", "reduce", "reduceRight",
	"reverse", "shift", "slice", "some", "sort", "splice", "toLocaleString", "toReversed", "toSorted", "toSpliced",
	"unshift", "with",
}

func (e *engine) guardLength(v goja.Value) {
	if o, ok := v.(*goja.Object); ok {
		if l := o.Get("length"); l != nil && l != goja.Undefined() && l.ToInteger() > maxElems {
			panic(e.rangeError("Invalid array length"))
		}
	}
}

// arrayMethod defines a method on the prototype of the tree's arrays. Called on
// anything else, it runs the built-in method.
func (e *engine) arrayMethod(name string, f treeMethod) {
	builtin, _ := goja.AssertFunction(e.arrayProto.Get(name))
	e.method(e.arrayProto, name, func(c goja.FunctionCall) goja.Value {
		if a := treeArray(c.This); a != nil {
			return f(a, c.Arguments)
		}
		v, err := builtin(c.This, c.Arguments...)
		if err != nil {
			panic(err)
		}
		return v
	})
}

// values converts arguments to values of the tree. Call it before changing the
// array: it may run the script's code.
func (a *arrayWrapper) values(args []goja.Value) []state.Value {
	a.edit()
	vals := make([]state.Value, len(args))
	for i, arg := range args {
		vals[i] = a.e.toTree(arg, "", a.st)
	}
	if a.node().Len()+len(vals) > maxElems {
		panic(a.e.rangeError("Invalid array length"))
	}
	return vals
}

func (a *arrayWrapper) insert(i, del int, vals []state.Value) {
	n := a.node()
	n.Splice(i, del, vals...)
	for _, v := range vals {
		a.noteOdd(n, v)
	}
}

func (e *engine) push(a *arrayWrapper, args []goja.Value) goja.Value {
	vals := a.values(args)
	n := a.node()
	for _, v := range vals {
		n.Append(v)
		a.noteOdd(n, v)
	}
	return e.rt.ToValue(n.Len())
}

func (e *engine) pop(a *arrayWrapper, _ []goja.Value) goja.Value {
	n := a.edit()
	if n.Len() == 0 {
		return goja.Undefined()
	}
	v := a.Get(n.Len() - 1)
	n.Truncate(n.Len() - 1)
	return v
}

func (e *engine) shift(a *arrayWrapper, _ []goja.Value) goja.Value {
	n := a.edit()
	if n.Len() == 0 {
		return goja.Undefined()
	}
	v := a.Get(0)
	n.Splice(0, 1)
	return v
}

func (e *engine) unshift(a *arrayWrapper, args []goja.Value) goja.Value {
	if vals := a.values(args); len(vals) > 0 {
		a.insert(0, 0, vals)
	}
	return e.rt.ToValue(a.Len())
}

func (e *engine) splice(a *arrayWrapper, args []goja.Value) goja.Value {
	if len(args) == 0 {
		a.edit()
		return e.rt.NewArray()
	}
	from := args[0].ToInteger()
	var count int64
	if len(args) > 1 {
		count = args[1].ToInteger()
	}
	vals := a.values(args[min(2, len(args)):])
	length := int64(a.Len())
	if from < 0 {
		from = max(0, length+from)
	}
	from = min(from, length)
	if len(args) == 1 {
		count = length
	}
	count = min(max(count, 0), length-from)
	cut := make([]any, count)
	for i := range cut {
		cut[i] = a.Get(int(from) + i)
	}
	if count > 0 || len(vals) > 0 {
		a.insert(int(from), int(count), vals)
	}
	return e.rt.NewArray(cut...)
}
