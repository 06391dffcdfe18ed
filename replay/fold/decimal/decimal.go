// Package decimal calculates with money: exact decimal numbers, as scripts have
// them.
package decimal

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// A Decimal is an exact decimal number, which never changes. Sums, differences and products are exact;
// quotients have 34 significant digits, rounded half to even, unless the number
// of places is given. The number of decimal places is kept (0.10 + 0.20 = 0.30).
type Decimal struct {
	coeff  int64 // of a small number: coeff / 10^places
	places int32
	big    *apd.Decimal // nil: it is small
}

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
	if d, ok := parseSmall(t); ok {
		return d, nil
	}
	var d apd.Decimal
	if _, _, err := d.SetString(t); err != nil {
		return nil, ErrRange
	}
	return bounded(&d)
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

// bounded refuses a number that is too long or too far from one. It takes d.
func bounded(d *apd.Decimal) (*Decimal, error) {
	if d.IsZero() {
		d.Negative, d.Exponent = false, min(d.Exponent, 0)
	}
	digits := d.NumDigits()
	first := int64(d.Exponent) + digits - 1
	if digits > maxDigits || first > maxExponent || first < -maxExponent || int64(d.Exponent) < -maxDigits-maxExponent {
		return nil, ErrRange
	}
	return &Decimal{big: d}, nil
}

func (d *Decimal) with(o *Decimal, op func(r, x, y *apd.Decimal) (apd.Condition, error)) (*Decimal, error) {
	var r apd.Decimal
	if _, err := op(&r, d.apd(), o.apd()); err != nil {
		return nil, ErrRange
	}
	return bounded(&r)
}

// Plus is the sum.
func (d *Decimal) Plus(o *Decimal) (*Decimal, error) {
	if a, b, places, ok := aligned(d, o); ok {
		if r, ok := sum(a, b, places); ok {
			return r, nil
		}
	}
	return d.with(o, exact.Add)
}

// Minus is the difference.
func (d *Decimal) Minus(o *Decimal) (*Decimal, error) {
	if a, b, places, ok := aligned(d, o); ok {
		if r, ok := sum(a, -b, places); ok {
			return r, nil
		}
	}
	return d.with(o, exact.Sub)
}

// Times is the product.
func (d *Decimal) Times(o *Decimal) (*Decimal, error) {
	if r, ok := d.smallTimes(o); ok {
		return r, nil
	}
	return d.with(o, exact.Mul)
}

// Div divides to 34 significant digits. A quotient that needs fewer has as few as
// it can, but no fewer decimal places than the numbers themselves call for. Its
// errors are ErrZero and ErrRange.
func (d *Decimal) Div(o *Decimal) (*Decimal, error) {
	if o.Sign() == 0 {
		return nil, ErrZero
	}
	if r, ok := d.smallDiv(o); ok {
		return r, nil
	}
	c := exact
	c.Precision, c.Rounding = quotientDigits, apd.RoundHalfEven
	var r apd.Decimal
	x, y := d.apd(), o.apd()
	cond, err := c.Quo(&r, x, y)
	if err != nil {
		return nil, ErrRange
	}
	if !cond.Inexact() {
		trimTo(&r, x.Exponent-y.Exponent)
	}
	return bounded(&r)
}

// trimTo drops zeros at the end while the exponent is below that.
func trimTo(d *apd.Decimal, exponent int32) {
	var reduced apd.Decimal
	if _, n := reduced.Reduce(d); n == 0 {
		return
	}
	if reduced.IsZero() || reduced.Exponent > exponent {
		c := exact
		c.Precision = maxDigits
		if _, err := c.Quantize(&reduced, d, exponent); err != nil {
			return
		}
	}
	d.Set(&reduced)
}

// DivTo divides and rounds once, to that many places.
func (d *Decimal) DivTo(o *Decimal, places int32, mode Rounding) (*Decimal, error) {
	if o.Sign() == 0 {
		return nil, ErrZero
	}
	x, y := d.apd(), o.apd()
	first := int64(x.Exponent) + x.NumDigits() - (int64(y.Exponent) + y.NumDigits())
	c := exact
	c.Precision, c.Rounding = uint32(max(first, 0)+int64(places)+6), apd.RoundDown
	var r apd.Decimal
	cond, err := c.Quo(&r, x, y)
	if err != nil {
		return nil, ErrRange
	}
	if cond.Inexact() { // one digit more stands for all that were cut
		one := apd.BigInt{}
		one.SetInt64(1)
		ten := apd.BigInt{}
		ten.SetInt64(10)
		r.Coeff.Mul(&r.Coeff, &ten)
		r.Coeff.Add(&r.Coeff, &one)
		r.Exponent--
	}
	return round(&r, places, mode)
}

// Round rounds to that many decimal places.
func (d *Decimal) Round(places int32, mode Rounding) (*Decimal, error) {
	if r, ok := d.smallRound(places, mode); ok {
		return r, nil
	}
	var x apd.Decimal
	x.Set(d.apd())
	return round(&x, places, mode)
}

// round takes x.
func round(x *apd.Decimal, places int32, mode Rounding) (*Decimal, error) {
	c := exact
	c.Precision, c.Rounding = maxDigits+MaxPlaces+maxExponent, mode
	if int64(-places)-int64(x.Exponent) > x.NumDigits() && !x.IsZero() {
		// Quantize takes what is below a tenth of the last place for zero, however
		// it is to be rounded; a tenth rounds as all of that does.
		x.Coeff.SetInt64(1)
		x.Exponent = -places - 1
	}
	var r apd.Decimal
	if _, err := c.Quantize(&r, x, -places); err != nil {
		return nil, ErrRange
	}
	return bounded(&r)
}

// plainDigits is how many digits a number is written out to before it is given an
// exponent.
const plainDigits = 40

// JSON is the number as it is stored: a JSON number that has all its digits.
func (d *Decimal) JSON() string {
	if d.big == nil {
		return d.text()
	}
	first := int64(d.big.Exponent) + d.big.NumDigits() - 1
	if d.big.Exponent > 0 && first >= plainDigits || first < -plainDigits {
		return d.big.Text('E')
	}
	return d.big.Text('f')
}

// Fixed is the number without an exponent.
func (d *Decimal) Fixed() string {
	if d.big == nil {
		return d.text()
	}
	return d.big.Text('f')
}

// Neg is the number with the other sign.
func (d *Decimal) Neg() (*Decimal, error) {
	if d.big == nil {
		return small(-d.coeff, d.places), nil
	}
	var r apd.Decimal
	r.Neg(d.big)
	return bounded(&r)
}

// Abs is the number without its sign.
func (d *Decimal) Abs() *Decimal {
	if d.Sign() >= 0 {
		return d
	}
	if d.big == nil {
		return small(-d.coeff, d.places)
	}
	var r apd.Decimal
	r.Abs(d.big)
	return &Decimal{big: &r}
}

// Cmp is -1, 0 or +1 as d is less than, equal to or greater than o.
func (d *Decimal) Cmp(o *Decimal) int {
	if a, b, _, ok := aligned(d, o); ok {
		return cmp.Compare(a, b)
	}
	return d.apd().Cmp(o.apd())
}

// Sign is -1, 0 or +1.
func (d *Decimal) Sign() int {
	if d.big == nil {
		return cmp.Compare(d.coeff, 0)
	}
	return d.big.Sign()
}

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
