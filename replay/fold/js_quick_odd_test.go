package fold

import (
	"testing"

	"pgregory.net/rapid"
)

// quickOdd are handlers that do what nearly none does, and payloads for them.
var quickOdd = []struct{ body, payload string }{
	// Half a character is no text of Go.
	{`s.n = '\ud800' === '\ud801'`, `{}`},
	{`s.n = '\ud83d' + '\ude00'`, `{}`},
	{"s.n = `\\ud83d` + `\\ude00`", `{}`},
	{`s['\ud83d' + '\ude00'] = 1; s.n = {'\ud800': 1, '\ud801': 2}`, `{}`},
	// Names that are declared, but have no value yet.
	{`const b = 5; const f = (a = b, b) => a; s.n = f()`, `{}`},
	{`const b = 5; const f = ({a = b, b}) => a; s.n = f({b: 2})`, `{}`},
	{`const a = 5; const f = (a = a) => a; s.n = f()`, `{}`},
	{`const x = [1]; for (const x of x) s.n = x`, `{}`},
	{`const x = {q: 1}; for (const x in x) s.n = x`, `{}`},
	{`const g = (a, b = a + 1, {c = b, m: x = c} = {}) => [a, b, c, x]; s.n = [g(1), g(1, 5, {c: 2}), g(1, undefined, {m: 9})]`, `{}`},
	// Payloads that are in the state twice, or in part.
	{`s.y = d.o; s.x = d; s.y.q = 1`, `{"o": {"a": [1]}}`},
	{`const q = d.o; const o = {q}; q.z = 1; s.y = q; s.x = o; q.w = 2; s.n = s.y === s.x.q`, `{"o": {}}`},
	{`const k = d.l.find(x => x.k); s.c = d.l; k.z = 1; s.d = d.l.findIndex(x => x.z === 1)`, `{"l": [{"q": 1}, {"k": 1}]}`},
	{`const tmp = {l: d.l}; tmp.l[0].q = 9; s.n = d.l[0].q; s.x = d.l[0] === tmp.l[0]`, `{"l": [{"q": 1}]}`},
	{`s.a = d.l; s.a.push(d.l.length); d.l.push(7); s.b = [...d.l]; s.l.push(s.l)`, `{"l": [1]}`},
	{`const k = '__proto__'; s.n = d[k]; s.k = Object.keys(d); s.h = k in d; s.o = {...d}`, `{"__proto__": {"a": 1}, "constructor": 2}`},
}

// TestQuickOdd holds odd handlers to the engine, with each payload twice.
func TestQuickOdd(t *testing.T) {
	for _, c := range quickOdd {
		src := "fromAll().when({$init: () => ({l: [], a: 1}), E(s, e) { const d = e.data;\n" + c.body + "\n}})"
		alike(t, newTwins(t, src, LoadJS), c.payload, c.payload)
	}
}

// TestQuickOddScripts holds to the engine what is odd at the top level of scripts.
func TestQuickOddScripts(t *testing.T) {
	for _, src := range []string{
		`var f = 1; function f() { return 2 } fromAll().when({E(s, e) { s.n = f() }})`,
		`var A = 1; var A; fromAll().when({E(s, e) { s.n = A }})`,
		`(s, e) => { s.n = 1 }; function fold(s, e) { s.n = 2 }`,
		`function fold(s, e) { s.n = 2 } (s, e) => { s.n = 1 }; var x = 1`,
		`function g(s, e) { s.n = 2 } g; function fold(s, e) { s.n = 3 }`,
		`function fold(s, e) { s.n = 3 } 5; ;`,
	} {
		alike(t, newTwins(t, src, LoadJS), `{}`)
	}
	inline := func(_, src string, o Options) (*Script, error) { return LoadInline(src, o) }
	for _, src := range []string{
		`s.n = 1; s = {...s, m: 2}`, `state.n = 1; state = {...state, m: 2}`, `s.n = (() => arguments[0])() === s`,
		`function h(x) { return arguments[0] } function fold(s, e) { s.n = h(5) }`,
		`const h = function(x) { return arguments[0] }; s.n = h(5)`, `(s, e) => { s.n = arguments[0] }`,
	} {
		alike(t, newTwins(t, src, inline), `{}`, `{}`)
	}
}

func alike(t rapid.TB, w *twins, payloads ...string) {
	for i, p := range payloads {
		if _, ok := w.apply(t, i, p); !ok {
			return
		}
	}
}
