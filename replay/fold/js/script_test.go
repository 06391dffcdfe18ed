package js

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"asof/replay"
	"asof/replay/state"
)

// ev makes an event of type typ with a payload; version counts from 0.
func ev(version int, typ, data string) *replay.Event {
	return &replay.Event{
		Stream: "cart-42", Category: "cart", Version: replay.Version(version), Position: replay.Position(100 + version),
		ID: "id-" + typ, Type: typ, Time: time.Date(2026, 11, 20, 14, 0, version, 5000, time.UTC),
		Data: []byte(data),
		Meta: replay.Meta{Actor: "ann", Correlation: "c1", Causation: "c0", Raw: []byte(`{"user":"ann","n":9007199254740993}`)},
	}
}

// events makes a history of one type, E, from its payloads.
func events(payloads ...string) []*replay.Event {
	var out []*replay.Event
	for i, p := range payloads {
		out = append(out, ev(i, "E", p))
	}
	return out
}

// foldAll folds events and returns the state as JSON.
func foldAll(s replay.Reducer, events []*replay.Event) (string, error) {
	st := state.New()
	if err := s.Init(context.Background(), st); err != nil {
		return "", err
	}
	if _, err := st.Commit(false); err != nil {
		return "", err
	}
	for _, e := range events {
		if _, err := s.Apply(context.Background(), st, e); err != nil {
			st.Rollback()
			return string(state.AppendJSON(nil, st.Root())), err
		}
		if _, err := st.Commit(true); err != nil {
			st.Rollback()
			return string(state.AppendJSON(nil, st.Root())), err
		}
	}
	return string(state.AppendJSON(nil, st.Root())), nil
}

func mustLoad(t testing.TB, src string) *Script {
	t.Helper()
	s, err := Load("test.js", src, Limits{})
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return s
}

func TestFold(t *testing.T) {
	for _, test := range []struct {
		name, src string // src: statements over s and e
		events    []*replay.Event
		want      string
	}{
		{"in place", `s.n = (s.n ?? 0) + e.data.n`, events(`{"n":1}`, `{"n":2}`), `{"n":3}`},
		{"assigned", `s = {...s, n: (s.n ?? 0) + 1}`, events(`{}`, `{}`), `{"n":2}`},
		{"state assigned", `state = {n: (state.n ?? 0) + 1}`, events(`{}`, `{}`), `{"n":2}`},
		{"returned", `return {n: (s.n ?? 0) + 1}`, events(`{}`, `{}`), `{"n":2}`},
		{"null returned", `return null`, events(`{}`), `null`},
		{"primitive returned", `return 5`, events(`{}`, `{}`), `5`},
		{"function", `(s, e) => ({...s, [e.type]: e.version})`, events(`{}`, `{}`), `{"E":1}`},
		{"function in place", `function (s, e) { s.v = e.version }`, events(`{}`, `{}`), `{"v":1}`},
		{"projection", `fromAll().when({$init: () => ({n: 1}), E(s, e) { s.n += e.data.n }})`, events(`{"n":4}`), `{"n":5}`},
		{"event part", `(s.items ??= []).push(e.data.item)`, events(`{"item":{"q":1}}`, `{"item":{"q":2}}`), `{"items":[{"q":1},{"q":2}]}`},

		{"changed after it was put", `const i = {q: 1}; (s.items ??= []).push(i); i.q = 5; i.sub = {}; i.sub.x = 1`, events(`{}`, `{}`), `{"items":[{"q":5,"sub":{"x":1}},{"q":5,"sub":{"x":1}}]}`},
		{"payload changed after it was put", `const i = e.data.item; (s.items ??= []).push(i); i.q = 5; e.data.item.sub.x = 2`, events(`{"item":{"q":1,"sub":{}}}`), `{"items":[{"q":5,"sub":{"x":2}}]}`},
		{"payload put twice", `s.a = e.data.item; s.b = e.data; s.a.q = 7`, events(`{"item":{"q":1}}`), `{"a":{"q":7},"b":{"item":{"q":7}}}`},
		{"payload holds script object", `const o = {n: 1}; e.data.o = o; s.d = e.data; o.n = 2`, events(`{"q":1}`), `{"d":{"q":1,"o":{"n":2}}}`},
		{"payload holds state", `s.x ??= {n: 0}; e.data.x = s.x; s.d = e.data; s.x.n = 3`, events(`{}`), `{"x":{"n":3},"d":{"x":{"n":3}}}`},
		{"same object twice", `const o = {n: 1}; s.a = o; s.b = o; o.n = 2; s.same = s.a === s.b`, events(`{}`), `{"a":{"n":2},"b":{"n":2},"same":true}`},
		{"separate afterwards", `if (!s.a) { const o = {n: 1}; s.a = o; s.b = o } else s.a.n = 9`, events(`{}`, `{}`), `{"a":{"n":9},"b":{"n":1}}`},
		{"moved", `s.a ??= {x: {n: 1}}; if (s.a.x) { s.b = s.a.x; delete s.a.x; s.b.n++ }`, events(`{}`), `{"a":{},"b":{"n":2}}`},
		{"identity", `s.o ??= {}; s.yes = s.o === s.o && [s.o].includes(s.o)`, events(`{}`, `{}`), `{"o":{},"yes":true}`},

		{"undefined member", `s.a = 1; s.a = undefined; s.has = 'a' in s; s.b = [1, undefined, () => 1, Symbol()]`, events(`{}`), `{"has":true,"b":[1,null,null,null]}`},
		{"undefined element", `s.l = [1, 2, 3]`, events(`{}`), `{"l":[1,2,3]}`},
		{"hole read back", `if (!s.l) s.l = [1, 2, 3]; else { delete s.l[1]; s.seen = String(s.l[1]); s.l = s.l.filter(x => x !== undefined) }`, events(`{}`, `{}`), `{"l":[1,3],"seen":"undefined"}`},
		{"NaN read back", `s.x = 0 / 0; if (isNaN(s.x)) s.x = 4; s.y = 1 / 0; s.z = [NaN]`, events(`{}`), `{"x":4,"y":null,"z":[null]}`},
		{"BigInt", `s.x = 5n; s.x += 1n; s.l = [7n]`, events(`{}`), `{"x":"6","l":["7"]}`},
		{"Date", `s.x = new Date(e.created); s.y = s.x.getTime() > 0; s.l = [{d: s.x}]`, events(`{}`), `{"x":"2026-11-20T14:00:00.000Z","y":true,"l":[{"d":"2026-11-20T14:00:00.000Z"}]}`},
		{"toJSON", `s.x = {toJSON(k) { return {key: k} }}; s.y = [{toJSON: () => undefined}]`, events(`{}`), `{"x":{"key":"x"},"y":[null]}`},
		{"getter", `s.x = {get a() { return {b: 1} }}`, events(`{}`), `{"x":{"a":{"b":1}}}`},
		{"boxed", `s.x = [new Number(1), new String('a'), new Boolean(false)]`, events(`{}`), `{"x":[1,"a",false]}`},
		{"negative zero", `s.x = -0`, events(`{}`), `{"x":0}`},
		{"Map", `s.x = new Map([[1, 2]])`, events(`{}`), `{"x":{}}`},
		{"class", `class C { constructor() { this.a = 1 } get b() { return 2 } } s.x = new C()`, events(`{}`), `{"x":{"a":1}}`},

		{"keys as data", `for (const k of ['constructor', '__proto__', 'length', 'toString', 'hasOwnProperty']) s[k] = (s[k] ?? 0) === 1 ? 2 : 1; s.keys = Object.keys(s).length`, events(`{}`, `{}`), `{"constructor":2,"__proto__":2,"length":2,"toString":2,"hasOwnProperty":2,"keys":6}`},
		{"keys from payload", `Object.assign(s, e.data); s.copy = {...e.data}`, events(`{"__proto__":{"x":1},"constructor":1}`), `{"__proto__":{"x":1},"constructor":1,"copy":{"__proto__":{"x":1},"constructor":1}}`},
		{"index keys first", `s.o = {b: 1}; s.o[2] = 1; s.o[10] = 1; s.o.a = 1; s.o[1] = 1; s.k = Object.keys(s.o).join()`, events(`{}`), `{"o":{"1":1,"2":1,"10":1,"b":1,"a":1},"k":"1,2,10,b,a"}`},
		{"index keys of the tree", `if (!s.o) s.o = {b: 1}; else { s.o[2] = 1; s.o[1] = 1; s.k = Object.keys(s.o).join() }`, events(`{}`, `{}`), `{"o":{"b":1,"2":1,"1":1},"k":"1,2,b"}`},
		{"array property", `s.l ??= [1]; s.isArray = Array.isArray(s.l)`, events(`{}`, `{}`), `{"l":[1],"isArray":true}`},
		{"spread of tree", `s.l ??= [3, 1, 2]; s.m = [...s.l].sort(); s.x = Math.max(...s.l); const [a, ...b] = s.l; s.b = b`, events(`{}`, `{}`), `{"l":[3,1,2],"m":[1,2,3],"x":3,"b":[1,2]}`},

		{"exact carried", `s.big = e.data.big; s.list = [e.data.big]; s.text = String(e.data.big); s.same = e.data.big === s.big`, events(`{"big":9007199254740993}`), `{"big":9007199254740993,"list":[9007199254740993],"text":"9007199254740993","same":true}`},
		{"exact key", `(s.by ??= {})[e.data.big] = 1`, events(`{"big":12345678901234567890}`), `{"by":{"12345678901234567890":1}}`},
		{"exact through JSON", `s.x = JSON.parse(JSON.stringify(e.data)); s.y = structuredClone(e.data)`, events(`{"big":9007199254740993}`), `{"x":{"big":9007199254740993},"y":{"big":9007199254740993}}`},
		{"text kept", `s.a = e.data.a; s.b = e.data.b; s.c = e.data.c; s.d = e.data.d`, events(`{"a":0.10,"b":1e2,"c":12.30,"d":-0}`), `{"a":0.10,"b":1e2,"c":12.30,"d":-0}`},
		{"text of its own", `(s.l ??= []).push({qty: e.data.qty, price: e.data.price, n: 1, half: e.data.half}, {...e.data}); s.count = (s.count ?? 0) + 1`, events(`{"qty":1,"price":1.00,"half":0.50}`), `{"l":[{"qty":1,"price":1.00,"n":1,"half":0.50},{"qty":1,"price":1.00,"half":0.50}],"count":1}`},
		{"text of two", `s.l = [{...e.data}]; s.x = e.data.b; s.y = e.data.a`, events(`{"a":2.50,"b":2.5,"c":2.500,"d":8,"e":8.00,"f":8.0}`), `{"l":[{"a":2.50,"b":2.5,"c":2.500,"d":8,"e":8.00,"f":8.0}],"x":2.50,"y":2.50}`},
		{"double", `s.x = 0.1 + 0.2; s.y = 1e21; s.z = 1e-7; s.i = 2 ** 53`, events(`{}`), `{"x":0.30000000000000004,"y":1e+21,"z":1e-7,"i":9007199254740992}`},
		{"Decimal", `s.t = Decimal(s.t ?? '0.00').plus(e.data.p)`, events(`{"p":0.10}`, `{"p":0.20}`, `{"p":"1.005"}`), `{"t":1.305}`},
		{"Decimal of tree", `s.t = new Decimal(s.t ?? 0).plus(e.data.p)`, events(`{"p":12345678901234567890.10}`, `{"p":0.20}`), `{"t":12345678901234567890.30}`},

		{"clock", `s.now = new Date().toISOString(); s.n = Date.now() === new Date(e.time).getTime()`, events(`{}`), `{"now":"2026-11-20T14:00:00.000Z","n":true}`},
		{"clock in UTC", `const d = new Date(2026, 0, 2, 3, 4); s.x = [d.getHours(), d.toISOString(), new Date('2026-01-02T03:04').getTime() === d.getTime(), d.getTimezoneOffset(), String(d), d.toLocaleString()]`, events(`{}`), `{"x":[3,"2026-01-02T03:04:00.000Z",true,0,"Fri Jan 02 2026 03:04:00 GMT+0000 (UTC)","01/02/2026, 03:04:00"]}`},
		{"groupBy", `s.g = Object.groupBy(e.data.l, x => x > 1 ? 'big' : 'small')`, events(`{"l":[1,2,3]}`), `{"g":{"small":[1],"big":[2,3]}}`},
		{"structuredClone", `s.a ??= {x: [1]}; s.b = structuredClone(s.a); s.b.x.push(2)`, events(`{}`, `{}`), `{"a":{"x":[1]},"b":{"x":[1,2]}}`},
		{"event fields", `s.x = [e.streamId, e.sequenceNumber, e.eventId, e.eventType, e.isJson, e.bodyRaw, e.category, e.partition, e.created, e.metadata.user, e.metadataRaw.length, e.linkMetadata === null]`, events(`{"a":1}`), `{"x":["cart-42",0,"id-E","E",true,"{\"a\":1}","cart","","2026-11-20T14:00:00.0000050Z","ann",35,true]}`},
		{"our event fields", `s.x = [e.stream, e.version, e.position, e.id, e.type, e.revision, e.time, e.actor, e.correlationId, e.causationId]`, events(`{}`), `{"x":["cart-42",0,100,"id-E","E",0,"2026-11-20T14:00:00.000005Z","ann","c1","c0"]}`},
		{"exact metadata", `s.n = e.metadata.n`, events(`{}`), `{"n":9007199254740993}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := LoadInline("inline", test.src, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := foldAll(s, test.events)
			if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestFoldErrors(t *testing.T) {
	for _, test := range []struct{ name, src, want, source string }{
		{"throws", "const x = s.a;\n  x.b.c = 1", "Cannot read property 'b' of undefined", "   2 |   x.b.c = 1\n     |     ^"},
		{"own error", `throw new Error('no "stock"')`, `Error: no "stock"`, "   1 | throw"},
		{"text thrown", `throw 'boom'`, "boom", ""},
		{"undeclared", `total = 1`, "total is not defined", ""},
		{"cycle", `const a = {}; a.a = a; s.a = a`, "contains itself", ""},
		{"payload cycle", `e.data.me = e.data; s.d = e.data`, "contains itself", ""},
		{"deep", `let o = {}; for (let i = 0; i < 20000; i++) o = {o}; s.o = o`, "deeper than 10", ""},
		{"recursion", `(function f() { f() })()`, "more than 10000 deep", ""},
		{"callback recursion", `(function f() { [1].forEach(f) })()`, "more than 10000 deep", ""},
		{"long string", `s.x = 'x'.repeat(2 ** 30)`, "Invalid string length", ""},
		{"sparse", `s.l = []; s.l[4294967294] = 1`, "too long for a state", ""},
		{"sparse tree", `const d = e.data.l; d[4294967294] = 1`, "Invalid array length", ""},
		{"huge fill", `Array(4294967295).fill(0)`, "Invalid array length", ""},
		{"huge array-like", `Array.prototype.join.call({length: 2 ** 52})`, "Invalid array length", ""},
		{"eval", `eval('1')`, "code from strings is off", ""},
		{"Function", `new Function('return 1')()`, "code from strings is off", ""},
		{"constructor", `(() => 1).constructor('return 1')()`, "code from strings is off", ""},
		{"require", `require('fs')`, "require is not defined", ""},
		{"promise", `return Promise.resolve(1)`, "Promise", ""},
		{"function returned", `return () => 1`, "cannot be a state", ""},
		{"proxy", `s.p = new Proxy({}, {ownKeys() { throw new Error('trap') }})`, "trap", ""},
		{"getter throws", `s.p = {get x() { throw new Error('got') }}`, "got", ""},
		{"toJSON throws", `s.p = {toJSON() { throw new Error('json') }}`, "json", ""},
		{"Decimal of nothing", `s.x = Decimal(s.nothing)`, "Decimal needs a number", ""},
		{"Decimal of words", `s.x = Decimal('ten')`, `"ten" is not a decimal number`, ""},
		{"Decimal by zero", `s.x = Decimal(1).div(0)`, "division by zero", ""},
		{"instanceof tree", `s.x = {} instanceof e.data`, "", ""},
		{"no primitive", `s.x = {toString: 1, valueOf: 2} + ''`, "TypeError: could not convert an object to primitive", ""},
		{"symbol key", `s[Symbol('x')] = 1`, "Symbol", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := LoadInline("inline", test.src, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			st := state.New()
			_, err = foldAll(s, events(`{"l":[]}`))
			_ = st
			if err == nil {
				t.Fatal("no error")
			}
			var fe *replay.FoldError
			var cycle *state.CycleError
			var limit *state.LimitError
			if !errors.As(err, &fe) && !errors.As(err, &cycle) && !errors.As(err, &limit) {
				t.Fatalf("not a FoldError: %v", err)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, want %q", err, test.want)
			}
			if fe != nil && !strings.Contains(fe.Source, test.source) {
				t.Errorf("source:\n%s\nwant:\n%s", fe.Source, test.source)
			}
			// The script is as good as new afterwards.
			if fe != nil && fe.At.EventType != "E" {
				t.Errorf("at %v", fe.At)
			}
		})
	}
}

func rootJSON(st *state.State) string { return string(state.AppendJSON(nil, st.Root())) }
