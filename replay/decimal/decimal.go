// Package decimal implements exact decimal numbers, for money in scripts and in SQL.
package decimal

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// A Decimal is an immutable decimal number. Sums, differences and products are
// exact. Quotients have 34 significant digits, rounded half to even, unless the
// number of places is given. Trailing zeros are kept (0.10 + 0.20 = 0.30).
type Decimal struct {
	coeff  int64 // a small number is coeff / 10^places
	places int32
	big    *number // nil: the number is small
}

const (
	quotientDigits = 34      // as in decimal128
	maxExponent    = 6144    // of the first digit, positive or negative, as in decimal128
	maxDigits      = 10_000  // of a number
	MaxPlaces      = 1_000   // for rounding and division
	maxNumberText  = 100_000 // bytes
)

// Errors of this package.
var (
	ErrSyntax = errors.New("not a decimal number")
	ErrRange  = fmt.Errorf("a decimal has at most %d digits and an exponent between -%d and %d", maxDigits, maxExponent, maxExponent)
	ErrZero   = errors.New("division by zero")
)

// Parse parses a number in the form of JSON or JavaScript, with optional spaces
// around it and an optional sign. Its errors are ErrSyntax and ErrRange.
func Parse(text string) (Decimal, error) {
	if d, ok := parseSmall(text); ok {
		return d, nil
	}
	t := strings.TrimSpace(text)
	if len(t) > maxNumberText {
		return Decimal{}, ErrRange
	}
	if !decimalText(t) {
		return Decimal{}, ErrSyntax
	}
	n, err := parseNumber(t)
	if err != nil {
		return Decimal{}, err
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

// bounded returns ErrRange for a number with too many digits or too large an
// exponent.
func bounded(n *number) (Decimal, error) {
	if n.coeff.Sign() == 0 {
		n = &number{exp: min(n.exp, 0)}
	}
	digits := n.digits()
	first := n.exp + digits - 1
	if digits > maxDigits || first > maxExponent || first < -maxExponent || n.exp < -maxDigits-maxExponent {
		return Decimal{}, ErrRange
	}
	return Decimal{big: n}, nil
}

// Plus returns d + o.
func (d Decimal) Plus(o Decimal) (Decimal, error) {
	if a, b, places, ok := aligned(d, o); ok {
		if r, ok := sum(a, b, places); ok {
			return r, nil
		}
	}
	return bounded(d.number().plus(o.number()))
}

// Minus returns d - o.
func (d Decimal) Minus(o Decimal) (Decimal, error) {
	if a, b, places, ok := aligned(d, o); ok {
		if r, ok := sum(a, -b, places); ok {
			return r, nil
		}
	}
	return bounded(d.number().plus(o.number().neg()))
}

// Times returns d × o.
func (d Decimal) Times(o Decimal) (Decimal, error) {
	if r, ok := d.smallTimes(o); ok {
		return r, nil
	}
	return bounded(d.number().times(o.number()))
}

// Div returns d / o to 34 significant digits. A quotient that needs fewer digits is
// as short as possible, with at least the decimal places that d and o have. Its
// errors are ErrZero and ErrRange.
func (d Decimal) Div(o Decimal) (Decimal, error) {
	if o.Sign() == 0 {
		return Decimal{}, ErrZero
	}
	if r, ok := d.smallDiv(o); ok {
		return r, nil
	}
	return bounded(d.number().div(o.number(), quotientDigits))
}

// DivTo returns d / o, rounded once to the given decimal places.
func (d Decimal) DivTo(o Decimal, places int32, mode Rounding) (Decimal, error) {
	if o.Sign() == 0 {
		return Decimal{}, ErrZero
	}
	r, _ := d.number().over(o.number(), -int64(places), mode)
	return bounded(r)
}

// Round rounds d to the given decimal places.
func (d Decimal) Round(places int32, mode Rounding) (Decimal, error) {
	if r, ok := d.smallRound(places, mode); ok {
		return r, nil
	}
	return bounded(d.number().round(-int64(places), mode))
}

// plainDigits is the longest number written without an exponent.
const plainDigits = 40

// JSON returns d as a JSON number with all its digits.
func (d Decimal) JSON() string {
	if d.big == nil {
		return d.text()
	}
	first := d.big.exp + d.big.digits() - 1
	if d.big.exp > 0 && first >= plainDigits || first < -plainDigits {
		return d.big.scientific()
	}
	return d.big.plain()
}

// Fixed returns d without an exponent.
func (d Decimal) Fixed() string {
	if d.big == nil {
		return d.text()
	}
	return d.big.plain()
}

// Neg returns -d.
func (d Decimal) Neg() (Decimal, error) {
	if d.big == nil {
		return small(-d.coeff, d.places), nil
	}
	return bounded(d.big.neg())
}

// Abs returns the absolute value of d.
func (d Decimal) Abs() Decimal {
	if d.Sign() >= 0 {
		return d
	}
	if d.big == nil {
		return small(-d.coeff, d.places)
	}
	return Decimal{big: d.big.neg()}
}

// Cmp returns -1, 0 or +1 if d is less than, equal to or greater than o.
func (d Decimal) Cmp(o Decimal) int {
	if a, b, _, ok := aligned(d, o); ok {
		return cmp.Compare(a, b)
	}
	return d.number().cmp(o.number())
}

// Sign returns -1, 0 or +1.
func (d Decimal) Sign() int {
	if d.big == nil {
		return cmp.Compare(d.coeff, 0)
	}
	return d.big.coeff.Sign()
}
