package why_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/inspect/why"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/state"
)

// An arrayWriter writes random handlers over a list l, objects o with ids, a map m and a number n,
// and payloads with members p, i and more.
type arrayWriter struct{ programWriter }

func (w arrayWriter) id() string {
	return w.pick("'a'", "'b'", "'c'", "e.data.i", "e.data.i", "s.m.i", "s.o[0]?.id")
}

func (w arrayWriter) value() string {
	return w.pick("0", "1", "2", "3", "(e.data.p ?? 0)", "(e.data.p ?? 0)", "e.data.p", "(s.n ?? 0)", "(s.l[0] ?? 0)", "(s.l[1] ?? 5)",
		"(s.l[s.l.length - 1] ?? 0)", "s.l.length", "(s.o[0]?.v ?? 0)", "(s.m.p ?? 0)", "Object.keys(s.m).length",
		"(s.o.find(x => x.id === "+w.pick("'a'", "e.data.i")+")?.v ?? 1)", "s.l.indexOf(e.data.p)", "(e.data.xs ?? [7]).length", "e.version")
}

// texts are the statements; V is a number and I an id.
var texts = []string{
	"s.l.push(V)", "s.l.push(V, V)", "s.l.unshift(V)", "s.l.pop()", "s.l.shift()", "s.n = s.l.pop()", "s.n = s.l.shift()",
	"s.l.splice(s.l.indexOf(V), 1)", "s.l.splice(s.l.findIndex(x => x > V), 1)", "s.l.splice(V, 1)", "s.l.splice(-1, 1, V)",
	"s.l.splice(V, 1, V, V)", "s.l.splice(-V, 1)", "s.l.splice(V)", "s.l = s.l.filter(x => x !== V)", "s.l = s.l.filter((x, i) => i !== V)",
	"s.l = s.l.map(x => x + V)", "s.l.sort((a, b) => a - b)", "s.l.reverse()", "s.l = s.l.concat([V, V])", "s.l = [...s.l, V]",
	"s.l = [V, ...s.l]", "s.l = s.l.slice(V)", "s.l = s.l.slice(-2)", "s.l = []", "s.l.length = 0", "s.l = [...(e.data.xs ?? [])]",
	"if (s.l.length > 0) s.l[0] = V", "for (const x of s.l) s.n += x",
	"s.o.push({id: I, v: V})", "s.o.unshift({id: I, v: V})", "s.o.push({id: 'd' + e.version, v: V})", "s.o = s.o.filter(x => x.id !== I)",
	"s.o.splice(s.o.findIndex(x => x.id === I), 1)", "s.o.sort((a, b) => a.v - b.v)", "s.o.reverse()", "s.o = s.o.map(x => ({...x, v: x.v + V}))",
	"s.o = s.o.map(x => x.id === I ? {...x, v: V} : x)", "{ const x = s.o.find(x => x.id === I); if (x) x.v = V }",
	"{ const x = s.o.find(x => x.id === I); if (x) (x.w ??= []).push(V) }", "{ const x = s.o.find(x => x.id === I); if (x) delete x.w }",
	"{ const x = s.o.find(x => x.id === I); if (x?.w) x.w.splice(x.w.indexOf(V), 1) }",
	"{ const [x] = s.o.splice(0, 1); if (x) s.o.push(x) }", "s.o = [...s.o].sort((a, b) => b.v - a.v)", "s.o = []",
	"{ const i = s.o.findIndex(x => x.id === I); if (i >= 0) s.o[i] = {...s.o[i], v: V} }", "if (s.o.length > 1) s.n = s.o.shift().v",
	"Object.assign(s.m, e.data)", "s.m = {...s.m, ...e.data}", "s.m = {...e.data}", "Object.assign(s, {n: V})", "delete s.m.p", "delete s.m[I]",
	"s.m[I] = V", "s.m = {i: I, last: s.o[s.o.length - 1]}", "s.n = V", "s.n = s.o.reduce((a, x) => a + (x.v ?? 0), 0)", "s.n = s.l.join('-').length",
	"s.n = s.o.map(x => x.id).indexOf(I)", "s.n = s.l.includes(V) ? 1 : V", "s.n = Object.values(s.m).length", "if (V > 1) s.n = V",
}

func (w arrayWriter) statement() string {
	text := w.pick(texts...)
	if rapid.IntRange(0, 5).Draw(w.t, "if") == 0 {
		text = "if (V > 1) { " + text + " }"
	}
	var b strings.Builder
	for i := range len(text) {
		switch {
		case text[i] == 'V':
			b.WriteString(w.value())
		case text[i] == 'I' && !strings.HasPrefix(text[i:], "In"):
			b.WriteString(w.id())
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String()
}

func (w arrayWriter) program() string {
	b := "fromAll().when({\n  $init() { return {l: [1, 2], o: [{id: 'a', v: 1}, {id: 'b', v: 2}], m: {}, n: 0} },\n"
	for _, kind := range []string{"A", "B", "C"} {
		var all []string
		for range rapid.IntRange(1, 3).Draw(w.t, "statements") {
			all = append(all, w.statement())
		}
		b += "  " + kind + "(s, e) { " + strings.Join(all, "; ") + " },\n"
	}
	return b + "})"
}

func (w arrayWriter) history() (events []string) {
	for range rapid.IntRange(1, 8).Draw(w.t, "events") {
		events = append(events, w.pick("A", "B", "C")+" "+w.pick(`{"p":1}`, `{"p":2,"i":"a"}`, `{"p":3,"i":"b"}`, `{"p":0,"i":"c","xs":[1,2]}`, `{"i":"c"}`, `{"p":-1,"i":"a"}`, `{}`))
	}
	return events
}

// A rerun is a history and all of its states. It folds single events again by another way than
// why: from a state that is edited as JSON.
type rerun struct {
	t      *rapid.T
	script string
	merge  bool // instead of the script
	events []string
	s      replay.Subject
	states []state.Value
}

func newRerun(t *rapid.T, script string, events []string) *rerun {
	s := subject(t, script, events...)
	return &rerun{t: t, script: script, events: events, s: s, states: newOracle(t, s, len(events)).states}
}

// after returns the state after event v from another state, with another payload; ok is false if
// the handler fails.
func (r *rerun) after(v int, before state.Value, data string) (root state.Value, ok bool) {
	s := r.s
	if kind, was, _ := strings.Cut(r.events[v-1], " "); was != data {
		all := slices.Clone(r.events)
		all[v-1] = kind + " " + data
		s = r.subject(all)
	}
	o := replay.FoldOptions{Base: &before, Span: replay.Between(replay.Version(v), replay.Version(v))}
	for step, err := range s.Timeline.Run(context.Background(), s.Fold, o) {
		if err != nil {
			return state.Value{}, false
		}
		root = state.Clone(step.Root)
	}
	return root, true
}

// subject returns a history with the fold.
func (r *rerun) subject(events []string) replay.Subject {
	if !r.merge {
		return subject(r.t, r.script, events...)
	}
	s := subject(nothing{}, "fromAll().when({})", events...)
	s.Fold.Reducer = fold.Merge()
	return s
}

// nothing is the test of a script that does not fail.
type nothing struct{}

func (nothing) Helper()           {}
func (nothing) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

func (r *rerun) data(v int) string {
	_, data, _ := strings.Cut(r.events[v-1], " ")
	return data
}

// resultOf returns the value of a node in a state after its event, by keys if it is named by any.
func resultOf(root state.Value, n *why.Node) state.Value {
	path := n.Path
	if n.Label != "" {
		p, err := state.ParsePath(n.Label)
		if err != nil {
			panic(err)
		}
		all := p.FindAll(root)
		if len(all) == 0 {
			return state.Value{}
		}
		path = all[0]
	}
	return get(root, path)
}

// questions returns the paths of a state, those with keys, and some that are not there.
func questions(r *rerun) (all []string) {
	head := r.states[len(r.states)-1]
	labels := state.NewLabeler(state.Clone(head), state.DiffOptions{})
	var walk func(v state.Value, path string)
	walk = func(v state.Value, path string) {
		if path != "" {
			all = append(all, path)
			if label := labels.LabelOf(path); label != "" {
				all = append(all, label)
			}
		}
		if v.Kind() == state.Array {
			for i, e := range v.Node().Elems() {
				walk(e, fmt.Sprint(path, "/", i))
			}
		} else if v.IsContainer() {
			v.Node().Each(func(key string, e state.Value) bool { walk(e, path+"/"+key); return true })
		}
	}
	walk(head, "")
	for _, path := range []string{"/l/0", "/l/1", "/l/2", "/l/4", "/o/0", "/o/1/v", "/o/2", "/o/0/w/0", "/m/p", "/m/i", "/o[id=a]", "/o[id=b]/v", "/o[id=c]", "/o[id=a]/w"} {
		if !slices.Contains(all, path) {
			all = append(all, path)
		}
	}
	return all
}

// find returns the value that a path as it was asked has in a state.
func find(root state.Value, path string) state.Value {
	p, err := state.ParsePath(path)
	if err != nil {
		panic(err)
	}
	all := p.FindAll(root)
	if len(all) == 0 {
		return state.Value{}
	}
	return get(root, all[0])
}

// TestWhyOfArrays asks programs that move elements for every path, and compares each verdict, and
// what would be, with the history run again from an edited state or payload.
func TestWhyOfArrays(t *testing.T) {
	defer why.SetSpacing(0)
	rapid.Check(t, func(t *rapid.T) {
		why.SetSpacing(rapid.IntRange(1, 5).Draw(t, "spacing"))
		w := arrayWriter{programWriter{t}}
		r := newRerun(t, w.program(), w.history())
		t.Logf("%s\n%q", r.script, r.events)
		head := len(r.events)
		for _, path := range questions(r) {
			a := r.ask(path, head)
			if a == nil {
				continue
			}
			for _, n := range a.Nodes {
				r.check(path, n)
			}
		}
	})
}

// removed returns the last event that a value was there before and not after; 0: none.
func (r *rerun) removed(path string) int {
	for v := len(r.events); v > 0; v-- {
		switch {
		case !find(r.states[v], path).IsAbsent():
			return 0
		case !find(r.states[v-1], path).IsAbsent():
			return v
		}
	}
	return 0
}

// check compares the inputs of a node with brute force.
func (r *rerun) check(asked string, n *why.Node) {
	if n.Event == nil || !n.Open {
		return
	}
	v := int(n.Event.Version)
	if n.Unseen != "" || n.Untested > 0 {
		r.t.Fatalf("%s: %s at %d: %q, %d untested", asked, n.Name(), v, n.Unseen, n.Untested)
	}
	was := resultOf(r.states[v], n)
	if !n.Value.IsContainer() && !state.Equal(was, n.Value) {
		r.t.Fatalf("%s: %s at %d is %s, not %s", asked, n.Name(), v, state.AppendJSON(nil, was), state.AppendJSON(nil, n.Value))
	}
	listed := map[string]*why.Input{}
	for _, in := range n.Inputs {
		if key := string(in.From) + in.Path; !in.Parts {
			if listed[key] != nil {
				r.t.Fatalf("%s: %s at %d lists %s twice", asked, n.Name(), v, key)
			}
			listed[key] = in
		}
		r.checkInput(asked, n, in, was)
	}
	r.checkMissed(asked, n, was, listed)
}

// checkInput tests an input that is listed.
func (r *rerun) checkInput(asked string, n *why.Node, in *why.Input, was state.Value) {
	v := int(n.Event.Version)
	instead := in.Earlier
	if !in.Instead.IsAbsent() {
		instead = in.Instead
	}
	before, data := r.states[v-1], r.data(v)
	switch in.From {
	case replay.FromState:
		if got := get(before, in.Path); !state.Equal(got, in.Value) {
			r.t.Fatalf("%s: input %s of %d is %s, not %s", asked, in.Path, v, state.AppendJSON(nil, got), state.AppendJSON(nil, in.Value))
		}
		if in.Verdict == why.Unknown && in.Value.IsAbsent() && !instead.IsAbsent() {
			return // the array is too short for it
		}
		before = edit(before, in.Path, instead)
	case replay.FromPayload:
		payload, err := state.Parse([]byte(data))
		if err != nil {
			r.t.Fatal(err)
		}
		if in.Path == "" && instead.IsAbsent() {
			return // no JSON is without a root
		}
		data = string(state.AppendJSON(nil, edit(payload, in.Path, instead)))
	default:
		return
	}
	after, ok := r.after(v, before, data)
	if !ok {
		if in.Fails == "" && (in.Verdict != why.Idle || !in.Value.IsContainer()) {
			r.t.Fatalf("%s: with %s at %s, %d fails, but why says %+v", asked, state.AppendJSON(nil, instead), in.Path, v, in)
		}
		return
	}
	if in.Fails != "" {
		r.t.Fatalf("%s: with %s at %s, %d does not fail, but why says %s", asked, state.AppendJSON(nil, instead), in.Path, v, in.Fails)
	}
	would := resultOf(after, n)
	matters := !state.Equal(would, was)
	if in.Verdict == why.Unknown || matters != (in.Verdict == why.Matters) {
		r.t.Fatalf("%s: %s at %d: with %s at %s %s (parts %t) it is %s instead of %s, but why says %d", asked, n.Name(), v, state.AppendJSON(nil, instead),
			in.From, in.Path, in.Parts, state.AppendJSON(nil, would), state.AppendJSON(nil, was), in.Verdict)
	}
	if matters {
		tokens, _ := state.ParsePointer(strings.TrimPrefix(in.Changed, n.Path))
		if !state.Equal(state.Within(would, tokens), in.Would) {
			r.t.Fatalf("%s: %s at %d: with %s at %s %s, %s would be %s, but why says %s", asked, n.Name(), v, state.AppendJSON(nil, instead),
				in.From, in.Path, in.Changed, state.AppendJSON(nil, state.Within(would, tokens)), state.AppendJSON(nil, in.Would))
		}
	}
}

// checkMissed changes what is not listed: no value may depend on it.
func (r *rerun) checkMissed(asked string, n *why.Node, was state.Value, listed map[string]*why.Input) {
	v := int(n.Event.Version)
	missed := func(from, path string, before state.Value, data string) {
		after, ok := r.after(v, before, data)
		if !ok || !state.Equal(resultOf(after, n), was) {
			r.t.Fatalf("%s: %s at %d depends on %s %s, which is not listed", asked, n.Name(), v, from, path)
		}
	}
	payload, err := state.Parse([]byte(r.data(v)))
	if err != nil {
		r.t.Fatal(err)
	}
	for _, name := range []string{"p", "i"} {
		if path := "/" + name; !get(payload, path).IsAbsent() && listed["payload"+path] == nil && listed["payload"] == nil {
			missed("payload", path, r.states[v-1], string(state.AppendJSON(nil, edit(payload, path, state.Value{}))))
		}
	}
	for _, path := range scalars(r.states[v-1], "") {
		if slices.ContainsFunc(n.Inputs, func(in *why.Input) bool {
			around := in.Path
			if in.From == replay.FromState && strings.Count(in.Path, "/") > 1 && n.Value.IsContainer() && in.Verdict == why.Matters { // it stands for the container that it is in
				around = in.Path[:strings.LastIndexByte(in.Path, '/')]
			}
			return in.From == replay.FromState && !in.Parts && around != "" && state.HasPrefix(path, around)
		}) || within(path, n, r.states[v-1]) {
			continue
		}
		if n.Label != "" && strings.HasSuffix(path, "/id") || n.Label != "" && !state.Equal(resultOf(r.states[v-1], n), resultOf(edit(r.states[v-1], path, state.NumberValue("17")), n)) {
			continue // it is the key that names the value
		}
		missed("state", path, edit(r.states[v-1], path, state.NumberValue("17")), r.data(v))
	}
}

// within reports whether a path is in the value of a node before its event.
func within(path string, n *why.Node, before state.Value) bool {
	if n.Label == "" {
		return n.Value.IsContainer() && state.HasPrefix(path, n.Path)
	}
	p, err := state.ParsePath(n.Label)
	return err == nil && slices.ContainsFunc(p.FindAll(before), func(at string) bool { return state.HasPrefix(path, at) })
}
