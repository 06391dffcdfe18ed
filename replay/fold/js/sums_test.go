package js

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/replay/state"
)

// bothWarn folds payloads with and without package quick, and returns the warnings
// that both engines give.
func bothWarn(t rapid.TB, src string, payloads ...string) []string {
	t.Helper()
	fold := func(quickly bool) []string {
		s, err := Load("test.js", src, Limits{})
		if err != nil {
			t.Fatalf("%v\n%s", err, src)
		}
		if !quickly {
			s.quick = quickFuncs{}
		}
		st := state.New()
		if err := s.Init(context.Background(), st); err != nil {
			t.Fatal(err)
		}
		for i, p := range payloads {
			if _, err := s.Apply(context.Background(), st, ev(i, "E", p)); err != nil {
				st.Rollback()
			}
			if _, err := st.Commit(false); err != nil {
				t.Fatal(err)
			}
		}
		return s.Warnings()
	}
	with, without := fold(true), fold(false)
	if !slices.Equal(with, without) {
		t.Fatalf("quick warns %q, the engine %q\n%s", with, without, src)
	}
	return with
}

// TestSumWarnings adds amounts in the ways that are not exact, and in those that are.
func TestSumWarnings(t *testing.T) {
	const pair = `{"a":"12.50","b":"3.10","x":0.1,"y":0.2,"n":7,"id":"A-","code":"0012","day":"2026-01-02","none":null,"half":0.5,"lat":52.3702157,"q":"5"}`
	for _, c := range []struct{ src, warns string }{
		{`s.t = e.data.a + e.data.b`, `test.js:1:19: "12.50" + "3.10" gives the text "12.503.10" at cart-42@0 (E); write Decimal(e.data.a).plus(e.data.b)`},
		{`s.t = 0 + e.data.a`, `"0" + "12.50" gives the text "012.50" at cart-42@0 (E); write Decimal(0).plus(e.data.a)`},
		{`s.t = (s.t ?? 0) + e.data.a`, `write Decimal(s.t ?? 0).plus(e.data.a)`},
		{`s.t += e.data.a`, `"undefined" + "12.50" gives the text "undefined12.50" at cart-42@0 (E); write s.t = Decimal(s.t ?? 0).plus(e.data.a)`},
		{`s.t = 0; s.t += e.data.a`, `write s.t = Decimal(s.t).plus(e.data.a)`},
		{`s.t = e.data.a + 3`, `"12.50" + 3 gives the text "12.503"`},
		{`s.t = 0.1; s.t += e.data.y`, `test.js:1:24: 0.1 + 0.2 rounds to 0.30000000000000004 at cart-42@0 (E); write s.t = s.t.plus(e.data.y)`},
		{`s.t = e.data.x + e.data.y`, `write e.data.x.plus(e.data.y)`},
		{`s.t = 0.3 - e.data.x`, `0.3 - 0.1 rounds to 0.19999999999999998 at cart-42@0 (E); write Decimal(0.3).minus(e.data.x)`},
		{`s.l = [e.data.x, e.data.y]; s.t = s.l.reduce((n, x) => n + x, 0)`, `write n.plus(x)`},
		{`let i = 0; s.l = [0.1]; s.l[i++] += e.data.y; s.i = i`, `write Decimal(a).plus(b)`},
		{`s.t = e.data.x + (e.data.y * 1) * (1)`, `write Decimal(a).plus(b)`},
		{`s.t = (() => { try { return e.data.x + e.data.y } catch (_) {} })()`, `write e.data.x.plus(e.data.y)`},
		{`s.t = 0 + e.data.q`, `"0" + "5" gives the text "05" at cart-42@0 (E); write Decimal(0).plus(e.data.q)`},
		{`s.t += e.data.q`, `"undefined" + "5" gives the text "undefined5" at cart-42@0 (E); write s.t = Decimal(s.t ?? 0).plus(e.data.q)`},
		{`s.t = e.data.q + (s.n ?? 0)`, `"5" + 0 gives the text "50"`},
		{`s.t = Math.round(e.data.x + e.data.y + 0.3)`, ``},
		{`s.t = Math.round((e.data.x + e.data.y) * 100) / 100`, ``},
		{`s.t = Number((e.data.x + e.data.y).toFixed(2))`, ``},
		{`s.t = Math.max(e.data.x + e.data.y, 0)`, `write e.data.x.plus(e.data.y)`},
		{`s.t = '0' + e.data.n; s.u = (e.data.n < 10 ? '0' : '') + e.data.n`, ``},
		{`s.t = e.data.q + e.data.n`, ``},
		{`s.t = e.data.id + e.data.n`, ``},
		{`s.t = e.data.id + e.data.a`, ``},
		{`s.t = e.data.a + ' EUR'`, ``},
		{`s.t = e.data.a + '/' + e.data.b`, ``},
		{`s.t = '' + e.data.a + e.data.b`, ``},
		{`s.t = e.data.code + e.data.a`, ``},
		{`s.t = e.data.day + e.data.n`, ``},
		{`s.t = e.data.day + 'T' + e.data.a`, ``},
		{`s.t = e.data.n + e.data.code`, ``},
		{`s.n = (s.n ?? 0) + 1; s.n += e.data.n; s.n++; s.n -= 1`, ``},
		{`s.t = e.data.half + 0.25; s.t -= 12.5`, ``},
		{`s.t = 12.5 + 3.1 + e.data.x`, ``},
		{`s.t = e.data.x + 0.6; s.u = 19.99 + e.data.x`, ``},
		{`s.t = e.data.x / 3 + e.data.y / 3`, ``},
		{`s.t = e.data.lat + 0.5`, ``},
		{`s.t = e.data.x + null; s.u = e.data.x + undefined; s.v = e.data.n + true`, ``},
		{`s.t = Decimal(e.data.a).plus(e.data.b); s.u = e.data.x.plus(e.data.y)`, ``},
		{`s.t = Date.parse(e.data.day) + e.data.n`, ``},
		{`s.t = 9007199254740992 + e.data.n`, ``},
	} {
		src := "(s, e) => { " + c.src + " }"
		got := bothWarn(t, src, pair, pair)
		switch {
		case c.warns == "" && len(got) > 0:
			t.Errorf("%s: false alarm %q", c.src, got)
		case c.warns != "" && (len(got) != 1 || !strings.Contains(got[0], c.warns)):
			t.Errorf("%s: got %q, want %q", c.src, got, c.warns)
		}
	}
}

// TestSumsAreRight compares the check of a sum with exact addition.
func TestSumsAreRight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		places := rapid.IntRange(0, 4).Draw(t, "places")
		amount := func(name string) string {
			n := rapid.IntRange(-1_000_000, 1_000_000).Draw(t, name)
			return state.FormatFloat(float64(n) / []float64{1, 10, 100, 1000, 10000}[places])
		}
		a, b := amount("a"), amount("b")
		op := rapid.SampledFrom([]string{"+", "-"}).Draw(t, "op")
		src := fmt.Sprintf(`(s, e) => { s.t = e.data.a %s e.data.b; s.exact = e.data.a.%s(e.data.b); s.same = String(s.t) === String(Number(s.exact)) }`,
			op, map[string]string{"+": "plus", "-": "minus"}[op])
		s, err := Load("test.js", src, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		st := state.New()
		if err := s.Init(context.Background(), st); err != nil {
			t.Fatal(err)
		}
		payload := fmt.Sprintf(`{"a":%s,"b":%s}`, a, b)
		if _, err := s.Apply(context.Background(), st, ev(1, "E", payload)); err != nil {
			t.Fatal(err)
		}
		if _, err := st.Commit(false); err != nil {
			t.Fatal(err)
		}
		same := st.Root().Node().Get("same").Bool()
		if warned := len(bothWarn(t, src, payload)) > 0; warned == same {
			t.Fatalf("%s %s %s: warned %v, exact %v", a, op, b, warned, same)
		}
	})
}
