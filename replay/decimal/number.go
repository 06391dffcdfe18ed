package decimal

import (
	"math/big"
	"strconv"
	"strings"
	"sync"
)

// A number is coeff × 10^exp, for values that do not fit a machine word. It is
// immutable.
type number struct {
	coeff big.Int
	exp   int64
}

// keptPowers is how many powers of ten are cached.
const keptPowers = 64

var powers = sync.OnceValue(func() []*big.Int {
	out := make([]*big.Int, keptPowers)
	out[0] = big.NewInt(1)
	for i := 1; i < keptPowers; i++ {
		out[i] = new(big.Int).Mul(out[i-1], big.NewInt(10))
	}
	return out
})

// pow10 returns 10^n, which the caller must not change.
func pow10(n int64) *big.Int {
	if n < keptPowers {
		return powers()[n]
	}
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil)
}

// parseNumber parses a text that [decimalText] accepts.
func parseNumber(t string) (*number, error) {
	mantissa, exp, hasExp := strings.Cut(strings.ToLower(t), "e")
	whole, frac, _ := strings.Cut(mantissa, ".")
	var n number
	if hasExp {
		e, err := strconv.ParseInt(exp, 10, 64)
		if err != nil || e > maxNumberText || e < -maxNumberText {
			return nil, ErrRange
		}
		n.exp = e
	}
	n.exp -= int64(len(frac))
	if _, ok := n.coeff.SetString(whole+frac, 10); !ok {
		return nil, ErrSyntax
	}
	return &n, nil
}

// digits returns the number of digits of the coefficient; zero has one.
func (n *number) digits() int64 {
	const perBit = 0.30102999566398 // a little less than the logarithm of 2
	if n.coeff.Sign() == 0 {
		return 1
	}
	d := int64(float64(n.coeff.BitLen()) * perBit) // may be one too low
	if n.coeff.CmpAbs(pow10(d)) >= 0 {
		d++
	}
	return d
}

// at returns the coefficient of the number for a lower exponent.
func (n *number) at(exp int64) *big.Int {
	return new(big.Int).Mul(&n.coeff, pow10(n.exp-exp))
}

func (n *number) plus(o *number) *number {
	r := &number{exp: min(n.exp, o.exp)}
	r.coeff.Add(n.at(r.exp), o.at(r.exp))
	return r
}

func (n *number) times(o *number) *number {
	r := &number{exp: n.exp + o.exp}
	r.coeff.Mul(&n.coeff, &o.coeff)
	return r
}

func (n *number) neg() *number {
	r := &number{exp: n.exp}
	r.coeff.Neg(&n.coeff)
	return r
}

func (n *number) cmp(o *number) int {
	exp := min(n.exp, o.exp)
	return n.at(exp).Cmp(o.at(exp))
}

// over returns n / o, rounded to a multiple of 10^exp.
func (n *number) over(o *number, exp int64, mode Rounding) (r *number, exact bool) {
	x, y := new(big.Int).Set(&n.coeff), new(big.Int).Set(&o.coeff)
	if shift := n.exp - o.exp - exp; shift >= 0 {
		x.Mul(x, pow10(shift))
	} else {
		y.Mul(y, pow10(-shift))
	}
	negative := x.Sign()*y.Sign() < 0
	q, rest := new(big.Int).QuoRem(x.Abs(x), y.Abs(y), new(big.Int))
	if half := rest.Lsh(rest, 1).CmpAbs(y); mode.up(rest.Sign() != 0, half, q.Bit(0) == 1, negative) {
		q.Add(q, big.NewInt(1))
	}
	if negative {
		q.Neg(q)
	}
	r = &number{exp: exp}
	r.coeff.Set(q)
	return r, rest.Sign() == 0
}

var one = sync.OnceValue(func() *number {
	n := &number{}
	n.coeff.SetInt64(1)
	return n
})

// round rounds n to a multiple of 10^exp.
func (n *number) round(exp int64, mode Rounding) *number {
	r, _ := n.over(one(), exp, mode)
	return r
}

// div returns n / o to the given number of significant digits, half to even. A
// shorter quotient has no trailing zeros beyond the exponent ideal.
func (n *number) div(o *number, digits int64) *number {
	ideal := n.exp - o.exp
	if n.coeff.Sign() == 0 {
		return &number{exp: ideal}
	}
	// The first digit of the quotient has this exponent or the one below.
	first := n.exp + n.digits() - o.exp - o.digits()
	r, exact := n.over(o, first-digits, HalfEven)
	if excess := r.digits() - digits; excess > 0 { // one digit too many: round the exact quotient again
		r, exact = n.over(o, r.exp+excess, HalfEven)
		if r.digits() > digits { // rounded up to a power of ten
			r = r.round(r.exp+1, HalfEven)
		}
	}
	if !exact {
		return r
	}
	for ten, rest := big.NewInt(10), new(big.Int); r.exp < ideal; {
		q, _ := new(big.Int).QuoRem(&r.coeff, ten, rest)
		if rest.Sign() != 0 {
			break
		}
		r = &number{coeff: *q, exp: r.exp + 1}
	}
	if r.exp > ideal {
		return &number{coeff: *r.at(ideal), exp: ideal}
	}
	return r
}

// plain returns the number without an exponent.
func (n *number) plain() string {
	digits := new(big.Int).Abs(&n.coeff).String()
	var b strings.Builder
	if n.coeff.Sign() < 0 {
		b.WriteByte('-')
	}
	switch whole := int64(len(digits)) + n.exp; {
	case n.exp >= 0:
		b.WriteString(digits + strings.Repeat("0", int(n.exp)))
	case whole > 0:
		b.WriteString(digits[:whole] + "." + digits[whole:])
	default:
		b.WriteString("0." + strings.Repeat("0", int(-whole)) + digits)
	}
	return b.String()
}

// scientific returns the number with one digit before the point and an exponent.
func (n *number) scientific() string {
	digits := new(big.Int).Abs(&n.coeff).String()
	first := n.exp + int64(len(digits)) - 1
	sign, point, plus := "", "", ""
	if n.coeff.Sign() < 0 {
		sign = "-"
	}
	if len(digits) > 1 {
		point = "."
	}
	if first >= 0 {
		plus = "+"
	}
	return sign + digits[:1] + point + digits[1:] + "E" + plus + strconv.FormatInt(first, 10)
}
