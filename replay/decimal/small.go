package decimal

import (
	"cmp"
	"math/bits"
	"strconv"
)

// Amounts of money are small: 18 digits fit a machine word. Larger values, and rare
// operations, use a number.

const (
	smallDigits = 18
	smallLimit  = 1e18 // above every coefficient
	smallPlaces = 36   // the most decimal places
)

var tenTo = func() (t [smallDigits + 1]int64) {
	t[0] = 1
	for i := range smallDigits {
		t[i+1] = t[i] * 10
	}
	return t
}()

// Small returns coeff / 10^places, of which neither has more than 18 digits.
func Small(coeff int64, places int32) Decimal { return small(coeff, places) }

func small(coeff int64, places int32) Decimal { return Decimal{coeff: coeff, places: places} }

// number returns d as a number.
func (d Decimal) number() *number {
	if d.big != nil {
		return d.big
	}
	n := &number{exp: -int64(d.places)}
	n.coeff.SetInt64(d.coeff)
	return n
}

// parseSmall parses a number without an exponent.
func parseSmall(t string) (Decimal, bool) {
	digits := t
	if digits != "" && digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) == 0 || len(digits) > smallDigits+1 {
		return Decimal{}, false
	}
	var n int64
	places := int32(-1)
	for i := range len(digits) {
		switch c := digits[i] - '0'; {
		case c <= 9:
			n = n*10 + int64(c)
			if places >= 0 {
				places++
			}
		case digits[i] == '.' && places < 0 && len(digits) > 1:
			places = 0
		default:
			return Decimal{}, false
		}
	}
	if places < 0 && len(digits) > smallDigits {
		return Decimal{}, false
	}
	if len(digits) != len(t) {
		n = -n
	}
	return small(n, max(places, 0)), true
}

// aligned returns the coefficients of two numbers with equal decimal places.
func aligned(d, o Decimal) (a, b int64, places int32, ok bool) {
	if d.big != nil || o.big != nil {
		return 0, 0, 0, false
	}
	a, b, places = d.coeff, o.coeff, max(d.places, o.places)
	if a, ok = scaled(a, places-d.places); !ok {
		return 0, 0, 0, false
	}
	b, ok = scaled(b, places-o.places)
	return a, b, places, ok
}

// scaled returns n × 10^power.
func scaled(n int64, power int32) (int64, bool) {
	if n == 0 || power == 0 {
		return n, true
	}
	if power > smallDigits {
		return 0, false
	}
	return product(n, tenTo[power])
}

func product(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	if hi != 0 || lo >= smallLimit {
		return 0, false
	}
	if (a < 0) != (b < 0) {
		return -int64(lo), true
	}
	return int64(lo), true
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return uint64(-n)
	}
	return uint64(n)
}

// sum returns a + b for aligned coefficients.
func sum(a, b int64, places int32) (Decimal, bool) {
	n := a + b // both are below 10^18
	if magnitude(n) >= smallLimit {
		return Decimal{}, false
	}
	return small(n, places), true
}

func (d Decimal) smallTimes(o Decimal) (Decimal, bool) {
	if d.big != nil || o.big != nil || d.places+o.places > smallPlaces {
		return Decimal{}, false
	}
	n, ok := product(d.coeff, o.coeff)
	return small(n, d.places+o.places), ok
}

// smallDiv divides if the quotient needs few decimal places.
func (d Decimal) smallDiv(o Decimal) (Decimal, bool) {
	if d.big != nil || o.big != nil {
		return Decimal{}, false
	}
	n, ok := d.coeff, true
	for places := d.places - o.places; ok && places <= smallPlaces; places++ {
		if places >= 0 && n%o.coeff == 0 {
			return small(n/o.coeff, places), true
		}
		if places < 0 && n%o.coeff == 0 {
			return Decimal{}, false // the result would need an exponent
		}
		n, ok = product(n, 10)
	}
	return Decimal{}, false
}

func (d Decimal) smallRound(places int32, mode Rounding) (Decimal, bool) {
	if d.big != nil || places < 0 || places > smallPlaces {
		return Decimal{}, false
	}
	if places >= d.places {
		n, ok := scaled(d.coeff, places-d.places)
		return small(n, places), ok
	}
	if d.places-places > smallDigits {
		return Decimal{}, false
	}
	unit := uint64(tenTo[d.places-places])
	m, negative := magnitude(d.coeff), d.coeff < 0
	q, rest := m/unit, m%unit
	n := int64(q)
	if mode.up(rest > 0, cmp.Compare(2*rest, unit), q%2 == 1, negative) {
		n++
	}
	if negative {
		n = -n
	}
	return small(n, places), true
}

// text returns a small number as text.
func (d Decimal) text() string {
	var buf [smallPlaces + 4]byte
	digits := strconv.AppendUint(buf[:0], magnitude(d.coeff), 10)
	if d.places == 0 && d.coeff >= 0 {
		return string(digits)
	}
	var out [smallPlaces + 8]byte
	b := out[:0]
	if d.coeff < 0 {
		b = append(b, '-')
	}
	whole := len(digits) - int(d.places)
	if whole <= 0 {
		b = append(b, '0')
	} else {
		b = append(b, digits[:whole]...)
	}
	if d.places == 0 {
		return string(b)
	}
	b = append(b, '.')
	for ; whole < 0; whole++ {
		b = append(b, '0')
	}
	return string(append(b, digits[max(len(digits)-int(d.places), 0):]...))
}
