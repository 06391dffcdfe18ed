package js

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"

	"asof/replay"
	"asof/replay/state"
)

// The prelude replaces or removes the parts of the language that would make a fold
// differ from run to run or give it access to the outside.
//
//go:embed prelude.js
var preludeSource string

var prelude = sync.OnceValues(func() (*goja.Program, error) { return compile("prelude.js", preludeSource, true) })

// compile compiles a script. Unlike the engine, it never reads a source map from a
// file.
func compile(name, src string, strict bool) (*goja.Program, error) {
	ast, err := goja.Parse(name, src, parser.WithDisableSourceMaps)
	if err != nil {
		return nil, err
	}
	return goja.CompileAST(ast, strict)
}

func (e *engine) runPrelude() error {
	n := e.rt.NewObject()
	e.method(n, "log", e.logCall)
	e.method(n, "parseJSON", e.parseJSON)
	e.method(n, "isNumber", func(c goja.FunctionCall) goja.Value {
		o, ok := c.Argument(0).(*goja.Object)
		return e.rt.ToValue(ok && (o.ExportType() == typeExact || o.ExportType() == typeDecimal))
	})
	e.method(n, "isDeep", func(c goja.FunctionCall) goja.Value { return e.rt.ToValue(isDeep(c.Argument(0).String())) })
	must(n.Set("maxLength", maxElems))
	must(n.Set("maxParsed", maxParsed))
	must(n.Set("exponent", exponentBound))
	must(n.Set("shift", shiftBound))
	for _, part := range []func() (*goja.Program, error){boundsProgram, prelude} {
		p, err := part()
		if err != nil {
			return err
		}
		v, err := e.rt.RunProgram(p)
		if err != nil {
			return err
		}
		setUp, _ := goja.AssertFunction(v)
		if _, err := setUp(goja.Undefined(), n); err != nil {
			return err
		}
	}
	for name, f := range map[string]*goja.Callable{"plain": &e.plain, "keys": &e.keys, "get": &e.get, "put": &e.put} {
		*f, _ = goja.AssertFunction(n.Get(name))
	}
	return nil
}

// lock stops scripts from passing data between events through the language's
// prototypes.
const lock = `for (const c of [Object, Array, String, Number, Boolean, Date, RegExp, Map, Set, Symbol, BigInt, Promise, Error])
	Object.preventExtensions(c), Object.preventExtensions(c.prototype);
for (const o of [Math, JSON, Decimal, Decimal.prototype, Uint8Array, Uint8Array.prototype]) Object.preventExtensions(o);
if (typeof console === 'object') Object.preventExtensions(console);
Object.preventExtensions(Object.getPrototypeOf(() => 0))`

var lockProgram = sync.OnceValues(func() (*goja.Program, error) { return compile("lock.js", lock, true) })

func (e *engine) lock() error {
	p, err := lockProgram()
	if err == nil {
		_, err = e.rt.RunProgram(p)
	}
	return err
}

// parseJSON is JSON.parse without a reviver, exact and faster than the engine's. It
// returns undefined for invalid JSON.
func (e *engine) parseJSON(c goja.FunctionCall) goja.Value {
	text := stringOf(c.Argument(0))
	if len(text) > maxParsed {
		return goja.Undefined()
	}
	v, err := state.ParseHalves([]byte(text))
	if err != nil {
		return goja.Undefined()
	}
	return e.toScript(v)
}

// logCall is log and console.log. It adds an effect.
func (e *engine) logCall(c goja.FunctionCall) goja.Value {
	words := make([]string, len(c.Arguments))
	for i, a := range c.Arguments {
		words[i] = e.display(a)
	}
	e.effect(replay.Effect{Kind: "log", Text: strings.Join(words, " ")})
	return goja.Undefined()
}

// display returns a value as text for messages.
func (e *engine) display(v goja.Value) string {
	if o, ok := v.(*goja.Object); ok && o.ClassName() != "Error" {
		if _, isFunc := goja.AssertFunction(o); !isFunc {
			if t, err := e.stringify(goja.Undefined(), o); err == nil && t != goja.Undefined() {
				return t.String()
			}
		}
	}
	return stringOf(v)
}
