package quick

import (
	"math"
	"strings"

	"github.com/dop251/goja/ast"
)

// Sums are the additions and subtractions of a script that are watched. The engine
// explains a doubtful one, so a run that meets it gives up; it is explained once.
type Sums struct {
	At   map[ast.Expression]int // the index in Said
	Said []bool
}

// watch returns an operation that gives up on a doubtful result. A place is the
// expression of an operator.
func (c *compiler) watch(place ast.Expression, op operation) operation {
	i, watched := c.script.sums.At[place]
	if !watched {
		return op
	}
	said := &c.script.sums.Said[i]
	minus := !adds(place)
	return func(r *run, a, b val) val {
		v := op(r, a, b)
		if v.kind == number && (v.f == math.Trunc(v.f) || b.kind != number) || *said {
			return v
		}
		if r.isDoubtful(v, b, minus) {
			panic(giveUp)
		}
		return v
	}
}

func (r *run) isDoubtful(v, b val, minus bool) bool {
	switch {
	case v.kind == number:
		_, rounds := Rounds(v.f, b.f, minus)
		return rounds
	case v.kind == text && len(v.s) <= maxJoined && b.kind <= text:
		_, joins := Joins(v.s, r.string(b), b.kind == text)
		return joins
	}
	return false
}

// Rounds reports whether a sum, or a difference, is not what its operands as they
// are written add up to, as 0.1 + 0.2 is 0.30000000000000004. It gets the result and
// the right operand, and returns the left one. Operands with more than 9 decimal
// places or 15 digits are rounded already: they are not in doubt.
func Rounds(result, right float64, minus bool) (left float64, rounds bool) {
	if result == math.Trunc(result) || !isShort(right) {
		return 0, false
	}
	by := right
	if minus {
		by = -right
	}
	for _, places := range [...]int{2, 4, 6, 9} {
		one := tenTo[places]
		r, b, l := math.Round(result*one), math.Round(by*one), math.Round((result-by)*one)
		if math.Abs(r) > maxUnits || math.Abs(b) > maxUnits || math.Abs(l) > maxUnits {
			return 0, false
		}
		left = l / one
		if b/one != by || left+by != result {
			continue // an operand has more places
		}
		return left, (l+b)/one != result
	}
	return 0, false
}

// maxUnits is the largest number of units that is at most 15 digits.
const maxUnits = 1e15

// isShort reports whether a number has at most 9 decimal places.
func isShort(f float64) bool {
	units := math.Round(f * tenTo[9])
	return math.Abs(units) <= maxUnits && units/tenTo[9] == f || f == math.Trunc(f) || math.Round(f*100)/100 == f
}

// maxJoined is the longest text that may be two numbers.
const maxJoined = 40

// Joins reports whether a text is two numbers written one after the other of which
// one has a decimal point, as "12.50" + "3.10" is "12.503.10", or one is zero or missing,
// as 0 + "5" is "05". It gets the result and the text of the right operand, and returns
// that of the left one. A number after the text 0 pads it: that is not in doubt.
func Joins(result, right string, rightIsText bool) (left string, joins bool) {
	left, ok := strings.CutSuffix(result, right)
	if !ok || len(result) > maxJoined {
		return "", false
	}
	a, b := decimalKind(left), decimalKind(right)
	begins := rightIsText && (left == "0" || left == "undefined" || left == "null")
	return left, a != notDecimal && b != notDecimal && (a == hasPoint || b == hasPoint || begins || right == "0" && !rightIsText)
}

const (
	notDecimal  = iota
	wholeNumber // or stands where a number is missing
	hasPoint
)

// decimalKind says how a text is written as a number: with a decimal point and
// digits on both sides of it, without, or not at all. A leading zero makes a code.
func decimalKind(s string) int {
	if s == "undefined" || s == "null" {
		return wholeNumber
	}
	whole, fraction, point := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	switch {
	case !isDigits(whole) || len(whole) > 1 && whole[0] == '0':
		return notDecimal
	case !point:
		return wholeNumber
	case isDigits(fraction):
		return hasPoint
	}
	return notDecimal
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// adds reports whether a place adds rather than subtracts.
func adds(place ast.Expression) bool {
	op, _, _, _ := Operands(place)
	return op == "+"
}
