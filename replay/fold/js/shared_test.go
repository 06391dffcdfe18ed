package js

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/replay"
	"asof/replay/state"
)

const sharedSrc = `fromAll().partitionBy(e => e.data.c).when({
	$init: () => ({n: 0}), $initShared: () => ({all: 0, by: {}}),
	$created(s, e) { s[0].first = s[1].all; s[1].by[e.data.c] = [] },
	A([s, all], e) { if (s === null) { all.nulls = e.data.v; return } s.n++; all.all += e.data.v; all.by[e.data.c].push(e.data.v); s.rank = all.all },
	B([s, all], e) { return [null, {...all, all: all.all + 100}] },
	C(s, e) { s[0] = {was: s[0], keep: s[1].by}; s[1].last = s[0] },
	D(s, e) { return [s[0]] }, E([s, all]) { all.copy = s; if (s) s.seen = true },
})`

// sharedStates folds events, and returns the state after each.
func sharedStates(t interface{ Fatal(...any) }, r replay.Reducer, events []*replay.Event) []string {
	st := state.New()
	if err := r.Init(context.Background(), st); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range events {
		if _, err := st.Commit(true); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Apply(context.Background(), st, e); err != nil {
			t.Fatal(err)
		}
		out = append(out, rootJSON(st))
	}
	return out
}

// TestSharedAgrees holds what is seen from one partition to what is folded of all,
// after every event, and both to a fold in plain JavaScript that keeps its state
// as KurrentDB does: as JSON.
func TestSharedAgrees(t *testing.T) {
	whole, plain := mustLoad(t, sharedSrc).AllPartitions(), mustLoad(t, plainShared)
	parts := map[string]replay.Reducer{}
	for _, name := range []string{"x", "y", "7"} {
		parts[name] = mustLoad(t, sharedSrc).OnePartition(name)
	}
	rapid.Check(t, func(rt *rapid.T) {
		var events []*replay.Event
		for i := range rapid.IntRange(1, 12).Draw(rt, "events") {
			typ := rapid.SampledFrom([]string{"A", "A", "A", "B", "C", "D", "E", "other"}).Draw(rt, "type")
			part := rapid.SampledFrom([]string{`"x"`, `"y"`, `7`, `null`}).Draw(rt, "part")
			events = append(events, ev(i, typ, fmt.Sprintf(`{"c":%s,"v":%d}`, part, i)))
		}
		all, want := sharedStates(rt, whole, events), sharedStates(rt, plain, events)
		for i := range all {
			if !sameJSON(all[i], want[i]) {
				rt.Fatalf("after %d events\ngot  %s\nwant %s", i+1, all[i], want[i])
			}
		}
		for part, r := range parts {
			for i, one := range sharedStates(rt, r, events) {
				whole := treeOf(t, all[i]).Node()
				own := whole.Get(part)
				if own.IsAbsent() {
					own = treeOf(t, `{"n":0}`)
				}
				want := state.NewArray(own, whole.Get(SharedKey)).Value()
				if got := treeOf(t, one); !state.Equal(got, want) {
					rt.Fatalf("%s after %d events\ngot  %s\nwant %s", part, i+1, one, state.AppendJSON(nil, want))
				}
			}
		}
	})
}

// plainShared does the same with texts, without anything that asof does.
const plainShared = `
const handlers = {
	A([s, all], e) { if (s === null) { all.nulls = e.data.v; return } s.n++; all.all += e.data.v; all.by[e.data.c].push(e.data.v); s.rank = all.all },
	B([s, all], e) { return [null, {...all, all: all.all + 100}] },
	C(s, e) { s[0] = {was: s[0], keep: s[1].by}; s[1].last = s[0] },
	D(s, e) { return [s[0]] }, E([s, all]) { all.copy = s; if (s) s.seen = true },
};
function init() { return {$shared: {all: 0, by: {}}} }
function fold(state, e) {
	const c = e.data.c, f = handlers[e.type];
	if (c === null || !f) return state;
	const whole = JSON.parse(JSON.stringify(state));
	const isNew = !(c in whole);
	let both = [isNew ? {n: 0} : whole[c], whole.$shared];
	if (isNew) { both[0].first = both[1].all; both[1].by[c] = [] }
	both = f(both, e) ?? both;
	whole[c] = both[0];
	whole.$shared = both[1] ?? whole.$shared;
	return JSON.parse(JSON.stringify(whole));
}`

func sameJSON(a, b string) bool {
	x, err := state.Parse([]byte(a))
	y, err2 := state.Parse([]byte(b))
	return err == nil && err2 == nil && state.Equal(x, y)
}

func treeOf(t testing.TB, s string) state.Value {
	t.Helper()
	v, err := state.Parse([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSharedRefuses(t *testing.T) {
	s := mustLoad(t, sharedSrc)
	if err := s.Init(t.Context(), state.New()); err == nil || !strings.Contains(err.Error(), "its partitions share state") {
		t.Errorf("one stream: %v", err)
	}
	for src, want := range map[string]string{
		`fromAll().partitionBy(e => '$shared').when({$initShared() {}, A() {}})`:      "a partition cannot be named $shared",
		`fromAll().partitionBy(e => 'x').when({$initShared() {}, A: () => ({n: 1})})`: "must return [state, shared]",
	} {
		r, st := mustLoad(t, src).AllPartitions(), state.New()
		if err := r.Init(t.Context(), st); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Apply(t.Context(), st, ev(0, "A", `{}`)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", src, err)
		}
	}
	st := state.New()
	st.SetRoot(st.NewArray().Value())
	if _, err := s.OnePartition("x").Apply(t.Context(), st, ev(0, "A", `{"c":"x"}`)); err == nil {
		t.Error("it resumes from a state that does not tell the others")
	}
	if _, ok := s.OnePartition("x").(replay.Identifier).Identity(); ok {
		t.Error("its states could be kept")
	}
}

func TestSharedResult(t *testing.T) {
	r := mustLoad(t, `fromAll().partitionBy(e => e.data.c).when({$initShared: () => ({n: 0}), A([s, all]) { all.n++; s.n = all.n }})
		.transformBy(([s, all]) => s.n / all.n)`).AllPartitions()
	st := state.New()
	if err := r.Init(t.Context(), st); err != nil {
		t.Fatal(err)
	}
	for i, c := range []string{"x", "y"} {
		if _, err := r.Apply(t.Context(), st, ev(i, "A", `{"c":"`+c+`"}`)); err != nil {
			t.Fatal(err)
		}
	}
	if got := rootJSON(st); got != `{"$shared":{"n":2},"x":{"n":1},"y":{"n":2}}` {
		t.Error(got)
	}
	v, err := r.(replay.Resulter).Result(st)
	if got := string(state.AppendJSON(nil, v)); err != nil || got != `{"x":0.5,"y":1}` {
		t.Errorf("%s %v", got, err)
	}
}
