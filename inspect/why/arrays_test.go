package why_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/inspect"
	"asof/inspect/why"
	"asof/replay"
	"asof/replay/state"
)

// arraysFold edits arrays in every way, and sums them up.
const arraysFold = `fromAll().when({
  $init() { return {l: [1, 2], items: [{id: 'z', n: 1}], sum: 0} },
  Push(s, e) { s.l.push(e.data.n); s.items.push({id: e.data.id, n: e.data.n}) },
  Unshift(s, e) { s.l.unshift(e.data.n, 7); s.items.unshift({id: e.data.id, n: e.data.n}) },
  Shift(s, e) { s.l.shift(); s.items.shift() },
  Splice(s, e) { s.l.splice(e.data.n, 1, 8, 9); s.items.splice(e.data.n, 1) },
  Filter(s, e) { s.items = s.items.filter(i => i.n !== e.data.n); s.l = s.l.filter(n => n < 5) },
  Sort(s, e) { s.items.sort((a, b) => a.n - b.n); s.l.reverse() },
  Set(s, e) { if (s.l.length > e.data.n) s.l[e.data.n] = e.data.n; const i = s.items[e.data.n]; if (i) { i.n += 1; delete i.m } },
  More(s, e) { for (const i of s.items) if (i.n === e.data.n) i.m = {deep: [i.n, s.l.length]} },
  Move(s, e) { if (s.items.length > 1) { const [x] = s.items.splice(0, 1); s.items.push(x) } },
  Sum(s, e) { s.sum = s.items.reduce((a, i) => a + i.n, 0) + s.l.length + (s.l[0] ?? 0) },
  Copy(s, e) { s.items = s.items.map(i => ({...i})); s.last = s.items[s.items.length - 1] },
})`

// TestWhyAgreesWithBlame asks for every value of a state: the event that set it, and
// those that set its inputs, are the ones that blame names.
func TestWhyAgreesWithBlame(t *testing.T) {
	ctx := context.Background()
	rapid.Check(t, func(t *rapid.T) {
		var events []string
		for i := range rapid.IntRange(1, 14).Draw(t, "events") {
			kind := rapid.SampledFrom([]string{"Push", "Push", "Unshift", "Shift", "Splice", "Filter", "Sort", "Set", "More", "Move", "Sum", "Copy"}).Draw(t, "kind")
			events = append(events, fmt.Sprintf(`%s {"n":%d,"id":"i%d"}`, kind, rapid.IntRange(0, 4).Draw(t, "n"), i))
		}
		s := subject(t, arraysFold, events...)
		t.Logf("%q", events)
		head := len(events)
		setters := map[int]map[string]int{}
		blame := func(v int) map[string]int {
			if setters[v] == nil {
				setters[v] = map[string]int{}
				b, err := inspect.Blame(ctx, s, replay.Interval{From: at(0), To: at(v)}, "")
				if err != nil {
					t.Fatal(err)
				}
				b.Each(func(p inspect.PathBlame) bool {
					if !p.Value.IsContainer() {
						setters[v][p.Path] = 0
						if p.By.Event != nil {
							setters[v][p.Path] = int(p.By.Event.Version)
						}
					}
					return true
				})
			}
			return setters[v]
		}
		version := func(n *why.Node) int {
			if n.Event == nil {
				return 0
			}
			return int(n.Event.Version)
		}
		for path, by := range blame(head) {
			a, err := why.Ask(ctx, s, at(head), path, why.Options{Depth: 3})
			if err != nil {
				t.Fatal(err)
			}
			if version(a.Root) != by {
				t.Fatalf("%s was set by %d, but why says %d", path, by, version(a.Root))
			}
			for _, n := range a.Nodes {
				if n.Event != nil && n.Open {
					checkInputs(t, s, n, blame, version)
				}
			}
		}
	})
}

func checkInputs(t *rapid.T, s replay.Subject, n *why.Node, blame func(int) map[string]int, version func(*why.Node) int) {
	if n.Unseen != "" {
		t.Fatalf("%s at %d: %s", n.Path, version(n), n.Unseen)
	}
	after, _, err := s.StateAt(context.Background(), n.Moment)
	if err != nil {
		t.Fatal(err)
	}
	if v := get(after, n.Path); !n.Value.IsContainer() && !state.Equal(v, n.Value) {
		t.Fatalf("%s at %d is %s, not %s", n.Path, version(n), state.AppendJSON(nil, v), state.AppendJSON(nil, n.Value))
	}
	for _, in := range n.Inputs {
		by, leaf := blame(version(n) - 1)[in.Path]
		if in.From == replay.FromState && leaf && !in.Parts && (in.By == nil || version(in.By) != by) {
			t.Fatalf("%s at %d: its input %s was set by %d, but why says %+v", n.Path, version(n), in.Path, by, in.By)
		}
	}
}

// TestAReplacedContainer asks for a container that a handler replaces, whatever was in it: the
// event takes out more or fewer parts then, but the value is the same.
func TestAReplacedContainer(t *testing.T) {
	script := `fromAll().when({
		$init: () => ({list: [], o: {}, n: 1}),
		Push(s, e) { s.list.push(e.data.p) },
		Clear(s) { s.list = [] },
		Fill(s, e) { s.list = e.data.p > 1 ? [1, 2] : [] },
		Put(s, e) { s.o[e.data.p] = 1 },
		Reset(s) { s.o = {} },
		Trim(s) { s.list.splice(s.n) },
	})`
	for _, c := range []struct {
		path    string
		matters string
		events  []string
	}{
		{"/list", "", []string{`Push {"p":1}`, `Clear {}`}},
		{"/list", "", []string{`Push {"p":1}`, `Fill {"p":0}`}},
		{"/list", "payload /p", []string{`Push {"p":7}`, `Fill {"p":2}`}},
		{"/o", "", []string{`Put {"p":"a"}`, `Put {"p":"b"}`, `Reset {}`}},
		{"/list", "state /n", []string{`Push {"p":1}`, `Push {"p":2}`, `Push {"p":3}`, `Trim {}`}},
	} {
		a, err := why.Ask(context.Background(), subject(t, script, c.events...), at(len(c.events)), c.path, why.Options{Depth: 1})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, in := range a.Root.Inputs {
			if in.Verdict == why.Matters {
				got = append(got, string(in.From)+" "+in.Path)
			}
		}
		if strings.Join(got, ", ") != c.matters {
			t.Errorf("%s after %s: %q matter, not %q", c.path, c.events, got, c.matters)
		}
	}
}
