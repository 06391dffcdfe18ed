package quick

import (
	"math"
	"slices"
	"strconv"

	"asof/replay/state"
)

// tenTo are the powers of ten that a double holds.
var tenTo = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// maxDigits is how many digits every double holds.
const maxDigits = 15

// ParseNumber reads a JSON number of at most 15 digits and no exponent, which a
// double holds. plain tells that a double is also written like that; 0.10 and -0
// are not.
func ParseNumber(num string) (f float64, plain, ok bool) {
	digits := num
	negative := digits[0] == '-'
	if negative {
		digits = digits[1:]
	}
	if len(digits) > maxDigits+1 {
		return 0, false, false
	}
	var n int64
	places := -1 // after the point
	for i := range len(digits) {
		switch c := digits[i] - '0'; {
		case c <= 9:
			n = n*10 + int64(c)
			if places >= 0 {
				places++
			}
		case digits[i] == '.':
			places = 0
		default:
			return 0, false, false
		}
	}
	if places < 0 && len(digits) > maxDigits {
		return 0, false, false
	}
	f = float64(n)
	plain = !negative || n != 0
	if places >= 0 {
		f /= tenTo[places] // both are exact, so that the quotient is the nearest
		plain = plain && digits[len(digits)-1] != '0' && f >= 1e-6
	}
	if negative {
		f = -f
	}
	return f, plain, true
}

// readNumber reads a number that a double holds. One that is written otherwise
// than a double is keeps its text when it is only carried.
func (r *run) readNumber(num, key string, passing bool) val {
	f, plain, ok := ParseNumber(num)
	if plain && ok {
		if IsCarried(f) {
			r.notePlain(f, key)
		}
		return val{kind: number, f: f, s: num, passing: passing}
	}
	if !ok {
		if f, ok = state.FloatExact(num); !ok {
			panic(giveUp)
		}
	}
	if f == 0 && num[0] == '-' {
		panic(giveUp) // two numbers, and one
	}
	r.spell(f, key, num, passing)
	return ofNumber(f)
}

// A spelling is how a number was written that was read by a name during this event,
// where that is not how a double is written.
//
// A number that the script puts at the same name keeps that spelling: its value is
// all that says where it comes from. Put at another name it does so only if it has
// a fraction, because an integer may as well be a count that the script made: with
// a price of 1.00, a quantity of 1 stays 1.
type spelling struct {
	bits uint64
	key  string
	text string
}

// SpelledAs returns the name that spellings know a member by: elements have none.
func SpelledAs(key string) string {
	if IsIndex(key) {
		return ""
	}
	return key
}

// IsCarried reports whether a number keeps its spelling under another name.
func IsCarried(f float64) bool { return f != math.Trunc(f) }

// maxSpellings bounds them, as they are looked through one by one.
const maxSpellings = 32

func (r *run) spell(f float64, key, num string, passing bool) {
	bits := math.Float64bits(f)
	key = SpelledAs(key)
	i := slices.IndexFunc(r.spellings, func(s spelling) bool { return s.bits == bits && s.key == key })
	switch {
	case i >= 0 && r.spellings[i].text == num:
		return
	case slices.Contains(r.written, bits):
		panic(giveUp) // what the script made is written when the event is over
	case i >= 0:
		r.spellings[i].text = r.keep(num, passing)
		return
	case len(r.spellings) == maxSpellings:
		panic(giveUp)
	}
	r.spellings = append(r.spellings, spelling{bits, key, r.keep(num, passing)})
}

// maxPlain bounds the plain numbers that are remembered.
const maxPlain = 64

// notePlain remembers that a number with a fraction was read by a name as a double
// is written: put there again, it is not spelled as an equal one elsewhere.
func (r *run) notePlain(f float64, key string) {
	at := spelling{bits: math.Float64bits(f), key: SpelledAs(key)}
	if len(r.spellings) > 0 && slices.Contains(r.written, at.bits) && !slices.Contains(r.plain, at) {
		panic(giveUp) // as in spell
	}
	if len(r.plain) <= maxPlain {
		r.plain = append(r.plain, at)
	}
}

// isPlain reports whether a number was read by a name as a double is written.
func (r *run) isPlain(bits uint64, key string) bool {
	if slices.Contains(r.plain, spelling{bits: bits, key: key}) {
		return true
	}
	if len(r.plain) > maxPlain {
		panic(giveUp) // some were not remembered
	}
	return false
}

// writeNumber returns what the tree holds of a number. The engine writes what the
// script makes when the event is over: until then it must not be spelled anew, and
// is still -0, where the tree has a 0.
func (r *run) writeNumber(v val, key string) string {
	if v.f == 0 && math.Signbit(v.f) {
		panic(giveUp)
	}
	if len(r.fresh) > 0 {
		r.spend(1)
		r.written = append(r.written, math.Float64bits(v.f))
	}
	if s := r.spelled(v.f, key); s != "" {
		return s
	}
	return r.numberText(v)
}

// spelled returns how a number is written that is put at a name, or nothing.
func (r *run) spelled(f float64, key string) string {
	if len(r.spellings) == 0 {
		return ""
	}
	key = SpelledAs(key)
	bits := math.Float64bits(f)
	i := slices.IndexFunc(r.spellings, func(s spelling) bool { return s.bits == bits && s.key == key })
	switch {
	case i >= 0:
		return r.spellings[i].text
	case IsCarried(f):
		if first := r.firstSpelled(f); first != "" && !r.isPlain(bits, key) {
			return first
		}
	}
	return ""
}

// firstSpelled returns how a number was first written, or nothing.
func (r *run) firstSpelled(f float64) string {
	bits := math.Float64bits(f)
	for i := range r.spellings {
		if r.spellings[i].bits == bits {
			return r.spellings[i].text
		}
	}
	return ""
}

func (r *run) numberText(v val) string {
	switch {
	case v.s != "":
		return r.keep(v.s, v.passing)
	case v.f != v.f || math.IsInf(v.f, 0):
		panic(giveUp)
	}
	if n := int64(v.f); float64(n) == v.f && n > -1e15 && n < 1e15 {
		return strconv.FormatInt(n, 10)
	}
	return state.FormatFloat(v.f)
}
