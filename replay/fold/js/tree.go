package js

import (
	"reflect"
	"strconv"

	"github.com/dop251/goja"

	"asof/replay/fold/js/quick"
	"asof/replay/state"
)

// maxElems is the longest array that a script may make. It turns
// a[4294967294] = 1 into an error instead of the end of the process.
const maxElems = 1 << 24

// A wrapper stands for a node in a script. Each node has at most one, stored with
// the node (see [state.Node.SetExt]), so that === works. Reads are lazy; writes go
// through the node into the journal.
type wrapper struct {
	e   *engine
	n   *state.Node  // nil: the event is over
	st  *state.State // owner of n; nil: n is outside any state
	obj *goja.Object

	passing bool // n is part of an event's payload, which ends with the event
	opened  bool // the script has read a container inside n
}

// objectWrapper and arrayWrapper are wrappers as the engine's two kinds of dynamic
// objects.
type (
	objectWrapper struct{ wrapper }
	arrayWrapper  struct{ wrapper }
)

var (
	typeObjectWrapper = reflect.TypeFor[*objectWrapper]()
	typeArrayWrapper  = reflect.TypeFor[*arrayWrapper]()
)

// wrapperOf returns the wrapper of a script's object, or nil.
func wrapperOf(o *goja.Object) *wrapper {
	switch o.ExportType() {
	case typeObjectWrapper:
		return &o.Export().(*objectWrapper).wrapper
	case typeArrayWrapper:
		return &o.Export().(*arrayWrapper).wrapper
	}
	return nil
}

// wrap returns the script's object for n. in is the wrapper through which n was
// read, or nil.
func (e *engine) wrap(n *state.Node, st *state.State, in *wrapper) *goja.Object {
	ext := n.Ext()
	if e.readOnly {
		ext = e.seen[n]
	}
	switch x := ext.(type) {
	case *objectWrapper:
		if x.e == e {
			return x.obj
		}
	case *arrayWrapper:
		if x.e == e {
			return x.obj
		}
	case *goja.Object: // an object that the script put in the tree during this event
		return x
	}
	w := wrapper{e: e, n: n, st: st}
	if in != nil {
		w.passing, in.opened = in.passing, true
	}
	if n.Kind() == state.Array {
		a := &arrayWrapper{w}
		a.obj = e.rt.NewDynamicArray(a)
		must(a.obj.SetPrototype(e.arrayProto))
		e.remember(n, a, &a.wrapper)
		return a.obj
	}
	o := &objectWrapper{w}
	o.obj = e.rt.NewDynamicObject(o)
	e.remember(n, o, &o.wrapper)
	return o.obj
}

// remember stores the wrapper of n. A read-only engine must not mark nodes: another
// goroutine may read them at the same time.
func (e *engine) remember(n *state.Node, ext any, w *wrapper) {
	if e.readOnly {
		e.seen[n] = ext
		return
	}
	n.SetExt(ext)
	if w.passing {
		e.passing = append(e.passing, passing{n, w})
	}
}

// passing is a node of a payload with its wrapper.
type passing struct {
	n *state.Node
	w *wrapper
}

// node returns the node. It throws if the node's event is over.
func (w *wrapper) node() *state.Node {
	if w.n == nil {
		panic(w.e.rt.NewTypeError("this is the payload of an event that is over: copy what a later event needs into the state"))
	}
	return w.n
}

// edit returns the node for writing. It throws if the engine is read-only.
func (w *wrapper) edit() *state.Node {
	if w.e.readOnly {
		panic(w.e.rt.NewTypeError("state and event are read-only here"))
	}
	if w.st == nil {
		w.e.freeEdits = true
	}
	return w.node()
}

// value returns the script's value for v, which was read through w; nil if v is
// Absent.
func (w *wrapper) value(v state.Value, key string) goja.Value {
	switch v.Kind() {
	case state.Absent:
		return nil
	case state.Array, state.Object:
		st := w.st
		if st == nil && w.e.st != nil && w.e.st.Owns(v.Node()) {
			st = w.e.st
		}
		return w.e.wrap(v.Node(), st, w)
	}
	return w.e.scalar(v, key, w.passing)
}

func (o *objectWrapper) Get(key string) goja.Value {
	o.e.checkName(key)
	v := o.node().Get(key)
	if o.e.reads != nil {
		o.noteMember(key, v)
	}
	return o.value(v, key)
}

func (o *objectWrapper) Has(key string) bool {
	o.e.checkName(key)
	v := o.node().Get(key)
	if o.e.reads != nil {
		o.noteMember(key, v)
	}
	return !v.IsAbsent()
}

func (o *objectWrapper) Set(key string, val goja.Value) bool {
	n := o.edit()
	o.e.checkName(key)
	v := o.e.toTree(val, key, o.st)
	o.node().Set(key, v)
	if isOdd(v) {
		o.e.oddIn = append(o.e.oddIn, oddPlace{n: n, st: o.st, key: key})
	}
	return true
}

func (o *objectWrapper) Delete(key string) bool {
	n := o.edit()
	o.e.checkName(key)
	n.Delete(key)
	return true
}

// Keys returns the keys in JavaScript's order.
func (o *objectWrapper) Keys() []string {
	keys := quick.Keys(o.node())
	o.e.checkNames(keys)
	if o.e.reads != nil {
		o.noteParts()
	}
	if o.passing {
		for i := range keys {
			keys[i] = o.e.stable(keys[i])
		}
	}
	return keys
}

func (a *arrayWrapper) Len() int {
	if a.e.reads != nil {
		a.noteParts()
	}
	return a.node().Len()
}

func (a *arrayWrapper) Get(i int) goja.Value {
	v := a.node().At(i)
	if a.e.reads != nil {
		a.noteElem(i, v)
	}
	return a.value(v, "")
}

func (a *arrayWrapper) Set(i int, val goja.Value) bool {
	a.edit()
	if i < 0 {
		return true // dropped, like any property that is not an index
	}
	v := a.e.toTree(val, "", a.st)
	a.extend(i)
	n := a.node()
	n.SetAt(i, v)
	a.noteOdd(n, v)
	return true
}

func (a *arrayWrapper) SetLen(l int) bool {
	n := a.edit()
	if l < n.Len() {
		n.Truncate(max(l, 0))
		return true
	}
	a.extend(l)
	return true
}

// extend fills the array with undefined until it has l elements.
func (a *arrayWrapper) extend(l int) {
	if l >= maxElems {
		panic(a.e.rangeError("Invalid array length: " + strconv.Itoa(l)))
	}
	n := a.node()
	if n.Len() >= l {
		return
	}
	hole := a.e.odd(goja.Undefined())
	a.noteOdd(n, hole)
	for n.Len() < l {
		n.Append(hole)
	}
}

func (a *arrayWrapper) noteOdd(n *state.Node, v state.Value) {
	if isOdd(v) {
		a.e.noteOddArray(n, a.st)
	}
}
