package fold

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// decimal is an exact decimal number. Sums, differences and products are exact;
// quotients have 34 significant digits, rounded half to even, unless the number
// of places is given. The number of decimal places is kept (0.10 + 0.20 = 0.30).
type decimal struct{ apd.Decimal }

const (
	quotientDigits = 34      // of decimal128
	maxExponent    = 6144    // of the first digit, either way; of decimal128
	maxDigits      = 10_000  // of one number
	maxPlaces      = 1_000   // that can be asked for
	maxNumberText  = 100_000 // bytes
)

var (
	errRange = fmt.Errorf("a decimal has at most %d digits and an exponent between -%d and %d", maxDigits, maxExponent, maxExponent)
	errZero  = errors.New("division by zero")
)

// exact does exact sums and products: the results are bounded afterwards.
var exact = apd.Context{MaxExponent: apd.MaxExponent, MinExponent: apd.MinExponent, Traps: apd.DefaultTraps}

// parseDecimal reads a number as JSON or JavaScript write it; spaces around it
// and a sign are allowed.
func parseDecimal(text string) (*decimal, error) {
	t := strings.TrimSpace(text)
	if len(t) > maxNumberText {
		return nil, errRange
	}
	if !decimalText(t) {
		return nil, fmt.Errorf("%q is not a decimal number", shorten(text))
	}
	var d decimal
	if _, _, err := d.SetString(t); err != nil {
		return nil, errRange
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
func (d *decimal) bounded() (*decimal, error) {
	if d.IsZero() {
		d.Negative, d.Exponent = false, min(d.Exponent, 0)
	}
	digits := d.NumDigits()
	first := int64(d.Exponent) + digits - 1
	if digits > maxDigits || first > maxExponent || first < -maxExponent || int64(d.Exponent) < -maxDigits-maxExponent {
		return nil, errRange
	}
	return d, nil
}

func (d *decimal) with(o *decimal, op func(r, x, y *apd.Decimal) (apd.Condition, error)) (*decimal, error) {
	var r decimal
	if _, err := op(&r.Decimal, &d.Decimal, &o.Decimal); err != nil {
		return nil, errRange
	}
	return r.bounded()
}

func (d *decimal) plus(o *decimal) (*decimal, error)  { return d.with(o, exact.Add) }
func (d *decimal) minus(o *decimal) (*decimal, error) { return d.with(o, exact.Sub) }
func (d *decimal) times(o *decimal) (*decimal, error) { return d.with(o, exact.Mul) }

// div divides to 34 significant digits. A quotient that needs fewer has as few
// as it can, but no fewer decimal places than the numbers themselves call for.
func (d *decimal) div(o *decimal) (*decimal, error) {
	if o.IsZero() {
		return nil, errZero
	}
	c := exact
	c.Precision, c.Rounding = quotientDigits, apd.RoundHalfEven
	var r decimal
	cond, err := c.Quo(&r.Decimal, &d.Decimal, &o.Decimal)
	if err != nil {
		return nil, errRange
	}
	if !cond.Inexact() {
		r.trimTo(d.Exponent - o.Exponent)
	}
	return r.bounded()
}

// trimTo drops zeros at the end while the exponent is below that.
func (d *decimal) trimTo(exponent int32) {
	var reduced apd.Decimal
	if _, n := reduced.Reduce(&d.Decimal); n == 0 {
		return
	}
	if reduced.IsZero() || reduced.Exponent > exponent {
		c := exact
		c.Precision = maxDigits
		if _, err := c.Quantize(&reduced, &d.Decimal, exponent); err != nil {
			return
		}
	}
	d.Set(&reduced)
}

// divTo divides and rounds once, to that many places.
func (d *decimal) divTo(o *decimal, places int32, mode apd.Rounder) (*decimal, error) {
	if o.IsZero() {
		return nil, errZero
	}
	first := int64(d.Exponent) + d.NumDigits() - (int64(o.Exponent) + o.NumDigits())
	c := exact
	c.Precision, c.Rounding = uint32(max(first, 0)+int64(places)+6), apd.RoundDown
	var r decimal
	cond, err := c.Quo(&r.Decimal, &d.Decimal, &o.Decimal)
	if err != nil {
		return nil, errRange
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
	return r.round(places, mode)
}

// round rounds to that many decimal places.
func (d *decimal) round(places int32, mode apd.Rounder) (*decimal, error) {
	c := exact
	c.Precision, c.Rounding = maxDigits+maxPlaces+maxExponent, mode
	var r decimal
	var x apd.Decimal
	x.Set(&d.Decimal)
	if int64(-places)-int64(x.Exponent) > x.NumDigits() && !x.IsZero() {
		// Quantize takes what is below a tenth of the last place for zero, however
		// it is to be rounded; a tenth rounds as all of that does.
		x.Coeff.SetInt64(1)
		x.Exponent = -places - 1
	}
	if _, err := c.Quantize(&r.Decimal, &x, -places); err != nil {
		return nil, errRange
	}
	return r.bounded()
}

// plainDigits is how many digits a number is written out to before it is given an
// exponent.
const plainDigits = 40

// JSON is the number as it is stored: a JSON number that has all its digits.
func (d *decimal) JSON() string {
	first := int64(d.Exponent) + d.NumDigits() - 1
	if d.Exponent > 0 && first >= plainDigits || first < -plainDigits {
		return d.Text('E')
	}
	if d.Exponent > 0 {
		return d.Text('f')
	}
	return d.Text('f')
}

// roundings are the ways to round, by the names scripts use.
var roundings = map[string]apd.Rounder{
	"half-even": apd.RoundHalfEven,
	"half-up":   apd.RoundHalfUp,
	"half-down": apd.RoundHalfDown,
	"up":        apd.RoundUp,
	"down":      apd.RoundDown,
	"ceiling":   apd.RoundCeiling,
	"floor":     apd.RoundFloor,
}
