package js

import (
	"context"
	"hash/fnv"
	"hash/maphash"
	"time"

	"github.com/dop251/goja"

	"asof/replay"
	"asof/replay/state"
)

// maxCalls is how deeply script functions may call each other.
const maxCalls = 10_000

// An engine is one script with its runtime. It has no access to files, the network
// or the clock: time and random numbers come from the event. It serves one
// goroutine.
type engine struct {
	rt       *goja.Runtime
	src      *source
	watch    watch
	readOnly bool // nodes of the tree must not be changed or marked
	server   bool // a projection: values are written as KurrentDB writes them
	loading  bool // the script runs for its definitions

	uncategorised bool // events have no category, as in fromAll
	guarded       goja.Callable
	do            func() // the function that guarded runs

	arrayProto, exactProto, decimalProto *goja.Object
	jsonRaw, stringify, boolValueOf      goja.Callable
	plain, keys, get, put                goja.Callable // see the prelude
	yes, no                              goja.Value
	strings, numbers                     scalarCache
	splits                               bool // a string of the script may be half of a surrogate pair

	// partition names the partition of the current event; nil: no partitions.
	partition func(*eventObject) goja.Value

	origin    time.Time // shown by the clock while the script is loaded
	clockRead bool      // the script read the clock while it was loaded

	// The current call.
	st        *state.State
	event     *eventObject
	random    uint64
	natives   map[native]*state.Node
	pending   []pending
	odds      []goja.Value
	oddIn     []oddPlace
	literals  spellings // of numbers whose text differs from how a double is written
	carriers  map[string]*goja.Object
	copies    map[*state.Node]*state.Node // copies, in the state, of nodes outside any state
	passing   []passing
	freeEdits bool // a node outside any state was changed
	spoiled   bool // freeEdits of the last call
	seen      map[*state.Node]any

	broken   error // the runtime failed and is unusable
	effects  []replay.Effect
	warnings []Warning
	warned   map[string]bool

	reads *replay.Watch // records what the script reads; nil: nothing does

	said  []bool     // which of src.sums were explained
	right goja.Value // the right operand of the sum that is being added
}

func newEngine(src *source, readOnly bool) (*engine, error) {
	boundRegex()
	e := &engine{rt: goja.New(), src: src, readOnly: readOnly}
	e.watch.rt, e.watch.name = e.rt, src.name
	e.watch.options = Limits{}.orDefault()
	e.noteSource(src.text)
	seed := maphash.MakeSeed()
	e.strings.seed, e.numbers.seed = seed, seed
	e.yes, e.no = e.rt.ToValue(true), e.rt.ToValue(false)
	if readOnly {
		e.seen = map[*state.Node]any{}
	}
	e.rt.SetMaxCallStackSize(maxCalls)
	e.rt.SetTimeSource(e.now)
	e.rt.SetRandSource(e.rand)
	e.guarded, _ = goja.AssertFunction(e.rt.ToValue(func(goja.FunctionCall) goja.Value {
		e.do()
		return goja.Undefined()
	}))
	json := e.rt.Get("JSON").(*goja.Object)
	e.jsonRaw, _ = goja.AssertFunction(json.Get("rawJSON"))
	boolProto := e.rt.Get("Boolean").(*goja.Object).Get("prototype").(*goja.Object)
	e.boolValueOf, _ = goja.AssertFunction(boolProto.Get("valueOf"))
	e.makeArrayProto()
	e.makeExactProto()
	e.makeDecimal()
	e.makeSums()
	if err := e.runPrelude(); err != nil {
		return nil, err
	}
	e.stringify, _ = goja.AssertFunction(json.Get("stringify")) // the bounded one
	return e, nil
}

// now is the script's clock. It returns the time of the event.
func (e *engine) now() time.Time {
	if e.loading {
		e.clockRead = true
		e.warn("clock", "the script reads the clock outside of a handler: it gets the time of the first folded event")
		return e.origin
	}
	if e.event == nil || e.event.ev == nil {
		panic(e.rt.NewTypeError("the clock cannot be read here: a fold has only the time of its event"))
	}
	e.noteField("time")
	t := e.event.ev.Time
	if v, ok := e.otherTime(); ok {
		t = v
	}
	if t.IsZero() {
		panic(e.rt.NewTypeError("the clock cannot be read: the event has no time"))
	}
	return t
}

// rand returns the script's random numbers, the same each time an event is folded.
func (e *engine) rand() float64 {
	if e.random == 0 {
		h := fnv.New64a()
		if e.event != nil && e.event.ev != nil {
			_, _ = h.Write([]byte(e.event.ev.Stream))
			e.random = uint64(e.event.ev.Version) * 0x9e3779b97f4a7c15
		}
		e.random ^= h.Sum64()
	}
	e.random += 0x9e3779b97f4a7c15 // splitmix64
	z := e.random
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return float64((z^z>>31)>>11) / (1 << 53)
}

// run runs f, which calls script functions for one event or for none. The watch
// limits it, and a panic of the engine becomes an error.
func (e *engine) run(ctx context.Context, st *state.State, ev *replay.Event, f func() error) (err error) {
	if e.broken != nil {
		return e.broken
	}
	e.begin(ctx, st, ev)
	defer e.end()
	defer e.recovered(&err)
	return f()
}

func (e *engine) begin(ctx context.Context, st *state.State, ev *replay.Event) {
	e.st, e.random = st, 0
	if ev != nil {
		e.event = e.newEvent(ev)
	}
	e.effects = e.effects[:0]
	e.watch.begin(ctx, ev)
}

// end drops the event. What the script still references of it becomes unusable,
// except for values that were put in the state.
func (e *engine) end() {
	e.watch.end()
	if e.event != nil {
		e.event.ev, e.event = nil, nil
	}
	for _, p := range e.passing {
		p.n.SetExt(nil)
		if p.w.passing {
			p.w.n = nil
		}
	}
	for _, p := range e.pending {
		p.n.SetExt(nil)
	}
	clear(e.passing)
	clear(e.pending)
	clear(e.odds)
	clear(e.oddIn)
	e.passing, e.pending, e.odds, e.oddIn = e.passing[:0], e.pending[:0], e.odds[:0], e.oddIn[:0]
	reset(&e.natives)
	e.literals.reset()
	reset(&e.carriers)
	reset(&e.copies)
	clear(e.seen)
	e.st, e.freeEdits, e.spoiled = nil, false, e.freeEdits
}

// reset empties a map. It drops a large one, which would cost every later event as
// much to clear.
func reset[K comparable, V any](m *map[K]V) {
	if len(*m) > 1000 {
		*m = nil
		return
	}
	clear(*m)
}

// settle ends the script's part of an event: it converts values that the script put
// in the state to JSON.
func (e *engine) settle() error {
	if len(e.pending) == 0 && len(e.oddIn) == 0 {
		return nil
	}
	return e.guard(e.drain)
}

// guard runs f inside the engine, so that f may run the script's code.
func (e *engine) guard(f func()) error {
	outer := e.do
	e.do = f
	_, err := e.guarded(goja.Undefined())
	e.do = outer
	return err
}

// recovered turns a panic of the engine into an error, since a script must not end
// the process. The runtime is unusable afterwards.
func (e *engine) recovered(err *error) {
	if x := recover(); x != nil {
		e.broken = panicError(x)
		*err = e.broken
	}
}

func (e *engine) rangeError(msg string) *goja.Object {
	o, err := e.rt.New(e.rt.Get("RangeError"), e.rt.ToValue(msg))
	if err != nil {
		return e.rt.NewTypeError(msg)
	}
	return o
}

// method defines a method that is not enumerable, like the language's own.
func (e *engine) method(o *goja.Object, name string, f func(goja.FunctionCall) goja.Value) {
	fn := e.rt.ToValue(f).(*goja.Object)
	must(fn.DefineDataProperty("name", e.rt.ToValue(name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	define(o, name, fn)
}

func define(o *goja.Object, name string, v goja.Value) {
	must(o.DefineDataProperty(name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
}

// must panics on an error, which is a bug here or an exception of the script.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
