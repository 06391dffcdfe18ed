package decimal

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"asof/replay/state"
)

// TestExact compares with rational arithmetic.
func TestExact(t *testing.T) {
	number := rapid.StringMatching(`-?[0-9]{1,25}(\.[0-9]{1,25})?(e-?[0-9]{1,2})?`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := number.Draw(t, "a"), number.Draw(t, "b")
		x, err := Parse(a)
		if err != nil {
			t.Fatal(err)
		}
		y, err := Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		rx, _ := new(big.Rat).SetString(a)
		ry, _ := new(big.Rat).SetString(b)
		is := func(name string, got Decimal, err error, want *big.Rat) {
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if !state.IsNumber(got.JSON()) {
				t.Fatalf("%s: %s is no JSON number", name, got.JSON())
			}
			if r, ok := new(big.Rat).SetString(got.JSON()); !ok || r.Cmp(want) != 0 {
				t.Fatalf("%s: got %s, want %s", name, got.JSON(), want.RatString())
			}
		}
		is("itself", x, nil, rx)
		r, err := x.Plus(y)
		is("plus", r, err, new(big.Rat).Add(rx, ry))
		r, err = x.Minus(y)
		is("minus", r, err, new(big.Rat).Sub(rx, ry))
		r, err = x.Times(y)
		is("times", r, err, new(big.Rat).Mul(rx, ry))
		if ry.Sign() == 0 {
			return
		}
		places := rapid.IntRange(0, 40).Draw(t, "places")
		mode := rapid.SampledFrom([]string{"half-even", "half-up", "half-down", "up", "down", "ceiling", "floor"}).Draw(t, "mode")
		q := new(big.Rat).Quo(rx, ry)
		r, err = x.DivTo(y, int32(places), Roundings[mode])
		is("div to "+mode, r, err, roundRat(q, places, mode))
		r, err = x.Round(int32(places), Roundings[mode])
		is("round "+mode, r, err, roundRat(rx, places, mode))
	})
}

// roundRat rounds a rational number by the definition of the mode.
func roundRat(x *big.Rat, places int, mode string) *big.Rat {
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil))
	v := new(big.Rat).Mul(x, scale)
	floor := new(big.Int).Div(v.Num(), v.Denom()) // Euclidean: down, as the denominator is positive
	rest := new(big.Rat).Sub(v, new(big.Rat).SetInt(floor))
	half := rest.Cmp(big.NewRat(1, 2))
	negative := v.Sign() < 0
	up := false
	switch mode {
	case "floor":
	case "ceiling":
		up = rest.Sign() > 0
	case "down":
		up = negative && rest.Sign() > 0
	case "up":
		up = !negative && rest.Sign() > 0
	case "half-even":
		up = half > 0 || half == 0 && floor.Bit(0) == 1
	case "half-up":
		up = half > 0 || half == 0 && !negative
	case "half-down":
		up = half > 0 || half == 0 && negative
	}
	if up {
		floor.Add(floor, big.NewInt(1))
	}
	return new(big.Rat).Quo(new(big.Rat).SetInt(floor), scale)
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1", "-0.10", "1e5", ".5", "1e-6144", "9e6144", "1e999999999", "+-1", "e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := Parse(s)
		if err != nil {
			return
		}
		text := d.JSON()
		if !state.IsNumber(text) {
			t.Fatalf("%q: %q is no JSON number", s, text)
		}
		again, err := Parse(text)
		if err != nil || again.Cmp(d) != 0 {
			t.Fatalf("%q: %q reads as %v (%v)", s, text, again, err)
		}
	})
}

// TestSmallIsBig compares what is calculated in machine words with what is made of the
// same numbers otherwise.
func TestSmallIsBig(t *testing.T) {
	number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,9})(\.[0-9]{1,8})?`)
	modes := []string{"half-even", "half-up", "half-down", "up", "down", "ceiling", "floor"}
	words := 0
	rapid.Check(t, func(t *rapid.T) {
		parse := func(name string) (d, big Decimal) {
			d, err := Parse(number.Draw(t, name))
			if err != nil || d.big != nil {
				t.Fatalf("%v, small %v", err, d.big == nil)
			}
			return d, Decimal{big: d.number()}
		}
		a, bigA := parse("a")
		b, bigB := parse("b")
		check := func(name string, got Decimal, err error, want Decimal, wantErr error) {
			if err != wantErr {
				t.Fatalf("%s: got %v, want %v", name, err, wantErr)
			}
			if err != nil {
				return
			}
			if got.big == nil {
				words++
			}
			if got.JSON() != want.JSON() || got.Fixed() != want.Fixed() || got.Sign() != want.Sign() {
				t.Fatalf("%s: got %s, want %s", name, got.JSON(), want.JSON())
			}
		}
		for name, op := range map[string]func(d, o Decimal) (Decimal, error){
			"plus": Decimal.Plus, "minus": Decimal.Minus, "times": Decimal.Times, "div": Decimal.Div,
			"neg": func(d, _ Decimal) (Decimal, error) { return d.Neg() }, "abs": func(d, _ Decimal) (Decimal, error) { return d.Abs(), nil },
			"three": func(d, o Decimal) (Decimal, error) {
				r, _ := d.Times(o)
				r, _ = r.Times(o)
				return r.Plus(d)
			},
		} {
			got, err := op(a, b)
			want, wantErr := op(bigA, bigB)
			check(name, got, err, want, wantErr)
		}
		if got, want := a.Cmp(b), bigA.Cmp(bigB); got != want {
			t.Fatalf("cmp: got %d, want %d", got, want)
		}
		places, mode := int32(rapid.IntRange(0, 20).Draw(t, "places")), Roundings[rapid.SampledFrom(modes).Draw(t, "mode")]
		got, err := a.Round(places, mode)
		want, wantErr := bigA.Round(places, mode)
		check("round", got, err, want, wantErr)
	})
	if words == 0 {
		t.Error("nothing was calculated in machine words")
	}
}
