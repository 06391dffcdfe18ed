package js

import (
	"hash/maphash"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"asof/replay/fold/js/quick"
	"asof/replay/state"
)

var (
	typeInt    = reflect.TypeFor[int64]()
	typeFloat  = reflect.TypeFor[float64]()
	typeString = reflect.TypeFor[string]()
	typeBool   = reflect.TypeFor[bool]()
)

// A scalarCache maps texts to script values. It is direct-mapped: its size is fixed,
// and a miss costs little more than having no cache.
type scalarCache struct {
	seed  maphash.Seed
	slots [1024]scalarSlot
}

type scalarSlot struct {
	text string
	val  goja.Value // nil: empty
}

// cachedLen is the longest text that is cached: event types, keys, short codes and
// amounts, but not ids and prose.
const cachedLen = 20

// slot returns the slot for a text, which may contain another text.
func (c *scalarCache) slot(text string) *scalarSlot {
	return &c.slots[maphash.String(c.seed, text)%uint64(len(c.slots))]
}

// scalar returns the script's value for a scalar of the tree. The text of a passing
// value ends with the event and is copied.
func (e *engine) scalar(v state.Value, key string, passing bool) goja.Value {
	switch v.Kind() {
	case state.String:
		return e.stringValue(v.Text(), passing)
	case state.Number:
		return e.number(v.Text(), key, passing)
	case state.Bool:
		if v.Bool() {
			return e.yes
		}
		return e.no
	}
	return goja.Null()
}

func (e *engine) stringValue(s string, passing bool) goja.Value {
	if len(s) > cachedLen {
		if passing {
			s = strings.Clone(s)
		}
		return e.text(s)
	}
	slot := e.strings.slot(s)
	if slot.val == nil || slot.text != s {
		slot.text = strings.Clone(s)
		slot.val = e.text(slot.text)
	}
	return slot.val
}

// stable returns s in memory that outlives the event.
func (e *engine) stable(s string) string {
	if state.HasHalf(s) {
		return strings.Clone(s)
	}
	return e.stringValue(s, true).String()
}

// number returns the script's value for the text of a number: a double if that is
// exact, else an object that carries the text.
func (e *engine) number(text, key string, passing bool) goja.Value {
	if text[0] == oddMark {
		return e.odds[oddIndex(text)]
	}
	var slot *scalarSlot
	if len(text) <= cachedLen {
		if slot = e.numbers.slot(text); slot.text == text {
			if slot.val.ExportType() == typeFloat {
				e.notePlain(slot.val.ToFloat(), key)
			}
			return slot.val
		}
	}
	var v goja.Value
	f, plain, ok := quick.ParseNumber(text)
	if !ok || !plain {
		return e.longNumber(text, key, passing)
	}
	e.notePlain(f, key)
	v = e.rt.ToValue(f) // an integer if f has no fraction
	if slot != nil {
		slot.text, slot.val = strings.Clone(text), v
	}
	return v
}

func (e *engine) notePlain(f float64, key string) {
	if quick.IsCarried(f) {
		e.literals.notePlain(f, key)
	}
}

// longNumber is number for a text that differs from how a double is written.
func (e *engine) longNumber(text, key string, passing bool) goja.Value {
	f, exact := state.FloatExact(text)
	if !exact {
		return e.carry(text, f, key)
	}
	if passing {
		text = strings.Clone(text)
	}
	e.literals.note(f, key, text)
	return e.rt.ToValue(f)
}

// toTree converts a script's value that is put at key into a value of st, or of a
// tree outside any state if st is nil. A value without a JSON form, or whose JSON
// form is known only at the end of the event, is an odd value until then.
func (e *engine) toTree(v goja.Value, key string, st *state.State) state.Value {
	if v == nil || v == goja.Undefined() {
		return e.odd(goja.Undefined())
	}
	if v == goja.Null() {
		return state.NullValue()
	}
	if o, ok := v.(*goja.Object); ok {
		return e.objectToTree(o, st)
	}
	switch v.ExportType() {
	case typeString:
		return state.StringValue(stringOf(v))
	case typeBool:
		return state.BoolValue(v.ToBoolean())
	case typeInt:
		n := v.ToInteger()
		if text, ok := e.literals.of(float64(n), key); ok {
			return state.NumberValue(text)
		}
		return state.NumberValue(e.written(strconv.FormatInt(n, 10), v))
	case typeFloat:
		return e.floatToTree(v, key)
	}
	return e.odd(v)
}

func (e *engine) floatToTree(v goja.Value, key string) state.Value {
	f := v.ToFloat()
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return e.odd(v)
	}
	if text, ok := e.literals.of(f, key); ok {
		return state.NumberValue(text)
	}
	if f == 0 { // -0 is written as 0
		return state.NumberValue("0")
	}
	return state.NumberValue(e.written(state.FormatFloat(f), v))
}

// written caches the value from which a text was made. A later event usually reads
// it.
func (e *engine) written(text string, v goja.Value) string {
	if len(text) <= cachedLen {
		slot := e.numbers.slot(text)
		slot.text, slot.val = text, v
	}
	return text
}

func (e *engine) objectToTree(o *goja.Object, st *state.State) state.Value {
	if w := wrapperOf(o); w != nil {
		return e.place(w, st)
	}
	switch o.ExportType() {
	case typeExact:
		return state.NumberValue(o.Export().(*exactNumber).text)
	case typeDecimal:
		return state.NumberValue(o.Export().(*decimalObject).d.JSON())
	}
	if n := e.natives[native{o, st}]; n != nil {
		return n.Value()
	}
	if e.isScalarLike(o) {
		return e.odd(o)
	}
	return e.placeNative(o, st, 0).Value()
}

// isScalarLike reports whether an object's JSON form is not an array or an object
// of its properties.
func (e *engine) isScalarLike(o *goja.Object) bool {
	switch o.ClassName() {
	case "Function", "Date", "Number", "String", "Boolean":
		return true
	}
	if _, ok := goja.AssertFunction(o); ok {
		return true
	}
	_, ok := goja.AssertFunction(o.Get("toJSON"))
	return ok
}

// Odd values. A script may put undefined, NaN or a Date into the state and read it
// back during the same event; it becomes JSON at the end. Until then the tree has a
// number whose text is an index of e.odds after a mark that no JSON number has.

const oddMark = 0

func isOdd(v state.Value) bool {
	return v.Kind() == state.Number && v.Text()[0] == oddMark
}

func oddIndex(text string) int {
	i, _ := strconv.Atoi(text[1:])
	return i
}

func (e *engine) odd(v goja.Value) state.Value {
	if n := len(e.odds); n == 0 || e.odds[n-1] != v {
		e.odds = append(e.odds, v)
	}
	return state.NumberValue("\x00" + strconv.Itoa(len(e.odds)-1))
}

// An oddPlace is the location of an odd value: a member, or anywhere in an array.
type oddPlace struct {
	n   *state.Node
	st  *state.State
	key string
}

func (e *engine) noteOddArray(n *state.Node, st *state.State) {
	if k := len(e.oddIn); k > 0 && e.oddIn[k-1].n == n {
		return
	}
	e.oddIn = append(e.oddIn, oddPlace{n: n, st: st})
}

// An exactNumber carries a number that a double cannot represent through a script.
// It is stored with its text. Arithmetic uses the nearest double and adds a
// warning.
type exactNumber struct {
	e    *engine
	text string
	f    float64
	key  string // under which it was first read
}

var typeExact = reflect.TypeFor[*exactNumber]()

func (*exactNumber) Get(string) goja.Value       { return nil }
func (*exactNumber) Set(string, goja.Value) bool { return false }
func (*exactNumber) Has(string) bool             { return false }
func (*exactNumber) Delete(string) bool          { return true }
func (*exactNumber) Keys() []string              { return nil }

// carry returns the carrier of a number, the same for the same text during an event,
// so that === works.
func (e *engine) carry(text string, f float64, key string) goja.Value {
	if o := e.carriers[text]; o != nil {
		return o
	}
	text = strings.Clone(text)
	o := e.rt.NewDynamicObject(&exactNumber{e, text, f, key})
	must(o.SetPrototype(e.exactProto))
	if e.carriers == nil {
		e.carriers = map[string]*goja.Object{}
	}
	e.carriers[text] = o
	return o
}

func (e *engine) makeExactProto() {
	e.exactProto = e.rt.NewObject()
	this := func(c goja.FunctionCall) *exactNumber {
		if o, ok := c.This.(*goja.Object); ok && o.ExportType() == typeExact {
			return o.Export().(*exactNumber)
		}
		panic(e.rt.NewTypeError("not a number"))
	}
	e.method(e.exactProto, "valueOf", func(c goja.FunctionCall) goja.Value {
		x := this(c)
		e.warn("number "+x.key, readsNumber+shorten(x.text)+" ("+x.key+"), which a double cannot represent: its arithmetic is approximate; Decimal is exact")
		return e.rt.ToValue(x.f)
	})
	text := func(c goja.FunctionCall) goja.Value { return e.rt.ToValue(this(c).text) }
	e.method(e.exactProto, "toString", text)
	e.method(e.exactProto, "toLocaleString", text)
	e.method(e.exactProto, "toJSON", func(c goja.FunctionCall) goja.Value {
		return e.rawJSON(this(c).text)
	})
}

// rawJSON returns an object that JSON.stringify writes as text.
func (e *engine) rawJSON(text string) goja.Value {
	v, err := e.jsonRaw(goja.Undefined(), e.rt.ToValue(text))
	if err != nil {
		panic(err)
	}
	return v
}
