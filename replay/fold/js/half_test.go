package js

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dop251/goja"
	"pgregory.net/rapid"

	"asof/replay"
	"asof/replay/state"
)

// halfOps are statements over the state s and the texts d.t, d.u and the list d.l. # is a
// small number.
var halfOps = []string{
	`s.a = d.t`, `s.a = (s.a ?? '') + d.t`, `s.a += d.u`, "s.a = `${s.a}${d.t}${d.u}`", `s.b = [s.a, d.t, d.u].join('')`, `s.b = d.l.join(d.t)`,
	`s.b = d.t[#]`, `s.b = d.t.slice(#)`, `s.b = d.t.slice(0, #) + d.t.slice(#)`, `s.b = d.t.substring(#, 2)`, `s.b = d.t.charAt(#) + d.u.charAt(#)`,
	`s.c = [...d.t]`, `s.c = Array.from(d.t + d.u)`, `s.c = d.t.split('')`, `s.c = d.t.split(d.u)`, `for (const x of d.t) s.c = [x, s.c?.length ?? 0]`,
	`s.n = d.t.length`, `s.n = d.t === s.a`, `s.n = d.t < d.u`, `s.n = [d.t.includes(d.u), d.t.startsWith(d.u), d.t.endsWith(d.u), d.t.indexOf(d.u)]`,
	`s.n = d.t.trim() + d.t.toUpperCase() + d.t.padStart(#, 'x')`, `s.n = d.t.charCodeAt(#) + ''`, `s.n = JSON.stringify(d.t)`, `s.n = JSON.parse(JSON.stringify(d))`,
	`s.n = JSON.parse('"' + d.t.replace(/["\\]/g, '') + '"')`, `s.n = JSON.parse(JSON.stringify({[d.t]: d.u}), (k, v) => typeof v === 'string' ? v + k : v)`,
	`s.n = d`, `s.n = d.l; s.n.push(d.t)`, `s.l = [...(s.l ?? []), d.t].sort()`, `s.l = d.l.slice().sort((a, b) => a < b ? -1 : a > b ? 1 : 0)`, `s.n = d.l.indexOf(d.t)`,
	`s.n = {[d.t]: d.u}`, `s.n = Object.fromEntries([[d.t, 1], [d.u, 2]])`, `s.n = Object.keys({[d.t]: 1, [d.u]: 2})`, `s.n = [...new Map([[d.t, 1], [d.u, 2]])]`,
	`s.n = new String(d.t)`, `s.n = {toJSON: () => d.t}`, `s.n = [new String(d.t), {get x() { return d.u }}]`, `s.n = structuredClone({x: [d.t], [d.u]: 1})`,
	`s.n = String(s.a).split('').reverse().join('')`, `s.n = d.u + '\ud83d'`, `s.n = '\ude00' + d.u`, `s.n = String.fromCharCode(d.u.charCodeAt(0) || 0xd83d)`,
	`s.m = {}; s.m[d.t] = #`, `s.m ??= {}; s.m[d.u] = d.t`, `s.n = s.m?.[d.t] ?? null`, `s.n = Object.keys(s.m ?? {})`, `s.n = {...s.m, x: 1}`, `delete s.m?.[d.t]`, `s.n = d.t in (s.m ?? {})`,
}

// units are the UTF-16 units that texts are drawn from.
var units = []uint16{'a', 'b', '"', 0, 0xe9, 0xfffd, 0xd83d, 0xd83d, 0xde00, 0xde00, 0xd800, 0xdfff, 0xd7ff, 0xe000}

func genUnits(t *rapid.T, what string) string {
	return state.FromUnits(rapid.SliceOfN(rapid.SampledFrom(units), 0, 5).Draw(t, what))
}

// unitsPayload is a payload with a text for each field, as its escapes where odd is set.
func unitsPayload(texts []string, odd bool) []byte {
	quote := func(s string) string {
		if !odd {
			return string(state.AppendQuoted(nil, s))
		}
		out := ""
		for _, u := range state.Units(s) {
			out += fmt.Sprintf(`\u%04X`, u)
		}
		return `"` + out + `"`
	}
	return fmt.Appendf(nil, `{"t":%s,"u":%s,"l":[%s,%s,%s]}`, quote(texts[0]), quote(texts[1]), quote(texts[2]), quote(texts[0]), quote(texts[1]))
}

// foldUnits folds events with these texts, with the state put away between two, and holds
// the states to those of the engine alone. An event that the engine cannot fold has an
// error, never another state.
func foldUnits(t rapid.TB, src string, all [][]string, escaped bool) (folded int) {
	t.Helper()
	s, err := Load("test.js", src, Limits{})
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	plain := newUnitFold(t, src)
	last := state.NewObject().Value()
	for i, texts := range all {
		want, threw := plain.apply(t, i+1, texts)
		st := state.New()
		st.SetRoot(st.Adopt(last))
		if _, err := st.Commit(false); err != nil {
			t.Fatal(err)
		}
		payload := unitsPayload(texts, escaped)
		_, err := s.Apply(context.Background(), st, &replay.Event{Stream: "s", Type: "E", Version: replay.Version(i + 1), Data: payload})
		if err != nil {
			if !threw && !strings.Contains(err.Error(), halfName) {
				t.Fatalf("event %d %s: %v\n%s", i+1, payload, err, src)
			}
			return folded
		}
		if _, err := st.Commit(true); err != nil || threw {
			t.Fatalf("event %d: %v, want it to throw: %v\n%s", i+1, err, threw, src)
		}
		kept := state.AppendJSON(nil, st.Root())
		if last, err = state.ParseState(kept); err != nil || !state.Equal(last, st.Root()) {
			t.Fatalf("kept as %s: %v", kept, err)
		}
		if got := string(state.AppendSorted(nil, last)); got != want {
			t.Fatalf("event %d %s:\ngot  %s\nwant %s\n%s", i+1, payload, got, want, src)
		}
		folded++
	}
	return folded
}

const halfHandler = "(s, e) => { const d = e.data; switch (e.version) {\n%s}; return s }"

// TestHalves folds texts of any UTF-16 units by random handlers.
func TestHalves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var cases strings.Builder
		var texts [][]string
		for i := range rapid.IntRange(1, 3).Draw(t, "events") {
			fmt.Fprintf(&cases, "case %d: {\n", i+1)
			for range rapid.IntRange(1, 3).Draw(t, "statements") {
				op := rapid.SampledFrom(halfOps).Draw(t, "op")
				cases.WriteString(strings.ReplaceAll(op, "#", fmt.Sprint(rapid.IntRange(0, 4).Draw(t, "n"))) + ";\n")
			}
			cases.WriteString("break }\n")
			texts = append(texts, []string{genUnits(t, "t"), genUnits(t, "u"), genUnits(t, "l")})
		}
		foldUnits(t, fmt.Sprintf(halfHandler, cases.String()), texts, rapid.Bool().Draw(t, "escaped"))
	})
}

// TestHalfOps folds each statement alone, so that it runs without the engine if it can.
func TestHalfOps(t *testing.T) {
	const high, low = "\xed\xa0\xbd", "\xed\xb8\x80"
	texts := [][]string{
		{"a" + high, low + "b", "x"},
		{low, high, high},
		{"😀", high, low},
		{"é" + high + "b", high, "b"},
		{"a😀é", low, "é"},
		{high + high, low + low, ""},
		{"", high, low},
		{"\ufffd" + low, "\ufffd", high + "c"},
	}
	for _, op := range halfOps {
		for n := range 3 {
			one := strings.ReplaceAll(op, "#", fmt.Sprint(n))
			if one == op && n > 0 {
				break
			}
			for _, first := range texts {
				foldUnits(t, "(s, e) => { const d = e.data; "+one+"; return s }", [][]string{first, texts[n]}, false)
			}
		}
	}
}

// A unitFold is a fold in the engine alone: its texts cross by their units, and its state
// as JSON in ASCII.
type unitFold struct {
	rt   *goja.Runtime
	call goja.Callable
}

func newUnitFold(t rapid.TB, src string) *unitFold {
	e, err := newEngine(&source{name: "plain.js"}, false)
	if err != nil {
		t.Fatal(err)
	}
	v, err := e.rt.RunString(`const f = ` + src + `; let s = {};
const text = units => String.fromCharCode(...units);
const ascii = x => JSON.stringify(x).replace(/[^ -~]/g, c => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));
(version, t, u, l) => {
	s = f(s, {version, data: {t: text(t), u: text(u), l: [text(l), text(t), text(u)]}});
	const out = ascii(s);
	s = copy(s);
	return out;
};
function copy(x) {
	if (x instanceof String) return String(x);
	if (typeof x !== 'object' || x === null) return x;
	if (typeof x.toJSON === 'function') return copy(x.toJSON());
	if (Array.isArray(x)) return x.map(v => v === undefined ? null : copy(v));
	const o = {};
	for (const k of Object.keys(x)) if (x[k] !== undefined) o[k] = copy(x[k]);
	return o;
}`)
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	call, _ := goja.AssertFunction(v)
	return &unitFold{e.rt, call}
}

func (p *unitFold) apply(t rapid.TB, version int, texts []string) (want string, threw bool) {
	args := []goja.Value{p.rt.ToValue(version)}
	for _, s := range texts {
		var all []any
		for _, u := range state.Units(s) {
			all = append(all, int(u))
		}
		args = append(args, p.rt.NewArray(all...))
	}
	v, err := p.call(goja.Undefined(), args...)
	if err != nil {
		return "", true
	}
	tree, err := state.ParseState([]byte(v.String()))
	if err != nil {
		t.Fatalf("%s: %v", v, err)
	}
	return string(state.AppendSorted(nil, tree)), false
}

// The halves of a character that two events bring become the character, in both engines.
func TestHalvesOfTwoEvents(t *testing.T) {
	for name, src := range map[string]string{
		"quick":  `(s, e) => ({t: (s.t ?? '') + e.data.t})`,
		"engine": `(s, e) => { /x/.test(''); return {t: (s.t ?? '') + e.data.t} }`,
	} {
		s := mustLoad(t, src)
		st := state.New()
		st.SetRoot(st.NewObject().Value())
		var got []string
		for _, e := range events(`{"t":"\ud83d"}`, `{"t":"\ude00"}`, `{"t":"\ud83d"}`, `{"t":"\ufffd"}`) {
			if _, err := s.Apply(t.Context(), st, e); err != nil {
				t.Fatal(err)
			}
			if _, err := st.Commit(true); err != nil {
				t.Fatal(err)
			}
			got = append(got, string(state.AppendJSON(nil, st.Root())))
		}
		want := []string{`{"t":"\ud83d"}`, `{"t":"😀"}`, `{"t":"😀\ud83d"}`, "{\"t\":\"😀\\ud83d\ufffd\"}"}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// A member name with U+FFFD is refused only where half of a surrogate pair can be meant.
func TestNamesWithReplacement(t *testing.T) {
	fold := func(src, payload string) (string, error) {
		s := mustLoad(t, `(s, e) => { /x/.test(''); `+src+`; return s }`)
		st := state.New()
		st.SetRoot(st.NewObject().Value())
		if _, err := s.Apply(t.Context(), st, ev(1, "E", payload)); err != nil {
			return "", err
		}
		_, err := st.Commit(true)
		return string(state.AppendJSON(nil, st.Root())), err
	}
	for _, c := range []struct{ src, payload, want string }{
		{`s[e.data.k] = e.data.v`, `{"k":"\ufffd","v":"x"}`, "{\"\ufffd\":\"x\"}"},
		{`s.n = Object.keys(e.data)`, `{"\ufffd":1}`, "{\"n\":[\"\ufffd\"]}"},
		{`s.d = e.data`, `{"\ud83d":1}`, `{"d":{"\ud83d":1}}`},
		{`s.d = e.data.v`, `{"\ud83d":1,"v":2}`, `{"d":2}`},
		{`s[e.data.k[0]] = 1`, `{"k":"😀"}`, ""},
		{`s[e.data.k] = 1`, `{"k":"\ud83d"}`, ""},
		{`s.n = Object.keys(e.data)`, `{"\ud83d":1}`, ""},
		{`s.n = {...e.data}`, `{"\ud83d":1}`, ""},
		{`const t = e.data.t; s.n = e.data['\ud83d']`, `{"t":"","\ufffd":1}`, ""},
	} {
		switch got, err := fold(c.src, c.payload); {
		case c.want == "" && (err == nil || !strings.Contains(err.Error(), halfName)):
			t.Errorf("%s of %s: %s, %v, want an error", c.src, c.payload, got, err)
		case c.want != "" && (err != nil || got != c.want):
			t.Errorf("%s of %s: %s, %v, want %s", c.src, c.payload, got, err, c.want)
		}
	}
}
