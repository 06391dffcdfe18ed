package why_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/fixtures/testmain"
	"asof/inspect/why"
	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m)) }

// subject returns the stream "s" of events, one per line as TYPE DATA, folded by a script.
func subject(t interface {
	Helper()
	Fatal(args ...any)
}, script string, events ...string,
) replay.Subject {
	t.Helper()
	return spread(t, script, 1, events...)
}

// spread returns such events over some streams, by turns. With several, they are folded in the
// order of the store, as a projection is.
func spread(t interface {
	Helper()
	Fatal(args ...any)
}, script string, streams int, events ...string,
) replay.Subject {
	t.Helper()
	var all []replay.Event
	for i, e := range events {
		kind, data, _ := strings.Cut(e, " ")
		stream := "s"
		if k := i % streams; k > 0 {
			stream = fmt.Sprint("s", k)
		}
		all = append(all, replay.Event{
			Stream: replay.StreamID(stream), Category: "s", Version: replay.Version(i/streams + 1), Position: replay.Position(i + 1), Type: kind,
			ID: fmt.Sprintf("id-%d", i+1), Data: []byte(data), Meta: replay.Meta{Actor: "x", Raw: []byte(`{"by":{"name":"x"},"n":1}`)},
		})
	}
	s, err := js.Load("fold.js", script, js.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	r := storetest.Memory(all)
	of := replay.StreamTimeline(r, "s")
	if streams > 1 {
		of = &replay.Timeline{Name: "s", Reader: r, Many: true}
	}
	return replay.Subject{Timeline: of, Fold: replay.Fold{Reducer: s}}
}

func at(v int) replay.Moment {
	m := replay.Moment{Stream: "s"}
	if v == 0 {
		return m
	}
	return m.WithVersion(replay.Version(v))
}

// A programWriter writes random handlers over the members a, b, c and d of the state, the
// members x and y of its member o, and the members p and q of payloads.
type programWriter struct{ t *rapid.T }

func (w programWriter) pick(from ...string) string { return rapid.SampledFrom(from).Draw(w.t, "pick") }

func (w programWriter) expr(depth int) string {
	if depth == 0 || rapid.IntRange(0, 2).Draw(w.t, "leaf") == 0 {
		return w.pick("1", "2", "(s.a ?? 0)", "(s.b ?? 0)", "(s.c ?? 5)", "(s.d ?? 0)", "(s.o?.x ?? 0)", "(s.o?.y ?? 3)", "s.c", "s.a",
			"(e.data.p ?? 0)", "(e.data.q ?? 0)", "e.data.q", "e.version", "Object.keys(s).length", "('b' in s ? 1 : 0)")
	}
	l, r := w.expr(depth-1), w.expr(depth-1)
	switch w.pick("+", "-", "max", "?", "cmp") {
	case "+":
		return "(" + l + " + " + r + ")"
	case "-":
		return "(" + l + " - " + r + ")"
	case "max":
		return "Math.max(" + l + ", " + r + ")"
	case "?":
		return "(" + l + " > 2 ? " + r + " : " + w.expr(depth-1) + ")"
	}
	return "(" + l + " === " + r + " ? 1 : 0)"
}

func (w programWriter) statement() string {
	switch w.pick("set", "set", "if", "delete", "o.x", "o", "move") {
	case "if":
		return "if (" + w.expr(1) + " > 1) s." + w.pick("a", "b", "c", "d") + " = " + w.expr(1)
	case "delete":
		return "delete s." + w.pick("a", "b", "c", "d", "o")
	case "o.x":
		return "(s.o ??= {})." + w.pick("x", "y") + " = " + w.expr(2)
	case "o":
		return "s.o = {x: " + w.expr(1) + ", y: " + w.expr(1) + "}"
	case "move":
		return "{ const o = s.o; delete s.o; if (o) s.o = o }"
	}
	return "s." + w.pick("a", "b", "c", "d") + " = " + w.expr(2)
}

func (w programWriter) program() string {
	b := "fromAll().when({\n  $init() { return {a: 1, b: 2, o: {x: 1, y: 2}} },\n"
	for _, kind := range []string{"A", "B", "C"} {
		var all []string
		for range rapid.IntRange(1, 4).Draw(w.t, "statements") {
			all = append(all, w.statement())
		}
		b += "  " + kind + "(s, e) { " + strings.Join(all, "; ") + " },\n"
	}
	return b + "})"
}

func (w programWriter) history() (events []string) {
	for range rapid.IntRange(2, 9).Draw(w.t, "events") {
		events = append(events, w.pick("A", "B", "C")+" "+w.pick(`{"p":1}`, `{"p":2,"q":7}`, `{"q":3}`, `{}`))
	}
	return events
}

// TestFoldsThatKeepData asks handlers that keep data outside their state: the first fold of an
// event has the right result, and only a test of it changes what the next one finds.
func TestFoldsThatKeepData(t *testing.T) {
	for name, script := range map[string]string{
		"a value": "let last = 0\nfromAll().when({ $init: () => ({x: 1}), A(s, e) { s.d = e.data.p - last + (s.x > 5 ? 1 : 0); last = e.data.p } })",
		"a map":   "const all = new Map()\nfromAll().when({ $init: () => ({x: 1}), A(s, e) { all.set(e.data.p, s.x); s.d = all.size } })",
	} {
		s := subject(t, script, `A {"p":1}`, `A {"p":3}`)
		a, err := why.Ask(context.Background(), s, at(2), "/d", why.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range a.Root.Inputs {
			if in.Verdict != why.Unknown {
				t.Errorf("%s: %s %s is %d: %+v", name, in.From, in.Path, in.Verdict, in.Would)
			}
		}
		if a.Root.Unseen == "" {
			t.Errorf("%s: it says nothing of what the script keeps", name)
		}
	}
}

// places are all paths that the programs know.
var places = []string{"/a", "/b", "/c", "/d", "/o", "/o/x", "/o/y"}

func get(v state.Value, path string) state.Value {
	v, _ = state.Lookup(v, path)
	return v
}

// An oracle knows all states of a history, and folds single events on edited ones.
type oracle struct {
	t      *rapid.T
	s      replay.Subject
	states []state.Value
	other  func(v int, data string) replay.Subject // the history with another payload at v
	events []string

	asksParts bool // the script asks which members an object has
}

func newOracle(t *rapid.T, s replay.Subject, events int) *oracle {
	o := &oracle{t: t, s: s}
	for v := range events + 1 {
		st, err := replay.InitialState(context.Background(), s.Fold)
		if v > 0 {
			st, _, err = s.StateAt(context.Background(), at(v))
		}
		if err != nil {
			t.Fatal(err)
		}
		o.states = append(o.states, st)
	}
	return o
}

// setter returns the last event up to v that changed a path; 0: none.
func (o *oracle) setter(path string, v int) int {
	for ; v > 0; v-- {
		if !state.Equal(get(o.states[v], path), get(o.states[v-1], path)) {
			return v
		}
	}
	return 0
}

// with returns the value at out after event v, if a path had another value before.
func (o *oracle) with(v int, path string, earlier state.Value, out string) state.Value {
	base := state.Clone(o.states[v-1])
	in, key := base.Node(), strings.TrimPrefix(path, "/")
	if strings.HasPrefix(path, "/o/") {
		in, key = in.Get("o").Node(), strings.TrimPrefix(path, "/o/")
	}
	if earlier.IsAbsent() {
		in.Delete(key)
	} else {
		in.Set(key, state.Clone(earlier))
	}
	return get(o.fold(o.s, v, base), out)
}

// checkInstead compares what another value would do, if there was none before and a number is
// null without one.
func (o *oracle) checkInstead(in *why.Input, without, is, would state.Value) {
	if without.Kind() != state.Null || is.Kind() != state.Number || would.Kind() == state.Null || state.Equal(is, would) || !state.Equal(in.Would, would) {
		o.t.Fatalf("%s: without it %s, not %s; with %s instead %s, but why says %s", in.Path, state.AppendJSON(nil, without), state.AppendJSON(nil, is),
			state.AppendJSON(nil, in.Instead), state.AppendJSON(nil, would), state.AppendJSON(nil, in.Would))
	}
}

// without returns the value at out after event v, if its payload had another value for a
// name; absent: none.
func (o *oracle) without(v int, name, out string, instead state.Value) state.Value {
	_, data, _ := strings.Cut(o.events[v-1], " ")
	payload, err := state.Parse([]byte(data))
	if err != nil {
		o.t.Fatal(err)
	}
	payload.Node().Delete(name)
	if !instead.IsAbsent() {
		payload.Node().Set(name, instead)
	}
	return get(o.fold(o.other(v, string(state.AppendJSON(nil, payload))), v, o.states[v-1]), out)
}

func (o *oracle) fold(s replay.Subject, v int, base state.Value) (root state.Value) {
	f := replay.FoldOptions{Base: &base, Span: replay.Between(replay.Version(v), replay.Version(v))}
	for step, err := range s.Timeline.Run(context.Background(), s.Fold, f) {
		if err != nil {
			o.t.Fatal(err)
		}
		root = state.Clone(step.Root)
	}
	return root
}

// TestWhyIsRight compares the inputs that matter with brute force: every path of the
// state is put back to its value before the event that set it, and every member of the payload
// is left out. The history is that of one stream, or a projection over several.
func TestWhyIsRight(t *testing.T) {
	defer why.SetSpacing(0)
	rapid.Check(t, func(t *rapid.T) {
		why.SetSpacing(rapid.IntRange(1, 5).Draw(t, "spacing"))
		w := programWriter{t}
		script, events := w.program(), w.history()
		streams := rapid.IntRange(1, 3).Draw(t, "streams")
		s := spread(t, script, streams, events...)
		o := newOracle(t, s, len(events))
		o.events = events
		o.other = func(v int, data string) replay.Subject {
			kind, _, _ := strings.Cut(events[v-1], " ")
			all := slices.Clone(events)
			all[v-1] = kind + " " + data
			return spread(t, script, streams, all...)
		}
		o.asksParts = strings.Contains(script, "Object.keys")
		t.Logf("%s\n%q", script, events)
		for _, out := range places {
			v := get(o.states[len(events)], out)
			set := o.setter(out, len(events))
			if set == 0 || v.IsContainer() {
				continue
			}
			a, err := why.Ask(context.Background(), s, at(len(events)), out, why.Options{Depth: 4})
			if err != nil {
				t.Fatal(err)
			}
			if a.Root.Event == nil || int(a.Root.Moment.Version()) != set || !state.Equal(a.Root.Value, v) {
				t.Fatalf("%s: set by %v, not %d", out, a.Root.Event, set)
			}
			for _, n := range a.Nodes {
				o.check(n)
			}
		}
	})
}

// check compares the inputs of a node with brute force.
func (o *oracle) check(n *why.Node) {
	if n.Event == nil || !n.Open {
		if n.Event == nil && o.setter(n.Path, len(o.states)-1) == len(o.states)-1 && len(n.Inputs) > 0 {
			o.t.Fatalf("%s has inputs and no event", n.Path)
		}
		return
	}
	if n.Unseen != "" || n.Untested > 0 {
		o.t.Fatalf("%s at %d: %s, %d untested", n.Path, n.Event.Version, n.Unseen, n.Untested)
	}
	for _, in := range n.Inputs {
		if in.By != nil && !state.Equal(in.By.Value, in.Value) {
			o.t.Fatalf("%s at %d: %s is %s, but its node says %s", n.Path, n.Event.Version, in.Path, state.AppendJSON(nil, in.Value), state.AppendJSON(nil, in.By.Value))
		}
	}
	if n.Value.IsContainer() {
		return // its result is what its event changed in it
	}
	v := int(n.Moment.Version())
	if o.setter(n.Path, v) != v {
		o.t.Fatalf("%s was not set by %d", n.Path, v)
	}
	o.checkPayload(n, v)
	have := map[string]*why.Input{}
	for _, in := range n.Inputs {
		if in.From == replay.FromState && !in.Parts {
			have[in.Path] = in
		}
	}
	for _, path := range places {
		now := get(o.states[v-1], path)
		if now.IsContainer() || strings.HasPrefix(path, "/o/") && !get(o.states[v-1], "/o").IsContainer() {
			continue
		}
		by, earlier := o.setter(path, v-1), state.Value{}
		if by > 0 {
			earlier = get(o.states[by-1], path)
		} else if now.IsAbsent() {
			continue
		}
		would := o.with(v, path, earlier, n.Path)
		matters := !state.Equal(would, get(o.states[v], n.Path))
		in := have[path]
		got := in != nil && in.Verdict == why.Matters
		if matters && in == nil && now.IsAbsent() != earlier.IsAbsent() && o.asksParts {
			continue // which members there are is an input of its own
		}
		if got != matters {
			o.t.Fatalf("%s at %d: %s, earlier %s: matters %t, but why says %t (%+v)", n.Path, v, path, state.AppendJSON(nil, earlier), matters, got, in)
		}
		if got && !in.Instead.IsAbsent() {
			o.checkInstead(in, would, get(o.states[v], n.Path), o.with(v, path, in.Instead, n.Path))
			would = in.Would
		}
		if got && (!state.Equal(in.Would, would) || !state.Equal(in.Earlier, earlier)) {
			o.t.Fatalf("%s at %d: with %s at %s it would be %s, but why says %s at %s", n.Path, v, path, state.AppendJSON(nil, earlier),
				state.AppendJSON(nil, would), state.AppendJSON(nil, in.Would), state.AppendJSON(nil, in.Earlier))
		}
		if got && by > 0 && (in.By.Event == nil || int(in.By.Moment.Version()) != by) {
			o.t.Fatalf("%s was set by %d, but why says %v", path, by, in.By.Event)
		}
	}
}

// checkPayload compares the inputs of the payload with brute force.
func (o *oracle) checkPayload(n *why.Node, v int) {
	for _, name := range []string{"p", "q"} {
		_, data, _ := strings.Cut(o.events[v-1], " ")
		would := o.without(v, name, n.Path, state.Value{})
		matters := strings.Contains(data, strconv.Quote(name)) && !state.Equal(would, get(o.states[v], n.Path))
		i := slices.IndexFunc(n.Inputs, func(in *why.Input) bool { return in.From == replay.FromPayload && in.Path == "/"+name })
		if got := i >= 0 && n.Inputs[i].Verdict == why.Matters; got != matters {
			o.t.Fatalf("%s at %d: %s of the payload matters %t, but why says %t", n.Path, v, name, matters, got)
		}
		if matters && !n.Inputs[i].Instead.IsAbsent() {
			in := n.Inputs[i]
			o.checkInstead(in, would, get(o.states[v], n.Path), o.without(v, name, n.Path, in.Instead))
			would = in.Would
		}
		if matters && !state.Equal(n.Inputs[i].Would, would) {
			o.t.Fatalf("%s at %d: without %s it would be %s, but why says %s", n.Path, v, name, state.AppendJSON(nil, would), state.AppendJSON(nil, n.Inputs[i].Would))
		}
	}
}
