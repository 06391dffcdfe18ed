package js

import (
	"testing"
)

func TestSelfContained(t *testing.T) {
	for src, want := range map[string]bool{
		cartFold: true,
		`fromAll().when({A(s, e) { s.n++ }, $init: () => ({n: 0})})`:                                                                                              true,
		`options({biState: false}); fromCategory('a').partitionBy(e => e.data.c).when({$any: (s, e) => e.data})`:                                                  true,
		"const RATES = {eu: 0.2, us: 0};\nfromAll().when({A(s, e) { s.t = RATES[e.data.c] ?? Object.keys(RATES).length }})":                                       true,
		"const T = ['a', 'b'];\nfunction is(x) { return T.includes(x) }\nfromAll().when({A(s, e) { s.t = is(e.data.x) }})":                                        true,
		`const T = ['a', 'b']; fromAll().when({A(s, e) { s.t = [...T, ...T.map(x => x + 1)] }})`:                                                                  true,
		"'use strict';\nconst on = (s, e) => { let n = 0; e.data.l.forEach(x => { n += x }); s.n = n };\nfromAll().when({A: on})":                                 true,
		`(s, e) => ({...s, n: Math.max(s.n ?? 0, e.data.n), at: new Date(e.created), d: Decimal(e.data.p)})`:                                                      true,
		`function fold(s, e) { for (const [k, v] of Object.entries(e.data)) s[k] = v; for (let i = 0; i < 3; i++) s.i = i }`:                                      true,
		`fromAll().when({A(s, e) { const i = s.items.find(x => x.id === e.data.id); if (i) i.qty += 1; (s.l ??= []).push(i); delete s.x; [s.a, s.b] = [1, 2] }})`: true,
		`fromAll().when({A(s, e) { Object.assign(s, e.data); s.c = Object.assign({}, s); try { s.x = 1 } catch (err) { s.err = String(err) } }})`:                 true,
		"const on = {A: (s, e) => { s.n = 1 }, B() {}};\n(s, e) => { const f = on[e.type]; if (f) f(s, e); return s }":                                            true,
		"const on = {A: (s, e) => { s.n = 1 }};\n(s, e) => { if (e.type in on && Object.keys(on).length) { const f = on.A; f && f(s, e) } }":                      true,
		`function is(x) { return x > 1 } fromAll().when({A(s, e) { s.l = e.data.l.filter(is).map(Number).filter(Boolean); s.m = s.l.reduce(Math.max) }})`:         true,
		`function on(s, e) { s.x = [Math.PI, Number.MAX_SAFE_INTEGER, 'a'.length, s.at, s.map] } fromAll().when({A: on})`:                                         true,

		`let n = 0; fromAll().when({A(s) { s.n = ++n }})`:                                                                 false,
		`var n; fromAll().when({A(s) { n = s }})`:                                                                         false,
		`fromAll().when({A(s) { n = 1; s.n = n }})`:                                                                       false,
		`const c = {}; fromAll().when({A(s, e) { c[e.id] = 1; s.n = c.x }})`:                                              false,
		`const c = []; fromAll().when({A(s, e) { c.push(1); s.n = c.length }})`:                                           false,
		`const c = {l: []}; fromAll().when({A(s, e) { c.l.push(1); s.n = c.l.length }})`:                                  false,
		`const c = {}; fromAll().when({A(s, e) { const d = c; d.x = 1; s.n = c.x }})`:                                     false,
		`const c = {}; fromAll().when({A(s, e) { Object.assign(c, e.data) }})`:                                            false,
		`const c = {}; fromAll().when({A(s, e) { put(c) }}); function put(x) { x.y = 1 }`:                                 false,
		`const c = [0]; fromAll().when({A(s, e) { c.forEach((x, i, all) => all.push(1)) }})`:                              false,
		`const c = new Map(); fromAll().when({A(s, e) { c.set(1, 2) }})`:                                                  false,
		`const c = (() => { let n = 0; return () => n++ })(); fromAll().when({A(s) { s.n = c() }})`:                       false,
		`fromAll().when((() => { let n = 0; return {A(s) { s.n = n++ }} })())`:                                            false,
		`function f() { f.n = (f.n ?? 0) + 1; return f.n } fromAll().when({A(s) { s.n = f() }})`:                          false,
		`fromAll().when({A: function g(s) { g.n = 1 }})`:                                                                  false,
		`fromAll().when({A(s) { Math.n = 1 }})`:                                                                           false,
		`fromAll().when({A(s) { const M = Math; M.n = 1 }})`:                                                              false,
		`fromAll().when({A(s) { globalThis.n = 1 }})`:                                                                     false,
		`fromAll().when({A(s) { this.n = 1 }})`:                                                                           false,
		`fromAll().when({A(s) { s.constructor.n = 1 }})`:                                                                  false,
		`fromAll().when({A(s) { s['constructor'].n = 1 }})`:                                                               false,
		`fromAll().when({A(s) { Object.defineProperty(Array, 'n', {value: 1}) }})`:                                        false,
		`fromAll().when({A(s) { for (n of [1]) s.n = n }})`:                                                               false,
		`fromAll().when({A(s) { [n] = [1] }})`:                                                                            false,
		`fromAll().when({A(s) { ({n} = {n: 1}) }})`:                                                                       false,
		`const re = /x/g; fromAll().when({A(s) { s.n = re.test('x') }})`:                                                  false,
		`class C { static n = 0 } fromAll().when({A(s) { C.n++ }})`:                                                       false,
		`const c = {get n() { return 1 }}; fromAll().when({A(s) { s.n = c.n }})`:                                          false,
		`fromAll().when({A(s) { arguments.callee.n = 1 }})`:                                                               false,
		`fromAll().when({A(s) { with (s) { n = 1 } }})`:                                                                   false,
		`if (true) { var n = 0 } fromAll().when({A(s) { s.n = n }})`:                                                      false,
		`function h() {} fromAll().when({A(s) { const f = h; f.n = (f.n ?? 0) + 1; s.n = f.n }})`:                         false,
		`function h() {} function up(f) { f.n = (f.n ?? 0) + 1; return f.n } fromAll().when({A(s) { s.n = up(h) }})`:      false,
		`const h = () => h; fromAll().when({A(s) { h().n = 1; const f = h(); f.n = 1; s.n = f.n }})`:                      false,
		`fromAll().when({A: function me(s) { const f = me; f.n = (f.n ?? 0) + 1; s.n = f.n }})`:                           false,
		`const t = {f() {}}; fromAll().when({A(s) { const f = t.f; f.n = (f.n ?? 0) + 1; s.n = f.n }})`:                   false,
		`const t = {f() {}}; fromAll().when({A(s) { let f; f = t.f; f.n = (f.n ?? 0) + 1; s.n = f.n }})`:                  false,
		`const t = {f() {}}; fromAll().when({A(s) { const {f} = t; f.n = (f.n ?? 0) + 1; s.n = f.n }})`:                   false,
		`const t = {f() {}}; fromAll().when({A(s) { const f = t['f'] || s; f.n = (f.n ?? 0) + 1; s.n = f.n }})`:           false,
		`function h() {} const t = [h]; fromAll().when({A(s) { for (const f of t) s.n = f.n = (f.n ?? 0) + 1 }})`:         false,
		`function h() {} const t = {h}; fromAll().when({A(s) { const f = Object.values(t)[0]; f.n = 1 }})`:                false,
		`function h() {} const t = [h]; fromAll().when({A(s) { t.forEach(f => { s.n = f.n = (f.n ?? 0) + 1 }) }})`:        false,
		`function h() {} const t = [h]; fromAll().when({A(s) { t.push(h); s.n = t.length }})`:                             false,
		`function h() {} const t = {h}; fromAll().when({A(s) { t.x = 1; s.n = t.x }})`:                                    false,
		`fromAll().when({A(s) { const f = String; f.raw = 1; s.n = f.raw }})`:                                             false,
		`fromAll().when({A(s) { const f = [].map; f.n = (f.n ?? 0) + 1; s.n = f.n }})`:                                    false,
		`fromAll().when({A(s) { const f = Math.max; f.n = (f.n ?? 0) + 1; s.n = f.n }})`:                                  false,
		`fromAll().when({A(s) { const a = []; const p = Object.getPrototypeOf(a); p.at = (p.at ?? 0) + 1; s.n = p.at }})`: false,
		`const o = {a: 1}; fromAll().when({A(s) { s.o = o }})`:                                                            false,
		`const o = {a: 1}; fromAll().when({A(s) { s.o = {o} }})`:                                                          false,
	} {
		s := mustLoad(t, src)
		id, ok := s.Identity()
		if ok != want {
			t.Errorf("%v, want %v: %s", ok, want, src)
		}
		if again, _ := mustLoad(t, src).Identity(); again != id {
			t.Errorf("the identity differs: %s", src)
		}
	}
	for src, want := range map[string]bool{
		`s.balance = (s.balance ?? 0) + e.data.amount`: true,
		`s = {...s, n: 1}`: true,
		`return {n: 1}`:    true,
		`Math.x = 1`:       false,
	} {
		s, err := LoadInline("inline", src, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := s.Identity(); ok != want {
			t.Errorf("%v, want %v: %s", ok, want, src)
		}
	}
	u, err := LoadUpcaster("up.js", `upcast('A', 1, d => { d.x = 1 })`, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := u.Identity(); !ok {
		t.Error("the upcaster is not self-contained")
	}
}
