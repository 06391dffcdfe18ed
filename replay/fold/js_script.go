package fold

import (
	"context"
	"errors"
	"fmt"

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
	e     *engine
	def   definition
	step  goja.Callable // of a plain fold; nil: a projection
	quick quickFuncs
}

// LoadJS loads a fold from the text of a file. It may be
//
//   - a projection file for KurrentDB: fromAll().when({…}) and so on;
//   - a function expression, (state, event) => …;
//   - declarations of a function fold(state, event) and, where the state does not
//     begin as {}, a function init().
//
// Handlers change the state in place, or return the new one.
func LoadJS(name, src string, o Options) (*Script, error) {
	return loadScript(&source{name: name, text: src}, o, compileFile)
}

// LoadInline loads a fold that is written on a command line: what [LoadJS]
// takes, or statements over s (or state) and e (or event), such as
//
//	s.balance = (s.balance ?? 0) + e.data.amount
//
// The statements change the state in place, or assign to s, or return the new
// state. They run in strict mode.
func LoadInline(src string, o Options) (*Script, error) {
	return loadScript(&source{name: inlineName, text: src}, o, compileInline)
}

// inlineName is the name of a fold that has none.
const inlineName = "--fold"

func loadScript(src *source, o Options, compile func(*source) (*goja.Program, error)) (*Script, error) {
	prog, err := inTime(src, o, compile)
	if err != nil {
		return nil, err
	}
	e, err := newEngine(src, false)
	if err != nil {
		return nil, err
	}
	e.watch.setOptions(o)
	s := &Script{e: e, def: definition{e: e}}
	s.def.define()
	if err := s.load(prog); err != nil {
		return nil, err
	}
	return s, nil
}

// load runs the script once, which defines the fold.
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
		s.quick = quickHandlers(s.e.src)
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
func (s *Script) Effects() []Effect { return s.e.effects }

// Warnings returns what the user should know about the folding so far, each thing
// once: such as that the script calculates with a number that a double can't
// hold.
func (s *Script) Warnings() []string { return s.e.warnings }

// Init sets the state before the first event: what $init returns, or {}.
func (s *Script) Init(ctx context.Context, st *state.State) error {
	return s.call(ctx, st, nil, func() error {
		own, err := s.initial(s.def.init, st)
		if err != nil {
			return err
		}
		if s.def.biState {
			shared, err := s.initial(s.def.shared, st)
			if err != nil {
				return err
			}
			both := st.NewArray()
			both.Append(own)
			both.Append(shared)
			own = both.Value()
		}
		st.SetRoot(own)
		st.Fresh = s.def.created != nil
		return s.e.settle()
	})
}

func (s *Script) initial(f goja.Callable, st *state.State) (v state.Value, err error) {
	if f == nil {
		return st.NewObject().Value(), nil
	}
	r, err := f(goja.Undefined())
	if err != nil {
		return state.Value{}, err
	}
	err = s.e.guard(func() {
		var ok bool
		if v, ok = s.e.final(r, st, "", 0); !ok {
			v = state.NullValue()
		}
	})
	return v, err
}

// Apply folds one event. When it returns an error the caller rolls the state
// back.
func (s *Script) Apply(ctx context.Context, st *state.State, ev *replay.Event) (handled bool, err error) {
	f := s.handler(ev)
	if f == nil && s.hasHandlers() {
		s.e.effects, s.e.spoiled = s.e.effects[:0], false
		return false, nil
	}
	if q := s.quickFor(ev, st); q != nil && q.Apply(st, ev) {
		s.e.effects, s.e.spoiled = s.e.effects[:0], false
		return true, nil
	}
	err = s.call(ctx, st, ev, func() error {
		if st.Fresh {
			st.Fresh = false
			if _, err := s.def.created(goja.Undefined(), s.root(st), s.e.event.obj); err != nil {
				return err
			}
		}
		if f == nil { // no handlers at all: the state is the last event's body
			return s.takeBody(st, ev)
		}
		v, err := s.invoke(f, st, ev)
		if err != nil {
			return err
		}
		return s.take(st, v)
	})
	return err == nil, err
}

// KeptPayload reports whether the script left the last event's payload as it was.
func (s *Script) KeptPayload() bool { return !s.e.spoiled }

func (s *Script) hasHandlers() bool { return s.step != nil || s.def.hasWhen }

// handler returns what handles the event: the handler of exactly its type, else
// $any.
func (s *Script) handler(ev *replay.Event) goja.Callable {
	if s.step != nil {
		return s.step
	}
	if f, ok := s.def.handlers[ev.Type]; ok {
		return f
	}
	if s.def.byStream && s.def.deleted != nil && ev.Type == streamDeleted {
		return s.def.deleted
	}
	return s.def.any
}

func (s *Script) invoke(f goja.Callable, st *state.State, ev *replay.Event) (goja.Value, error) {
	root := s.root(st)
	if s.def.byStream && s.def.deleted != nil && ev.Type == streamDeleted && s.def.handlers[ev.Type] == nil {
		return f(goja.Undefined(), root, goja.Null(), s.e.rt.ToValue(string(ev.Stream)), s.e.no)
	}
	return f(goja.Undefined(), root, s.e.event.obj)
}

// root returns the state as the script sees it.
func (s *Script) root(st *state.State) goja.Value {
	v := st.Root()
	if v.IsContainer() {
		return s.e.wrap(v.Node(), st, nil)
	}
	if v.IsAbsent() {
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

func (s *Script) takeBody(st *state.State, ev *replay.Event) error {
	v, err := ev.Body()
	if err != nil {
		return err
	}
	st.SetRoot(st.Adopt(v))
	return nil
}

// Partition names the partition that the event is in: that of foreachStream or
// partitionBy. A projection without them has one, whose name is empty.
func (s *Script) Partition(ev *replay.Event) (name string, ok bool, err error) {
	switch {
	case s.def.byStream:
		return string(ev.Stream), true, nil
	case s.def.perEvent == nil:
		return "", true, nil
	}
	if q := s.quick.perEvent; q != nil && s.e.broken == nil {
		if name, done := q.Name(ev); done {
			return name, true, nil
		}
	}
	err = s.call(context.Background(), nil, ev, func() error {
		v, err := s.def.perEvent(goja.Undefined(), s.e.event.obj)
		if err == nil {
			name, ok = partitionName(v)
		}
		return err
	})
	return name, ok, err
}

// partitionValue is the event's field of that name.
func (s *Script) partitionValue(o *eventObject) goja.Value {
	if s.def.byStream {
		return o.Get("streamId")
	}
	v, err := s.def.perEvent(goja.Undefined(), o.obj)
	if err != nil {
		panic(err)
	}
	if name, ok := partitionName(v); ok {
		return s.e.rt.ToValue(name)
	}
	return goja.Undefined()
}

// Result returns what the projection gives for a state, shaped by transformBy and
// filterBy, as a tree that belongs to no state.
func (s *Script) Result(st *state.State) (out state.Value, err error) {
	out = st.Freeze()
	if len(s.def.shape) == 0 {
		return out, nil
	}
	err = s.call(context.Background(), nil, nil, func() error {
		w := wrapper{e: s.e}
		v := w.value(out, "state")
		for _, sh := range s.def.shape {
			r, err := sh.f(goja.Undefined(), v)
			if err != nil {
				return err
			}
			if sh.filter {
				if r != s.e.yes {
					v = goja.Null()
				}
			} else {
				v = r
			}
			if v == nil || v == goja.Undefined() || v == goja.Null() {
				v = goja.Null()
				break
			}
		}
		out, err = s.e.freeValue(v)
		return err
	})
	return out, err
}

// checkTree refuses a tree of no state that holds itself, or that is far larger
// written out than it is in memory. left counts down what it may still hold.
func checkTree(v state.Value, depth int, left *int) error {
	if *left--; *left < 0 || depth > maxDepth {
		return fmt.Errorf("a value is too large, nests deeper than %d levels, or contains itself", maxDepth)
	}
	if !v.IsContainer() {
		return nil
	}
	for _, x := range v.Node().Elems() {
		if err := checkTree(x, depth+1, left); err != nil {
			return err
		}
	}
	var err error
	v.Node().Each(func(_ string, x state.Value) bool {
		err = checkTree(x, depth+1, left)
		return err == nil
	})
	return err
}
