package quick

import (
	"math"
	"slices"
	"strconv"

	"asof/replay/state"
)

// tenTo are powers of ten, all exact as doubles.
var tenTo = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// maxDigits is how many decimal digits a double always represents.
const maxDigits = 15

// ParseNumber parses a JSON number of at most 15 digits and no exponent, which is
// exact as a double. plain reports whether a double is also written this way; 0.10
// and -0 are not.
func ParseNumber(num string) (f float64, plain, ok bool) {
	p, ok := parsePlain(num)
	if !ok {
		return 0, false, false
	}
	return p.float(), p.plain, true
}

// A plainNumber is a number of at most 15 digits: digits / 10^places.
type plainNumber struct {
	digits   int64
	places   int32
	negative bool
	plain    bool // see [ParseNumber]
}

// parsePlain parses the number for [ParseNumber].
func parsePlain(num string) (p plainNumber, ok bool) {
	digits := num
	negative := digits[0] == '-'
	if negative {
		digits = digits[1:]
	}
	if len(digits) > maxDigits+1 {
		return p, false
	}
	var n int64
	places := -1 // digits after the point
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
			return p, false
		}
	}
	if places < 0 && len(digits) > maxDigits {
		return p, false
	}
	p = plainNumber{digits: n, places: int32(max(places, 0)), negative: negative, plain: !negative || n != 0}
	if places >= 0 {
		p.plain = p.plain && digits[len(digits)-1] != '0' && (places <= 6 || p.float() >= 1e-6 || p.float() <= -1e-6)
	}
	return p, true
}

// float returns the number as a double.
func (p *plainNumber) float() float64 {
	f := float64(p.digits)
	if p.places > 0 {
		f /= tenTo[p.places] // both are exact, so the quotient is the nearest double
	}
	if p.negative {
		f = -f
	}
	return f
}

// signed returns the digits with their sign.
func (p *plainNumber) signed() int64 {
	if p.negative {
		return -p.digits
	}
	return p.digits
}

// readNumber converts the text of a number that is exact as a double. If a double is
// written differently, the number keeps its text as long as it is only copied.
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
		panic(giveUp) // -0, which compares equal to 0
	}
	r.spell(f, key, num, passing)
	return ofNumber(f)
}

// A spelling is the text of a number that was read under a name during this event,
// if a double is written differently.
//
// A number that the script stores under the same name keeps the spelling; only its
// value shows where it comes from. Under another name it keeps the spelling only if
// it has a fraction. An integer may be a count that the script made: next to a price
// of 1.00, a quantity of 1 stays 1.
type spelling struct {
	bits uint64
	key  string
	text string
}

// SpelledAs returns the name under which spellings record a member. Array elements
// all have the empty name.
func SpelledAs(key string) string {
	if IsIndex(key) {
		return ""
	}
	return key
}

// IsCarried reports whether a number keeps its spelling under another name.
func IsCarried(f float64) bool { return f != math.Trunc(f) }

// maxSpellings is the most spellings of one event. Lookup is linear.
const maxSpellings = 32

func (r *run) spell(f float64, key, num string, passing bool) {
	bits := math.Float64bits(f)
	key = SpelledAs(key)
	i := slices.IndexFunc(r.spellings, func(s spelling) bool { return s.bits == bits && s.key == key })
	switch {
	case i >= 0 && r.spellings[i].text == num:
		return
	case r.respells(f, bits, key):
		panic(giveUp) // the engine writes the script's objects at the end of the event
	case i >= 0:
		r.spellings[i].text = r.keep(num, passing)
		return
	case len(r.spellings) == maxSpellings:
		panic(giveUp)
	}
	r.spellings = append(r.spellings, spelling{bits, key, r.keep(num, passing)})
}

// A stored number was written under a name during this event.
type stored struct {
	bits uint64
	key  string
}

// respells reports whether a new spelling of a number concerns one that was stored.
func (r *run) respells(f float64, bits uint64, key string) bool {
	carried := IsCarried(f)
	return slices.ContainsFunc(r.written, func(w stored) bool { return w.bits == bits && (carried || w.key == key) })
}

// maxPlain is the most plain numbers recorded for one event.
const maxPlain = 64

// notePlain records that a number with a fraction was read in the form of a double.
// Stored under the same name again, it does not take the text of an equal number.
func (r *run) notePlain(f float64, key string) {
	at := spelling{bits: math.Float64bits(f), key: SpelledAs(key)}
	if len(r.spellings) > 0 && slices.Contains(r.written, stored{at.bits, at.key}) && !slices.Contains(r.plain, at) {
		panic(giveUp) // as in spell
	}
	if len(r.plain) <= maxPlain {
		r.plain = append(r.plain, at)
	}
}

// isPlain reports whether a number was read under a name in the form of a double.
func (r *run) isPlain(bits uint64, key string) bool {
	if slices.Contains(r.plain, spelling{bits: bits, key: key}) {
		return true
	}
	if len(r.plain) > maxPlain {
		panic(giveUp) // some were not recorded
	}
	return false
}

// writeNumber returns the text of a number in the tree. The engine writes objects of
// the script at the end of the event: until then their numbers have no new spelling,
// and -0 is still -0, which the tree cannot represent.
func (r *run) writeNumber(v val, key string) string {
	if v.f == 0 && math.Signbit(v.f) {
		panic(giveUp)
	}
	if len(r.fresh) > 0 {
		r.spend(1)
		r.written = append(r.written, stored{math.Float64bits(v.f), SpelledAs(key)})
	}
	if s := r.spelled(v.f, key); s != "" {
		return s
	}
	return r.numberText(v)
}

// spelled returns the text of a number stored under a name, or "".
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

// firstSpelled returns the text that a number was first read with, or "".
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
