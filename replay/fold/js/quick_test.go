package js

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/replay/fold/js/quick"
	"asof/replay/state"
)

// quickPrelude is what the handlers of these tests may use.
const quickPrelude = `const RATES = {EUR: 1, USD: 1.25, n: -2}, CODES = ['a', 'b', 'k1'], LIMIT = 3, NAME = 'b';
function twice(x) { return x * 2 }
function pick(s, k = 'a') { const v = s[k]; return v ?? null }
const label = (n, {unit = 'x'} = {}) => n + unit;
function count(xs) { let n = 0; for (const x of xs ?? []) { if (x === null) continue; n++; if (n > 8) break } return n }
`

// quickOps are statements over the state s, the event e, its payload d and a list
// v. $ is a key, the same one throughout a statement, ^ any key, # a small
// number, @ a value.
var quickOps = []string{
	`s.$ = @`, `s.$ ??= @`, `s.$ ||= @`, `s.$ &&= @`, `s['$'] = @`, `s[d.key] = @`, `s.n = s[d.key]`, `delete s.$`, `delete s[d.key]`,
	`s.$ = @; s.$ = s.^; s.^ = s.$`,
	`if (isNum(s.$)) s.$++`, `if (isNum(s.$)) s.n = --s.$`, `if (isNum(s.$)) s.$ += #`, `if (isNum(s.$)) s.$ -= d.num`,
	`if (isNum(s.$)) s.$ *= 1.5`, `if (isNum(s.$)) s.$ /= 4`, `if (isNum(s.$)) s.$ %= 3`, `s.$ += 't'`,
	`s.n = typeof s.$`, `s.n = s.$ === d.^`, `s.n = s.$ == null`, `s.n = s.$ != d.^`, `s.n = !s.$`, `s.n = '$' in s`, `s.n = d.key in s`,
	`s.n = d.num < #`, `s.n = d.num >= #`, `s.n = d.key > 'b'`, `s.n = s.$ <= d.num`,
	`s.n = d.num * # - d.price / 8 + -d.num % 3`, `s.n = d.price + d.price`, `s.n = d.num + '' + d.price + true + null`,
	`s.price = d.price; s.n = s.price`, `s.sum = (s.sum ?? 0) + d.price`, `s.n = -d.num`, `s.n = +d.num`, `s.n = 0 * -d.num`,
	"s.n = `${d.key}-${d.num}:${s.$ === undefined}`", `s.n = d.missing?.a.b`, `s.n = d.o?.a`, `s.n = s.$?.['^']`, `s.n = d.o?.list?.length`,
	`s.$ = d.o`, `s.$ = d.o; s.$.q = #; s.n = d.o.q`, `s.$ = d; s.n = s.$ === d`, `s.$ = d.o.list; s.$.push(#); s.n = d.o.list.length`,
	`s.$ = {x: d.o, y: #}`, `s.$ = [d.o, @]`, `const o = d.o; s.$ = o; s.^ = o; s.n = s.$ === s.^`,
	`if (isArr(s.$)) s.$.push(@)`, `if (isArr(s.$)) s.$.push(@, @)`, `if (isArr(s.$)) s.n = s.$.pop()`, `if (isArr(s.$)) s.n = s.$.shift()`,
	`if (isArr(s.$)) s.n = s.$.unshift(@)`, `if (isArr(s.$)) s.n = s.$.splice(#, 1)`, `if (isArr(s.$)) s.$.splice(-1, #, @)`,
	`if (isArr(s.$) && s.$.length > 1) [s.$[0], s.$[1]] = [s.$[1], s.$[0]]`, `if (isArr(s.$)) { s.$.splice(#, 1, @); s.$.splice(1, 0, @, @) }`, `if (isArr(s.$)) s.$.push(s.$.shift())`,
	`if (isArr(s.$)) s.n = s.$.length`, `if (isArr(s.$)) s.n = s.$[#]`, `if (isArr(s.$)) s.$[#] = @`, `if (isArr(s.$)) s.$[s.$.length] = @`,
	`if (isArr(s.$)) s.$ = s.$.filter(x => x !== null)`, `if (isArr(s.$)) s.$ = s.$.filter((x, i) => i !== #)`,
	`if (isArr(s.$)) s.$ = s.$.map(x => x)`, `if (isArr(s.$)) s.$ = s.$.map((x, i) => ({i, x}))`, `if (isArr(s.$)) s.$ = [...s.$, @]`,
	`if (isArr(s.$)) s.n = s.$.some(x => x === d.num)`, `if (isArr(s.$)) s.n = s.$.every(isNum)`, `if (isArr(s.$)) s.n = s.$.includes(d.num)`,
	`if (isArr(s.$)) s.n = s.$.indexOf(null)`, `if (isArr(s.$)) s.n = s.$.at(-1)`, `if (isArr(s.$)) s.n = s.$.slice(#)`,
	`if (isArr(s.$)) s.n = s.$.concat(d.o.list, #)`, `if (isArr(s.$)) s.n = count(s.$)`, `if (isArr(s.$)) for (const x of s.$) v.push(x)`,
	`if (isArr(s.$)) s.n = s.$.reduce((n, x) => n + (isNum(x) ? x : 1), 0)`, `if (isArr(s.$)) { const [a, , b = 7, ...c] = s.$; s.n = [a ?? null, b, c.length] }`,
	`if (isArr(s.$)) s.$.forEach((x, i, all) => { if (isObj(x)) { x.seen = i; all[i].by = 'f' } })`, `if (isArr(s.$)) s.n = s.$.flatMap(x => [x, #])`,
	`if (isArr(s.l)) { const i = s.l.find(x => x.id === d.num); if (i) i.q = #; else s.l.push({id: d.num, q: d.price}) } else s.l = []`,
	`if (isArr(s.l)) s.l = s.l.filter(x => x.id !== d.num)`, `if (isArr(s.l)) s.n = s.l.findIndex(x => d.num === x.id)`, `if (isArr(s.l)) s.n = s.l.findLast(x => x.q === #)`,
	`if (isArr(s.l)) s.l.sort((a, b) => a.id - b.id)`, `if (isArr(s.l)) s.n = [...s.l].sort((a, b) => (b.q ?? 0) - (a.q ?? 0))`, `if (isArr(s.$)) s.$.sort((a, b) => isNum(a) - isNum(b))`, `if (isArr(s.$)) s.$.sort((a, b) => a > b)`, `if (isArr(s.$)) s.$.sort((a, b) => (a === null ? 0 : 1) - (b === null ? 0 : 1))`,
	`if (isArr(s.l)) s.n = s.l.every(x => x.id !== d.key)`, `if (isArr(s.l)) s.n = s.l.some(({id}) => id === #)`, `if (isArr(s.l)) s.n = s.l.map(x => x.q)`,
	`if (isArr(s.l)) s.n = s.l.map(x => x.missing).filter(Boolean)`, `if (isArr(s.l)) s.n = s.l.filter(x => x.q === undefined).length`,
	`if (isObj(s.$)) s.$.^ = @`, `if (isObj(s.$)) s.n = Object.keys(s.$)`, `if (isObj(s.$)) s.n = Object.values(s.$).length`,
	`if (isObj(s.$)) for (const [k, x] of Object.entries(s.$)) v.push(k, x)`, `if (isObj(s.$)) for (const k in s.$) if (k > 'b') delete s.$[k]`,
	`if (isObj(s.$)) s.$ = {...s.$, ^: @}`, `if (isObj(s.$)) { const {^: x = #, ...rest} = s.$; s.n = [x ?? null, rest] }`,
	`if (isObj(s.$)) Object.assign(s.$, {^: @})`, `if (isObj(s.$)) s.n = Object.hasOwn(s.$, '^')`, `if (isObj(s.$)) s.n = s.$.hasOwnProperty(d.key)`,
	`(s.by ??= {})[d.num] = @`, `s.by = {...s.by, [d.num]: #, z: 1, 1: @}`, `for (const k of Object.keys(s.by ?? {})) s.n = k`,
	`s.n = twice(#) + LIMIT + RATES[d.key]`, `s.n = pick(s, '^')`, `s.n = pick(s)`, `s.n = label(#, d.o)`, `s.n = CODES.includes(d.key)`, `s.n = CODES`, `s.n = RATES`, `s.n = {...RATES}`, `s.n = NAME + CODES.length`,
	`s.n = Math.max(#, d.num, 2)`, `s.n = Math.round(d.price * 100) / 100`, `s.n = Math.floor(-d.price)`, `s.n = Math.abs(d.num) + Math.trunc(d.price) + Math.sign(d.num) + Math.ceil(d.price)`,
	`s.n = d.price.toFixed(2)`, `s.n = (d.num / 8).toFixed(#)`, `s.n = String(d.price)`, `s.n = Number(d.num)`, `s.n = Boolean(d.key)`, `s.n = Number.isInteger(d.price)`,
	`s.n = d.key.toUpperCase() + d.text.length`, `s.n = d.text.split('-').map(x => x.trim()).join('+')`, `s.n = d.text.slice(1, -1) + d.text[0]`, `s.n = d.text.startsWith('a') || d.text.includes('-')`, `s.n = d.text.padStart(8, 'ab')`, `s.n = d.text.substring(3, 1) + d.text.charAt(2) + d.text.indexOf('-')`,
	`switch (d.num) { case 1: s.n = 'one'; break; case 2: s.n = 'two'; default: s.m = # }`, `for (let i = 0; i < #; i++) { if (i === 1) continue; v.push(i) }`, `let i = 0; while (i < #) i++; s.n = i`, `let i = 5; do { i-- } while (i > #); s.n = i`,
	`for (var w = 0; w < #; w++) ; s.n = w`, `if (d.num > #) return`, `if (d.num > 3) return s`, `s = {...s, r: #}`, `[s.$, s.^] = [s.^, s.$]`, `({num: s.m} = d)`, `const f = x => x + #; s.n = f(f(1))`,
	`s.n = Decimal(d.price).plus(#)`, `s.total = Decimal(s.total ?? 0).plus(Decimal(d.price).times(d.num))`, `s.n = Decimal(d.price).div(3).round(2)`, `s.n = Decimal(d.num).div(8, 2, 'half-up').toFixed(#)`, `s.n = new Decimal('1.10').minus(d.num).neg().abs()`,
	`s.n = Decimal(d.price).gt(#) || Decimal(d.num).lte('2.0')`, `s.n = Decimal.sum([d.price, d.num, '0.30'])`, `s.n = Decimal.max(d.price, #).cmp(2)`, "s.n = `${Decimal(d.price)}!`", `s.n = Decimal(d.price).toNumber() + #`,
	`s.amt = Decimal(d.price)`, `s.amt = Decimal(d.num).times('1.10'); s.n = s.amt.minus(#).toString()`, `if (s.amt) { s.n = s.amt.plus(d.price); s.amt = s.amt.times(#) }`, `if (s.amt) s.n = [s.amt < d.num, s.amt + 1, -s.amt, s.amt == #, s.amt === #, typeof s.amt, s.amt >= s.num]`,
	`if (s.amt) { const x = s.amt; s.$ = x; s.n = s.$ === x }`, "if (s.amt) s.n = `${s.amt}` + String(s.amt) + Number(s.amt)", `if (s.amt) s.n = {...s, x: s.amt}`, `if (s.amt) { s.l = [s.amt, {q: s.amt}]; s.n = s.l[0].eq(s.l[1].q) }`, `s.n = (#).plus(d.num)`, `s.n = d.num.times(d.price).round(1)`, `s.num = s.num?.minus?.(#) ?? d.num`,
	`s.n = s.amt && s.amt.gt(#) ? s.amt.round(1) : null`, `s.n = s.l?.[0]?.q ?? s.amt ?? 0`, `if (s.amt) s.n = JSON.stringify({a: s.amt})`, `if (s.amt) s.amt += #`, `s.n = s.amt === 0 || !s.amt`, `s.amt = (s.amt ?? 0).minus(s.amt ?? 0)`, `s.n = [s.l?.length.cmp(2), d.num.isZero(), d.num.abs().toFixed(2), d.num.toFixed(1)]`,
	`s.$ = {p: Decimal(d.price), q: d.num}; s.n = s.$.p`, `const o = {p: Decimal(d.num)}; s.n = o.p ? typeof o.p : 0`, `s.$ = [Decimal(d.num), @]; s.n = typeof s.$[0]`, `s.p = Decimal(d.price); s.n = typeof s.p`, `const p = Decimal(#); s.n = [p === p, p == null, !p, typeof p, Array.isArray(p)]`, `let t = Decimal(0); for (const x of s.l) t = t.plus(x?.q ?? 1); s.n = t`,
	`s.$ = {p: d.num, q: d.price}; s.n = s.$.q`, `v.push(#, d.price, d.num)`, `const {num: p = #, ...rest} = d; s.n = [p, rest]`, `s.n = {...d.o, k1: d.price}`, `s.n = [d.num, # / 2, d.price].sort((a, b) => b - a)`,
	`if (isArr(s.$)) s.$.push(s.$.length); else s.$ = [d.o, d.o]`, `const a = [@]; s.$ = a; a.push(@, s.^); s.n = a.length`, `const o = {$: @}; v.push(o, o); o.^ = @; s.n = v.at(-1).^`, `const a = [d.num, Decimal(d.price)]; s.$ = a; a.push(Decimal(#)); s.n = typeof a.at(-1)`,
	`const g = ({$: a, ^: b = a} = {}, c = b) => [a ?? null, c]; s.n = [g(d), g(), g(s, #)]`, `for (const {id = d.num, q} of s.l ?? []) v.push(id, q)`, `const o = {}; for (const k of Object.keys(d)) o[k] = k.length; s.n = o`, `s.n = d.text.split('').filter(c => c > 'a').join(d.key)`, `s.n = (d.key + '').toUpperCase() + d.text.padEnd(#, d.key)`,
	`s.$ = {q: d.price}; s.n = d.^`, `s.$ = {q: d.num, $: d.k1}; s.n = d.^`, `s.$ = {^: d.num}; s.n = Decimal(d.^).plus(d.$)`, `v.push({$: d.price}, d.^)`,
	`let t = Decimal(0); for (const x of s.l) if (isNum(x?.q)) t = t.plus(Decimal(x.q).times(x.id)); s.n = t`, `let t = Decimal(#); t = t.plus(d.price); t = t.minus(d.num).times(d.a ?? 1); s.n = t`,
	`let t = d.num; t = t.plus(t = Decimal(#)); s.n = t`, `s.l.push({id: d.num, q: d.price}); let t = 0; for (const x of s.l) { t = t.plus(Decimal(x.q).times(x.q)); s.$ = x.q } s.n = t`,
	`const a = Array.from(d.text); s.n = a.splice(#, 1, ...d.key, @); s.m = a`, `for (const c of d.text + (d.uni ?? '')) v.push(c)`, `s.n = [...d.text].join(d.key)`,
	`s.v = v`, `s.v = v.length`, `v.push(s.$, d.^)`, `s.t = e.type + e.version + e.streamId + (e.position ?? '') + e.id`, `s.n = e.actor`, `s.n = e.metadata`, `s.n = e.created`,
	`s.n = d.c + d.price`, `s.n = s.n + d.price`, `s.n = d.price - 0.3`, `s.n -= d.num`,
	`s.n = d.big`, `s.n = d.big + 1`, `s.n = d.uni === 'é'`, `s.n = d.uni.length`, `s.n = d.uni + d.key`, `s.n = s.constructor`, `s.n = s[d.text]`, `s.$ = s`, `s.n = d.num / 0`, `if (isArr(s.$)) s.$.length = 0`,
	`if (isArr(s.$)) s.$.reverse()`, `s.n = JSON.stringify(d.o)`, `s.n = new Date(0)`, `d.num = 1`, `s.n = d.num & 1`, `s.n = d.nope.x`, `throw new Error('no')`, `s.n = [1, , 2]`,
}

var quickValues = []string{
	`#`, `-#.5`, `'$'`, `null`, `undefined`, `true`, `[]`, `{}`, `[@, @]`, `{$: @}`, `{['^']: @}`, `{$: #, ^: @}`, `s.$`, `d.$`, `d.num`, `d.price`, `d.text`, `d.o`,
	`v.at(-1)`, `s.l?.[#]`, `(d.num > # ? @ : @)`, `(s.$ ?? @)`, `(s.$ && @)`, `d.missing`, `d.key`,
}

// quickBroken are tried by few scripts: whatever follows them is the engine's.
const quickBroken = 22 // at the end of quickOps

const quickHandler = quickPrelude + `
const isNum = x => typeof x === 'number', isArr = x => Array.isArray(x), isObj = x => typeof x === 'object' && x !== null && !Array.isArray(x);
fromAll().when({
	$init: () => ({l: [], a: 1}),
	E(s, e) {
		const d = e.data, v = [];
		%s
	},
})`

var quickPayloads = []string{
	`{"num":1,"price":12.5,"key":"a","text":"a-b c","o":{"list":[1,2],"a":null},"a":1,"b":"x"}`,
	`{"num":2,"price":0.10,"key":"b","text":"xyz","o":{"list":[],"unit":"kg"},"a":{"b":[1,{"c":2}]},"c":[3,{"a":null}]}`,
	`{"num":-0,"price":1e2,"key":"k1","text":"-","o":{"list":[{"id":1}],"length":3},"b":[],"k1":false,"uni":"é"}`,
	`{"num":4.25,"price":100,"key":"constructor","text":"  pad","o":{},"length":"l","c":"0.10"}`,
	`{"num":2,"price":2.00,"key":"c","text":"","o":{"list":[2.0,1,1.0],"2":1.0,"1":2},"a":0.0,"c":{"k1":3.10,"a":[]}}`,
	`{"num":1,"price":0.5,"key":"a","text":"t","o":{"list":[0.50,1.00],"a":1.0},"a":0.50,"b":1.00,"c":0.5,"k1":1}`,
	`{"num":2,"price":0.0000001,"key":"7","text":"hasOwnProperty","o":{"a":{"b":1.50}},"big":9007199254740993,"a":[null,"s",2]}`,
}

func genQuick(t *rapid.T) string {
	b := drawing{T: t, keys: []string{"a", "b", "c", "k1", "l"}, values: quickValues, simple: 6}
	ops := quickOps
	if rapid.IntRange(0, 9).Draw(t, "broken") > 0 {
		ops = ops[:len(ops)-quickBroken]
	}
	for range rapid.IntRange(1, 6).Draw(t, "statements") {
		b.WriteString("{ ")
		b.expand(rapid.SampledFrom(ops).Draw(t, "op"), 0)
		b.WriteString(" }\n\t\t")
	}
	return b.String()
}

// twins are a script that runs what it can without the engine, and the same one
// that does not.
type twins struct {
	src                  string
	q                    *quick.Func // nil: there is none
	fast, slow           *Script
	fastState, slowState *state.State
}

func newTwins(t rapid.TB, src string, load func(name, src string, o Limits) (*Script, error)) *twins {
	one := func() (*Script, *state.State) {
		s, err := load("test.js", src, Limits{})
		if err != nil {
			t.Fatalf("%v\n%s", err, src)
		}
		st := state.New()
		if err := s.Init(context.Background(), st); err != nil {
			t.Fatal(err)
		}
		if _, err := st.Commit(false); err != nil {
			t.Fatal(err)
		}
		return s, st
	}
	w := &twins{src: src}
	w.fast, w.fastState = one()
	w.slow, w.slowState = one()
	if w.q = w.fast.quick.handlers["E"]; w.q == nil {
		w.q = w.fast.quick.step
	}
	w.fast.quick, w.slow.quick = quickFuncs{}, quickFuncs{}
	return w
}

// apply folds an event in both ways, which must not differ. It reports whether
// the fast one did without the engine; ok is false where there is no state to go
// on from.
func (w *twins) apply(t rapid.TB, version int, payload string) (done, ok bool) {
	var err error
	e, e2 := ev(version, "E", payload), ev(version, "E", payload)
	if done = w.q != nil && w.q.Apply(w.fastState, e); !done {
		if !w.fastState.Settled() {
			t.Fatalf("%s gave up and left something\n%s", payload, w.src)
		}
		_, err = w.fast.Apply(context.Background(), w.fastState, e)
	}
	_, wantErr := w.slow.Apply(context.Background(), w.slowState, e2)
	if fmt.Sprint(err) != fmt.Sprint(wantErr) {
		t.Fatalf("%s, quick %v: got %v, want %v\n%s", payload, done, err, wantErr, w.src)
	}
	if err != nil {
		w.fastState.Rollback()
		w.slowState.Rollback()
	}
	changes, err := w.fastState.Commit(true)
	want, wantErr := w.slowState.Commit(true)
	if fmt.Sprint(err) != fmt.Sprint(wantErr) {
		t.Fatalf("%s, quick %v: got %v, want %v\n%s", payload, done, err, wantErr, w.src)
	}
	if err != nil {
		return done, false
	}
	if got, want := text(w.fastState.Root()), text(w.slowState.Root()); got != want {
		t.Fatalf("%s, quick %v:\ngot  %.2000s\nwant %.2000s\n%s", payload, done, got, want, w.src)
	}
	if got, want := w.fast.Warnings(), w.slow.Warnings(); !slices.Equal(got, want) {
		t.Fatalf("%s, quick %v: warns %q, want %q\n%s", payload, done, got, want, w.src)
	}
	if !reflect.DeepEqual(texts(changes), texts(want)) {
		t.Fatalf("%s, quick %v:\ngot  %v\nwant %v\n%s", payload, done, texts(changes), texts(want), w.src)
	}
	return done, true
}

// TestQuickIsTheEngine folds random scripts on the tree alone, as far as that
// goes, and by the whole engine, and compares states, changes and errors.
func TestQuickIsTheEngine(t *testing.T) {
	runs, done := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		w := newTwins(rt, fmt.Sprintf(quickHandler, genQuick(rt)), Load)
		for i := range rapid.IntRange(1, 8).Draw(rt, "events") {
			quick, ok := w.apply(rt, i, rapid.SampledFrom(quickPayloads).Draw(rt, "payload"))
			if w.q != nil {
				runs++
			}
			if quick {
				done++
			}
			if !ok {
				return
			}
		}
	})
	if done*2 < runs || runs == 0 {
		t.Errorf("of %d runs only %d did without the engine", runs, done)
	}
	t.Logf("%d of %d runs did without the engine", done, runs)
}

func text(v state.Value) string { return string(state.AppendJSON(nil, v)) }

func texts(changes []state.Change) []string {
	out := make([]string, len(changes))
	for i, c := range changes {
		out[i] = fmt.Sprintf("%v %s %s %s", c.Op, c.Path, text(c.From), text(c.To))
	}
	return out
}

// FuzzQuick compiles whatever parses, self-contained or not, and runs what
// compiles.
func FuzzQuick(f *testing.F) {
	f.Add(fmt.Sprintf(quickHandler, strings.Join(quickOps[:4], "\n")))
	f.Add(`function bad(s) { return /x/ } function f(s) { { const a = bad(s) } } fromAll().when({$any(s, e) { f(s) }, E: f})`)
	f.Add(`(s, {data: {a = 1, ...b}}) => ({...s, [a]: b})`)
	f.Add(`function fold(s, e) { switch (e.type) { case 'E': let x = 1; s.x = x } for (const [i, y] of e.data) s[i] = y; }`)
	for _, op := range quickOps {
		f.Add("(s, e) => { const d = e.data, v = []; " + strings.NewReplacer("$", "a", "^", "b", "#", "2", "@", "d.o").Replace(op) + " }")
	}
	f.Fuzz(func(t *testing.T, text string) {
		src := &source{name: "fuzz.js", text: text}
		if _, err := compileFile(src); err != nil {
			return
		}
		tree, err := parseSource(src, text)
		if err != nil {
			return
		}
		src.tree = tree
		q := quickHandlers(src, nil)
		for _, h := range []*quick.Func{q.step, q.any, q.handlers["E"]} {
			if h == nil {
				continue
			}
			st := state.New()
			st.SetRoot(st.NewObject().Value())
			if _, err := st.Commit(false); err != nil {
				t.Fatal(err)
			}
			for i, payload := range quickPayloads {
				h.Apply(st, ev(i, "E", payload))
				if _, err := st.Commit(true); err != nil {
					st.Rollback()
				}
			}
		}
	})
}

// TestQuickPartitionsAndTests names partitions and tests states by both engines.
func TestQuickPartitionsAndTests(t *testing.T) {
	for _, by := range []string{
		`e => e.data.key`, `e => e.data.num`, `e => e.data.price`, `e => e.data.missing`, `e => e.data.o.unit ?? null`,
		`({data: {key}, streamId}) => key + '/' + streamId`, `e => e.data.big`, `e => e.data.nope.x`, `e => e.metadata`, `e => true`,
	} {
		s, err := Load("test.js", "fromAll().partitionBy("+by+").when({})", Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if s.quick.perEvent == nil {
			t.Errorf("%s: not compiled", by)
		}
		for i, payload := range quickPayloads {
			name, ok, err := s.Partition(ev(i, "E", payload))
			q := s.quick
			s.quick = quickFuncs{}
			wantName, wantOK, wantErr := s.Partition(ev(i, "E", payload))
			s.quick = q
			if name != wantName || ok != wantOK || fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Errorf("%s of %s: got %q %v %v, want %q %v %v", by, payload, name, ok, err, wantName, wantOK, wantErr)
			}
		}
	}
	for _, src := range []string{
		`state.num < 2`, `state.price >= 0.1 && !state.missing`, `s.o.list?.some(x => x.id === 1) ?? false`, `state.a`, `state.num`,
		`Object.values(state).length > 5`, `event === null || event.type === 'E'`, `state.big > 1`, `Decimal(state.price).gt(1)`,
		`state.o.list.length === 0`, `state.nope.x`, `(state.n = 1) > 0`, `state === null`, `typeof state === 'object'`, `s.text.endsWith('c')`,
		`state.o.list.push(1) > 0`, `arguments[0] === state && arguments[1] === event`, `arguments[0] === undefined`,
		`typeof {p: Decimal(1)}.p === 'object' && typeof [{p: [Decimal(2)]}][0].p[0] === 'object'`, `Object.values(state).map(x => ({p: Decimal(1), x})).some(o => o.p === 1)`,
		`Object.keys(state.o).map(k => ({k})).length >= 0`,
	} {
		p, err := CompilePredicate(src, "--bad", Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for i, payload := range append(quickPayloads, `null`, `3`, `9007199254740993`, `[1]`) {
			v, err := state.Parse([]byte(payload))
			if err != nil {
				t.Fatal(err)
			}
			e := ev(i, "E", payload)
			if i%3 == 0 {
				e = nil
			}
			got, err := p.Test(v, e)
			q := p.quick
			p.quick = nil
			want, wantErr := p.Test(v, e)
			p.quick = q
			if got != want || fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Errorf("%s of %s: got %v %v, want %v %v", src, payload, got, err, want, wantErr)
			}
			if after := text(v); after != payload {
				t.Errorf("%s changed %s into %s", src, payload, after)
			}
		}
	}
}
