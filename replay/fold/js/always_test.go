package js

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/replay/bounds"
	"asof/replay/state"
)

var (
	alwaysValues = []string{
		"", "", "null", "true", "false", "0", "-0", "1", "2", "3", "-1", "1.50", "0.1", "0.2", "1e3", "9007199254740992", "9007199254740993", "1e308", "-1e400",
		`""`, `"1"`, `"a"`, `"open"`, `"true"`, `"2024-01-01"`, "\"\U0001F600\"", `{}`, `{"x": 1}`, `{"x": 2, "length": 5}`, `{"x": {"y": 3}}`, `{"valueOf": 1}`, `[]`, `[1]`, `[1, 2, 3]`, `["1"]`,
	}
	alwaysPaths = []string{
		"state.a", "s.b", "state.c", `state["a"]`, "state?.b", "state.a.x", "state.a?.x", "state.a?.x.y", "(state.b?.x).y", "s.b.length", "state.a?.length", "state.none", "state.none?.x", "state.c.toString",
		"state.constructor", "state", "s?.c", "state[0]", "event", "e.version",
	}
	alwaysLiterals = []string{"0", "-1", "1", "2", "1.5", "0.1", "1000", "1e308", "9007199254740993", `""`, `"1"`, `"a"`, `"open"`, `"object"`, `"number"`, "'\\ud83d'", "null", "undefined", "true", "false", "NaN", "Infinity"}
	alwaysCompare  = []string{"<", "<=", ">", ">=", "===", "!==", "==", "!="}
)

func anyTerm(t *rapid.T, deep int) string {
	if deep > 0 {
		inner := func() string { return anyTerm(t, deep-1) }
		switch rapid.IntRange(0, 13).Draw(t, "term") {
		case 0:
			return "(" + inner() + rapid.SampledFrom([]string{" + ", " - ", " * ", " / ", " % "}).Draw(t, "op") + inner() + ")"
		case 1:
			return "(" + inner() + " ?? " + inner() + ")"
		case 2:
			return rapid.SampledFrom([]string{"typeof ", "- ", "+ ", "void "}).Draw(t, "unary") + inner()
		case 3:
			return "(" + inner() + rapid.SampledFrom([]string{" && ", " || "}).Draw(t, "op") + inner() + ")"
		case 4:
			return "(" + anyTest(t, deep-1) + " ? " + inner() + " : " + inner() + ")"
		}
	}
	if rapid.IntRange(0, 2).Draw(t, "literal") == 0 {
		return rapid.SampledFrom(alwaysLiterals).Draw(t, "literal")
	}
	return rapid.SampledFrom(alwaysPaths).Draw(t, "path")
}

func anyTest(t *rapid.T, deep int) string {
	if deep > 0 {
		inner := func() string { return anyTest(t, deep-1) }
		switch rapid.IntRange(0, 5).Draw(t, "test") {
		case 0:
			return "!(" + inner() + ")"
		case 1:
			return "(" + inner() + rapid.SampledFrom([]string{" && ", " || "}).Draw(t, "op") + inner() + ")"
		case 2:
			return "(" + anyTerm(t, deep-1) + " ? " + inner() + " : " + inner() + ")"
		}
	}
	return "(" + anyTerm(t, deep) + " " + rapid.SampledFrom(alwaysCompare).Draw(t, "op") + " " + anyTerm(t, deep) + ")"
}

// TestAlways holds what an expression surely gives within bounds to what the engine gives for
// each state in them: a result, without an error or a warning.
func TestAlways(t *testing.T) {
	count := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		pools := map[string][]string{}
		for _, key := range []string{"a", "b", "c"} {
			pools[key] = rapid.SliceOfN(rapid.SampledFrom(alwaysValues), 1, 3).Draw(t, key)
		}
		var states []state.Value
		for range rapid.IntRange(1, 4).Draw(t, "states") {
			var members []string
			for _, key := range []string{"a", "b", "c"} {
				if v := rapid.SampledFrom(pools[key]).Draw(t, "value"); v != "" {
					members = append(members, fmt.Sprintf("%q: %s", key, v))
				}
			}
			text := "{" + strings.Join(members, ", ") + "}"
			if rapid.IntRange(0, 20).Draw(t, "other") == 0 {
				text = rapid.SampledFrom([]string{"", "null", "[1]", "3"}).Draw(t, "root")
			}
			var st state.Value
			if text != "" {
				var err error
				if st, err = state.Parse([]byte(text)); err != nil {
					t.Fatal(err)
				}
			}
			states = append(states, st)
		}
		var tracker bounds.Tracker
		tracker.Begin(states[0])
		for _, st := range states[1:] {
			tracker.Root(st)
		}
		for range 10 {
			src := anyTest(t, 3)
			p, err := CompilePredicate(src, "--bad", Limits{})
			if err != nil {
				t.Fatal(src, err)
			}
			p.quick, p.quiet = nil, true
			want, sure := p.Always(tracker.Bounds())
			if count[fmt.Sprint(want, sure)]++; !sure {
				continue
			}
			for _, st := range states {
				got, err := p.Test(st, nil)
				if err != nil || got != want || len(p.Warnings()) > 0 {
					t.Fatalf("%s surely gives %v; for %s: %v, %v, warnings %q", src, want, state.AppendJSON(nil, st), got, err, p.Warnings())
				}
			}
		}
	})
	if count["true true"] == 0 || count["false true"] == 0 {
		t.Errorf("nothing is sure: %v", count)
	}
	t.Log(count)
}

// TestAlwaysKnows checks what is sure of states with a number from 5 to 9.
func TestAlwaysKnows(t *testing.T) {
	var tracker bounds.Tracker
	for i, text := range []string{
		`{"n": 5, "rate": 0.5, "status": "open", "items": [], "at": {"x": 1}, "paid": false, "big": 9007199254740993, "d": -1, "d2": 5}`,
		`{"n": 9, "rate": 0.7, "status": "held", "items": [1, 2], "at": {"x": 2}, "paid": false, "big": 9007199254740993, "late": null, "d": 2}`,
	} {
		if st := mustParseState(t, text); i == 0 {
			tracker.Begin(st)
		} else {
			tracker.Root(st)
		}
	}
	for src, want := range map[string]string{
		"state.n > 4": "true", "s.n >= 5": "true", "state['n'] < 5": "false", "state.n > 5": "", "state?.n === 10": "false", "state.n !== '7'": "true",
		"state.n == 5": "", "state.n + 1 > 5": "true", "state.n - 9 > 0": "false", "state.n * 2 < 20": "true", "-state.n < 0": "true", "10 / state.n > 3": "false", "+state.d2 === 5": "", "1 / state.d < 3": "",
		"state.rate + 1 > 1": "", "state.rate * 2 >= 1": "true", "state.n % 2 === 3": "",
		"state.status === 'closed'": "false", "state.status !== 'open'": "", "!state.status": "false", "state.status > 'a'": "",
		"state.items.length <= 2": "true", "state.items.length > 1": "", "state.at.x > 2": "false", "state.at.y === undefined": "true", "state.none.x === 1": "", "state.none?.x === 1": "false",
		"state.late == null": "true", "state.late === null": "", "(state.late ?? 3) > 2": "true", "typeof state.n === 'number'": "true",
		"state.paid || state.n > 3": "true", "state.paid && event.id > 3": "false", "event.id > 3 && state.paid": "", "state.paid ? state.x.y > 1 : state.n > 1": "true",
		"state.big > 3": "", "state.big == null": "false", "state.paid === false": "true", "state.n": "", "[state.n > 3][0]": "", "state.n > 3 && state.items.some(x => x > 1)": "", "state.n < 3 && state.items.some(x => x > 1)": "false",
		"state.n = 3": "", "state.n > 2 || (state.n = 3)": "true",
	} {
		p, err := CompilePredicate(src, "--bad", Limits{})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if holds, sure := p.Always(tracker.Bounds()); sure {
			got = fmt.Sprint(holds)
		}
		if got != want {
			t.Errorf("%s is surely %q, want %q", src, got, want)
		}
	}
}

// TestAlwaysMentions is not sure while a member that was looked for in vain may be found.
func TestAlwaysMentions(t *testing.T) {
	without, with := mustParseState(t, `{"n": 5}`), mustParseState(t, `{"n": 5, "paid": {"by": "a"}}`)
	for _, c := range []struct {
		src   string
		tests int // of a state without the member
		in    state.Value
		want  bool
	}{
		{"state.n > 9 && state.paid", 0, without, false},
		{"state.n > 9 && state.paid", 1, without, false}, // similar names are sought in the next ones
		{"state.n > 9 && state.paid", mostNear, without, true},
		{"state.n > 9 && state.paid", mostNear, with, false},
		{"state.n > 9 && state.paid.by === 'x'", mostNear, without, true},
		{"state.n > 9 && state.paid.by === 'x'", mostNear, with, false},
		{"state.n > 9 && event.data.x > 1", mostNear, without, false},
		{"state.n > 9", 1, with, true},
	} {
		p, err := CompilePredicate(c.src, "--bad", Limits{})
		if err != nil {
			t.Fatal(err)
		}
		p.Watch(NewMentions(c.src))
		for range c.tests {
			if _, err := p.Test(without, nil); err != nil {
				t.Fatal(err)
			}
		}
		var tracker bounds.Tracker
		tracker.Begin(c.in)
		if _, sure := p.Always(tracker.Bounds()); sure != c.want {
			t.Errorf("%s after %d tests: sure %t", c.src, c.tests, sure)
		}
	}
}
