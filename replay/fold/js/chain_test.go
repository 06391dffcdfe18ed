package js

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/replay/state"
)

// chainOps are operators of one precedence, which go from left to right.
var chainOps = []string{"<", "<=", ">", ">=", "in", "instanceof"}

// chainOperands hold parentheses that are none, and such that are.
var chainOperands = []string{
	"1", "2", "-3", "(2)", "((3))", "true", "s.n", "f(2)", "f((1), 2)", "(1, 5)", "[2][0]", "s.o", "({n: 1})", `")"`, "'(('", "`(${f(2)}`", "tag`)`", "(tag`(`)",
	"/[(]/.test(')')", "n++", "(n--)", "typeof (1)", "1 + (2)", "(1 + 2) * 3", "/* ( */ 4", "4 // )\n", "x => (x)", "Object", "(Array)", "class { m(a) { return (a) } }", "function () { return '(' }",
	"await_", "!0", "s?.n", "new (Array)(3)", "0 ? (1) : 2",
}

// anyChain returns a chain of operators as a script may write it, and the same with all
// parentheses.
func anyChain(t *rapid.T, deep int) (short, full string) {
	operand := func() (string, string) {
		if deep > 0 && rapid.IntRange(0, 3).Draw(t, "inner") == 0 {
			short, full := anyChain(t, deep-1)
			if rapid.Bool().Draw(t, "template") {
				return "`)(\r\n${" + short + "}(${" + short + "}`", "(')(\\n' + (" + full + ") + '(' + (" + full + "))"
			}
			return "(" + short + ")", full
		}
		x := rapid.SampledFrom(chainOperands).Draw(t, "operand")
		if strings.ContainsAny(x, "?=") || strings.HasPrefix(x, "class") || strings.HasPrefix(x, "func") {
			x = "(" + x + ")"
		}
		return x, x
	}
	short, full = operand()
	for range rapid.IntRange(1, 4).Draw(t, "operators") {
		op := " " + rapid.SampledFrom(chainOps).Draw(t, "operator") + " "
		a, b := operand()
		short += op + a
		full = "(" + full + op + b + ")"
	}
	return short, full
}

// TestChains compares a < b < c with (a < b) < c, in scripts and in expressions.
func TestChains(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		const head = "let n = 2; const await_ = 1, tag = (x) => x[0], f = (a, b) => b ?? a;\n"
		show := func(all []string) []string {
			src := head + "function fold(s) { s.n = 3; s.o = {n: 1, true: 2}; const r = [];\n"
			for _, x := range all {
				src += "try { r.push(" + x + ") } catch (e) { r.push(e.name) }\n"
			}
			script, err := Load("fold.js", src+"return String(r) }", Limits{})
			if err != nil {
				t.Fatalf("%s: %v", src, err)
			}
			got, err := foldAll(script, typed("A", `{}`))
			if err != nil {
				t.Fatalf("%s: %v", src, err)
			}
			return strings.Split(strings.Trim(got, `"`), ",")
		}
		var short, full []string
		for range 30 {
			x, y := anyChain(t, 2)
			short, full = append(short, x), append(full, y)
		}
		got, want := show(short), show(full)
		for i := range short {
			if got[i] != want[i] {
				t.Fatalf("%s gives %s, want %s, as %s", short[i], got[i], want[i], full[i])
			}
			seen[want[i]]++
		}
	})
	for _, is := range []string{"true", "false", "TypeError"} {
		if seen[is] == 0 {
			t.Errorf("none gives %s: %v", is, seen)
		}
	}
}

// TestChainsOfPredicates tests chains in conditions, for which bounds may tell the result.
func TestChainsOfPredicates(t *testing.T) {
	st, err := state.Parse([]byte(`{"n": 5, "b": true}`))
	if err != nil {
		t.Fatal(err)
	}
	for src, want := range map[string]bool{
		"0 < state.n < 3":        true,
		"0 < (state.n < 3)":      false,
		"3 > state.n > 2":        false,
		"3 < state.n > 0":        true,
		"1 < state.n < 3 === !0": true,
	} {
		p, err := CompilePredicate(src, "--bad", Limits{})
		if err != nil {
			t.Fatal(src, err)
		}
		if got, err := p.Test(st, nil); err != nil || got != want {
			t.Errorf("%s: %v, %v", src, got, err)
		}
	}
}

// TestSign holds Math.sign to giving numbers.
func TestSign(t *testing.T) {
	for x, want := range map[string]string{"null": "0", "'q'": "NaN", "undefined": "NaN", "'-7'": "-1", "[]": "0", "true": "1", "-0": "-Infinity", "0.5": "1"} {
		y := fmt.Sprintf("Math.sign(%s)", x)
		if x == "-0" {
			y = "1 / " + y
		}
		got, _, err := folded(t, "function fold(s, e) { s.r = String("+y+") }", typed("A", `{}`)...)
		if wanted := `{"r":"` + want + `"}`; err != nil || got != wanted {
			t.Errorf("%s gives %s, want %s: %v", y, got, wanted, err)
		}
	}
}
