package why_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"asof/inspect/why"
	"asof/replay"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

// A styleWriter writes handlers as people write them: with helper functions, closures, early
// returns, copies by spread, classes and dates.
type styleWriter struct{ programWriter }

// styles are handlers of one event.
var styles = []string{
	// changes in place
	`(s, e) => { const { id, qty = 1, price = 0, tags = [] } = e.data; if (!id) return; const i = s.items.findIndex(x => x.id === id); if (i < 0) s.items.push({ id, qty, price, tags }); else s.items[i].qty += qty; s.total = sum(s.items) }`,
	`(s, e) => { const { id } = e.data; s.items = s.items.filter(x => x.id !== id); s.total = sum(s.items); s.count = s.items.length }`,
	`(s, e) => { const x = byId(s, e.data.id); if (!x) { s.lost = (s.lost ?? 0) + 1; return } x.qty -= e.data.qty ?? 1; if (x.qty <= 0) s.items.splice(s.items.indexOf(x), 1); recount(s) }`,
	`(s, e) => { s.items.sort((a, b) => (b.qty * b.price) - (a.qty * a.price) || a.id.localeCompare(b.id)); s.first = s.items[0]?.id ?? null }`,
	`(s, e) => { (s.by[e.data.id] ??= { n: 0, seen: [] }).n++; (s.by[e.data.id].seen ??= []).push(e.data.qty ?? null); }`,
	`(s, e) => { delete s.by[e.data.id]; s.keys = Object.keys(s.by).sort().join(',') }`,
	`(s, e) => { for (const [k, v] of Object.entries(s.by)) if (v.n > (e.data.qty ?? 1)) delete s.by[k]; s.left = Object.values(s.by).length }`,
	`(s, e) => { switch (e.data.note) { case 'open': s.status = 'open'; break; case 'close': if (s.status !== 'open') return; s.status = 'closed'; s.closed = e.version; default: s.log.push(e.type + ':' + (e.data.note ?? '-')) } }`,
	`(s, e) => { try { s.price = e.data.deep.price.toFixed(2); s.ok = true } catch (x) { s.ok = false; s.log.push('no price for ' + e.data.id) } }`,
	`(s, e) => { try { if (e.data.qty > 2) throw new Error('too many of ' + e.data.id); s.total += e.data.price ?? 0 } catch (x) { s.err = x.message } finally { s.tries = (s.tries || 0) + 1 } }`,
	"(s, e) => { s.text = `${e.data.id ?? 'none'} x${e.data.qty} of ${s.items.length} (${s.status})` }",
	`(s, e) => { s.sum = Decimal(s.sum ?? 0).plus(Decimal(e.data.price ?? '0').times(e.data.qty ?? 1)); s.big = Decimal(s.sum).gt(10) }`,
	`(s, e) => { s.day = new Date(e.created).toISOString().slice(0, 10); s.n = (s.n ?? 0) + 1 }`,
	`(s, e) => { const m = new Map(s.items.map(x => [x.id, x])); const x = m.get(e.data.id); if (x) x.price = e.data.price ?? x.price; s.size = m.size; s.total = sum(s.items) }`,
	`(s, e) => { const seen = new Set(s.seen ?? []); seen.add(e.data.id ?? '?'); s.seen = [...seen]; }`,
	`(s, e) => { const acc = s.items.reduce((o, x) => ({ ...o, [x.id]: (o[x.id] ?? 0) + x.qty }), {}); s.acc = acc; s.best = Object.entries(acc).sort((a, b) => b[1] - a[1])[0]?.[0] }`,
	`(s, e) => { s.who = e.metadata?.by?.name ?? 'nobody'; s.whoN = e.metadata?.n; s.actor = e.actor }`,
	`(s, e) => { const d = e.data.deep; if (d?.list) { const [first, ...rest] = d.list; s.head = first; s.rest = rest } else s.head = 'none' }`,
	`(s, e) => { const { deep, ...rest } = e.data; s.rest = rest; s.deep = deep }`,
	`(s, e) => { Object.assign(s.by, { [e.data.id]: { ...s.by[e.data.id], n: e.data.qty } }) }`,
	`(s, e) => { s.copy = JSON.parse(JSON.stringify(s.items)); s.raw = JSON.stringify(e.data).length }`,
	`(s, e) => { s.log = s.log.slice(-2); s.log.unshift(e.data.note || e.type); s.log.length > 2 && s.log.pop() }`,
	`(s, e) => { let i = 0, best = -1; while (i < s.items.length) { if (s.items[i].qty > best) { best = s.items[i].qty; s.max = s.items[i].id } i++ } if (best < 0) delete s.max }`,
	`(s, e) => { outer: for (const x of s.items) { for (const t of x.tags) { if (t === e.data.note) { s.tagged = x.id; break outer } } } }`,
	`(s, e) => { const swap = e.data.qty > 1; if (swap && s.items.length > 1) { [s.items[0], s.items[1]] = [s.items[1], s.items[0]]; } s.top = s.items[0] && { ...s.items[0] } }`,
	`(s, e) => { const add = make(e.data.qty); s.made = add(s.made ?? 0); s.fn = typeof e.data.price }`,
	`(s, e) => { if ('note' in e.data && e.data.hasOwnProperty('id')) s.both = true; else delete s.both; s.arr = Array.isArray(e.data.tags) }`,
	`(s, e) => { s.items.forEach((x, i, all) => { x.pos = all.length - i; if (x.id === e.data.id) x.mark = e.data.note }) }`,
	`(s, e) => { const t = s.items; s.items = s.old ?? []; s.old = t }`,
	`(s, e) => { s.nest ??= { a: { b: [] } }; s.nest.a.b.push({ k: e.data.id, v: s.total }); if (s.nest.a.b.length > 2) s.nest.a.b.shift() }`,
	`(s, e) => { s.flat = s.items.flatMap(x => x.tags); s.some = s.items.some(x => x.qty > (e.data.qty ?? 0)); s.every = s.items.every(x => x.price >= 0) }`,
	`(s, e) => { s.entries = Object.fromEntries(s.items.map(x => [x.id, x.qty])); s.idx = s.items.map(x => x.id).indexOf(e.data.id); s.last = s.items.at?.(-1)?.id }`,
	`(s, e) => { const n = +(e.data.note?.replace(/\D/g, '') || 0); s.num = Number.isNaN(n) ? 0 : n; s.up = e.data.note?.toUpperCase(); }`,
	`(s, e) => { class P { constructor(x) { this.x = x } get y() { return this.x * 2 } } s.cls = new P(e.data.qty ?? 0).y; s.inst = new P(s.total) }`,
	`(s, e) => { function* g(all) { for (const x of all) yield x.qty } s.gen = [...g(s.items)] }`,
	`(s, e) => { s.total = s.total * (1 - (e.data.price ?? 0) / 100); s.total = Math.round(s.total * 100) / 100 }`,
	`(s, e) => { for (const k in e.data) if (typeof e.data[k] === 'number') s.nums = { ...(s.nums ?? {}), [k]: (s.nums?.[k] ?? 0) + e.data[k] } }`,
	`(s, e) => { s.ptr = s.items; s.first = s.items[0] }`,
	`(s, e) => { const x = s.items.pop(); if (x) s.items.unshift(x); }`,
	`(s, e) => { s.items.splice(1, 1, ...s.items.slice(0, 1).map(x => ({ ...x, id: x.id + e.data.qty }))) }`,
	`(s, e) => { s.items = s.items.map(x => ({ ...x })).reverse(); s.total ||= e.data.price; s.count &&= s.items.length }`,
	`(s, e) => { const a = s.a = s.b = e.data.qty; s.comma = (s.a, e.data.price); void s.total; s.bits = (e.data.qty | 0) ^ s.items.length }`,
	`(s, e) => { s.items.sort((a, b) => b.qty - a.qty) }`,
	`(s, e) => { s.items.unshift(s.items.pop() ?? { id: 'q', qty: 0, price: 0, tags: [] }) }`,
	`(s, e) => { s.raw = e.bodyRaw.length; s.q = e.data.qty; s.met = e.metadataRaw.length + JSON.stringify(e.metadata).length }`,
	// new states
	`(s, e) => ({ ...s, total: s.total + (e.data.price ?? 0), last: e.data.id })`,
	`(s, e) => ({ ...s, items: [...s.items, { id: e.data.id ?? 'z', qty: e.data.qty ?? 1, price: e.data.price ?? 1, tags: [] }] })`,
	`(s, e) => ({ ...s, items: s.items.map(x => x.id === e.data.id ? { ...x, qty: x.qty + 1 } : x) })`,
	`(s, e) => { const i = s.items.findIndex(x => x.id === e.data.id); return i === -1 ? s : { ...s, items: [...s.items.slice(0, i), ...s.items.slice(i + 1)], removed: s.items[i] } }`,
	`(s, e) => { const { lost, ...rest } = s; return { ...rest, by: { ...rest.by, [e.data.id ?? 'z']: { n: (rest.by[e.data.id]?.n ?? 0) + 1, was: lost ?? null, seen: [] } } } }`,
	`(s, e) => e.data.qty > 1 ? { ...s, status: 'many' } : s.status === 'many' ? { ...s, status: 'few', log: s.log.concat(e.data.note ?? []) } : s`,
	`(s, e) => { const next = structuredCloneish(s); next.total += 1; next.items.push(...(next.items.length > 3 ? [] : [{ id: 'n' + next.items.length, qty: 1, price: 2, tags: e.data.tags ?? [] }])); return next }`,
	`(s, e) => Object.freeze({ ...s, count: s.items.length, by: Object.keys(s.by).reduce((o, k) => k === e.data.id ? o : { ...o, [k]: s.by[k] }, {}) })`,
}

const stylePrelude = `
const sum = items => items.reduce((a, x) => a + x.qty * x.price, 0)
const byId = (s, id) => s.items.find(x => x.id === id)
function recount(s) { s.count = 0; for (const x of s.items) s.count += x.qty; s.total = sum(s.items) }
const make = (n = 1) => v => v + n
const structuredCloneish = v => Array.isArray(v) ? v.map(structuredCloneish) : v && typeof v === 'object' ? Object.fromEntries(Object.entries(v).map(([k, w]) => [k, structuredCloneish(w)])) : v
`

const styleInit = `{ items: [{ id: 'a', qty: 2, price: 3, tags: ['x'] }, { id: 'b', qty: 1, price: 4.5, tags: [] }], by: { a: { n: 1, seen: [] } }, total: 10.5, status: 'new', log: [] }`

func (w styleWriter) program() string {
	kinds := []string{"A", "B", "C", "D"}
	if w.pick("when", "switch") == "when" {
		b := stylePrelude + "fromAll().when({\n  $init: () => (" + styleInit + "),\n"
		for _, kind := range kinds {
			b += "  " + kind + ": " + w.pick(styles...) + ",\n"
		}
		return b + "})"
	}
	b := stylePrelude + "const evolve = (s, e) => {\n switch (e.eventType) {\n"
	for _, kind := range kinds {
		b += "  case '" + kind + "': return (" + w.pick(styles...) + ")(s, e)\n"
	}
	return b + " }\n}\nfromAll().when({ $init: () => (" + styleInit + "), $any: (s, e) => evolve(s, e) })"
}

func (w styleWriter) history() (events []string) {
	for range rapid.IntRange(1, 8).Draw(w.t, "events") {
		events = append(events, w.pick("A", "B", "C", "D")+" "+w.pick(`{"id":"a","qty":1,"price":2.50}`, `{"id":"b","qty":3}`, `{"id":"c","qty":2,"price":10,"tags":["x","y"],"note":"open"}`,
			`{"id":"a","note":"close"}`, `{"note":"x","deep":{"price":7,"list":[1,2,3]}}`, `{"id":"c","qty":-1,"deep":{"list":[]}}`, `{}`, `{"id":"b","qty":0,"price":0,"note":"x12"}`))
	}
	return events
}

// stylePaths are paths that may be absent.
var stylePaths = []string{"/lost", "/items[id=a]", "/items[id=b]/qty", "/items[id=c]/tags/0", "/items/0", "/items/2", "/by/a", "/by/b/n", "/both", "/max", "/log/0", "/removed"}

// TestWhyOfStyles asks such programs, and compares each verdict with the history run again.
func TestWhyOfStyles(t *testing.T) {
	defer why.SetSpacing(0)
	rapid.Check(t, func(t *rapid.T) {
		why.SetSpacing(rapid.IntRange(1, 5).Draw(t, "spacing"))
		w := styleWriter{programWriter{t}}
		r := newRerun(t, w.program(), w.history())
		t.Logf("%s\n%q", r.script, r.events)
		head := len(r.events)
		all := append(questions(r), stylePaths...)
		for range 5 {
			path := rapid.SampledFrom(all).Draw(t, "path")
			a := r.ask(path, head)
			if a == nil {
				continue
			}
			for _, n := range a.Nodes {
				r.check(path, n)
				if n.Event != nil && n.Open {
					r.checkMissedLeaves(path, n)
				}
			}
		}
	})
}

// checkMissedLeaves removes each value of the payload that is not listed.
func (r *rerun) checkMissedLeaves(asked string, n *why.Node) {
	v := int(n.Event.Version)
	was := resultOf(r.states[v], n)
	payload, err := state.Parse([]byte(r.data(v)))
	if err != nil {
		r.t.Fatal(err)
	}
	for _, path := range scalars(payload, "") {
		if path == "" || slices.ContainsFunc(n.Inputs, func(in *why.Input) bool {
			return in.From == replay.FromPayload && !in.Parts && state.HasPrefix(path, in.Path) && in.Verdict != why.Idle
		}) {
			continue
		}
		if slices.ContainsFunc(n.Inputs, func(in *why.Input) bool { // a part of the list, or the list as a whole
			return in.From == replay.FromPayload && in.Verdict == why.Matters && (state.HasPrefix(path, in.Path) || in.Parts)
		}) {
			continue
		}
		instead := state.Value{}
		if get(payload, path[:strings.LastIndexByte(path, '/')]).Kind() == state.Array {
			instead = state.NumberValue("17") // without it, others would be in its place
		}
		after, ok := r.after(v, r.states[v-1], string(state.AppendJSON(nil, edit(payload, path, instead))))
		if !ok || !state.Equal(resultOf(after, n), was) {
			r.t.Fatalf("%s: %s at %d depends on payload %s, which is not listed: %s", asked, n.Name(), v, path, fmt.Sprintf("%s -> %s", state.AppendJSON(nil, was), state.AppendJSON(nil, resultOf(after, n))))
		}
	}
}

// ask asks for a path, and compares its value and who removed it.
func (r *rerun) ask(path string, head int) *why.Answer {
	v := find(r.states[head], path)
	removed := r.removed(path)
	a, err := why.Ask(context.Background(), r.s, at(head), path, why.Options{Depth: 3})
	switch {
	case err != nil && strings.Contains(err.Error(), "elements have"):
		return nil
	case v.IsAbsent() && err != nil:
		if removed > 0 {
			r.t.Fatalf("%s: %v, but it was removed by %d", path, err, removed)
		}
		return nil
	case err != nil:
		r.t.Fatalf("%s: %v", path, err)
	}
	if a.Root.Heading() != path || !state.Equal(a.Root.Value, v) {
		r.t.Fatalf("%s is answered as %s = %s", path, a.Root.Heading(), state.AppendJSON(nil, a.Root.Value))
	}
	if v.IsAbsent() && (a.Root.Event == nil || int(a.Root.Event.Version) != removed) {
		r.t.Fatalf("%s was removed by %d, but why says %+v", path, removed, a.Root.Event)
	}
	r.checkSetter(path, a, v)
	return a
}

// checkSetter compares the event that set a value named by keys with the last one before which
// its element had another value. One that only moved it did not set it.
func (r *rerun) checkSetter(path string, a *why.Answer, v state.Value) {
	p, err := state.ParsePath(path)
	if err != nil || !p.Keyed() || v.IsAbsent() {
		return
	}
	set := len(r.states) - 1
	for set > 0 && len(p.FindAll(r.states[set-1])) == 1 && state.Equal(find(r.states[set-1], path), v) {
		set--
	}
	if set > 0 && len(p.FindAll(r.states[set-1])) > 1 {
		return // another element had the key, too
	}
	said := 0
	if a.Root.Event != nil {
		said = int(a.Root.Event.Version)
	}
	if said != set {
		r.t.Fatalf("%s was set by %d, but why says %d", path, set, said)
	}
}

// TestTextsThatHoldMore asks handlers that fail with an empty text: another number or time is tried,
// and what does not depend on it is no effect.
func TestTextsThatHoldMore(t *testing.T) {
	script := `fromAll().when({
  $init: () => ({ first: '' }),
  A(s, e) {
    s.amount = Decimal(e.data.amount).times(2)
    s.none = Decimal(e.data.none).times(2)
    s.day = new Date(e.data.day).toISOString()
    s.hour = new Date(e.data.hour).toISOString()
    s.old = new Date(e.data.old).toISOString()
    s.other = e.data.id
  },
})`
	s := subject(t, script, `A {"amount":"12.50","none":"0.00","day":"2026-02-03","hour":"2026-02-03 10:00:00.25+01:00","old":"1970-01-01","id":"a"}`)
	for path, want := range map[string][2]string{
		"/amount": {"0", "0"}, "/none": {"1", "2"}, "/day": {"1970-01-01", "1970-01-01T00:00:00.000Z"},
		"/hour": {"1970-01-01 00:00:00.00+01:00", "1969-12-31T23:00:00.000Z"}, "/old": {"2001-01-01", "2001-01-01T00:00:00.000Z"}, "/other": {"", ""},
	} {
		a, err := why.Ask(context.Background(), s, at(1), path, why.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range a.Root.Inputs {
			own := in.Path == path || path == "/other" && in.Path == "/id"
			if own != (in.Verdict == why.Matters) || in.Fails != "" {
				t.Errorf("%s: %s: %+v", path, in.Path, in)
			}
			if own && (in.Instead.Text() != want[0] || in.Would.Text() != want[1]) {
				t.Errorf("%s: with %q, it would be %q", path, in.Instead.Text(), in.Would.Text())
			}
		}
	}
}

// TestWhyOfClock asks a handler that reads the clock: the time of the event is its input.
func TestWhyOfClock(t *testing.T) {
	s := subject(t, "fromAll().when({ $init: () => ({}), A(s, e) { s.now = Date.now(); s.day = new Date().toISOString(); s.created = e.created; s.c = e.category; s.n = 1 } })", "A {}")
	e := replay.Event{Stream: "s", Version: 1, Position: 1, Type: "A", Data: []byte("{}"), Time: time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)}
	s.Timeline = replay.StreamTimeline(storetest.Memory([]replay.Event{e}), "s")
	for path, want := range map[string]string{"/now": "0", "/day": "1970-01-01T00:00:00.000Z", "/created": "1970-01-01T00:00:00.0000000Z", "/c": "", "/n": ""} {
		a, err := why.Ask(context.Background(), s, at(1), path, why.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Root.Inputs) != 1 || a.Root.Inputs[0].Path != "time" || a.Root.Inputs[0].Fails != "" || a.Root.Inputs[0].Would.Text() != want {
			t.Errorf("%s: %+v", path, a.Root.Inputs)
		}
	}
}

// TestWhyOfLongList asks for an element at the end of a list that is too long to test all that was
// read to find it: the event and the element itself are not left out.
func TestWhyOfLongList(t *testing.T) {
	s := subject(t, `fromAll().when({
  $init: () => ({ l: Array.from({ length: 1500 }, (_, i) => ({ id: 'i' + i, q: i })) }),
  Set(s, e) { const x = s.l.find(y => y.id === e.data.id); if (x) x.q = e.data.q },
})`, `Set {"id":"i1400","q":7}`)
	a, err := why.Ask(context.Background(), s, at(1), "/l[id=i1400]/q", why.Options{Budget: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"payload/id", "payload/q", "state/l/1400/id"} {
		if !slices.ContainsFunc(a.Root.Inputs, func(in *why.Input) bool {
			return string(in.From)+in.Path == want && in.Verdict == why.Matters
		}) {
			t.Errorf("%s is not among the inputs that matter", want)
		}
	}
}
