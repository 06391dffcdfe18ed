package js

import (
	"testing"

	"pgregory.net/rapid"

	"asof/replay/state"
)

// TestPredicateQuick holds the quick way to test an expression to the script
// engine's.
func TestPredicateQuick(t *testing.T) {
	numbers := []string{"0", "-0", "1", "-1", "0.1", "0.10", "12.50", "1e2", "9007199254740993", "9007199254740992", "1e400", "0.30000000000000004", "-2.40"}
	values := append([]string{`null`, `true`, `"1"`, `"a"`, `[]`, `[1, 2]`, `{}`, `{"total": 3}`, `{"length": 2}`}, numbers...)
	paths := []string{"total", "items.length", "a.b.total", "a.length", "total.valueOf", "constructor", "__proto__", "none", "a.none", "none.none", "none?.none", "a.toString", "items.total", "items[0]", " total "}
	done := 0
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.SampledFrom(values)
		one := func(label string) string {
			return rapid.SampledFrom([]string{"state.", "s.", " state . "}).Draw(rt, label) + rapid.SampledFrom(paths).Draw(rt, "path") +
				rapid.SampledFrom([]string{"<", " <= ", ">", ">=", "===", " !== ", "==", "!="}).Draw(rt, "op") +
				rapid.SampledFrom([]string{"0", "-1", "1", "0.1", "12.5", "9007199254740992", "0.3", "100", "2", "'1'", "null"}).Draw(rt, "with")
		}
		expr := one("root")
		switch rapid.IntRange(0, 4).Draw(rt, "more") {
		case 0:
			expr += rapid.SampledFrom([]string{" && ", " || "}).Draw(rt, "join") + one("second")
		case 1:
			expr = "!(" + expr + ")"
		case 2:
			expr = "state.items." + rapid.SampledFrom([]string{"some", "every"}).Draw(rt, "all") + "(x => x " + rapid.SampledFrom([]string{"<", ">", "==="}).Draw(rt, "each") + " 1)"
		}
		members := `"total": ` + value.Draw(rt, "total") + `, "items": ` + value.Draw(rt, "items") + `, "a": {"b": {"total": ` + value.Draw(rt, "b") + `}, "length": ` + value.Draw(rt, "length") + `}`
		st, err := state.Parse([]byte("{" + members + "}"))
		if err != nil {
			rt.Fatal(err)
		}
		fast, err := CompilePredicate(expr, "--bad", Limits{})
		if err != nil {
			rt.Fatal(err)
		}
		slow, err := CompilePredicate(expr, "--bad", Limits{})
		if err != nil {
			rt.Fatal(err)
		}
		slow.quick = nil
		if fast.quick != nil {
			if _, ok := fast.quick.Test(st, nil); ok {
				done++
			}
		}
		want, wantErr := slow.Test(st, nil)
		got, err := fast.Test(st, nil)
		if got != want || (err == nil) != (wantErr == nil) {
			rt.Fatalf("%s of {%s} gives %v, %v; the engine says %v, %v", expr, members, got, err, want, wantErr)
		}
	})
	if done == 0 {
		t.Error("nothing was tested the quick way")
	}
}

// TestPredicateStartsNoEngine checks that an expression starts an engine only for a state
// that it can't test without one.
func TestPredicateStartsNoEngine(t *testing.T) {
	p, err := CompilePredicate("state.total < 0", "--bad", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		state         string
		holds, starts bool
	}{
		{`{"total": 1}`, false, false},
		{`{"total": -1}`, true, false},
		{`{"total": ["-1"]}`, true, true},
		{`{"total": 1}`, false, true},
	} {
		st, err := state.Parse([]byte(tt.state))
		if err != nil {
			t.Fatal(err)
		}
		holds, err := p.Test(st, nil)
		if err != nil || holds != tt.holds || p.e != nil != tt.starts {
			t.Errorf("%s: %v, %v, engine %v; want %v, engine %v", tt.state, holds, err, p.e != nil, tt.holds, tt.starts)
		}
	}
}

// TestPredicateWarnsOnce checks that a sum without an engine and one with it share what
// was explained.
func TestPredicateWarnsOnce(t *testing.T) {
	p, err := CompilePredicate("state.a + state.b === 'x'", "--bad", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range []string{`{"a": 1, "b": 2}`, `{"a": "0.1", "b": "0.2"}`, `{"a": "0.1", "b": "0.2"}`} {
		st, err := state.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Test(st, nil); err != nil {
			t.Fatal(err)
		}
		if got := len(p.Warnings()); got != min(i, 1) {
			t.Errorf("%s: warnings %q", text, p.Warnings())
		}
	}
}
