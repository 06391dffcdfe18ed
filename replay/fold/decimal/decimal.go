// Package decimal calculates with money: exact decimal numbers, as scripts have
// them.
package decimal

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// A Decimal is an exact decimal number, which never changes. Sums, differences and products are exact;
// quotients have 34 significant digits, rounded half to even, unless the number
// of places is given. The number of decimal places is kept (0.10 + 0.20 = 0.30).
type Decimal struct{ d apd.Decimal }

const (
	quotientDigits = 34      // of decimal128
	maxExponent    = 6144    // of the first digit, either way; of decimal128
	maxDigits      = 10_000  // of one number
	MaxPlaces      = 1_000   // that can be asked for
	maxNumberText  = 100_000 // bytes
)

// The errors of this package.
var (
	ErrSyntax = errors.New("not a decimal number")
	ErrRange  = fmt.Errorf("a decimal has at most %d digits and an exponent between -%d and %d", maxDigits, maxExponent, maxExponent)
	ErrZero   = errors.New("division by zero")
)

// exact does exact sums and products: the results are bounded afterwards.
var exact = apd.Context{MaxExponent: apd.MaxExponent, MinExponent: apd.MinExponent, Traps: apd.DefaultTraps}

// Parse reads a number as JSON or JavaScript write it; spaces around it and a sign
// are allowed. Its errors are ErrSyntax and ErrRange.
func Parse(text string) (*Decimal, error) {
	t := strings.TrimSpace(text)
	if len(t) > maxNumberText {
		return nil, ErrRange
	}
	if !decimalText(t) {
		return nil, ErrSyntax
	}
	var d Decimal
	if _, _, err := d.d.SetString(t); err != nil {
		return nil, ErrRange
	}
	return d.bounded()
}

// decimalText reports whether t is a sign, digits with a point, and an exponent.
func decimalText(t string) bool {
	t = strings.TrimPrefix(strings.TrimPrefix(t, "+"), "-")
	mantissa, exp, hasExp := strings.Cut(strings.ToLower(t), "e")
	if hasExp {
		if exp = strings.TrimLeft(exp, "+-"); len(exp) > 9 || !allDigits(exp) {
			return false
		}
	}
	whole, frac, _ := strings.Cut(mantissa, ".")
	if whole+frac == "" || len(t) > 0 && (t[0] == '+' || t[0] == '-') {
		return false
	}
	return (whole == "" || allDigits(whole)) && (frac == "" || allDigits(frac))
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// bounded refuses a number that is too long or too far from one.
func (d *Decimal) bounded() (*Decimal, error) {
	if d.d.IsZero() {
		d.d.Negative, d.d.Exponent = false, min(d.d.Exponent, 0)
	}
	digits := d.d.NumDigits()
	first := int64(d.d.Exponent) + digits - 1
	if digits > maxDigits || first > maxExponent || first < -maxExponent || int64(d.d.Exponent) < -maxDigits-maxExponent {
		return nil, ErrRange
	}
	return d, nil
}

func (d *Decimal) with(o *Decimal, op func(r, x, y *apd.Decimal) (apd.Condition, error)) (*Decimal, error) {
	var r Decimal
	if _, err := op(&r.d, &d.d, &o.d); err != nil {
		return nil, ErrRange
	}
	return r.bounded()
}

func (d *Decimal) Plus(o *Decimal) (*Decimal, error)  { return d.with(o, exact.Add) }
func (d *Decimal) Minus(o *Decimal) (*Decimal, error) { return d.with(o, exact.Sub) }
func (d *Decimal) Times(o *Decimal) (*Decimal, error) { return d.with(o, exact.Mul) }

// Div divides to 34 significant digits. A quotient that needs fewer has as few
// as it can, but no fewer decimal places than the numbers themselves call for.
func (d *Decimal) Div(o *Decimal) (*Decimal, error) {
	if o.d.IsZero() {
		return nil, ErrZero
	}
	c := exact
	c.Precision, c.Rounding = quotientDigits, apd.RoundHalfEven
	var r Decimal
	cond, err := c.Quo(&r.d, &d.d, &o.d)
	if err != nil {
		return nil, ErrRange
	}
	if !cond.Inexact() {
		r.trimTo(d.d.Exponent - o.d.Exponent)
	}
	return r.bounded()
}

// trimTo drops zeros at the end while the exponent is below that.
func (d *Decimal) trimTo(exponent int32) {
	var reduced apd.Decimal
	if _, n := reduced.Reduce(&d.d); n == 0 {
		return
	}
	if reduced.IsZero() || reduced.Exponent > exponent {
		c := exact
		c.Precision = maxDigits
		if _, err := c.Quantize(&reduced, &d.d, exponent); err != nil {
			return
		}
	}
	d.d.Set(&reduced)
}

// DivTo divides and rounds once, to that many places.
func (d *Decimal) DivTo(o *Decimal, places int32, mode Rounding) (*Decimal, error) {
	if o.d.IsZero() {
		return nil, ErrZero
	}
	first := int64(d.d.Exponent) + d.d.NumDigits() - (int64(o.d.Exponent) + o.d.NumDigits())
	c := exact
	c.Precision, c.Rounding = uint32(max(first, 0)+int64(places)+6), apd.RoundDown
	var r Decimal
	cond, err := c.Quo(&r.d, &d.d, &o.d)
	if err != nil {
		return nil, ErrRange
	}
	if cond.Inexact() { // one digit more stands for all that were cut
		one := apd.BigInt{}
		one.SetInt64(1)
		ten := apd.BigInt{}
		ten.SetInt64(10)
		r.d.Coeff.Mul(&r.d.Coeff, &ten)
		r.d.Coeff.Add(&r.d.Coeff, &one)
		r.d.Exponent--
	}
	return r.Round(places, mode)
}

// Round rounds to that many decimal places.
func (d *Decimal) Round(places int32, mode Rounding) (*Decimal, error) {
	c := exact
	c.Precision, c.Rounding = maxDigits+MaxPlaces+maxExponent, mode
	var r Decimal
	var x apd.Decimal
	x.Set(&d.d)
	if int64(-places)-int64(x.Exponent) > x.NumDigits() && !x.IsZero() {
		// Quantize takes what is below a tenth of the last place for zero, however
		// it is to be rounded; a tenth rounds as all of that does.
		x.Coeff.SetInt64(1)
		x.Exponent = -places - 1
	}
	if _, err := c.Quantize(&r.d, &x, -places); err != nil {
		return nil, ErrRange
	}
	return r.bounded()
}

// plainDigits is how many digits a number is written out to before it is given an
// exponent.
const plainDigits = 40

// JSON is the number as it is stored: a JSON number that has all its digits.
func (d *Decimal) JSON() string {
	first := int64(d.d.Exponent) + d.d.NumDigits() - 1
	if d.d.Exponent > 0 && first >= plainDigits || first < -plainDigits {
		return d.d.Text('E')
	}
	return d.d.Text('f')
}

// Fixed is the number without an exponent.
func (d *Decimal) Fixed() string { return d.d.Text('f') }

// Neg is the number with the other sign.
func (d *Decimal) Neg() (*Decimal, error) {
	var r Decimal
	r.d.Neg(&d.d)
	return r.bounded()
}

// Abs is the number without its sign.
func (d *Decimal) Abs() *Decimal {
	var r Decimal
	r.d.Abs(&d.d)
	return &r
}

// Cmp is -1, 0 or +1 as d is less than, equal to or greater than o.
func (d *Decimal) Cmp(o *Decimal) int { return d.d.Cmp(&o.d) }

// Sign is -1, 0 or +1.
func (d *Decimal) Sign() int { return d.d.Sign() }

// A Rounding says how what lies between two numbers is rounded.
type Rounding = apd.Rounder

// HalfEven is how is rounded where nothing else is asked for.
const HalfEven = apd.RoundHalfEven

// Roundings are the ways to round, by the names scripts use.
var Roundings = map[string]Rounding{
	"half-even": HalfEven,
	"half-up":   apd.RoundHalfUp,
	"half-down": apd.RoundHalfDown,
	"up":        apd.RoundUp,
	"down":      apd.RoundDown,
	"ceiling":   apd.RoundCeiling,
	"floor":     apd.RoundFloor,
}
