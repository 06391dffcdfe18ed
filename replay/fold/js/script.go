package js

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/dop251/goja"

	"asof/replay"
	"asof/replay/state"
)

// A Script is a reducer written in JavaScript: a projection file for KurrentDB, or
// a function of state and event.
//
// What the script keeps outside of its state, in a global variable, outlives the
// event and the stream: a fold that depends on it can't be repeated.
type Script struct {
	e       *engine
	def     definition
	step    goja.Callable // of a plain fold; nil: a projection
	quick   quickFuncs
	program *goja.Program
	options Limits

	naming bool // the partition of the event in hand is being asked for
	bare   bool // $init returned nothing: the first handler gets undefined
}

// Load loads a fold from the text of a file. It may be
//
//   - a projection file for KurrentDB: fromAll().when({…}) and so on;
//   - a function expression, (state, event) => …;
//   - declarations of a function fold(state, event) and, where the state does not
//     begin as {}, a function init().
//
// Handlers change the state in place, or return the new one.
func Load(name, src string, o Limits) (*Script, error) {
	return loadScript(&source{name: name, text: src}, o, compileFile)
}

// LoadInline loads a fold that was typed rather than kept in a file, under a name
// for messages. It is what [Load] takes, or statements over s (or state) and e (or event), such as
//
//	s.balance = (s.balance ?? 0) + e.data.amount
//
// The statements change the state in place, or assign to s, or return the new
// state. They run in strict mode.
func LoadInline(name, src string, o Limits) (*Script, error) {
	return loadScript(&source{name: name, text: src, inline: true}, o, compileInline)
}

func loadScript(src *source, o Limits, compile func(*source) (*goja.Program, error)) (*Script, error) {
	prog, err := inTime(src, o, compile)
	if err != nil {
		return nil, err
	}
	return startScript(src, prog, o, time.Unix(0, 0))
}

// startScript runs the script once, which defines the fold. Until then its clock
// stands at a time that is given.
func startScript(src *source, prog *goja.Program, o Limits, clock time.Time) (*Script, error) {
	e, err := newEngine(src, false)
	if err != nil {
		return nil, err
	}
	e.watch.setOptions(o)
	e.loading, e.origin = true, clock
	s := &Script{e: e, def: definition{e: e}, program: prog, options: o}
	s.def.define()
	if err := s.load(prog); err != nil {
		return nil, err
	}
	e.loading = false
	return s, nil
}

// setClock starts a script that reads the clock where no event is in hand once
// more: its time is that of the first event.
func (s *Script) setClock(ev *replay.Event) error {
	if ev.Time.IsZero() {
		return s.e.failure(ev, s.e.src.name, errors.New("there is no clock here: the event has no time"))
	}
	again, err := startScript(s.e.src, s.program, s.options, ev.Time)
	if err != nil {
		return err
	}
	again.bare, again.e.clockRead = s.bare, false
	*s = *again
	return nil
}

// load runs the script, and takes what it defines.
func (s *Script) load(prog *goja.Program) error {
	return s.call(context.Background(), nil, nil, func() error {
		v, err := s.e.rt.RunProgram(prog)
		if err != nil {
			return err
		}
		if s.def.from == "" {
			if err := s.plain(v); err != nil {
				return err
			}
		} else if err := s.def.check(); err != nil {
			return err
		}
		if s.def.perEvent != nil || s.def.byStream {
			s.e.partition = s.partitionValue
		}
		if !s.def.odd {
			s.quick = quickHandlers(s.e.src)
		}
		return s.e.lock()
	})
}

// plain takes a script that is no projection: a function.
func (s *Script) plain(v goja.Value) error {
	if f, ok := goja.AssertFunction(v); ok {
		s.step = f
	} else if f, ok := goja.AssertFunction(s.e.rt.Get("fold")); ok {
		s.step = f
		s.def.init, _ = goja.AssertFunction(s.e.rt.Get("init"))
	} else {
		return &SyntaxError{
			Name: s.e.src.name, Msg: "it defines no fold",
			Next: "write a projection, fromAll().when({…}), or a function fold(state, event)",
		}
	}
	s.def.sel = replay.Selection{All: true}
	return nil
}

// call runs f as [engine.run] does and makes its error the reducer's.
func (s *Script) call(ctx context.Context, st *state.State, ev *replay.Event, f func() error) error {
	return s.e.call(ctx, st, ev, s.e.src.name, f)
}

// call runs f as [engine.run] does. Its error becomes a FoldError, unless it is
// that the caller has given up, or a SyntaxError.
func (e *engine) call(ctx context.Context, st *state.State, ev *replay.Event, by string, f func() error) error {
	err := e.run(ctx, st, ev, func() error {
		if err := f(); err != nil {
			return e.explain(err)
		}
		return nil
	})
	var syntax *SyntaxError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return ctx.Err()
	case errors.As(err, &syntax):
		return syntax
	}
	return e.failure(ev, by, err)
}

// Name is the name that the script was loaded under.
func (s *Script) Name() string { return s.e.src.name }

// Identity is made from the script's text. Only of a script that surely keeps
// nothing outside of its state can it be said what it does from there on.
func (s *Script) Identity() (id string, ok bool) { return s.e.src.identity("fold") }

// Selection says which events the script is for.
func (s *Script) Selection() replay.Selection { return s.def.selection() }

// Effects returns what the last event folded would have done, valid until the
// next is.
func (s *Script) Effects() []replay.Effect { return s.e.effects }

// Warnings returns what the user should know about the folding so far, each thing
// once: such as that the script calculates with a number that a double can't
// hold.
func (s *Script) Warnings() []string { return s.e.warnings }

// Init sets the state before the first event: what $init returns, or {}.
func (s *Script) Init(ctx context.Context, st *state.State) error {
	if s.def.sharesState() {
		return &SyntaxError{
			Name: s.e.src.name, Msg: "its state is shared by all partitions, which one stream does not tell ($initShared, biState)",
			Next: "name it as a [[projection]] in asof.toml, and ask for proj:NAME or proj:NAME/PARTITION",
		}
	}
	return s.call(ctx, st, nil, func() error {
		own, err := s.initial(s.def.init, st)
		if err != nil {
			return err
		}
		s.bare = own.IsAbsent() && !s.def.biState
		if own.IsAbsent() {
			own = state.NullValue()
		}
		if s.def.biState {
			shared, err := s.initialShared(st)
			if err != nil {
				return err
			}
			both := st.NewArray()
			both.Append(own)
			both.Append(shared)
			own = both.Value()
		}
		st.SetRoot(own)
		st.Fresh = s.bare || len(s.def.created) > 0
		return s.e.settle()
	})
}

// initial is what $init returns; Absent where that is nothing.
func (s *Script) initial(f goja.Callable, st *state.State) (v state.Value, err error) {
	if f == nil {
		return st.NewObject().Value(), nil
	}
	r, err := f(goja.Undefined())
	if err != nil {
		return state.Value{}, err
	}
	err = s.e.guard(func() { v, _ = s.e.final(r, st, "", 0) })
	return v, err
}

func (s *Script) initialShared(st *state.State) (state.Value, error) {
	v, err := s.initial(s.def.shared, st)
	if v.IsAbsent() {
		v = state.NullValue()
	}
	return v, err
}

// Apply folds one event. When it returns an error the caller rolls the state
// back.
func (s *Script) Apply(ctx context.Context, st *state.State, ev *replay.Event) (handled bool, err error) {
	if s.e.clockRead {
		if err := s.setClock(ev); err != nil {
			return false, err
		}
	}
	f, ok := s.handler(ev)
	if !ok {
		s.e.effects, s.e.spoiled = s.e.effects[:0], false
		return false, nil
	}
	if q := s.quickFor(ev, st); q != nil && q.Apply(st, ev) {
		s.e.effects, s.e.spoiled = s.e.effects[:0], false
	} else if err := s.applySlowly(ctx, st, ev, f); err != nil {
		return false, err
	}
	if s.e.server && st.Root().Kind() == state.Null {
		s.e.warn("null", "a handler made the state null, which it stays: V1 of KurrentDB calls $init again")
	}
	return true, nil
}

// applySlowly folds one event by the engine.
func (s *Script) applySlowly(ctx context.Context, st *state.State, ev *replay.Event, f goja.Callable) error {
	return s.call(ctx, st, ev, func() error {
		root := s.root(st)
		if err := s.begin(st, root, ev); err != nil {
			return err
		}
		switch {
		case s.isDeletion(ev):
			if err := s.deleted(root, ev); err != nil { // what it returns is no state
				return err
			}
			return s.e.settle()
		case f == nil: // no handlers of types: the state is the last event's body
			return s.takeBody(slot{st: st}, ev)
		}
		v, err := f(goja.Undefined(), root, s.e.event.obj)
		if err != nil {
			return err
		}
		return s.take(st, v)
	})
}

// begin calls $created before the first event that comes to a state, unless it is
// the end of its stream.
func (s *Script) begin(st *state.State, root goja.Value, ev *replay.Event) error {
	if !st.Fresh {
		return nil
	}
	st.Fresh = false
	if s.isDeletion(ev) {
		return nil
	}
	return s.callCreated(root)
}

// KeptPayload reports whether the script left the last event's payload as it was.
func (s *Script) KeptPayload() bool { return !s.e.spoiled }

// handler returns what handles the event: the handler of exactly its type, else
// $any, which the system's own events don't reach. ok is false for an event that
// none takes. Without handlers of types every event is taken, by none.
func (s *Script) handler(ev *replay.Event) (f goja.Callable, ok bool) {
	if s.step != nil {
		return s.step, true
	}
	if ev.Opaque == replay.NoPayload {
		return nil, false
	}
	if f, ok := s.def.handlers[ev.Type]; ok {
		return f, true
	}
	if strings.HasPrefix(ev.Type, "$") {
		return nil, s.isDeletion(ev)
	}
	return s.def.any, s.def.any != nil || len(s.def.handlers) == 0
}

// isDeletion reports whether $deleted handles the event.
func (s *Script) isDeletion(ev *replay.Event) bool {
	if s.def.deleted == nil || s.def.handlers[ev.Type] != nil {
		return false
	}
	_, _, ok := ev.Deletes()
	return ok
}

func (s *Script) deleted(root goja.Value, ev *replay.Event) error {
	stream, soft, _ := ev.Deletes()
	_, err := s.def.deleted(goja.Undefined(), root, goja.Null(), s.e.rt.ToValue(string(stream)), s.e.rt.ToValue(soft))
	return err
}

func (s *Script) callCreated(root goja.Value) error {
	for _, f := range s.def.created {
		if _, err := f(goja.Undefined(), root, s.e.event.obj); err != nil {
			return err
		}
	}
	return nil
}

// root returns the state as the script sees it.
func (s *Script) root(st *state.State) goja.Value {
	v := st.Root()
	switch {
	case v.IsContainer():
		return s.e.wrap(v.Node(), st, nil)
	case st.Fresh && s.bare:
		return goja.Undefined()
	case v.IsAbsent():
		return goja.Null()
	}
	return s.e.scalar(v, "state", false)
}

// take makes what a handler returned the state. Undefined keeps it.
func (s *Script) take(st *state.State, v goja.Value) error {
	if v == nil || v == goja.Undefined() {
		return s.e.settle()
	}
	if o, ok := v.(*goja.Object); ok {
		if w := wrapperOf(o); w != nil && w.n == st.Root().Node() {
			return s.e.settle()
		}
	}
	err := s.e.guard(func() {
		r, ok := s.e.final(v, st, "", 0)
		if !ok {
			panic(s.e.rt.NewTypeError("a handler returned " + shorten(s.e.display(v)) + ", which can't be a state"))
		}
		st.SetRoot(r)
	})
	if err != nil {
		return err
	}
	return s.e.settle()
}

func (s *Script) takeBody(p slot, ev *replay.Event) error {
	if ev.Text != nil {
		p.set(state.StringValue(string(ev.Text)))
		return nil
	}
	v, err := ev.Body()
	if err != nil {
		return err
	}
	p.set(p.st.Adopt(v))
	return nil
}
