package js

import (
	"context"
	"errors"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/state"
)

// evaluate gives the text of an expression's value in a fold.
func evaluate(src string) (string, error) {
	s, err := LoadInline("inline", "s.x = ("+src+")", Limits{})
	if err != nil {
		return "", err
	}
	got, err := foldAll(s, events(`{"p":12.30,"big":12345678901234567890.125,"text":"0.10"}`))
	return strings.TrimSuffix(strings.TrimPrefix(got, `{"x":`), "}"), err
}

func TestDecimal(t *testing.T) {
	for src, want := range map[string]string{
		`Decimal(0.1).plus(0.2)`:                          `0.3`,
		`Decimal('0.10').plus('0.20')`:                    `0.30`,
		`Decimal(e.data.text).add(e.data.p)`:              `12.40`,
		`Decimal(e.data.p)`:                               `12.30`,
		`Decimal(e.data.big).minus('0.125')`:              `12345678901234567890.000`,
		`Decimal(1).minus(2).sub(3)`:                      `-4`,
		`Decimal('1.10').times('1.10').mul(2)`:            `2.4200`,
		`Decimal(10).div(4)`:                              `2.5`,
		`Decimal(1).div(3)`:                               `0.3333333333333333333333333333333333`,
		`Decimal(2).div(3)`:                               `0.6666666666666666666666666666666667`,
		`Decimal('10.00').div(5)`:                         `2.00`,
		`Decimal(1000).div(10)`:                           `100`,
		`Decimal(0).div(7)`:                               `0`,
		`Decimal(1).div(3, 2)`:                            `0.33`,
		`Decimal(2).div(3, 2)`:                            `0.67`,
		`Decimal(1).div(8, 2)`:                            `0.12`,
		`Decimal(1).div(8, 2, 'half-up')`:                 `0.13`,
		`Decimal('-1').div(8, 2, 'floor')`:                `-0.13`,
		`Decimal('0.125000000000000000000001').div(1, 2)`: `0.13`,
		`Decimal(1).div('1e40', 50)`:                      `0.00000000000000000000000000000000000000010000000000`,
		`Decimal('2.5').round()`:                          `2`,
		`Decimal('3.5').round(0)`:                         `4`,
		`Decimal('2.5').round(0, 'half-up')`:              `3`,
		`Decimal('2.5').round(0, 'half-down')`:            `2`,
		`Decimal('-2.1').round(0, 'up')`:                  `-3`,
		`Decimal('-2.9').round(0, 'down')`:                `-2`,
		`Decimal('-2.1').round(0, 'ceiling')`:             `-2`,
		`Decimal('-0.1').round(0)`:                        `0`,
		`Decimal(1).round(2)`:                             `1.00`,
		`Decimal('1.005').toFixed(2)`:                     `"1.00"`,
		`Decimal('1.015').toFixed(2, 'half-up')`:          `"1.02"`,
		`Decimal(-5).abs()`:                               `5`,
		`Decimal(5).neg()`:                                `-5`,
		`Decimal(0).neg()`:                                `0`,
		`Decimal('1e3')`:                                  `1000`,
		`Decimal('1e50')`:                                 `1E+50`,
		`Decimal('-1.5e-60')`:                             `-1.5E-60`,
		`Decimal(' +1.50 ')`:                              `1.50`,
		`Decimal('.5')`:                                   `0.5`,
		`Decimal('5.')`:                                   `5`,
		`Decimal(12n).plus(1)`:                            `13`,
		`Decimal(new Number(3))`:                          `3`,
		`Decimal('1.0').eq(1)`:                            `true`,
		`[Decimal(1).lt(2), Decimal(2).lte(2), Decimal(1).gt(2), Decimal(2).gte('2.00'), Decimal(1).cmp(2)]`: `[true,true,false,true,-1]`,
		`[Decimal('0.00').isZero(), Decimal(-1).isNegative(), Decimal(0).isNegative()]`:                      `[true,true,false]`,
		`Decimal(1) < Decimal(2)`:              `true`,
		`Decimal('0.5') + 1`:                   `1.5`,
		`Decimal('0.50').toNumber()`:           `0.5`,
		"`${Decimal('0.50')}`":                 `"0.50"`,
		`JSON.stringify({d: Decimal('0.10')})`: `"{\"d\":0.10}"`,
		`Decimal(1) instanceof Decimal && new Decimal(1) instanceof Decimal`:    `true`,
		`Decimal.sum('0.10', 0.2, Decimal(3))`:                                  `3.30`,
		`Decimal.sum()`:                                                         `0`,
		`Decimal.sum([1, '2.5'])`:                                               `3.5`,
		`[Decimal.min(3, 1, 2), Decimal.max(['1', '1.5'])]`:                     `[1,1.5]`,
		`(() => { const d = Decimal(1); d.x = 1; return d.x === undefined })()`: ``,
	} {
		got, err := evaluate(src)
		if want == "" {
			if err == nil {
				t.Errorf("%s: no error", src)
			}
			continue
		}
		if err != nil || got != want {
			t.Errorf("%s: got %s, want %s (%v)", src, got, want, err)
		}
	}
}

func TestDecimalErrors(t *testing.T) {
	for src, want := range map[string]string{
		`Decimal()`:                           "Decimal needs a number",
		`Decimal(null)`:                       "Decimal needs a number, a string or a Decimal, not null",
		`Decimal({})`:                         "not {}",
		`Decimal(true)`:                       "not true",
		`Decimal(NaN)`:                        "is not a decimal number",
		`Decimal('')`:                         "is not a decimal number",
		`Decimal('1,5')`:                      "is not a decimal number",
		`Decimal('0x10')`:                     "is not a decimal number",
		`Decimal('--1')`:                      "is not a decimal number",
		`Decimal('1e')`:                       "is not a decimal number",
		`Decimal('NaN')`:                      "is not a decimal number",
		`Decimal('Infinity')`:                 "is not a decimal number",
		`Decimal('1e999999999')`:              "exponent",
		`Decimal('1e-999999999')`:             "exponent",
		`Decimal('1e99999999999999999999')`:   "is not a decimal number",
		`Decimal('9'.repeat(20000))`:          "digits",
		`Decimal('9'.repeat(200000))`:         "digits",
		`Decimal('1e6000').times('1e6000')`:   "exponent",
		`Decimal('1e-6000').times('1e-6000')`: "exponent",
		`(() => { let d = Decimal('1.1'); for (;;) d = d.times(d) })()`: "digits",
		`Decimal(1).div(0)`:              "division by zero",
		`Decimal(1).div(0, 2)`:           "division by zero",
		`Decimal(1).round(-1)`:           "places must be a whole number",
		`Decimal(1).round(1.5)`:          "places must be a whole number",
		`Decimal(1).round(1e9)`:          "places must be a whole number",
		`Decimal(1).round(2, 'nearest')`: "rounding must be half-even",
		`Decimal(1).plus.call('1', 2)`:   "called on something else",
		`NaN.plus(1)`:                    "not a decimal number",
		`Decimal.min()`:                  "of nothing",
		`Decimal('1e6000').round(1000)`:  "",
	} {
		_, err := evaluate(src)
		var fe *replay.FoldError
		if want != "" && (!errors.As(err, &fe) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", src, err, want)
		}
	}
}

// TestNumbersAreDecimals puts Decimals into the state and reads them at the next event,
// in the engine and without it, and from a state as JSON: they compare as the numbers
// they are, and calculate exactly.
func TestNumbersAreDecimals(t *testing.T) {
	const balance = `s.balance = s.balance ? s.balance.plus(e.data.a) : Decimal(e.data.a)`
	for _, c := range []struct{ src, want string }{
		{balance, `{"balance":0.30}`},
		{`try { ` + balance + ` } finally { }`, `{"balance":0.30}`}, // which is the engine's
		{`s.t = (s.t ?? Decimal('1.00')).plus(e.data.a); s.n = [s.t > 1, s.t >= 1.3, s.t === 1.3, s.t + 1, typeof s.t]`, `{"t":1.30,"n":[true,true,true,2.3,"number"]}`},
		{`if (s.z === 0) s.n = [!s.z, s.z || 'none', s.z.isZero()]; s.z = Decimal(e.data.a).minus(e.data.a)`, `{"z":0.00,"n":[true,"none",true]}`},
		{"s.l ??= []; s.l.push(Decimal(e.data.a)); s.sum = Decimal.sum(s.l); s.n = s.l[0].eq('0.1')", `{"l":[0.10,0.20],"sum":0.30,"n":true}`},
		{`s.o = {...s.o, [e.data.a]: Decimal(e.data.a)}`, `{"o":{"0.10":0.10,"0.20":0.20}}`},
		{`const c = JSON.parse(JSON.stringify(s)); s.t = (c.t ?? 0).plus(e.data.a)`, `{"t":0.30}`},
		{`const [{t = 0} = {}] = [Object.assign({}, s)]; s.t = t.plus(e.data.a)`, `{"t":0.30}`},
		{`s.t = (s.t ?? Decimal('12345678901234567890.10')).plus(e.data.a); s.n = s.t.toFixed(1)`, `{"t":12345678901234567890.40,"n":"12345678901234567890.4"}`},
		{`const x = Decimal(e.data.a); s.o = {p: x}; s.n = s.o.p.eq(x)`, `{"o":{"p":0.20},"n":true}`},
	} {
		s, err := LoadInline("inline", c.src, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		var st *state.State
		for i, payload := range []string{`{"a":"0.10"}`, `{"a":"0.20"}`} {
			st = again(t, s, st)
			if _, err := s.Apply(context.Background(), st, ev(i, "E", payload)); err != nil {
				t.Fatalf("%s: %v", c.src, err)
			}
			if _, err := st.Commit(false); err != nil {
				t.Fatal(err)
			}
		}
		if got := text(st.Root()); got != c.want {
			t.Errorf("%s: got %s, want %s", c.src, got, c.want)
		}
	}
}

// again is the state as read from its JSON, or the first one.
func again(t *testing.T, s *Script, was *state.State) *state.State {
	t.Helper()
	st := state.New()
	if was == nil {
		if err := s.Init(context.Background(), st); err != nil {
			t.Fatal(err)
		}
	} else {
		v, err := state.ParseState(state.AppendJSON(nil, was.Root()))
		if err != nil {
			t.Fatal(err)
		}
		st.SetRoot(st.Adopt(v))
	}
	if _, err := st.Commit(false); err != nil {
		t.Fatal(err)
	}
	return st
}

// TestDecimalsInTests calculates with and compares the numbers of a state in a test.
func TestDecimalsInTests(t *testing.T) {
	root := state.NewObject()
	root.Set("d", state.NumberValue("1.50"))
	root.Set("l", state.NumberValue("12345678901234567890.10"))
	for _, src := range []string{`state.d === 1.5`, `typeof state.d === 'number' && /x/.test('x')`, `state.d.plus(1).eq('2.5')`, `state.l.minus('0.10').eq('12345678901234567890')`} {
		p, err := CompilePredicate(src, "--bad", Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if holds, err := p.Test(root.Value(), nil); err != nil || !holds {
			t.Errorf("%s: %v %v", src, holds, err)
		}
	}
}
