package js

import (
	"slices"
	"strings"

	"github.com/dop251/goja"
)

// when adds the handlers in an object. Members that are not functions are ignored.
func (d *definition) when(v goja.Value) {
	o, ok := v.(*goja.Object)
	if !ok {
		return
	}
	for _, name := range o.Keys() {
		if f, ok := goja.AssertFunction(o.Get(name)); ok {
			d.handle(name, f)
		}
	}
}

// onEvent is the older API for a handler.
func (d *definition) onEvent(c goja.FunctionCall) {
	d.odd = true
	d.handle(d.text("on_event", c.Argument(0)), d.function("on_event", c.Argument(1)))
}

// handle adds one handler. The order of handlers matters for $any.
func (d *definition) handle(name string, f goja.Callable) {
	switch name {
	case "$init":
		d.init = f
	case "$initShared":
		d.shared, d.biState = f, true
	case "$any":
		d.any = f
	case "$created":
		d.created = append(d.created, f)
	case "$deleted":
		d.deleted = f
	default:
		if d.handlers[name] != nil {
			panic(d.e.rt.NewTypeError(name + " has two handlers"))
		}
		if d.any != nil {
			d.e.warn("any", "$any comes before "+shorten(name)+": KurrentDB drops it there and never calls it; write it last")
		}
		d.handlers[name], d.any = f, nil
	}
}

// optionNames are the options of KurrentDB.
var optionNames = []string{"$includeLinks", "reorderEvents", "processingLag", "resultStreamName", "biState"}

// options sets the projection's options. Options for the server have no effect.
func (d *definition) options(v goja.Value) {
	o, ok := v.(*goja.Object)
	if !ok {
		return
	}
	for _, key := range o.Keys() {
		i := slices.IndexFunc(optionNames, func(n string) bool { return strings.EqualFold(n, key) })
		if i < 0 {
			panic(d.e.rt.NewTypeError("unknown option " + key + ": use one of " + strings.Join(optionNames, ", ")))
		}
		d.option(optionNames[i], o.Get(key))
	}
}

func (d *definition) option(name string, v goja.Value) {
	want, fits := "true or false", false
	switch name {
	case "processingLag":
		want, fits = "a number", goja.IsNumber(v)
	case "resultStreamName":
		want, fits = "a string", goja.IsString(v)
	default:
		_, fits = v.Export().(bool)
	}
	if !fits {
		panic(d.e.rt.NewTypeError("the option " + name + " must be " + want))
	}
	switch name {
	case "$includeLinks":
		d.sel.Links = v.ToBoolean()
	case "reorderEvents":
		d.reorder = v.ToBoolean()
	case "processingLag":
		d.lag = v.ToFloat()
	case "biState":
		d.biState = v.ToBoolean()
	}
}
