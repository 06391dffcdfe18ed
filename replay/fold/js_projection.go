package fold

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"asof/replay"
)

// A definition is what a projection file defines: which events it is for, and
// what it does with them. It is made by running the file once, with the functions
// of KurrentDB's projection API in scope.
type definition struct {
	e   *engine
	sel replay.Selection

	from     string // the selector that was called
	hasWhen  bool
	handlers map[string]goja.Callable
	init     goja.Callable
	shared   goja.Callable // $initShared
	any      goja.Callable
	created  goja.Callable
	deleted  goja.Callable
	perEvent goja.Callable // of partitionBy
	byStream bool          // foreachStream
	biState  bool
	shape    []shaping
	outputs  bool // outputState, which makes the state the result
}

// shaping is a transformBy or a filterBy.
type shaping struct {
	filter bool
	f      goja.Callable
}

// streamDeleted is the type of the event that ends a stream in KurrentDB.
const streamDeleted = "$streamDeleted"

// chains says which calls may follow which.
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
	for _, name := range []string{"fromAll", "fromCategory", "fromCategories", "fromStream", "fromStreams"} {
		d.e.method(rt.GlobalObject(), name, func(c goja.FunctionCall) goja.Value {
			if d.from != "" {
				panic(rt.NewTypeError("a projection has one selector: " + name + " was called after " + d.from))
			}
			d.from = name
			d.selectFrom(name, c.Arguments)
			return d.next(name)
		})
	}
	d.e.method(rt.GlobalObject(), "options", func(c goja.FunctionCall) goja.Value {
		d.options(c.Argument(0))
		return goja.Undefined()
	})
	d.e.defineEffects()
}

// next returns the object whose methods may follow the call of that name.
func (d *definition) next(name string) goja.Value {
	o := d.e.rt.NewObject()
	for _, m := range chains[name] {
		d.e.method(o, m, func(c goja.FunctionCall) goja.Value {
			switch m {
			case "when":
				d.when(c.Argument(0))
			case "partitionBy":
				d.perEvent, d.sel.Partitions = d.function(m, c.Argument(0)), true
			case "foreachStream":
				d.byStream, d.sel.Partitions = true, true
			case "transformBy", "filterBy":
				d.shape = append(d.shape, shaping{m == "filterBy", d.function(m, c.Argument(0))})
			case "outputState":
				d.outputs = true
			}
			return d.next(m)
		})
	}
	return o
}

func (d *definition) function(what string, v goja.Value) goja.Callable {
	f, ok := goja.AssertFunction(v)
	if !ok {
		panic(d.e.rt.NewTypeError(what + " needs a function"))
	}
	return f
}

func (d *definition) selectFrom(name string, args []goja.Value) {
	if name == "fromAll" {
		d.sel.All = true
		return
	}
	var names []string
	for _, a := range args {
		o, ok := a.(*goja.Object)
		if !ok {
			names = append(names, d.text(name, a))
			continue
		}
		if o.ClassName() != "Array" {
			panic(d.e.rt.NewTypeError(name + " needs names"))
		}
		d.e.rt.ForOf(o, func(v goja.Value) bool {
			names = append(names, d.text(name, v))
			return true
		})
	}
	if len(names) == 0 {
		panic(d.e.rt.NewTypeError(name + " needs a name"))
	}
	for _, n := range names {
		d.selectName(name, n)
	}
}

// selectName takes one name. KurrentDB has streams of its own that stand for
// others: $all, $ce-CATEGORY and $et-TYPE.
func (d *definition) selectName(selector, name string) {
	category, isCategory := strings.CutPrefix(name, "$ce-")
	eventType, isType := strings.CutPrefix(name, "$et-")
	switch {
	case strings.HasPrefix(selector, "fromCategor"):
		d.sel.Categories = append(d.sel.Categories, name)
	case name == "$all":
		d.sel.All = true
	case isCategory:
		d.sel.Categories = append(d.sel.Categories, category)
	case isType:
		d.sel.All = true
		d.sel.Types = append(d.sel.Types, eventType)
	default:
		d.sel.Streams = append(d.sel.Streams, replay.StreamID(name))
	}
}

func (d *definition) text(what string, v goja.Value) string {
	if !goja.IsString(v) {
		panic(d.e.rt.NewTypeError(what + " needs names, which are texts"))
	}
	return v.String()
}

func (d *definition) when(v goja.Value) {
	o, ok := v.(*goja.Object)
	if !ok {
		panic(d.e.rt.NewTypeError("when needs an object of handlers"))
	}
	d.hasWhen = true
	for _, name := range o.Keys() {
		f, ok := goja.AssertFunction(o.Get(name))
		if !ok {
			panic(d.e.rt.NewTypeError("the handler " + name + " is not a function"))
		}
		switch name {
		case "$init":
			d.init = f
		case "$initShared":
			d.shared, d.biState = f, true
		case "$any":
			d.any = f
		case "$created":
			d.created = f
		case "$deleted":
			d.deleted = f
		default:
			d.handlers[name] = f
		}
	}
}

// optionNames are the options of KurrentDB. Only biState changes what a state is.
var optionNames = []string{"$includeLinks", "reorderEvents", "processingLag", "resultStreamName", "biState"}

func (d *definition) options(v goja.Value) {
	o, ok := v.(*goja.Object)
	if !ok {
		panic(d.e.rt.NewTypeError("options needs an object"))
	}
	for _, key := range o.Keys() {
		i := slices.IndexFunc(optionNames, func(n string) bool { return strings.EqualFold(n, key) })
		if i < 0 {
			panic(d.e.rt.NewTypeError("unknown option " + key + ": there are " + strings.Join(optionNames, ", ")))
		}
		if optionNames[i] == "biState" {
			d.biState = o.Get(key).ToBoolean()
		}
	}
}

// selection says which events the projection is for.
func (d *definition) selection() replay.Selection {
	sel := d.sel
	if !d.hasWhen || d.any != nil {
		return sel
	}
	types := make([]string, 0, len(d.handlers)+1)
	for name := range d.handlers {
		if sel.Types == nil || slices.Contains(sel.Types, name) {
			types = append(types, name)
		}
	}
	if d.deleted != nil && d.byStream {
		types = append(types, streamDeleted)
	}
	slices.Sort(types)
	sel.Types = types
	return sel
}

func (d *definition) check() error {
	switch {
	case d.from == "":
		return errors.New("no projection")
	case d.deleted != nil && !d.byStream:
		return errors.New("$deleted needs foreachStream")
	case d.biState && d.sel.Partitions:
		// KurrentDB shares one state among all partitions, in the order of all their
		// events. One partition's events alone would give another state.
		return &SyntaxError{
			Name: d.e.src.name, Msg: "state that is shared over partitions ($initShared, biState) is not supported",
			Next: "leave out $initShared and biState, or partitionBy and foreachStream",
		}
	}
	return nil
}

// partitionName reads what partitionBy's function returned: only a text or a
// number names a partition.
func partitionName(v goja.Value) (string, bool) {
	if v != nil && (goja.IsString(v) || goja.IsNumber(v)) {
		return v.String(), true
	}
	if o, ok := v.(*goja.Object); ok && (o.ExportType() == typeExact || o.ExportType() == typeDecimal) {
		return fmt.Sprint(o), true
	}
	return "", false
}
