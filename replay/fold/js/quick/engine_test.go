package quick_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"
	"pgregory.net/rapid"

	"asof/replay"
	"asof/replay/fold/js/quick"
	"asof/replay/state"
)

// statements are over the state s and the payload d. @ and ^ are keys, # is a
// number.
var statements = []string{
	`s.@ = d.^`, `s.@ = #`, `s.@ ??= {}`, `s.@ ||= 'x'`, `delete s.@`, `s[d.key] = #`, `s.@ = s.^; s.^ = s.@`, `s.@ = [d.^, #]`, `s.@ = {^: d.@, q: #}`,
	`s.@ = (s.@ ?? 0) + d.num`, `s.n = d.num * # - d.num / 8 + -d.num % 3`, `s.n = d.num + '' + d.key + true + null`, "s.n = `${d.key}-${d.num}`",
	`s.n = typeof s.@ + typeof d.^`, `s.n = s.@ === d.^`, `s.n = s.@ == null || d.num >= #`, `s.n = d.key > 'b' ? '@' in s : !s.@`, `s.n = d.none?.a.b ?? s.@?.^`,
	`if (Array.isArray(s.@)) s.@.push(#, d.^)`, `if (Array.isArray(s.@)) s.n = s.@.pop() ?? null`, `if (Array.isArray(s.@)) s.@.splice(1, #, d.key)`,
	`if (Array.isArray(s.@)) s.@ = s.@.filter((x, i) => i !== #)`, `if (Array.isArray(s.@)) s.n = s.@.map(x => [x]).concat(d.list)`,
	`s.n = d.list.slice().sort((a, b) => b - a)`, `s.n = d.list.reduce((n, x) => n + x, 0)`, `s.n = d.list.find(x => x > #) ?? null`, `s.n = d.list.some(x => x === #)`,
	`s.n = [...d.list, ...d.list].indexOf(#)`, `const [a, , b = 7, ...c] = d.list; s.n = [a, b, c.length]`, `const {@: a = #, ...rest} = d; s.n = [a, rest]`,
	`for (const k of Object.keys(d)) if (k > 'b') s[k] = #`, `for (const [k, x] of Object.entries(d.o)) s.@ = k + x`, `for (const k in d.o) s.n = k`, `s.o = {...s.o, ...d.o, @: #}`,
	`let i = 0; while (i < #) i++; s.n = i`, `for (let i = 0; i < 5; i++) { if (i === #) continue; s.n = i }`, `switch (d.num) { case 1: s.n = 'one'; break; default: s.n = # }`,
	`s.n = Math.round(d.num * 100) / 100 + Math.max(#, 2)`, `s.n = d.num.toFixed(2) + String(d.num)`, `s.n = d.key.toUpperCase().padStart(4, 'ab')`, `s.n = d.text.split('-').map(x => x.trim()).join('+')`,
	"s.n = Array.from(d.text)", "s.n = [...d.text, d.key].length", "const a = Array.from(d.text); s.n = [a.splice(#, 1, ...d.key), a, a.join('')]", "const a = [1, 2, 3]; a.splice(d.num, #, d.o); s.n = a",
	"for (const c of d.text) s.n = c + (s.n ?? '')", "s.n = d.text.slice(#) + d.text.slice(0, #) + d.text.slice(d.num, #)", "s.n = [d.text.length, d.text[#], d.text.charAt(#), d.text.substring(#, d.num)]",
	"s.n = [d.text.indexOf('é'), d.text.includes('ß'), d.text.startsWith('é'), d.text.split(''), d.text.trim(), d.text < 'é']", "s.n = [d.text.indexOf('-'), d.text.endsWith('😀'), d.text.split('é'), d.key < d.text]",
	`s.n = d.num < 0 ? 1 / d.num : -d.num`, `s.n = d.num / 0`, `s.n = d.nope.x`, `s.n = 0.1 + d.num`, `const f = (x, y = #) => x + y; s.n = f(f(1))`, `s.@ = d.o; s.@.q = #; s.n = d.o.q`,
}

var (
	keys     = []string{"a", "b", "num", "list", "o", "k1"}
	numbers  = []string{"0", "1", "2", "3", "-1", "0.5"}
	payloads = []string{
		`{"num":1,"key":"a","text":"a - b","list":[1,2,3],"o":{"x":1},"a":null,"b":true}`,
		`{"num":-0.5,"key":"b","text":"","list":[],"o":{},"a":[1,[2]],"b":{"q":"w"}}`,
		`{"num":12.5,"key":"k1","text":"-a-","list":[3,1,2,10],"o":{"10":1,"2":2,"z":3},"a":"x","k1":0.1}`,
		`{"num":2,"key":"b","text":"aé-日本語 😀 ünd weiter","list":[1],"o":{}}`, `{"num":1,"key":"a","text":"\u00a0é\ufeff","list":[2],"o":{}}`,
		`{"num":3,"key":"a","text":"èéßü and more than eight bytes of ASCII, ñ","list":[],"o":{}}`, `{"num":1e21,"key":"o","text":"é-ß","list":[0,-1],"o":{"a":{"b":1}},"b":"ü"}`,
	}
)

const start = `{"a":1,"b":[1,2],"o":{"x":0}}`

// program puts a handler together: each pair of bytes is a statement and what it
// is about.
func program(choice []byte) string {
	var b strings.Builder
	for i := 0; i+1 < len(choice) && i < 16; i += 2 {
		of := int(choice[i+1])
		fill := strings.NewReplacer("@", keys[of%6], "^", keys[of/6%6], "#", numbers[of/36%6])
		fmt.Fprintf(&b, "{ %s }\n", fill.Replace(statements[int(choice[i])%len(statements)]))
	}
	return "(s, e) => { const d = e.data;\n" + b.String() + "}"
}

// quickly folds one event without the engine; ok is false if that gave up.
func quickly(t rapid.TB, src, payload string) (out string, ok bool) {
	t.Helper()
	tree, err := parser.ParseFile(nil, "test.js", src, 0)
	if err != nil {
		t.Skip("it does not parse")
	}
	f := quick.NewScript(tree, false, quick.Sums{}).Compile(tree.Body[0].(*ast.ExpressionStatement).Expression)
	if f == nil {
		return "", false
	}
	root, err := state.Parse([]byte(start))
	if err != nil {
		t.Fatal(err)
	}
	st := state.New()
	st.SetRoot(st.Adopt(root))
	if _, err := st.Commit(false); err != nil {
		t.Fatal(err)
	}
	if !f.Apply(st, &replay.Event{Stream: "s", Type: "E", Data: []byte(payload)}) {
		return "", false
	}
	if _, err := st.Commit(false); err != nil {
		return cyclic, true
	}
	return string(state.AppendJSON(nil, st.Root())), true
}

// cyclic stands for a state that contains itself, which has no JSON.
const cyclic = "cyclic"

const harness = `(f, start, payload) => { const s = JSON.parse(start); f(s, {data: JSON.parse(payload)}); return JSON.stringify(s) }`

// compare holds what was done without the engine to what the engine does. Both
// are spelled as the engine spells numbers.
func compare(t rapid.TB, src, payload string) (done bool) {
	t.Helper()
	got, done := quickly(t, src, payload)
	if !done {
		return false
	}
	rt := goja.New()
	call, _ := goja.AssertFunction(must(t, rt, harness))
	want, err := call(goja.Undefined(), must(t, rt, src), rt.ToValue(start), rt.ToValue(payload))
	if got == cyclic {
		if err == nil || !strings.Contains(err.Error(), "ircular") {
			t.Fatalf("%s: without the engine the state contains itself, with it %s, %v\n%s", payload, want, err, src)
		}
		return true
	}
	if err != nil {
		t.Fatalf("%s: without the engine %s, with it %v\n%s", payload, got, err, src)
	}
	spell, _ := goja.AssertFunction(must(t, rt, `x => JSON.stringify(JSON.parse(x))`))
	same, err := spell(goja.Undefined(), rt.ToValue(got))
	if err != nil || same.String() != want.String() {
		t.Fatalf("%s: without the engine %s, with it %s\n%s", payload, got, want, src)
	}
	return true
}

func must(t rapid.TB, rt *goja.Runtime, src string) goja.Value {
	t.Helper()
	v, err := rt.RunString("(" + src + ")")
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestIsTheEngine folds random handlers with and without the engine.
func TestIsTheEngine(t *testing.T) {
	runs, done := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		src := program(rapid.SliceOfN(rapid.Byte(), 2, 12).Draw(rt, "choice"))
		runs++
		if compare(rt, src, rapid.SampledFrom(payloads).Draw(rt, "payload")) {
			done++
		}
	})
	if done*3 < runs {
		t.Errorf("of %d runs only %d did without the engine", runs, done)
	}
}

// TestStatements folds each statement with each payload.
func TestStatements(t *testing.T) {
	for i, text := range statements {
		done := false
		for of := range 216 {
			done = compare(t, program([]byte{byte(i), byte(of)}), payloads[of%len(payloads)]) || done
		}
		if !done && text != `s.n = d.nope.x` && text != `s.n = d.num / 0` {
			t.Errorf("%s is never run without the engine", text)
		}
	}
}

// FuzzIsTheEngine folds handlers that the bytes choose.
func FuzzIsTheEngine(f *testing.F) {
	for i := range statements {
		f.Add([]byte{byte(i), byte(i * 7), 3, 1}, byte(i))
	}
	f.Fuzz(func(t *testing.T, choice []byte, payload byte) {
		compare(t, program(choice), payloads[int(payload)%len(payloads)])
	})
}
