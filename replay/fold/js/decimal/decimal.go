// Package decimal calculates with money: exact decimal numbers, as scripts have
// them.
package decimal

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// A Decimal is an exact decimal number, which never changes. Sums, differences and
// products are exact; quotients have 34 significant digits, rounded half to even,
// unless the number of places is given. The number of decimal places is kept
// (0.10 + 0.20 = 0.30).
type Decimal struct {
	coeff  int64 // of a small number: coeff / 10^places
	places int32
	big    *number // nil: it is small
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

// Parse reads a number as JSON or JavaScript write it; spaces around it and a sign
// are allowed. Its errors are ErrSyntax and ErrRange.
func Parse(text string) (*Decimal, error) {
	if d, ok := parseSmall(text); ok {
		return d, nil
	}
	t := strings.TrimSpace(text)
	if len(t) > maxNumberText {
		return nil, ErrRange
	}
	if !decimalText(t) {
		return nil, ErrSyntax
	}
	n, err := parseNumber(t)
	if err != nil {
		return nil, err
	}
	return bounded(n)
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
func bounded(n *number) (*Decimal, error) {
	if n.coeff.Sign() == 0 {
		n = &number{exp: min(n.exp, 0)}
	}
	digits := n.digits()
	first := n.exp + digits - 1
	if digits > maxDigits || first > maxExponent || first < -maxExponent || n.exp < -maxDigits-maxExponent {
		return nil, ErrRange
	}
	return &Decimal{big: n}, nil
}

// Plus is the sum.
func (d *Decimal) Plus(o *Decimal) (*Decimal, error) {
	if a, b, places, ok := aligned(d, o); ok {
		if r, ok := sum(a, b, places); ok {
			return r, nil
		}
	}
	return bounded(d.number().plus(o.number()))
}

// Minus is the difference.
func (d *Decimal) Minus(o *Decimal) (*Decimal, error) {
	if a, b, places, ok := aligned(d, o); ok {
		if r, ok := sum(a, -b, places); ok {
			return r, nil
		}
	}
	return bounded(d.number().plus(o.number().neg()))
}

// Times is the product.
func (d *Decimal) Times(o *Decimal) (*Decimal, error) {
	if r, ok := d.smallTimes(o); ok {
		return r, nil
	}
	return bounded(d.number().times(o.number()))
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
	return bounded(d.number().div(o.number(), quotientDigits))
}

// DivTo divides and rounds once, to that many places.
func (d *Decimal) DivTo(o *Decimal, places int32, mode Rounding) (*Decimal, error) {
	if o.Sign() == 0 {
		return nil, ErrZero
	}
	r, _ := d.number().over(o.number(), -int64(places), mode)
	return bounded(r)
}

// Round rounds to that many decimal places.
func (d *Decimal) Round(places int32, mode Rounding) (*Decimal, error) {
	if r, ok := d.smallRound(places, mode); ok {
		return r, nil
	}
	return bounded(d.number().round(-int64(places), mode))
}

// plainDigits is how many digits a number is written out to before it is given an
// exponent.
const plainDigits = 40

// JSON is the number as it is stored: a JSON number that has all its digits.
func (d *Decimal) JSON() string {
	if d.big == nil {
		return d.text()
	}
	first := d.big.exp + d.big.digits() - 1
	if d.big.exp > 0 && first >= plainDigits || first < -plainDigits {
		return d.big.scientific()
	}
	return d.big.plain()
}

// Fixed is the number without an exponent.
func (d *Decimal) Fixed() string {
	if d.big == nil {
		return d.text()
	}
	return d.big.plain()
}

// Neg is the number with the other sign.
func (d *Decimal) Neg() (*Decimal, error) {
	if d.big == nil {
		return small(-d.coeff, d.places), nil
	}
	return bounded(d.big.neg())
}

// Abs is the number without its sign.
func (d *Decimal) Abs() *Decimal {
	if d.Sign() >= 0 {
		return d
	}
	if d.big == nil {
		return small(-d.coeff, d.places)
	}
	return &Decimal{big: d.big.neg()}
}

// Cmp is -1, 0 or +1 as d is less than, equal to or greater than o.
func (d *Decimal) Cmp(o *Decimal) int {
	if a, b, _, ok := aligned(d, o); ok {
		return cmp.Compare(a, b)
	}
	return d.number().cmp(o.number())
}

// Sign is -1, 0 or +1.
func (d *Decimal) Sign() int {
	if d.big == nil {
		return cmp.Compare(d.coeff, 0)
	}
	return d.big.coeff.Sign()
}
