package fold

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/cockroachdb/apd/v3"
	"github.com/dop251/goja"

	"asof/replay/state"
)

// A decimalObject is a decimal as scripts see it: it never changes.
type decimalObject struct{ d *decimal }

var typeDecimal = reflect.TypeFor[*decimalObject]()

func (*decimalObject) Get(string) goja.Value       { return nil }
func (*decimalObject) Set(string, goja.Value) bool { return false }
func (*decimalObject) Has(string) bool             { return false }
func (*decimalObject) Delete(string) bool          { return true }
func (*decimalObject) Keys() []string              { return nil }

func (e *engine) newDecimal(d *decimal) *goja.Object {
	o := e.rt.NewDynamicObject(&decimalObject{d})
	must(o.SetPrototype(e.decimalProto))
	return o
}

// decimalOf reads what Decimal accepts: a Decimal, a number as it was written, a
// text.
func (e *engine) decimalOf(v goja.Value) *decimal {
	text, ok := "", false
	switch o, isObj := v.(*goja.Object); {
	case isObj && o.ExportType() == typeDecimal:
		return o.Export().(*decimalObject).d
	case isObj && o.ExportType() == typeExact:
		text, ok = o.Export().(*exactNumber).text, true
	case isObj && (o.ClassName() == "Number" || o.ClassName() == "String"):
		text, ok = o.String(), true
	case isObj || v == nil || v == goja.Undefined() || v == goja.Null():
	case goja.IsString(v) || goja.IsBigInt(v):
		text, ok = v.String(), true
	case goja.IsNumber(v):
		text, ok = v.String(), true
		if t := e.floatToTree(v); !isOdd(t) {
			text = t.Text()
		}
	}
	if !ok {
		panic(e.rt.NewTypeError("Decimal needs a number, a text or a Decimal, not " + shorten(e.display(v))))
	}
	d, err := parseDecimal(text)
	e.mustDecimal(err)
	return d
}

func (e *engine) mustDecimal(err error) {
	if err != nil {
		panic(e.rangeError("Decimal: " + err.Error()))
	}
}

func (e *engine) makeDecimal() {
	ctor := e.rt.ToValue(func(c goja.ConstructorCall) *goja.Object {
		var v goja.Value = goja.Undefined()
		if len(c.Arguments) > 0 {
			v = c.Arguments[0]
		}
		return e.newDecimal(e.decimalOf(v))
	}).(*goja.Object)
	must(ctor.DefineDataProperty("name", e.rt.ToValue("Decimal"), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	e.decimalProto = ctor.Get("prototype").(*goja.Object)
	define(e.rt.GlobalObject(), "Decimal", ctor)
	e.decimalArithmetic()
	e.decimalTests()
	e.decimalTexts()
	e.decimalStatics(ctor)
}

// decimalMethod defines a method under one or more names.
func (e *engine) decimalMethod(names string, f func(d *decimal, args []goja.Value) goja.Value) {
	for name := range strings.FieldsSeq(names) {
		e.method(e.decimalProto, name, func(c goja.FunctionCall) goja.Value {
			if o, ok := c.This.(*goja.Object); ok && o.ExportType() == typeDecimal {
				return f(o.Export().(*decimalObject).d, c.Arguments)
			}
			panic(e.rt.NewTypeError("Decimal.prototype." + name + " was called on something else"))
		})
	}
}

func arg(args []goja.Value, i int) goja.Value {
	if i < len(args) {
		return args[i]
	}
	return goja.Undefined()
}

func (e *engine) decimalArithmetic() {
	binary := func(names string, op func(d, o *decimal) (*decimal, error)) {
		e.decimalMethod(names, func(d *decimal, args []goja.Value) goja.Value {
			r, err := op(d, e.decimalOf(arg(args, 0)))
			e.mustDecimal(err)
			return e.newDecimal(r)
		})
	}
	binary("plus add", (*decimal).plus)
	binary("minus sub", (*decimal).minus)
	binary("times mul", (*decimal).times)
	e.decimalMethod("div", func(d *decimal, args []goja.Value) goja.Value {
		o := e.decimalOf(arg(args, 0))
		var r *decimal
		var err error
		if p := arg(args, 1); p == goja.Undefined() {
			r, err = d.div(o)
		} else {
			r, err = d.divTo(o, e.places(p), e.rounding(arg(args, 2)))
		}
		e.mustDecimal(err)
		return e.newDecimal(r)
	})
	e.decimalMethod("round", func(d *decimal, args []goja.Value) goja.Value {
		r, err := d.round(e.places(arg(args, 0)), e.rounding(arg(args, 1)))
		e.mustDecimal(err)
		return e.newDecimal(r)
	})
	e.decimalMethod("neg", func(d *decimal, _ []goja.Value) goja.Value {
		r := &decimal{}
		r.Neg(&d.Decimal)
		r, err := r.bounded()
		e.mustDecimal(err)
		return e.newDecimal(r)
	})
	e.decimalMethod("abs", func(d *decimal, _ []goja.Value) goja.Value {
		r := decimal{}
		r.Abs(&d.Decimal)
		return e.newDecimal(&r)
	})
}

func (e *engine) decimalTests() {
	compare := func(name string, is func(c int) bool) {
		e.decimalMethod(name, func(d *decimal, args []goja.Value) goja.Value {
			return e.rt.ToValue(is(d.Cmp(&e.decimalOf(arg(args, 0)).Decimal)))
		})
	}
	compare("eq", func(c int) bool { return c == 0 })
	compare("lt", func(c int) bool { return c < 0 })
	compare("lte", func(c int) bool { return c <= 0 })
	compare("gt", func(c int) bool { return c > 0 })
	compare("gte", func(c int) bool { return c >= 0 })
	e.decimalMethod("cmp", func(d *decimal, args []goja.Value) goja.Value {
		return e.rt.ToValue(d.Cmp(&e.decimalOf(arg(args, 0)).Decimal))
	})
	e.decimalMethod("isZero", func(d *decimal, _ []goja.Value) goja.Value { return e.rt.ToValue(d.IsZero()) })
	e.decimalMethod("isNegative", func(d *decimal, _ []goja.Value) goja.Value { return e.rt.ToValue(d.Sign() < 0) })
}

func (e *engine) decimalTexts() {
	e.decimalMethod("toString toLocaleString", func(d *decimal, _ []goja.Value) goja.Value {
		return e.rt.ToValue(d.JSON())
	})
	e.decimalMethod("toFixed", func(d *decimal, args []goja.Value) goja.Value {
		r, err := d.round(e.places(arg(args, 0)), e.rounding(arg(args, 1)))
		e.mustDecimal(err)
		return e.rt.ToValue(r.Text('f'))
	})
	e.decimalMethod("toNumber valueOf", func(d *decimal, _ []goja.Value) goja.Value {
		f, _ := state.FloatExact(d.JSON())
		return e.rt.ToValue(f)
	})
	e.decimalMethod("toJSON", func(d *decimal, _ []goja.Value) goja.Value { return e.rawJSON(d.JSON()) })
}

// decimalStatics defines Decimal.sum, min and max of their arguments, or of one
// array.
func (e *engine) decimalStatics(ctor *goja.Object) {
	static := func(name string, empty *decimal, step func(acc, x *decimal) (*decimal, error)) {
		e.method(ctor, name, func(c goja.FunctionCall) goja.Value {
			acc := empty
			add := func(v goja.Value) bool {
				x := e.decimalOf(v)
				if acc == nil {
					acc = x
					return true
				}
				r, err := step(acc, x)
				e.mustDecimal(err)
				acc = r
				return true
			}
			if o, ok := c.Argument(0).(*goja.Object); ok && len(c.Arguments) == 1 && o.ClassName() == "Array" {
				e.rt.ForOf(o, add)
			} else {
				for _, v := range c.Arguments {
					add(v)
				}
			}
			if acc == nil {
				panic(e.rangeError("Decimal." + name + " of nothing"))
			}
			return e.newDecimal(acc)
		})
	}
	pick := func(sign int) func(a, x *decimal) (*decimal, error) {
		return func(a, x *decimal) (*decimal, error) {
			if x.Cmp(&a.Decimal) == sign {
				return x, nil
			}
			return a, nil
		}
	}
	static("sum", &decimal{}, (*decimal).plus)
	static("min", nil, pick(-1))
	static("max", nil, pick(1))
}

func (e *engine) places(v goja.Value) int32 {
	if v == goja.Undefined() {
		return 0
	}
	f := v.ToFloat()
	n := int32(v.ToInteger())
	if float64(n) != f || n < 0 || n > maxPlaces {
		panic(e.rangeError(fmt.Sprintf("Decimal: places are a whole number from 0 to %d", maxPlaces)))
	}
	return n
}

func (e *engine) rounding(v goja.Value) apd.Rounder {
	if v == goja.Undefined() {
		return apd.RoundHalfEven
	}
	if r, ok := roundings[v.String()]; ok {
		return r
	}
	panic(e.rangeError("Decimal: rounding is half-even, half-up, half-down, up, down, ceiling or floor"))
}
