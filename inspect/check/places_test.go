package check_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/inspect"
	"asof/inspect/check"
	"asof/inspect/inspecttest"
	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/store/storetest"
)

// placeless hides where a predicate looks, so that it is tested after every event.
type placeless struct{ inspect.Predicate }

// TestLeftOutTestsChangeNothing checks histories with rules that are tested only where an
// event wrote what they look at, and with the same rules tested after every event.
func TestLeftOutTestsChangeNothing(t *testing.T) {
	rules := []string{
		"state.p === 2", "state.list.length > 2", "state.q != null", "(state.list ?? []).some(x => x && x.n > 3)", "state.deep?.a?.b[1]?.n === 1",
		"state.p?.m?.x.includes(2)", "state.tags.join().includes('p') && state.q === 1", "state.deep.p === state.p", "false", "state.totl < 0 || state.p?.n === 4",
		"state.list.at(-1) === 5", "state.deep.hasOwnProperty('p')", "(state.list.every)(x => x !== 2)", "`${state.tags}`.length > 5", "JSON.stringify(state.deep).length % 2 === 0",
		"Object.keys(state).length > 4", "state.p == null || state.q != null", "!(state.deep?.p == null) && state.list?.p == null", "(state.tags != null)", "state.deep.a == null",
		"state.p !== null && 2 == state.p == null", "state.deep?.p == null || state.deep.p > 2", "event !== null && event.version % 3 === 0", "state['q'] === 2", "state.constructor === state.p",
	}
	var all [2][]check.Rule // the second are tested after every event
	var preds [2][]*js.Predicate
	for i := range all {
		for _, text := range rules {
			p, err := js.CompilePredicate(text, "bad", js.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			cond := inspecttest.BadWhere(p)
			if i == 1 {
				cond.Predicate = placeless{p}
			}
			preds[i], all[i] = append(preds[i], p), append(all[i], check.Rule{Cond: cond})
		}
	}
	inspecttest.EachStyle(t, func(t *testing.T, script string) {
		rapid.Check(t, func(t *rapid.T) {
			lines := inspecttest.Histories(20).Draw(t, "history")
			first := rapid.IntRange(0, len(rules)-1).Draw(t, "rule")
			var results [2]string
			for i := range results {
				set, plan := &check.RuleSet{Fold: inspecttest.SubjectOf(t, lines, script).Fold}, check.Plan{}
				var mentions []*js.Mentions
				for k := range 6 {
					at := (first + k) % len(rules)
					m := js.NewMentions(rules[at])
					preds[i][at].Watch(m)
					mentions = append(mentions, m)
					rule := all[i][at]
					rule.Invariant = k
					set.Rules = append(set.Rules, rule)
					plan.Invariants = append(plan.Invariants, check.Invariant{Name: rules[at]})
				}
				plan.Workers = []check.Folds{inspecttest.OneFold{Set: set}}
				r, err := check.Pass(context.Background(), replay.NewWhole(storetest.Memory(inspecttest.EventsOf(lines))), plan)
				if err != nil {
					t.Fatal(err)
				}
				text, err := json.MarshalIndent(r.Invariants, "", " ")
				if err != nil {
					t.Fatal(err)
				}
				results[i] = string(text)
				for _, m := range mentions {
					results[i] += fmt.Sprintln(m.Absent())
				}
			}
			if results[0] != results[1] {
				t.Fatalf("%s\nand tested after every event: %s", results[0], results[1])
			}
		})
	})
}

// TestPlaces says which expressions look at parts of the state only, and at which.
func TestPlaces(t *testing.T) {
	for text, want := range map[string]string{
		"state.total < 0": "total", "s.a?.b.c === 1 && state.d": "a/b/c d", "state.items.every(i => i.qty > 0)": "items", "state.items.length > 3": "items",
		"true": "", "state.a\n  .b == 1": "a/b", "state.items?.[0].n === 1": "items", `["x", "y"].includes(state.a)`: "a", `Math["ran" + "dom"]() < state.a`: "-", "state[0] > 1": "-", "event.type === 'x' || state.a": "-",
		"state.a > Date.now()": "-", "Math.random() < state.a": "-", "(({a}) => a)(state)": "-", "state.__proto__ === null": "-", "state.map(x => x)": "-",
		"`${s}` === state.a": "-", "state . a === 1": "a",
		"state.a == null || state.b?.c != null && (state.d==null)": "a? b/c? d?", "state.a == null || state.a > 0": "a? a", "state.a === null": "a", "state.a.length == null": "a",
		"1 + state.a == null": "a", "state.a == null + 1": "a", "!state.a == null": "a", "'k' in state.a == null": "a", "'k' in /* ( */ state.a == null": "a", "state.b == state.a == null": "b a",
		"state.a[0] == null": "a", "state.a == null ? state.b : 1": "a b",
	} {
		p, err := js.CompilePredicate(text, "bad", js.Limits{})
		if err != nil {
			t.Fatal(text, err)
		}
		places, ok := p.Places()
		var all []string
		for _, one := range places {
			path := strings.Join(one.Path, "/")
			if one.There {
				path += "?"
			}
			all = append(all, path)
		}
		got := strings.Join(all, " ")
		if !ok {
			got = "-"
		}
		if got != want {
			t.Errorf("%s looks at %q, not %q", text, got, want)
		}
	}
}

// TestRowThatIsGone has no bad state after its row is deleted, whatever the rule looks at.
func TestRowThatIsGone(t *testing.T) {
	events := inspecttest.EventsOf([]string{`Set {"a":1}`, `Gone {"a":null}`})
	events[0].Row, events[1].Row = replay.RowFull, replay.RowGone
	p, err := js.CompilePredicate("false", "good", js.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	plan := check.Plan{Invariants: []check.Invariant{{Name: "never"}}, Workers: []check.Folds{inspecttest.OneFold{Set: &check.RuleSet{
		Fold: inspecttest.SubjectOf(t, []string{`Set {}`}, "").Fold, Rules: []check.Rule{{Cond: inspect.Condition{Predicate: p, Good: true}}},
	}}}}
	r, err := check.Pass(context.Background(), replay.NewWhole(storetest.Memory(events)), plan)
	if err != nil {
		t.Fatal(err)
	}
	vs := r.Invariants[0].Violations
	if len(vs) != 1 || !vs[0].Recovered {
		t.Fatalf("%+v", vs)
	}
}
