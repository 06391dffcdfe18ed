package js

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/dop251/goja"

	"asof/replay/decimal"
	"asof/replay/state"
)

// A decimalObject is a decimal as scripts see it. It is immutable.
type decimalObject struct{ d decimal.Decimal }

var typeDecimal = reflect.TypeFor[*decimalObject]()

func (*decimalObject) Get(string) goja.Value       { return nil }
func (*decimalObject) Set(string, goja.Value) bool { return false }
func (*decimalObject) Has(string) bool             { return false }
func (*decimalObject) Delete(string) bool          { return true }
func (*decimalObject) Keys() []string              { return nil }

func (e *engine) newDecimal(d decimal.Decimal) *goja.Object {
	o := e.rt.NewDynamicObject(&decimalObject{d})
	must(o.SetPrototype(e.decimalProto))
	return o
}

// decimalOf converts an argument of Decimal: a Decimal, a number with its text, or a
// string.
func (e *engine) decimalOf(v goja.Value) decimal.Decimal {
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
		if written, known := e.literals.any(v.ToFloat()); known {
			text = written
		} else if t := e.floatToTree(v, ""); !isOdd(t) {
			text = t.Text()
		}
	}
	if !ok {
		panic(e.rt.NewTypeError("Decimal needs a number, a string or a Decimal, not " + shorten(e.display(v))))
	}
	d, err := decimal.Parse(text)
	if errors.Is(err, decimal.ErrSyntax) {
		err = fmt.Errorf("%q is not a decimal number", shorten(text))
	}
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
	e.numbersAsDecimals()
}

// numbersAsDecimals gives numbers the methods of Decimals: the state stores a Decimal as
// a number, so that a later event compares it as one and still calculates exactly.
func (e *engine) numbersAsDecimals() {
	numbers := e.rt.Get("Number").(*goja.Object).Get("prototype").(*goja.Object)
	for name := range strings.FieldsSeq("plus add minus sub times mul div round neg abs eq lt lte gt gte cmp isZero isNegative toNumber") {
		define(numbers, name, e.decimalProto.Get(name))
		define(e.exactProto, name, e.decimalProto.Get(name))
	}
	define(e.exactProto, "toFixed", e.decimalProto.Get("toFixed"))
}

// decimalThis is the receiver of a Decimal's method, which may be a number.
func (e *engine) decimalThis(v goja.Value, method string) decimal.Decimal {
	o, isObj := v.(*goja.Object)
	if isObj && (o.ExportType() == typeDecimal || o.ExportType() == typeExact || o.ClassName() == "Number") || !isObj && goja.IsNumber(v) {
		return e.decimalOf(v)
	}
	panic(e.rt.NewTypeError("Decimal.prototype." + method + " was called on something else"))
}

// decimalMethod defines a method under one or more names.
func (e *engine) decimalMethod(names string, f func(d decimal.Decimal, args []goja.Value) goja.Value) {
	for name := range strings.FieldsSeq(names) {
		e.method(e.decimalProto, name, func(c goja.FunctionCall) goja.Value {
			return f(e.decimalThis(c.This, name), c.Arguments)
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
	binary := func(names string, op func(d, o decimal.Decimal) (decimal.Decimal, error)) {
		e.decimalMethod(names, func(d decimal.Decimal, args []goja.Value) goja.Value {
			r, err := op(d, e.decimalOf(arg(args, 0)))
			e.mustDecimal(err)
			return e.newDecimal(r)
		})
	}
	binary("plus add", decimal.Decimal.Plus)
	binary("minus sub", decimal.Decimal.Minus)
	binary("times mul", decimal.Decimal.Times)
	e.decimalMethod("div", func(d decimal.Decimal, args []goja.Value) goja.Value {
		o := e.decimalOf(arg(args, 0))
		var r decimal.Decimal
		var err error
		if p := arg(args, 1); p == goja.Undefined() {
			r, err = d.Div(o)
		} else {
			r, err = d.DivTo(o, e.places(p), e.rounding(arg(args, 2)))
		}
		e.mustDecimal(err)
		return e.newDecimal(r)
	})
	e.decimalMethod("round", func(d decimal.Decimal, args []goja.Value) goja.Value {
		r, err := d.Round(e.places(arg(args, 0)), e.rounding(arg(args, 1)))
		e.mustDecimal(err)
		return e.newDecimal(r)
	})
	e.decimalMethod("neg", func(d decimal.Decimal, _ []goja.Value) goja.Value {
		r, err := d.Neg()
		e.mustDecimal(err)
		return e.newDecimal(r)
	})
	e.decimalMethod("abs", func(d decimal.Decimal, _ []goja.Value) goja.Value {
		return e.newDecimal(d.Abs())
	})
}

func (e *engine) decimalTests() {
	compare := func(name string, is func(c int) bool) {
		e.decimalMethod(name, func(d decimal.Decimal, args []goja.Value) goja.Value {
			return e.rt.ToValue(is(d.Cmp(e.decimalOf(arg(args, 0)))))
		})
	}
	compare("eq", func(c int) bool { return c == 0 })
	compare("lt", func(c int) bool { return c < 0 })
	compare("lte", func(c int) bool { return c <= 0 })
	compare("gt", func(c int) bool { return c > 0 })
	compare("gte", func(c int) bool { return c >= 0 })
	e.decimalMethod("cmp", func(d decimal.Decimal, args []goja.Value) goja.Value {
		return e.rt.ToValue(d.Cmp(e.decimalOf(arg(args, 0))))
	})
	e.decimalMethod("isZero", func(d decimal.Decimal, _ []goja.Value) goja.Value { return e.rt.ToValue(d.Sign() == 0) })
	e.decimalMethod("isNegative", func(d decimal.Decimal, _ []goja.Value) goja.Value { return e.rt.ToValue(d.Sign() < 0) })
}

func (e *engine) decimalTexts() {
	e.decimalMethod("toString toLocaleString", func(d decimal.Decimal, _ []goja.Value) goja.Value {
		return e.rt.ToValue(d.JSON())
	})
	e.decimalMethod("toFixed", func(d decimal.Decimal, args []goja.Value) goja.Value {
		r, err := d.Round(e.places(arg(args, 0)), e.rounding(arg(args, 1)))
		e.mustDecimal(err)
		return e.rt.ToValue(r.Fixed())
	})
	e.decimalMethod("toNumber valueOf", func(d decimal.Decimal, _ []goja.Value) goja.Value {
		f, _ := state.FloatExact(d.JSON())
		return e.rt.ToValue(f)
	})
	e.decimalMethod("toJSON", func(d decimal.Decimal, _ []goja.Value) goja.Value { return e.rawJSON(d.JSON()) })
}

// decimalStatics defines Decimal.sum, min and max, which take several arguments or
// a single array.
func (e *engine) decimalStatics(ctor *goja.Object) {
	static := func(name string, step func(acc, x decimal.Decimal) (decimal.Decimal, error)) {
		e.method(ctor, name, func(c goja.FunctionCall) goja.Value {
			var acc decimal.Decimal
			some := name == "sum" // the sum of nothing is 0
			add := func(v goja.Value) bool {
				x := e.decimalOf(v)
				if !some {
					acc, some = x, true
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
			if !some {
				panic(e.rangeError("Decimal." + name + " of nothing"))
			}
			return e.newDecimal(acc)
		})
	}
	pick := func(sign int) func(a, x decimal.Decimal) (decimal.Decimal, error) {
		return func(a, x decimal.Decimal) (decimal.Decimal, error) {
			if x.Cmp(a) == sign {
				return x, nil
			}
			return a, nil
		}
	}
	static("sum", decimal.Decimal.Plus)
	static("min", pick(-1))
	static("max", pick(1))
}

func (e *engine) places(v goja.Value) int32 {
	if v == goja.Undefined() {
		return 0
	}
	f := v.ToFloat()
	n := int32(v.ToInteger())
	if float64(n) != f || n < 0 || n > decimal.MaxPlaces {
		panic(e.rangeError(fmt.Sprintf("Decimal: places must be a whole number from 0 to %d", decimal.MaxPlaces)))
	}
	return n
}

func (e *engine) rounding(v goja.Value) decimal.Rounding {
	if v == goja.Undefined() {
		return decimal.HalfEven
	}
	if r, ok := decimal.Roundings[v.String()]; ok {
		return r
	}
	panic(e.rangeError("Decimal: rounding must be half-even, half-up, half-down, up, down, ceiling or floor"))
}
