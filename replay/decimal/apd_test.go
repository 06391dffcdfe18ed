package decimal

import (
	"strings"
	"testing"

	"github.com/cockroachdb/apd/v3"
	"pgregory.net/rapid"
)

// The same arithmetic by a library for decimals, to compare with.

var exact = apd.Context{MaxExponent: apd.MaxExponent, MinExponent: apd.MinExponent, Traps: apd.DefaultTraps}

var apdRoundings = map[string]apd.Rounder{
	"half-even": apd.RoundHalfEven, "half-up": apd.RoundHalfUp, "half-down": apd.RoundHalfDown,
	"up": apd.RoundUp, "down": apd.RoundDown, "ceiling": apd.RoundCeiling, "floor": apd.RoundFloor,
}

// written is what is compared: both ways to write a number, or that it is none.
func written(d *apd.Decimal, err error) string {
	if err != nil {
		return "out of range"
	}
	if d.IsZero() {
		d.Negative, d.Exponent = false, min(d.Exponent, 0)
	}
	digits := d.NumDigits()
	first := int64(d.Exponent) + digits - 1
	if digits > maxDigits || first > maxExponent || first < -maxExponent || int64(d.Exponent) < -maxDigits-maxExponent {
		return "out of range"
	}
	json := d.Text('f')
	if d.Exponent > 0 && first >= plainDigits || first < -plainDigits {
		json = d.Text('E')
	}
	return json + " = " + d.Text('f')
}

func writtenOurs(d Decimal, err error) string {
	if err != nil {
		return "out of range"
	}
	return d.JSON() + " = " + d.Fixed()
}

func apdDiv(x, y *apd.Decimal) (*apd.Decimal, error) {
	c := exact
	c.Precision, c.Rounding = quotientDigits, apd.RoundHalfEven
	var r apd.Decimal
	cond, err := c.Quo(&r, x, y)
	if excess := r.NumDigits() - quotientDigits; err == nil && excess > 0 { // it rounds 9.99… to a digit too many
		c.Precision = maxDigits
		_, err = c.Quantize(&r, &r, r.Exponent+int32(excess))
	}
	if err != nil || cond.Inexact() {
		return &r, err
	}
	ideal := x.Exponent - y.Exponent
	reduced := new(apd.Decimal)
	reduced.Reduce(&r)
	if reduced.IsZero() || reduced.Exponent > ideal {
		c.Precision = maxDigits
		_, err = c.Quantize(reduced, &r, ideal)
	}
	return reduced, err
}

func apdRound(x *apd.Decimal, places int32, mode apd.Rounder) (*apd.Decimal, error) {
	c := exact
	c.Precision, c.Rounding = maxDigits+MaxPlaces+maxExponent, mode
	y := new(apd.Decimal).Set(x)
	if int64(-places)-int64(y.Exponent) > y.NumDigits() && !y.IsZero() {
		y.Coeff.SetInt64(1) // what is below a tenth of the last place, Quantize takes for zero
		y.Exponent = -places - 1
	}
	var r apd.Decimal
	_, err := c.Quantize(&r, y, -places)
	return &r, err
}

func apdDivTo(x, y *apd.Decimal, places int32, mode apd.Rounder) (*apd.Decimal, error) {
	first := int64(x.Exponent) + x.NumDigits() - (int64(y.Exponent) + y.NumDigits())
	c := exact
	c.Precision, c.Rounding = uint32(max(first, 0)+int64(places)+6), apd.RoundDown
	var r apd.Decimal
	cond, err := c.Quo(&r, x, y)
	if err != nil {
		return nil, err
	}
	if cond.Inexact() { // one digit more stands for all that were cut
		r.Coeff.Mul(&r.Coeff, apd.NewBigInt(10))
		r.Coeff.Add(&r.Coeff, apd.NewBigInt(1))
		r.Exponent--
	}
	return apdRound(&r, places, mode)
}

// TestAsApd holds every operation to apd's, digit by digit.
func TestAsApd(t *testing.T) {
	number := rapid.OneOf(
		rapid.StringMatching(`-?[0-9]{1,12}(\.[0-9]{1,6})?`),
		rapid.StringMatching(`-?[0-9]{1,70}(\.[0-9]{1,70})?(e-?[0-9]{1,3})?`),
		rapid.StringMatching(`-?[1-9][0-9]{0,2}0{0,80}(\.0{1,60})?(e-?[0-9]{1,4})?`),
		rapid.StringMatching(`-?9{1,40}(\.9{1,40})?`),
		rapid.StringMatching(`-?(0|0\.0{1,9}|0e-?[0-9]{1,4})`),
	)
	rapid.Check(t, func(t *rapid.T) {
		parse := func(name string) (Decimal, *apd.Decimal) {
			text := number.Draw(t, name)
			var x apd.Decimal
			_, _, err := x.SetString(text)
			d, ours := Parse(text)
			if got, want := writtenOurs(d, ours), written(&x, err); got != want {
				t.Fatalf("%s: got %s, want %s", text, got, want)
			}
			if ours != nil {
				t.Skip("out of range")
			}
			return d, &x
		}
		a, x := parse("a")
		b, y := parse("b")
		check := func(name string, d Decimal, err error, want *apd.Decimal, wantErr error) {
			if got, want := writtenOurs(d, err), written(want, wantErr); got != want {
				t.Fatalf("%s: got %s, want %s", name, got, want)
			}
		}
		for name, op := range map[string]struct {
			ours func(d, o Decimal) (Decimal, error)
			apd  func(r, x, y *apd.Decimal) (apd.Condition, error)
		}{
			"plus": {Decimal.Plus, exact.Add}, "minus": {Decimal.Minus, exact.Sub}, "times": {Decimal.Times, exact.Mul},
		} {
			d, err := op.ours(a, b)
			var r apd.Decimal
			_, wantErr := op.apd(&r, x, y)
			check(name, d, err, &r, wantErr)
		}
		neg, err := a.Neg()
		check("neg", neg, err, new(apd.Decimal).Neg(x), nil)
		check("abs", a.Abs(), nil, new(apd.Decimal).Abs(x), nil)
		if a.Cmp(b) != x.Cmp(y) || a.Sign() != x.Sign() {
			t.Fatalf("compared: %d, sign %d; want %d, %d", a.Cmp(b), a.Sign(), x.Cmp(y), x.Sign())
		}
		places := int32(rapid.OneOf(rapid.IntRange(0, 8), rapid.IntRange(0, MaxPlaces)).Draw(t, "places"))
		for name, mode := range Roundings {
			d, err := a.Round(places, mode)
			r, wantErr := apdRound(x, places, apdRoundings[name])
			check("round "+name, d, err, r, wantErr)
			if y.IsZero() {
				continue
			}
			d, err = a.DivTo(b, places, mode)
			r, wantErr = apdDivTo(x, y, places, apdRoundings[name])
			check("div to "+name, d, err, r, wantErr)
		}
		if !y.IsZero() {
			d, err := a.Div(b)
			r, wantErr := apdDiv(x, y)
			check("div", d, err, r, wantErr)
		}
	})
}

// FuzzAsApd holds what is read to what apd reads.
func FuzzAsApd(f *testing.F) {
	for _, s := range []string{"1", "-0.10", ".5", "5.", "1e-6144", "9e6144", "1e999999999", "0e99999", "+1", "00.10", strings.Repeat("9", 50)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := Parse(s)
		if err == ErrSyntax {
			return
		}
		var x apd.Decimal
		_, _, wantErr := x.SetString(strings.TrimSpace(s))
		if got, want := writtenOurs(d, err), written(&x, wantErr); got != want {
			t.Fatalf("%q: got %s, want %s", s, got, want)
		}
	})
}
