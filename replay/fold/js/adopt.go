package js

import (
	"math"
	"reflect"
	"strconv"

	"github.com/dop251/goja"

	"asof/replay/state"
)

// maxDepth is how deeply a value may nest that a script puts in the state. A deeper
// one most likely contains itself.
const maxDepth = 10_000

// native is an object that the script created, with the state that it was put in;
// nil for a tree outside any state.
type native struct {
	obj *goja.Object
	st  *state.State
}

// pending is a node that stands for a script's own object and is filled from it at
// the end of the event. Until then the script uses its object and sees changes to
// it:
//
//	const i = {qty: 1}; s.items.push(i); i.qty = 5
type pending struct {
	native
	n     *state.Node
	depth int
}

var typePromise = reflect.TypeFor[*goja.Promise]()

// newNode returns an empty node of st, or outside any state if st is nil.
func newNode(kind state.Kind, st *state.State) *state.Node {
	switch {
	case st == nil && kind == state.Array:
		return state.NewArray()
	case st == nil:
		return state.NewObject()
	case kind == state.Array:
		return st.NewArray()
	}
	return st.NewObject()
}

// placeNative returns the node that stands for o.
func (e *engine) placeNative(o *goja.Object, st *state.State, depth int) *state.Node {
	if depth > maxDepth {
		panic(e.rangeError("a value in the state nests deeper than " + strconv.Itoa(maxDepth) + " levels"))
	}
	kind := state.Object
	if o.ClassName() == "Array" {
		kind = state.Array
	} else {
		e.checkClass(o)
	}
	n := newNode(kind, st)
	n.SetExt(o)
	key := native{o, st}
	if e.natives == nil {
		e.natives = map[native]*state.Node{}
	}
	e.natives[key] = n
	e.pending = append(e.pending, pending{key, n, depth})
	return n
}

// checkClass warns about objects that JSON does not represent, and rejects Promises.
func (e *engine) checkClass(o *goja.Object) {
	if o.ExportType() == typePromise {
		panic(e.rt.NewTypeError("a Promise cannot be in a state: async functions cannot fold"))
	}
	if o.ClassName() == "Date" {
		e.warnServer("a Date", "stored as {}, so store toISOString() instead")
	}
	tag := o.GetSymbol(goja.SymToStringTag)
	if tag == nil || !goja.IsString(tag) {
		return
	}
	switch class := tag.String(); class {
	case "Map", "Set", "WeakMap", "WeakSet":
		e.warn("class "+class, "a "+class+" was put in the state: JSON has no "+class+", so it is stored as {}")
	}
}

// warnServer warns of a value that changes at the end of the event, whereas engine
// V1 of KurrentDB keeps it until it restarts.
func (e *engine) warnServer(what, becomes string) {
	if e.server {
		e.warn("server "+what, what+" was put in the state: it is "+becomes+"; V1 of KurrentDB keeps it until it restarts")
	}
}

// place returns the wrapper's node as a value of st: the node itself, or a copy if
// it belongs to another tree.
func (e *engine) place(w *wrapper, st *state.State) state.Value {
	n := w.node()
	if w.st == st || st == nil {
		return n.Value()
	}
	return e.adopt(n, st).Value()
}

// adopt copies a node into st. Script objects for the node or its parts then stand
// for the copy, so that a script can still change what it put in the state.
func (e *engine) adopt(n *state.Node, st *state.State) *state.Node {
	c := e.adoptNode(n, st)
	if e.reads != nil && c != n {
		e.noteCopy(n, c)
	}
	return c
}

func (e *engine) adoptNode(n *state.Node, st *state.State) *state.Node {
	switch {
	case st.Owns(n):
		return n
	case e.copies[n] != nil: // n occurs twice, or contains itself
		return e.copies[n]
	}
	var w *wrapper
	switch x := n.Ext().(type) {
	case *objectWrapper:
		w = &x.wrapper
	case *arrayWrapper:
		w = &x.wrapper
	case *goja.Object:
		if c := e.natives[native{x, st}]; c != nil {
			return c
		}
		return e.placeNative(x, st, 0)
	}
	switch {
	case w == nil:
	case w.n != n && w.n != nil && st.Owns(w.n): // adopted before
		return w.n
	case w.e != e || w.st != nil: // from another script or another state
		return st.Adopt(n.Value()).Node()
	}
	if !e.freeEdits && (w == nil || !w.opened) {
		c := st.Adopt(n.Value()).Node()
		rebind(w, n, c, st)
		return c
	}
	return e.adoptParts(w, n, st)
}

func (e *engine) adoptParts(w *wrapper, n *state.Node, st *state.State) *state.Node {
	c := newNode(n.Kind(), st)
	if e.copies == nil {
		e.copies = map[*state.Node]*state.Node{}
	}
	e.copies[n] = c
	rebind(w, n, c, st)
	part := func(v state.Value) state.Value {
		switch {
		case v.IsContainer():
			return e.adopt(v.Node(), st).Value()
		case isOdd(v):
			return v
		}
		return st.Adopt(v)
	}
	for _, v := range n.Elems() {
		c.Append(part(v))
	}
	odd := false
	n.Each(func(key string, v state.Value) bool {
		key = e.stable(key)
		c.Set(key, part(v))
		if isOdd(v) {
			e.oddIn = append(e.oddIn, oddPlace{n: c, st: st, key: key})
		}
		return true
	})
	for _, v := range c.Elems() {
		odd = odd || isOdd(v)
	}
	if odd {
		e.noteOddArray(c, st)
	}
	return c
}

// rebind makes the wrapper of n stand for c. Reading n at its old location returns
// the same wrapper, so both are one object to the script.
func rebind(w *wrapper, n, c *state.Node, st *state.State) {
	if w != nil {
		w.n, w.st, w.passing = c, st, false
		c.SetExt(n.Ext())
	}
}

// drain converts what the script put in the state to JSON: it fills pending nodes
// and replaces odd values. It runs the script's getters and toJSON methods.
func (e *engine) drain() {
	for i, j := 0, 0; i < len(e.pending) || j < len(e.oddIn); {
		if i < len(e.pending) {
			e.fill(e.pending[i])
			i++
			continue
		}
		e.settleOdd(e.oddIn[j])
		j++
	}
}

func (e *engine) fill(p pending) {
	if p.n.Kind() == state.Array {
		length := p.obj.Get("length").ToInteger()
		if length > maxElems {
			panic(e.rangeError("an array with " + strconv.FormatInt(length, 10) + " elements is too long for a state"))
		}
		for i := range int(length) {
			key := strconv.Itoa(i)
			v, ok := e.final(p.obj.Get(key), p.st, key, p.depth+1)
			if !ok {
				v = state.NullValue()
			}
			p.n.Append(v)
		}
		return
	}
	for key, val := range e.members(p.obj) {
		if v, ok := e.final(val, p.st, key, p.depth+1); ok {
			p.n.Set(key, v)
		}
	}
}

func (e *engine) settleOdd(at oddPlace) {
	if at.n.Kind() == state.Object {
		v := at.n.Get(at.key)
		if !isOdd(v) {
			return
		}
		if f, ok := e.final(e.odds[oddIndex(v.Text())], at.st, at.key, 0); ok {
			at.n.Set(at.key, f)
		} else {
			at.n.Delete(at.key)
		}
		return
	}
	for i := range at.n.Len() {
		v := at.n.At(i)
		if !isOdd(v) {
			continue
		}
		f, ok := e.final(e.odds[oddIndex(v.Text())], at.st, strconv.Itoa(i), 0)
		if !ok {
			f = state.NullValue()
		}
		at.n.SetAt(i, f)
	}
}

// final returns the JSON form of a script's value at key; ok is false if it has
// none.
func (e *engine) final(v goja.Value, st *state.State, key string, depth int) (_ state.Value, ok bool) {
	if o, isObj := v.(*goja.Object); isObj {
		return e.finalObject(o, st, key, depth)
	}
	return e.finalScalar(v, st, key)
}

func (e *engine) finalScalar(v goja.Value, st *state.State, key string) (_ state.Value, ok bool) {
	switch {
	case v == nil || v == goja.Undefined():
		return state.Value{}, false
	case goja.IsBigInt(v):
		return state.StringValue(v.String()), true
	case goja.IsNumber(v):
		if f := v.ToFloat(); math.IsNaN(f) || math.IsInf(f, 0) {
			e.warnServer(v.String(), "stored as null")
			return state.NullValue(), true
		}
	}
	if _, isSymbol := v.(*goja.Symbol); isSymbol {
		return state.Value{}, false
	}
	return e.toTree(v, key, st), true
}

func (e *engine) finalObject(o *goja.Object, st *state.State, key string, depth int) (_ state.Value, ok bool) {
	if w := wrapperOf(o); w != nil {
		return e.place(w, st), true
	}
	if t := o.ExportType(); t == typeExact || t == typeDecimal {
		return e.objectToTree(o, st), true
	}
	if n := e.natives[native{o, st}]; n != nil {
		return n.Value(), true
	}
	if e.server { // its own enumerable properties, whatever its class
		if _, isFunc := goja.AssertFunction(o); isFunc {
			e.warnServer("a function", "stored as {}")
		}
		return e.placeNative(o, st, depth).Value(), true
	}
	if toJSON, isFunc := goja.AssertFunction(o.Get("toJSON")); isFunc {
		v, err := toJSON(o, e.text(key))
		if err != nil {
			panic(err)
		}
		r, isObj := v.(*goja.Object)
		if !isObj {
			return e.finalScalar(v, st, key)
		}
		o = r
		if w := wrapperOf(o); w != nil {
			return e.place(w, st), true
		}
		if n := e.natives[native{o, st}]; n != nil {
			return n.Value(), true
		}
	}
	if _, isFunc := goja.AssertFunction(o); isFunc {
		return state.Value{}, false
	}
	switch o.ClassName() {
	case "Number":
		return e.finalScalar(o.ToNumber(), st, key)
	case "String":
		return state.StringValue(stringOf(o)), true
	case "Boolean":
		return state.BoolValue(o.Get("valueOf") != nil && e.unboxBool(o)), true
	}
	return e.placeNative(o, st, depth).Value(), true
}

// unboxBool returns the value of a Boolean object; the object itself is truthy.
func (e *engine) unboxBool(o *goja.Object) bool {
	v, err := e.boolValueOf(o)
	if err != nil {
		panic(err)
	}
	return v.ToBoolean()
}

// toScript returns a copy of v as the script's own arrays and objects.
func (e *engine) toScript(v state.Value) goja.Value {
	switch v.Kind() {
	case state.Array:
		elems := make([]any, v.Node().Len())
		for i, x := range v.Node().Elems() {
			elems[i] = e.toScript(x)
		}
		return e.rt.NewArray(elems...)
	case state.Object:
		o := e.rt.NewObject()
		v.Node().Each(func(key string, x state.Value) bool {
			e.putMember(o, key, e.toScript(x))
			return true
		})
		return o
	}
	return e.scalar(v, "JSON", true)
}
