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

// A Script is a reducer written in JavaScript: a KurrentDB projection file, or a
// function of state and event.
//
// Global variables of the script outlive the event and the stream: a fold that
// depends on them is not repeatable.
type Script struct {
	e       *engine
	def     definition
	step    goja.Callable // the function of a plain fold; nil: a projection
	quick   quickFuncs
	program *goja.Program
	options Limits

	naming  bool     // partitionBy's function is running
	bare    bool     // $init returned nothing: the first handler gets undefined
	engines *Engines // counts events; nil: it does not
}

// Load loads a fold from the text of a file, which may be
//
//   - a KurrentDB projection: fromAll().when({…}) and so on;
//   - a function expression, (state, event) => …;
//   - declarations of a function fold(state, event) and optionally a function
//     init() for a first state other than {}.
//
// Handlers change the state in place or return the new one.
func Load(name, src string, o Limits) (*Script, error) {
	return loadScript(&source{name: name, text: src}, o, compileFile)
}

// LoadInline loads a fold that the user typed, under a name for messages. The text
// is what [Load] takes, or statements over s (or state) and e (or event), such as
//
//	s.balance = (s.balance ?? 0) + e.data.amount
//
// The statements change the state in place, assign to s, or return the new state.
// They run in strict mode.
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

// startScript runs the script once, which defines the fold. Meanwhile the script's
// clock shows the given time.
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

// setClock reloads a script that read the clock while it was loaded, with the time
// of the first event.
func (s *Script) setClock(ev *replay.Event) error {
	if ev.Time.IsZero() {
		return s.e.failure(ev, s.e.src.name, errors.New("the clock cannot be read: the event has no time"))
	}
	again, err := startScript(s.e.src, s.program, s.options, ev.Time)
	if err != nil {
		return err
	}
	again.bare, again.e.clockRead, again.e.reads = s.bare, false, s.e.reads
	*s = *again
	return nil
}

// load runs the script and records what it defines.
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
			s.quick = quickHandlers(s.e.src, s.e.said)
		}
		return s.e.lock()
	})
}

// plain records the function of a script that is not a projection.
func (s *Script) plain(v goja.Value) error {
	if f, ok := goja.AssertFunction(v); ok {
		s.step = f
	} else if f, ok := goja.AssertFunction(s.e.rt.Get("fold")); ok {
		s.step = f
		s.def.init, _ = goja.AssertFunction(s.e.rt.Get("init"))
	} else {
		return &SyntaxError{
			Name: s.e.src.name, Msg: "the script defines no fold",
			Next: "write a projection, fromAll().when({…}), or a function fold(state, event)",
		}
	}
	s.def.sel = replay.Selection{All: true}
	return nil
}

// call calls [engine.call] under the script's name.
func (s *Script) call(ctx context.Context, st *state.State, ev *replay.Event, f func() error) error {
	return s.e.call(ctx, st, ev, s.e.src.name, f)
}

// call runs f as [engine.run] does. An error becomes a FoldError, unless it is a
// SyntaxError or the context has ended.
func (e *engine) call(ctx context.Context, st *state.State, ev *replay.Event, by string, f func() error) error {
	if err := e.watch.limits.ended(); err != nil {
		return err
	}
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
	case e.watch.limits.ended() != nil && isEnd(err):
		return e.watch.limits.ended()
	case errors.As(err, &syntax):
		return syntax
	}
	return e.failure(ev, by, err)
}

// Name returns the name under which the script was loaded.
func (s *Script) Name() string { return s.e.src.name }

// Identity returns a hash of the script's text. ok is false if the script may keep
// data outside its state, and so cannot continue from a kept state.
func (s *Script) Identity() (id string, ok bool) { return s.e.src.identity("fold") }

// Selection returns the events that the script folds.
func (s *Script) Selection() replay.Selection { return s.def.selection() }

// Effects returns the effects of the last folded event, valid until the next.
func (s *Script) Effects() []replay.Effect { return s.e.effects }

// Warnings returns the distinct warnings so far, such as arithmetic on a number
// that a double cannot represent.
func (s *Script) Warnings() []string { return s.e.texts() }

// AllWarnings returns them with the events that they are about.
func (s *Script) AllWarnings() []Warning { return s.e.warnings }

// Init sets the state before the first event to what $init returns, or {}.
func (s *Script) Init(ctx context.Context, st *state.State) error {
	if s.def.sharesState() {
		return &SyntaxError{
			Name: s.e.src.name, Msg: "its partitions share state, so one stream is not enough ($initShared, biState)",
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

// initial returns the value of f, which is $init or $initShared; Absent if it
// returns nothing.
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

// Apply folds one event. On an error the caller rolls the state back.
func (s *Script) Apply(ctx context.Context, st *state.State, ev *replay.Event) (handled bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
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
	q := s.quickFor(ev, st)
	quickly := q != nil && q.Apply(st, ev)
	if s.engines != nil {
		s.engines.count(q, quickly)
	}
	if quickly {
		s.e.effects, s.e.spoiled = s.e.effects[:0], false
	} else if err := s.applySlowly(ctx, st, ev, f); err != nil {
		return false, err
	}
	if s.e.server && st.Root().Kind() == state.Null {
		s.e.warn("null", "a handler made the state null, and it stays null; V1 of KurrentDB calls $init again")
	}
	return true, nil
}

// begin calls $created before the first event of a state, unless the event deletes
// its stream.
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

// KeptPayload reports whether the script left the last event's payload unchanged.
func (s *Script) KeptPayload() bool { return !s.e.spoiled }

// handler returns the handler of the event: the one for its type, else $any, which
// system events do not reach. ok is false if no handler takes the event. If the
// projection has no handlers at all, f is nil and ok is true.
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
	case s.e.reads != nil && st.Settled():
		s.e.reads.Add(replay.Read{From: replay.FromState})
	}
	switch {
	case st.Fresh && s.bare:
		return goja.Undefined()
	case v.IsAbsent():
		return goja.Null()
	}
	return s.e.scalar(v, "state", false)
}

// take makes a handler's result the state. Undefined leaves the state as it is.
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
			panic(s.e.rt.NewTypeError("a handler returned " + shorten(s.e.display(v)) + ", which cannot be a state"))
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
	if s.e.reads != nil {
		s.e.noteRoot(p.get(), replay.FromPayload)
	}
	return nil
}
