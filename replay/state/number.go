package state

import (
	"cmp"
	"math"
	"strconv"
	"strings"
)

// numberEnd returns the end of the JSON number that begins at i, or the complement of
// the offset of the first error.
func numberEnd[T []byte | string](d T, i int) int {
	digits := func() bool {
		from := i
		for i < len(d) && d[i]-'0' <= 9 {
			i++
		}
		return i > from
	}
	if i < len(d) && d[i] == '-' {
		i++
	}
	if i < len(d) && d[i] == '0' {
		i++
		if i < len(d) && d[i]-'0' <= 9 {
			return ^i
		}
	} else if !digits() {
		return ^i
	}
	if i < len(d) && d[i] == '.' {
		i++
		if !digits() {
			return ^i
		}
	}
	if i < len(d) && d[i]|0x20 == 'e' {
		i++
		if i < len(d) && (d[i] == '+' || d[i] == '-') {
			i++
		}
		if !digits() {
			return ^i
		}
	}
	return i
}

// IsNumber reports whether text is a JSON number (RFC 8259 §6).
func IsNumber(text string) bool { return len(text) > 0 && numberEnd(text, 0) == len(text) }

// plainInt is the longest integer, in bytes, that is treated as its own canonical
// text; it fits int64.
const plainInt = 18

// isPlainInt reports whether the number is an integer in canonical form.
func isPlainInt(text string) bool {
	if len(text) > plainInt || text == "-0" {
		return false
	}
	for i := range len(text) {
		if c := text[i]; c-'0' > 9 && c != '-' {
			return false
		}
	}
	return true
}

// EqualNumbers reports whether two JSON numbers are the same number, such as 1.0, 1
// and 10e-1. It is exact, in time linear in the length of the texts.
func EqualNumbers(a, b string) bool {
	return a == b || (!isPlainInt(a) || !isPlainInt(b)) && CompareNumbers(a, b) == 0
}

// CompareNumbers returns -1, 0 or +1 if the number a is less than, equal to or greater
// than b. It is exact, in time linear in the length of the texts, however large the
// exponents.
func CompareNumbers(a, b string) int {
	if c, ok := compareShort(a, b); ok {
		return c
	}
	x, y := split(a), split(b)
	if s := x.sign(); s != y.sign() || s == 0 {
		return cmp.Compare(s, y.sign())
	} else if s < 0 {
		x, y = y, x
	}
	if c := compareScale(x, y); c != 0 {
		return c
	}
	return compareDigits(x, y)
}

// compareShort compares numbers that fit int64 when both have as many digits after the point.
func compareShort(a, b string) (c int, ok bool) {
	x, i, ok := fixed(a)
	if !ok {
		return 0, false
	}
	y, j, ok := fixed(b)
	if !ok || len(a)+j > plainInt || len(b)+i > plainInt {
		return 0, false
	}
	for ; i < j; i++ {
		x *= 10
	}
	for ; j < i; j++ {
		y *= 10
	}
	return cmp.Compare(x, y), true
}

// fixed returns a short number without exponent as n / 10^places.
func fixed(text string) (n int64, places int, ok bool) {
	if len(text) > plainInt {
		return 0, 0, false
	}
	point, neg := len(text), false
	for i := range len(text) {
		switch c := text[i]; {
		case c-'0' <= 9:
			n = n*10 + int64(c-'0')
		case c == '.':
			point = i + 1
		case c == '-' && i == 0:
			neg = true
		default:
			return 0, 0, false
		}
	}
	if neg {
		n = -n
	}
	return n, len(text) - point, true
}

// A decimal is a parsed number: 0.d₁d₂… times ten to its scale. The digits are those
// of whole followed by those of frac, and d₁ is not 0.
type decimal struct {
	neg         bool
	whole, frac string // without outer zeros; both empty for zero
	exp         string // the exponent as written, without sign and leading zeros
	expNeg      bool
	shift       int64 // what to add to the exponent to get the scale
}

func split(text string) decimal {
	var d decimal
	if strings.HasPrefix(text, "-") {
		d.neg, text = true, text[1:]
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		d.exp, text = text[i+1:], text[:i]
		d.expNeg = strings.HasPrefix(d.exp, "-")
		d.exp = strings.TrimLeft(d.exp, "+-0")
	}
	d.whole, d.frac, _ = strings.Cut(text, ".")
	d.whole = strings.TrimLeft(d.whole, "0")
	d.frac = strings.TrimRight(d.frac, "0")
	d.shift = int64(len(d.whole))
	if d.whole == "" {
		lead := strings.TrimLeft(d.frac, "0")
		d.shift = int64(len(lead) - len(d.frac))
		d.frac = lead
	}
	if d.frac == "" {
		d.whole = strings.TrimRight(d.whole, "0")
	}
	return d
}

func (d decimal) sign() int {
	switch {
	case d.whole == "" && d.frac == "":
		return 0
	case d.neg:
		return -1
	}
	return 1
}

// smallExp is the most digits of an exponent for integer arithmetic.
const smallExp = 17

// scale returns the scale if it safely fits int64.
func (d decimal) scale() (int64, bool) {
	switch {
	case d.exp == "":
		return d.shift, true
	case len(d.exp) > smallExp:
		return 0, false
	}
	e, _ := strconv.ParseInt(d.exp, 10, 64)
	if d.expNeg {
		e = -e
	}
	return e + d.shift, true
}

func compareScale(x, y decimal) int {
	s, small := x.scale()
	t, smallToo := y.scale()
	if small && smallToo {
		return cmp.Compare(s, t)
	}
	sneg, sdig := x.longScale()
	tneg, tdig := y.longScale()
	if sneg != tneg {
		if sneg {
			return -1
		}
		return 1
	}
	c := cmp.Or(cmp.Compare(len(sdig), len(tdig)), cmp.Compare(sdig, tdig))
	if sneg {
		return -c
	}
	return c
}

// longScale returns the scale's sign and digits, whatever its size.
func (d decimal) longScale() (neg bool, digits string) {
	if s, ok := d.scale(); ok {
		text := strconv.FormatInt(s, 10)
		return s < 0, strings.TrimPrefix(text, "-")
	}
	// The exponent is larger than any shift, so its sign is the sign of the sum.
	delta := d.shift
	if d.expNeg {
		delta = -delta
	}
	out := []byte(d.exp)
	for i := len(out) - 1; i >= 0 && delta != 0; i-- {
		sum := int64(out[i]-'0') + delta
		digit := (sum%10 + 10) % 10
		out[i] = byte('0' + digit)
		delta = (sum - digit) / 10
	}
	text := strings.TrimLeft(string(out), "0")
	if delta > 0 {
		text = strconv.FormatInt(delta, 10) + string(out)
	}
	return d.expNeg, text
}

// compareDigits compares the digits of two numbers of the same sign and scale.
func compareDigits(x, y decimal) int {
	for {
		n := min(len(x.whole), len(y.whole))
		if c := strings.Compare(x.whole[:n], y.whole[:n]); c != 0 {
			return c
		}
		x.whole, y.whole = x.whole[n:], y.whole[n:]
		if x.whole == "" {
			x.whole, x.frac = x.frac, ""
		}
		if y.whole == "" {
			y.whole, y.frac = y.frac, ""
		}
		if x.whole == "" || y.whole == "" {
			// Outer zeros are removed, so the longer number is larger.
			return cmp.Compare(len(x.whole), len(y.whole))
		}
	}
}

// Canonical returns the same text for two JSON numbers if and only if they are equal.
// Its length is linear in the number's. It is meant as a key, not for people: 1.50
// becomes 0.15e1.
func Canonical(text string) string {
	if isPlainInt(text) {
		return text
	}
	d := split(text)
	if d.sign() == 0 {
		return "0"
	}
	sign := ""
	if d.neg {
		sign = "-"
	}
	digits := d.whole + d.frac
	if scale, ok := d.scale(); ok {
		zeros := scale - int64(len(digits))
		if zeros >= 0 && int64(len(sign))+scale <= plainInt {
			return sign + digits + strings.Repeat("0", int(zeros))
		}
	}
	neg, scale := d.longScale()
	if neg {
		scale = "-" + scale
	}
	return sign + "0." + digits + "e" + scale
}

// FloatExact returns the double nearest to a JSON number. exact is false if the
// shortest text of f is a different number, as for 9007199254740993 but not for 0.10.
// If the number is too large, f is infinite.
func FloatExact(text string) (f float64, exact bool) {
	if len(text) <= 15 && isPlainInt(text) {
		n, _ := strconv.ParseInt(text, 10, 64)
		return float64(n), true
	}
	f, _ = strconv.ParseFloat(text, 64) // fails only if f is infinite
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return f, false
	}
	var buf [32]byte
	return f, EqualNumbers(string(strconv.AppendFloat(buf[:0], f, 'e', -1, 64)), text)
}

// PrintFloat returns f as JavaScript prints it: unlike [FormatFloat], infinities and NaN by
// their names, which are no JSON.
func PrintFloat(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case math.IsNaN(f):
		return "NaN"
	}
	return FormatFloat(f)
}

// FormatFloat returns f as JSON.stringify writes it; null for NaN and infinities.
func FormatFloat(f float64) string {
	switch abs := math.Abs(f); {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return "null"
	case f == 0:
		return "0" // also for -0
	case abs >= 1e-6 && abs < 1e21:
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	text := strconv.FormatFloat(f, 'e', -1, 64)
	// JavaScript has no leading zero in the exponent: 1e-7.
	if i := strings.LastIndexAny(text, "+-"); text[i+1] == '0' {
		text = text[:i+1] + text[i+2:]
	}
	return text
}
