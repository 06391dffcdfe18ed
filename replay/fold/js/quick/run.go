package quick

import (
	"math"
	"slices"
	"strings"

	"asof/replay"
	"asof/replay/decimal"
	"asof/replay/state"
)

// gaveUp is the panic value of a run that leaves the event to the engine.
type gaveUp struct{}

var giveUp any = gaveUp{}

// A run is the execution of a function for one event. It serves one goroutine.
type run struct {
	st    *state.State  // nil: the run is read-only
	ev    *replay.Event // nil: no event
	slots []val         // the values of all names
	out   val           // the value of the return statement
	args  [2]val        // the first two arguments of the function
	stack []val         // arguments being computed

	body, meta       val
	hasBody, hasMeta bool
	budget           int
	spellings, plain []spelling                  // plain has no texts
	moved            map[*state.Node]*state.Node // of the payload, into the state
	fresh            []*state.Node               // containers that the script made
	written          []stored                    // numbers, once there are such
	gaps             []gap
	concealing       bool              // one of fresh holds a Decimal
	decimals         []decimal.Decimal // the current block of this event's Decimals
	texts            [interned]string
}

// maxSteps is the most steps of a run, which count loops and what they make. A
// longer event runs in the engine, which limits time and memory.
const maxSteps = 2_000_000

// spendString spends the steps for reading a whole string.
func (r *run) spendString(s string) {
	if len(s) >= 64 {
		r.spend(len(s) / 64)
	}
}

// isNew reports whether the script made a container during this event.
func (r *run) isNew(n *state.Node) bool {
	r.spend(len(r.fresh) / 8)
	return slices.Contains(r.fresh, n)
}

// spend uses n steps and gives up when none are left.
func (r *run) spend(n int) {
	if r.budget -= n; r.budget < 0 {
		panic(giveUp)
	}
}

func (r *run) begin(st *state.State, ev *replay.Event) {
	r.st, r.ev, r.budget = st, ev, maxSteps
	r.hasBody, r.hasMeta = false, false
	r.spellings, r.plain, r.stack = r.spellings[:0], r.plain[:0], r.stack[:0]
	if len(r.moved) > 0 {
		r.moved = nil
	}
	r.gaps, r.concealing = r.gaps[:0], false
	r.written = r.written[:0]
	r.decimals = r.decimals[:0]
	if len(r.fresh) > 0 {
		clear(r.fresh)
		r.fresh = r.fresh[:0]
	}
}

// A Func is a compiled handler or test.
type Func struct {
	r    *run
	f    *function
	runs int
	lost int // runs that gave up

	explains bool
	why      string // where the last run gave up, if it explains
}

// A function that gives up often costs more than it saves and is no longer run.
const (
	patience = 64
	maxLost  = 4 // one run in this many may give up
)

func (f *Func) worthwhile() bool { return f.lost < patience || f.lost*maxLost < f.runs }

// Apply runs a handler as f(state, event). If done is false, the state is unchanged
// and the engine must run the handler.
func (f *Func) Apply(st *state.State, ev *replay.Event) (done bool) {
	if !f.worthwhile() || !st.Settled() {
		return false
	}
	f.runs++
	defer func() {
		if x := recover(); x != nil {
			f.recovered(x)
			st.Rollback()
			done = false
		}
	}()
	r := f.r
	r.begin(st, ev)
	root := st.Root()
	in := r.read(root, "state", false)
	if root.IsAbsent() {
		in = valNull
	}
	r.args = [2]val{in, {kind: event}}
	out := f.f.call(r, r.args[:]...)
	switch {
	case out.kind == undefined:
	case out.kind == container || out.kind == list:
		if v := r.write(out, ""); v != root {
			st.SetRoot(v)
		}
	default:
		panic(giveUp)
	}
	r.close()
	return true
}

// Test runs a test as f(state, event, state, event); the event may be nil. It
// changes nothing. If done is false, the engine must run the test.
func (f *Func) Test(root state.Value, ev *replay.Event) (holds, done bool) {
	s, e := valNull, valNull
	switch {
	case root.IsContainer():
		s = ofNode(root.Node())
	case !root.IsAbsent() && root.Kind() != state.Null:
		return false, false
	}
	if ev != nil {
		e = val{kind: event}
	}
	out, done := f.look(ev, s, e, s, e)
	if !done || out.kind != boolean {
		return false, false
	}
	return out.f != 0, true
}

// Name runs a function that returns a name for an event, f(event). done is false if
// the engine must run it, and also if the event has no name.
func (f *Func) Name(ev *replay.Event) (name string, done bool) {
	out, done := f.look(ev, val{kind: event})
	switch {
	case !done:
		return "", false
	case out.kind == text:
		return strings.Clone(out.s), true
	case out.kind == number && !math.IsInf(out.f, 0):
		return strings.Clone(f.r.formatted(out)), true
	}
	return "", false
}

// look runs a function that must not change anything.
func (f *Func) look(ev *replay.Event, args ...val) (out val, done bool) {
	if !f.worthwhile() {
		return val{}, false
	}
	f.runs++
	defer func() {
		if x := recover(); x != nil {
			f.recovered(x)
			done = false
		}
	}()
	f.r.begin(nil, ev)
	f.r.args = [2]val{}
	copy(f.r.args[:], args)
	return f.f.call(f.r, args...), true
}

// recovered counts a run that gave up and re-panics on anything else.
func (f *Func) recovered(x any) {
	if x != giveUp {
		panic(x)
	}
	f.lost++
	if f.explains {
		f.why = gaveUpIn()
	}
}

// current returns the current node of a container: its copy in the state, if it was
// moved there from the payload.
func (r *run) current(n *state.Node) *state.Node {
	if len(r.moved) > 0 {
		if c := r.moved[n]; c != nil {
			return c
		}
	}
	return n
}

// owned returns a container for writing.
func (r *run) owned(n *state.Node) *state.Node {
	n = r.current(n)
	if r.st == nil || !r.st.Owns(n) {
		panic(giveUp) // the script changes the payload
	}
	return n
}

// place returns a container as a node of the state: a copy if it is part of the
// payload. A script that then reads the payload gets the copy.
func (r *run) place(n *state.Node) *state.Node {
	n = r.current(n)
	if r.st == nil || r.st.Owns(n) {
		return n
	}
	if len(r.moved) > 0 && r.holdsMoved(n) {
		panic(giveUp)
	}
	c := r.st.Adopt(n.Value()).Node()
	if r.moved == nil {
		r.moved = map[*state.Node]*state.Node{}
	}
	r.move(n, c)
	return c
}

func (r *run) holdsMoved(n *state.Node) bool {
	if r.moved[n] != nil {
		return true
	}
	for _, v := range n.Elems() {
		if v.IsContainer() && r.holdsMoved(v.Node()) {
			return true
		}
	}
	holds := false
	n.Each(func(_ string, v state.Value) bool {
		holds = v.IsContainer() && r.holdsMoved(v.Node())
		return !holds
	})
	return holds
}

func (r *run) move(n, c *state.Node) {
	r.spend(1)
	r.moved[n] = c
	for i, v := range n.Elems() {
		if v.IsContainer() {
			r.move(v.Node(), c.At(i).Node())
		}
	}
	n.Each(func(key string, v state.Value) bool {
		if v.IsContainer() {
			r.move(v.Node(), c.Get(key).Node())
		}
		return true
	})
}

// placeList converts an array of the script to a node of the state.
func (r *run) placeList(l *array) *state.Node {
	if l.n != nil {
		return l.n
	}
	if r.st == nil {
		l.n = state.NewArray()
	} else {
		l.n = r.st.NewArray()
	}
	n := l.n // set first, since the array may contain itself
	r.remember(n)
	n.Grow(len(l.elems))
	for _, v := range l.elems {
		n.Append(r.write(v, ""))
		r.put(n, "", v)
	}
	l.elems = nil
	return n
}

// now returns the current form of a value. An array that was put in the state is a
// node there, and so is a container that was copied from the payload.
func (r *run) now(v val) val {
	switch v.kind {
	case container:
		v.n = r.current(v.n)
	case list:
		if v.l.n != nil {
			return ofNode(v.l.n)
		}
	}
	return v
}

// newObject returns a new object of the script.
func (r *run) newObject() *state.Node {
	r.spend(20)
	if r.st == nil {
		return state.NewObject()
	}
	n := r.st.NewObject()
	r.remember(n)
	return n
}

// maxFresh is the most containers that one event may make. Nested this deeply, the
// engine rejects them.
const maxFresh = 10_000

func (r *run) remember(n *state.Node) {
	if len(r.fresh) == maxFresh {
		panic(giveUp)
	}
	r.fresh = append(r.fresh, n)
}
