package js

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"asof/replay"
)

// A definition is what a projection file defines: the events it selects and their
// handlers. It is made by running the file once, with KurrentDB's projection API in
// scope.
type definition struct {
	e   *engine
	sel replay.Selection

	from     string       // the last selector called
	chain    *goja.Object // returned by each call of the chain
	odd      bool         // the file is not a single chain of calls
	handlers map[string]goja.Callable
	init     goja.Callable
	shared   goja.Callable // $initShared
	any      goja.Callable
	created  []goja.Callable
	deleted  goja.Callable
	perEvent goja.Callable // the function of partitionBy
	byStream bool          // foreachStream
	biState  bool
	reorder  bool
	lag      float64
	shape    []shaping
}

// shaping is a transformBy or a filterBy.
type shaping struct {
	filter bool
	f      goja.Callable
}

// chains lists the calls that may follow each call.
var chains = map[string][]string{
	"fromAll":        {"when", "partitionBy", "foreachStream", "outputState"},
	"fromCategory":   {"when", "partitionBy", "foreachStream", "outputState"},
	"fromCategories": {"when", "partitionBy", "foreachStream", "outputState"},
	"fromStream":     {"when", "partitionBy", "outputState"},
	"fromStreams":    {"when", "partitionBy", "outputState"},
	"foreachStream":  {"when"},
	"partitionBy":    {"when"},
	"when":           {"transformBy", "filterBy", "outputState", "outputTo", "$defines_state_transform"},
	"outputState":    {"transformBy", "filterBy", "outputTo"},
	"transformBy":    {"transformBy", "filterBy", "outputState", "outputTo"},
	"filterBy":       {"transformBy", "filterBy", "outputState", "outputTo"},
}

// define puts the projection API in the script's scope.
func (d *definition) define() {
	d.handlers = map[string]goja.Callable{}
	rt := d.e.rt
	d.chain = rt.NewObject()
	for _, name := range []string{"fromAll", "fromCategory", "fromCategories", "fromStream", "fromStreams"} {
		d.e.method(rt.GlobalObject(), name, func(c goja.FunctionCall) goja.Value {
			d.selectFrom(name, c.Arguments)
			return d.next(name)
		})
	}
	for name, f := range map[string]func(goja.FunctionCall){
		"options":  func(c goja.FunctionCall) { d.options(c.Argument(0)) },
		"on_event": d.onEvent,
		"on_any": func(c goja.FunctionCall) {
			d.odd = true
			d.handle("$any", d.function("on_any", c.Argument(0)))
		},
	} {
		d.e.method(rt.GlobalObject(), name, func(c goja.FunctionCall) goja.Value {
			f(c)
			return goja.Undefined()
		})
	}
	d.e.defineEffects()
}

// next returns the object of the chain with the methods that may follow the call of
// that name, and no others.
func (d *definition) next(name string) goja.Value {
	for _, m := range d.chain.GetOwnPropertyNames() {
		if !slices.Contains(chains[name], m) {
			must(d.chain.Delete(m))
		}
	}
	for _, m := range chains[name] {
		d.e.method(d.chain, m, func(c goja.FunctionCall) goja.Value { return d.follow(m, c) })
	}
	return d.chain
}

// follow is a later call of the chain.
func (d *definition) follow(name string, c goja.FunctionCall) goja.Value {
	switch name {
	case "when":
		d.when(c.Argument(0))
	case "partitionBy":
		d.perEvent, d.sel.Partitions = d.function(name, c.Argument(0)), true
	case "foreachStream":
		d.byStream, d.sel.Partitions = true, true
	case "transformBy", "filterBy":
		d.shape = append(d.shape, shaping{name == "filterBy", d.function(name, c.Argument(0))})
	case "outputTo":
		if len(c.Arguments) < 1 || len(c.Arguments) > 2 {
			panic(d.e.rt.NewTypeError("outputTo needs a stream, optionally a pattern for partitions"))
		}
		for _, a := range c.Arguments {
			d.text(name, a)
		}
	case "$defines_state_transform":
		return goja.Undefined()
	}
	return d.next(name)
}

func (d *definition) function(what string, v goja.Value) goja.Callable {
	f, ok := goja.AssertFunction(v)
	if !ok {
		panic(d.e.rt.NewTypeError(what + " needs a function"))
	}
	return f
}

// selectFrom is a call of a selector. The last call counts.
func (d *definition) selectFrom(name string, args []goja.Value) {
	d.odd = d.odd || d.from != ""
	d.from, d.e.server = name, true
	must(d.e.rt.GlobalObject().Delete("console")) // KurrentDB has no console
	d.e.uncategorised = name == "fromAll"
	d.sel = replay.Selection{Server: true, Partitions: d.sel.Partitions, Links: d.sel.Links}
	switch name {
	case "fromAll":
		d.sel.All = true
		return
	case "fromStream":
		args = args[:min(1, len(args))]
	}
	for _, n := range d.names(name, args) {
		if strings.HasPrefix(name, "fromCategor") {
			d.sel.Categories = append(d.sel.Categories, n)
		} else {
			d.selectStream(n)
		}
	}
}

// names returns a selector's arguments: strings, or an array of them.
func (d *definition) names(selector string, args []goja.Value) []string {
	if selector != "fromStream" && len(args) > 0 {
		if o, ok := args[0].(*goja.Object); ok && o.ClassName() == "Array" {
			args = args[:0:0]
			d.e.rt.ForOf(o, func(v goja.Value) bool {
				args = append(args, v)
				return true
			})
		}
	}
	if len(args) == 0 {
		panic(d.e.rt.NewTypeError(selector + " needs a name"))
	}
	names := make([]string, len(args))
	for i, a := range args {
		names[i] = d.text(selector, a)
	}
	return names
}

// selectStream selects one stream. Some names are system streams of KurrentDB,
// which stand for a category, an event type or a correlation.
func (d *definition) selectStream(name string) {
	for prefix, into := range map[string]*[]string{
		"$ce-": &d.sel.Categories, "$et-": &d.sel.OfTypes, "$bc-": &d.sel.Correlations,
	} {
		if of, ok := strings.CutPrefix(name, prefix); ok {
			*into = append(*into, of)
			return
		}
	}
	if name == "$all" {
		d.sel.All = true
		return
	}
	d.sel.Streams = append(d.sel.Streams, replay.StreamID(name))
}

func (d *definition) text(what string, v goja.Value) string {
	if !goja.IsString(v) {
		panic(d.e.rt.NewTypeError(what + " needs names that are strings"))
	}
	return stringOf(v)
}

// selection returns the events that the projection folds.
func (d *definition) selection() replay.Selection {
	sel := d.sel
	sel.Deletions = d.deleted != nil && d.byStream
	if len(d.handlers) > 0 && d.any == nil {
		sel.Types = slices.Sorted(maps.Keys(d.handlers))
	}
	return sel
}

// sharesState reports whether the partitions share part of their state.
func (d *definition) sharesState() bool { return d.biState && d.sel.Partitions }

func (d *definition) check() error {
	several := len(d.sel.Streams)+len(d.sel.Categories)+len(d.sel.OfTypes)+len(d.sel.Correlations) > 1
	switch {
	case d.deleted != nil && !d.byStream:
		return errors.New("$deleted needs foreachStream")
	case d.deleted != nil && d.biState:
		return errors.New("$deleted cannot be combined with shared state ($initShared, biState)")
	case d.reorder && (d.from != "fromStreams" || !several):
		return errors.New("reorderEvents needs fromStreams with several streams")
	case d.reorder && d.lag < minLag:
		return fmt.Errorf("reorderEvents needs a processingLag of %d or more", minLag)
	}
	return nil
}

// minLag is KurrentDB's minimum processing lag, in milliseconds.
const minLag = 50
