package js

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"asof/replay"
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
	// How a number is written: as what was read by the same name, at the end of the
	// event for what the script makes.
	{`const o = {x: 1}; s.o = o; s.n = d.y`, `{"y": 1.0}`},
	{`s.l.push({qty: d.qty, price: d.price})`, `{"qty": 10, "price": 10.00}`},
	{`s.l.push({price: d.price, qty: d.qty})`, `{"qty": 10, "price": 10.00}`},
	{`s.items = [...(s.items ?? []), {qty: d.qty, price: d.price, rate: d.rate, n: 8, t: d.qty * d.price}]`, `{"qty": 1, "price": 8.00, "rate": 8.0}`},
	{`const {qty, price} = d; s.items = {qty, price, total: qty * price}; s.p = price; s.h = d.half; s.k = d.part`, `{"qty": 1, "price": 1.00, "half": 2.50, "part": 2.5}`},
	{`s.t = Decimal(d.qty).plus(d.price)`, `{"qty": 1, "price": 1.00}`},
	{`s.t = Decimal(d.price).times(d.qty); s.u = Decimal(d.qty).plus(d.half)`, `{"price": 7.00, "qty": 7, "half": 2.50}`},
	{`s.t = Decimal(d.price).plus(d.half); s.half = 5 / 2; s.other = 5 / 2`, `{"price": 2.50, "half": 2.5}`},
	{`s.t = Decimal(d.a).plus(d.b); s.u = Decimal(d.b).plus(d.c).plus(d.a)`, `{"a": 2.50, "b": 2.500, "c": 2.5}`},
	{`const o = {price: 8}; s.o = o; s.n = d.price; o.price = d.price`, `{"price": 8.00}`},
	{`s.l.push([d.qty, d.price])`, `{"qty": 10, "price": 10.00}`},
	{`s.o = {...d}`, `{"a": 0.10, "b": 0.1, "c": 0.100}`},
	{`const {a, ...rest} = d; s.n = [a, rest]`, `{"price": 10.00, "a": 10, "b": 10.0}`},
	{`Object.keys(d); s.n = 10; for (const k in d) s.k = k; s.m = 10; s.h = 'a' in d; s.i = 10`, `{"a": 10.00}`},
	{`const [, b] = d.l; s.n = 10`, `{"l": [10.00, 1]}`},
	{`s.l = d.l; const p = d.price; s.i = s.l.find(x => x.q === d.price); s.n = p`, `{"price": 0.10, "l": [{"q": 0.1000}]}`},
	{`s.l = d.l; const p = d.price; s.i = s.l.filter(x => x.q !== p); s.n = p`, `{"price": 0.10, "l": [{"q": 0.1000}, {"q": 1}]}`},
	{`s.l = d.l; s.l.sort((a, b) => a - b)`, `{"l": [3, 0.10, 0.1, 0.100]}`},
	{`s.l = [3, ...d.l]; s.l.sort((a, b) => a - b)`, `{"l": [0.10, 0.1, 0.100]}`},
	// -0
	{`const o = {n: -d.num}; s.x = 1 / o.n < 0`, `{"num": 0}`},
	{`const o = [-d.num]; s.o = o; s.x = 1 / o[0] < 0`, `{"num": 0}`},
	{`s.z = -d.num; s.x = 1 / s.z < 0`, `{"num": 0}`},
	{`s.n = [Math.sign(-d.num), Math.round(-0.4), Math.ceil(-0.5), -4 % 2, 0 * -1].map(x => 1 / x < 0)`, `{"num": 0}`},
	// What compares oddly, or looks at the array while it is being sorted.
	{`s.l = d.l; s.l.sort((a, b) => -(a.p - b.p))`, `{"l": [{"p": 3}, {"p": 1, "q": 1}, {"p": 1, "q": 2}, {"p": 1, "q": 3}]}`},
	{`s.l = d.l; s.l.sort((a, b) => a.p / 0 - b.p / 0)`, `{"l": [{"p": 3}, {"p": 3.5}, {"p": -3.1}]}`},
	{`const l = [3, 1, 2]; l.sort((a, b) => { l[0] = 9; return a - b }); s.n = l`, `{}`},
	{`s.l = [3, 1, 2]; s.l.sort((a, b) => { s.l[0] = 9; return a - b })`, `{}`},
	{`const seen = [], l = [3, 1, 2]; l.sort((a, b) => { seen.push(l[0]); return a - b }); s.n = seen`, `{}`},
	// Decimals in an array that is in the state already.
	{`const a = [1]; s.a = a; a.push(Decimal('1.5')); s.t = typeof a[1]`, `{}`},
	{`const a = [1]; s.a = a; a[0] = Decimal('1.5'); s.t = typeof a[0]`, `{}`},
	{`const a = [1, 2]; s.a = a; a.splice(0, 1, Decimal('1.5')); s.t = typeof a[0]`, `{}`},
	// What is too deep for the engine.
	{`let o = {}; for (let i = 0; i < 20000; i++) o = {o}; s.o = o`, `{}`},
	{`let o = []; for (let i = 0; i < 20000; i++) o = [o]; s.o = o`, `{}`},
	{`let o = []; for (let i = 0; i < 9000; i++) o = [o]; s.o ??= o`, `{}`},
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
		alike(t, newTwins(t, src, Load), c.payload, c.payload)
	}
}

// TestQuickOddScripts holds to the engine what is odd at the top level of scripts.
func TestQuickOddScripts(t *testing.T) {
	for _, src := range []string{
		`var f = 1; function f() { return 2 } fromAll().when({E(s, e) { s.n = f() }})`,
		`var A = 1; var A; fromAll().when({E(s, e) { s.n = A }})`,
		`const T = {z: -0}, Z = -0; fromAll().when({E(s, e) { s.n = [1 / T.z > 0, 1 / Z > 0] }})`,
		`(s, e) => { s.n = 1 }; function fold(s, e) { s.n = 2 }`,
		`function fold(s, e) { s.n = 2 } (s, e) => { s.n = 1 }; var x = 1`,
		`function g(s, e) { s.n = 2 } g; function fold(s, e) { s.n = 3 }`,
		`function fold(s, e) { s.n = 3 } 5; ;`,
	} {
		alike(t, newTwins(t, src, Load), `{}`)
	}
	inline := func(_, src string, o Limits) (*Script, error) { return LoadInline("inline", src, o) }
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

// TestQuickEventFields reads each field of events that have all, and of one that
// has none, in both ways: the quick one has names of its own for them.
func TestQuickEventFields(t *testing.T) {
	events := []*replay.Event{
		{Stream: "s-1", Type: "E", Version: 0, Position: replay.NoPosition, Data: []byte(`{}`)},
		{
			Stream: "ß-2", Category: "ß", Type: "E", Version: 7, Position: 1 << 50, ID: "id-1", Revision: 3, Data: []byte(`{"a":[1,0.10]}`),
			Time: time.Date(2026, 3, 1, 2, 3, 4, 50_000, time.FixedZone("", 3600)),
			Meta: replay.Meta{Actor: "x", Correlation: "c", Causation: "k", Raw: []byte(`{"m":{"n":1}}`)},
		},
	}
	done := 0
	for _, key := range slices.Concat(eventKeys, moreKeys, []string{"nothing"}) {
		w := newTwins(t, "(s, e) => { s."+key+" = e."+key+"; s.type = typeof e."+key+" }", Load)
		for _, e := range events {
			fast, slow := *e, *e
			_, err := w.slow.Apply(t.Context(), w.slowState, &slow)
			if err != nil {
				t.Fatal(key, err)
			}
			if _, err := w.slowState.Commit(false); err != nil {
				t.Fatal(key, err)
			}
			if !w.q.Apply(w.fastState, &fast) {
				break // the engine's
			}
			done++
			if _, err := w.fastState.Commit(false); err != nil {
				t.Fatal(key, err)
			}
			if got, want := text(w.fastState.Root()), text(w.slowState.Root()); got != want {
				t.Errorf("%s: got %s, want %s", key, got, want)
			}
		}
	}
	if least := 2 * (len(moreKeys) + 6); done < least {
		t.Errorf("only %d fields were read without the engine, want %d", done, least)
	}
}
