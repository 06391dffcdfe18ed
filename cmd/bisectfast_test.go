package cmd

import (
	"testing"

	"pgregory.net/rapid"

	"asof/replay/fold"
	"asof/replay/state"
)

// TestComparison holds the quick way to test an expression to the script
// engine's.
func TestComparison(t *testing.T) {
	numbers := []string{"0", "-0", "1", "-1", "0.1", "0.10", "12.50", "1e2", "9007199254740993", "9007199254740992", "1e400", "0.30000000000000004", "-2.40"}
	values := append([]string{`null`, `true`, `"1"`, `[]`, `[1, 2]`, `{}`, `{"total": 3}`, `{"length": 2}`}, numbers...)
	paths := []string{"total", "items.length", "a.b.total", "a.length", "total.valueOf", "constructor", "__proto__", "none", "a.none", "none.none", "a.toString", "items.total", " total "}
	plain := 0
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.SampledFrom(values)
		expr := rapid.SampledFrom([]string{"state.", "s.", " state . "}).Draw(rt, "root") + rapid.SampledFrom(paths).Draw(rt, "path") +
			rapid.SampledFrom([]string{"<", " <= ", ">", ">=", "===", " !== ", "==", "!="}).Draw(rt, "op") +
			rapid.SampledFrom([]string{"0", "-1", "1", "0.1", "12.5", "9007199254740992", "0.3", "100", "2"}).Draw(rt, "with")
		members := `"total": ` + value.Draw(rt, "total") + `, "items": ` + value.Draw(rt, "items") + `, "a": {"b": {"total": ` + value.Draw(rt, "b") + `}, "length": ` + value.Draw(rt, "length") + `}`
		st, err := state.Parse([]byte("{" + members + "}"))
		if err != nil {
			rt.Fatal(err)
		}
		slow, err := fold.CompilePredicate(expr, "--bad")
		if err != nil {
			rt.Fatal(err)
		}
		fast := quickly(expr, slow)
		if c, ok := fast.(*comparison); ok {
			if _, ok := c.number(st); ok {
				plain++
			}
		}
		want, wantErr := slow.Test(st, nil)
		got, err := fast.Test(st, nil)
		if got != want || (err == nil) != (wantErr == nil) {
			rt.Fatalf("%s of {%s} gives %v, %v; the engine says %v, %v", expr, members, got, err, want, wantErr)
		}
	})
	if plain == 0 {
		t.Error("nothing was tested the quick way")
	}
	for _, expr := range []string{"state.total < x", "total < 0", "state.total < 0 || true", "state.total < 010", "state['total'] < 0", "state.total < 1e3", "event.version < 3", "state < 0", "state.a?.b < 0", "!state.total < 0", "state.total <= 12345678901234567"} {
		if _, ok := quickly(expr, nil).(*comparison); ok {
			t.Errorf("%s is not that plain", expr)
		}
	}
}
