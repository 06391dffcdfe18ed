package js

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/dop251/goja"
	"pgregory.net/rapid"

	"asof/replay/state"
)

// The holes of arrays are left out: arrays of the tree have none, what is deleted
// or skipped reads as undefined and is visited.

// scriptOps are statements over s, the payload d and earlier statements' values in
// the array v, as a drawing writes them.
var scriptOps = []string{
	`s.$ = @`,
	`s.$ = @; s.$ = s.$; s.^ = s.$`,
	`delete s.$`,
	`delete s.$; s.$ = @`,
	`v.push(s.$)`,
	`v.push(@)`,
	`v.push(d.^)`,
	`if (isObj(v.at(-1))) v.at(-1).^ = @`,
	`const o = v[#]; if (isObj(o)) { o.$ = @; delete o.^; o.$ = o.^ }`,
	`if (isObj(s.$)) s.$.^ = @`,
	`if (isObj(s.$)) v.push(s.$.^)`,
	`if (isObj(d.$)) d.$.^ = @`,
	`if (isObj(d.length)) { s.$ = d.length; d.length.^ = @; s.$.^ = @ }`,
	`if (isArr(d.a.b)) { s.$ = d.a; d.a.b.push(@); s.$.b.push(#); d.a.b[1].^ = @ }`,
	`s.n = Object.keys(s).filter(k => k !== 'n').sort().join()`,
	`for (const k of Object.keys(s)) if (k > '$') delete s[k]`,
	`if (isArr(s.$)) s.$.push(@, @)`,
	`if (isArr(s.$)) v.push(s.$.pop())`,
	`if (isArr(s.$)) v.push(s.$.shift())`,
	`if (isArr(s.$)) s.n = s.$.unshift(@, #)`,
	`if (isArr(s.$)) v.push(s.$.splice(#, #, @))`,
	`if (isArr(s.$)) v.push(s.$.splice(-#, #))`,
	`if (isArr(s.$)) v.push(s.$.splice(#))`,
	`if (isArr(s.$)) s.$.length = Math.min(#, s.$.length)`,
	`if (isArr(s.$)) s.$[Math.min(#, s.$.length)] = @`,
	`if (isArr(s.$) && s.$.length > 1) s.$[1] = undefined`,
	`if (isArr(s.$)) s.$.reverse()`,
	`if (isArr(s.$)) s.$.sort()`,
	`if (isArr(s.$)) s.$.sort((a, b) => { s.$.push(#); return 0 })`,
	`if (isArr(s.$)) v.push(Array.prototype.splice.call(s.$, #, #, @))`,
	`if (isArr(s.$) && s.$.length > 1) [s.$[0], s.$[1]] = [s.$[1], s.$[0]]`,
	`if (isArr(s.$)) s.$.sort((a, b) => key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0)`,
	`if (isArr(s.$)) s.$ = s.$.filter((x, i) => i !== #)`,
	`if (isArr(s.$)) s.$ = s.$.map(x => isObj(x) ? {...x, m: #} : x)`,
	`if (isArr(s.$)) s.$ = [...s.$, @].slice(#)`,
	`if (isArr(s.$)) s.$ = s.$.concat(s.$)`,
	`if (isArr(s.$)) s.$.fill(@, #)`,
	`if (isArr(s.$)) s.$.copyWithin(0, #)`,
	`if (isArr(s.$)) s.n = [s.$.indexOf(v.at(-1)), s.$.includes(null), s.$.findIndex(isObj), s.$.length]`,
	`if (isArr(s.$)) v.push(s.$.find(isObj))`,
	`s.n = JSON.stringify(s.$)`,
	`s.$ = structuredClone(s.$)`,
	`s.$ = JSON.parse(JSON.stringify(s.$ ?? null))`,
	`Object.assign(s, {['$']: @, ['^']: s.$})`,
	`s = {...s, ['$']: @}`,
	`s = {['$']: s.^, ['^']: s}`,
	`({$: s.n, ...s.^} = {$: #, ^: s.$})`,
	`s.n = [s.$ === s.$, s.$ === v.at(-1), s.$ === s.^]`,
	`s.n = '$' in s`,
	`s.n = typeof s.$`,
	`s.$ = v`,
}

var scriptValues = []string{
	`#`, `-#.5`, `'$'`, `null`, `undefined`, `NaN`, `true`, `[]`, `{}`, `[@, @]`, `{['$']: @}`, `{['$']: #, ['^']: @}`, // computed, so that __proto__ is a key like any other
	`s.$`, `d.$`, `v[#]`, `v.at(-1)`, `new Date(#)`, `5n`, `() => 1`, `{toJSON: () => ({['$']: #})}`, `{get $() { return # }}`,
	`[1, , 3]`, `[undefined, NaN]`,
}

// A drawing writes a script from patterns: $ is a key, the same one throughout a
// pattern, ^ any key, # a small number, @ one of values, of which the first few hold
// no others.
type drawing struct {
	*rapid.T
	strings.Builder
	keys, values []string
	simple       int
}

func (d *drawing) expand(pattern string, depth int) {
	key := func() string { return rapid.SampledFrom(d.keys).Draw(d.T, "key") }
	same := key()
	for _, r := range pattern {
		switch r {
		case '#':
			fmt.Fprint(d, rapid.IntRange(0, 4).Draw(d.T, "n"))
		case '$':
			d.WriteString(same)
		case '^':
			d.WriteString(key())
		case '@':
			vals := d.values
			if depth > 2 {
				vals = vals[:d.simple]
			}
			d.WriteByte('(')
			d.expand(rapid.SampledFrom(vals).Draw(d.T, "value"), depth+1)
			d.WriteByte(')')
		default:
			d.WriteRune(r)
		}
	}
}

// genScript draws a handler's body.
func genScript(t *rapid.T) string {
	b := drawing{
		T: t, values: scriptValues, simple: 7,
		keys: []string{"a", "b", "c", "length", "constructor", "__proto__", "k1"},
	}
	for range rapid.IntRange(1, 8).Draw(t, "statements") {
		// What one statement throws, such as for a circular JSON, must be thrown in both.
		b.WriteString("try {")
		b.expand(rapid.SampledFrom(scriptOps).Draw(t, "op"), 0)
		b.WriteString("} catch (x) { s.threw = (s.threw ?? 0) + 1 }\n")
	}
	return b.String()
}

const propertyHandler = `BigInt.prototype.toJSON = function () { return String(this) };
(s, e) => {
	const d = e.data, v = [];
	const isArr = Array.isArray, isObj = x => typeof x === 'object' && x !== null && !isArr(x) && !(x instanceof Date);
	const key = x => String(JSON.stringify(x, (k, y) => typeof y === 'bigint' ? String(y) : y));
	switch (e.data.step) {%s}
	return s;
}`

// TestScriptIsJavaScript folds random scripts over the tree, and over the
// script's own objects with JSON in between, and compares.
func TestScriptIsJavaScript(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := rapid.IntRange(1, 4).Draw(t, "events")
		var cases strings.Builder
		for i := range steps {
			fmt.Fprintf(&cases, "case %d: {\n%s; break }\n", i, genScript(t))
		}
		src := fmt.Sprintf(propertyHandler, cases.String())
		want, err := plainFold(src, steps)
		if err != nil {
			t.Skip(err) // a cycle, which has no JSON
		}
		s, err := Load("test.js", src, Limits{})
		if err != nil {
			t.Fatalf("%v\n%s", err, src)
		}
		st := state.New()
		if err := s.Init(t.Context(), st); err != nil {
			t.Fatal(err)
		}
		for i := range steps {
			if _, err := st.Commit(true); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Apply(context.Background(), st, ev(i, "E", payloadOf(i))); err != nil {
				t.Fatalf("event %d: %v\n%s", i, err, src)
			}
			if _, err := st.Commit(true); err != nil {
				t.Fatalf("event %d: %v\n%s", i, err, src)
			}
			got := string(state.AppendSorted(nil, st.Root()))
			if got != want[i] {
				t.Fatalf("event %d:\ngot  %s\nwant %s\n%s", i, got, want[i], src)
			}
		}
	})
}

func payloadOf(i int) string {
	return fmt.Sprintf(`{"step":%d,"a":{"b":[1,{"c":2}]},"b":[3,{"a":null},"x"],"c":%d,"length":{"a":1}}`, i, i)
}

// plainFold folds with the engine's own objects: what a handler leaves is written
// as JSON and read again.
func plainFold(src string, steps int) ([]string, error) {
	e, err := newEngine(&source{name: "plain.js"}, false)
	if err != nil {
		return nil, err
	}
	bigInt, f0, _ := strings.Cut(src, "\n")
	v, err := e.rt.RunString(bigInt + "const f = " + f0 + "; (s, d, first) => { const r = f(first ? {} : JSON.parse(s), {data: JSON.parse(d)}); return JSON.stringify(r) }")
	if err != nil {
		return nil, err
	}
	f, _ := goja.AssertFunction(v)
	var out []string
	last := ""
	for i := range steps {
		r, err := f(goja.Undefined(), e.rt.ToValue(last), e.rt.ToValue(payloadOf(i)), e.rt.ToValue(i == 0))
		if err != nil {
			return nil, err
		}
		last = r.String()
		tree, err := state.Parse([]byte(last))
		if err != nil {
			return nil, err
		}
		out = append(out, string(state.AppendSorted(nil, tree)))
	}
	return out, nil
}
