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
		`Decimal(1).plus.call(1, 2)`:     "called on something else",
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

// TestDecimalsStay puts Decimals into the state and reads them at the next event, in
// the script's engine and without it, and from a state that was put away.
func TestDecimalsStay(t *testing.T) {
	const balance = `s.balance = s.balance ? s.balance.plus(e.data.a) : Decimal(e.data.a)`
	for _, c := range []struct{ src, want string }{
		{balance, `{"balance":0.30}`},
		{`try { ` + balance + ` } finally { }`, `{"balance":0.30}`}, // which is the engine's
		{`s.t = (s.t ?? Decimal('1.00')).plus(e.data.a); s.n = [s.t > 1, s.t >= 1.3, s.t == 1.1, s.t + 1, typeof s.t]`, `{"t":1.30,"n":[true,true,false,2.3,"object"]}`},
		{"s.l ??= []; s.l.push(Decimal(e.data.a)); s.sum = Decimal.sum(s.l); s.n = s.l[0].eq('0.1'); s.m = `${s.l[0]}`", `{"l":[0.10,0.20],"sum":0.30,"n":true,"m":"0.10"}`},
		{`s.o = {...s.o, [e.data.a]: Decimal(e.data.a)}; s.n = s.o['0.10'].toFixed(1); s.j = JSON.stringify(s.o)`, `{"o":{"0.10":0.10,"0.20":0.20},"n":"0.1","j":"{\"0.10\":0.10,\"0.20\":0.20}"}`},
		{`s.d = Decimal(e.data.a); s.n = [s.d === s.d, s.d instanceof Decimal]`, `{"d":0.20,"n":[true,true]}`},
		{`s.p ??= 1.50; s.n = typeof s.p; s.p = s.p + 0`, `{"p":1.5,"n":"number"}`}, // a plain number stays one
		{`if (s.d) s.n = s.d.plus(1); s.d = Decimal(e.data.a); s.d = s.d.toNumber(); if (s.d.plus) s.x = 1; s.d = Decimal(s.d)`, `{"d":0.2,"n":1.1}`},
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

// again is the state as it was put away, or the first one.
func again(t *testing.T, s *Script, was *state.State) *state.State {
	t.Helper()
	st := state.New()
	if was == nil {
		if err := s.Init(context.Background(), st); err != nil {
			t.Fatal(err)
		}
	} else {
		v, err := state.ParseKept(state.AppendKept(nil, was.Root()))
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

// TestDecimalsInTests reads the Decimals of a state as numbers in a test, which may
// compare them with ===.
func TestDecimalsInTests(t *testing.T) {
	root := state.NewObject()
	root.Set("d", state.DecimalValue("1.50"))
	for _, src := range []string{`state.d === 1.5`, `typeof state.d === 'number' && /x/.test('x')`, `Decimal(state.d).plus(1).eq('2.5')`} {
		p, err := CompilePredicate(src, "--bad", Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if holds, err := p.Test(root.Value(), nil); err != nil || !holds {
			t.Errorf("%s: %v %v", src, holds, err)
		}
	}
}
