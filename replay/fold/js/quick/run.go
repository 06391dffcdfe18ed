package quick

import (
	"math"
	"slices"
	"strings"

	"asof/replay"
	"asof/replay/state"
)

// gaveUp is what a run panics with when the whole engine has to take over.
type gaveUp struct{}

var giveUp any = gaveUp{}

// A run is what a function needs to run, and what it remembers of one event. It
// serves one goroutine.
type run struct {
	st    *state.State  // nil: everything is only read
	ev    *replay.Event // nil: there is none
	slots []val         // of all names
	out   val           // what a return statement returned
	args  [2]val        // that the function was called with, the first two
	stack []val         // of arguments that are being computed

	body, meta       val
	hasBody, hasMeta bool
	budget           int
	spellings, plain []spelling                  // plain has no texts
	moved            map[*state.Node]*state.Node // of the payload, into the state
	fresh            []*state.Node               // containers that the script made
	written          []uint64                    // the bits of numbers, once there are such
	gaps             []gap
	texts            [interned]string
}

// maxSteps bounds a run: loops and what they make. What needs more is run by the
// whole engine, which has limits in time and memory.
const maxSteps = 2_000_000

// goOver takes the steps that going over a text costs.
func (r *run) goOver(s string) {
	if len(s) >= 64 {
		r.spend(len(s) / 64)
	}
}

// isNew reports whether the script made a container during this event.
func (r *run) isNew(n *state.Node) bool {
	r.spend(len(r.fresh) / 8)
	return slices.Contains(r.fresh, n)
}

// spend takes n steps from what is left.
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
	r.gaps = r.gaps[:0]
	r.written = r.written[:0]
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
}

// A function that gives up as a rule costs more than it saves.
const (
	patience = 64
	maxLost  = 4 // of so many runs one may give up
)

func (f *Func) worthwhile() bool { return f.lost < patience || f.lost*maxLost < f.runs }

// Apply runs a handler on a state and an event: f(state, event). done is false
// when the engine has to, and then the state is as it was.
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

// Test runs a test on a state after an event, which may be nil:
// f(state, event, state, event). Nothing is changed. done is false when the engine
// has to.
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

// Name runs a function that names something by an event, f(event). done is false
// when the engine has to, and where the event has no name.
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

// look runs a function that changes nothing.
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

// recovered lets a mistake of ours go on its way.
func (f *Func) recovered(x any) {
	if x != giveUp {
		panic(x)
	}
	f.lost++
}

// current returns where a container is now: the copy in the state of one that was
// the payload's.
func (r *run) current(n *state.Node) *state.Node {
	if len(r.moved) > 0 {
		if c := r.moved[n]; c != nil {
			return c
		}
	}
	return n
}

// owned returns a container to be changed.
func (r *run) owned(n *state.Node) *state.Node {
	n = r.current(n)
	if r.st == nil || !r.st.Owns(n) {
		panic(giveUp) // the script changes the payload
	}
	return n
}

// place returns a container as one of the state: a copy, where it is the
// payload's. From then on the script that reads the payload reads the copy.
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

// placeList makes a node of the state of an array of the script.
func (r *run) placeList(l *array) *state.Node {
	if l.n != nil {
		return l.n
	}
	if r.st == nil {
		l.n = state.NewArray()
	} else {
		l.n = r.st.NewArray()
	}
	n := l.n // now: it may hold itself
	r.remember(n)
	for _, v := range l.elems {
		n.Append(r.write(v, ""))
		r.put(n, "", v)
	}
	l.elems = nil
	return n
}

// now returns what a value is by now: an array that was put into the state is a
// node of it, and so is what was copied there from the payload.
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

// newObject returns an object that the script makes.
func (r *run) newObject() *state.Node {
	r.spend(20)
	if r.st == nil {
		return state.NewObject()
	}
	n := r.st.NewObject()
	r.remember(n)
	return n
}

// maxFresh bounds the containers of one event. So many, one in another, the
// engine refuses.
const maxFresh = 10_000

func (r *run) remember(n *state.Node) {
	if len(r.fresh) == maxFresh {
		panic(giveUp)
	}
	r.fresh = append(r.fresh, n)
}
