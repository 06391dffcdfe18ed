package query

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"zombiezen.com/go/sqlite"

	"asof/replay"
	"asof/replay/decimal"
	"asof/replay/state"
)

var (
	zero, _     = decimal.Parse("0")
	errNoNumber = errors.New("not a number")
)

// shownNumber is how much of a bad number a message shows.
const shownNumber = 40

// numberError is the error for a value that cannot be calculated with.
func numberError(text string, err error) error {
	if text = strings.ToValidUTF8(text, "\uFFFD"); len(text) > shownNumber {
		text = text[:shownNumber] + "…"
	}
	if errors.Is(err, decimal.ErrRange) {
		return &Error{Offset: -1, Msg: fmt.Sprintf("the number %s is out of range: %v", replay.Printable(text, shownNumber), err), Next: "leave it out with WHERE"}
	}
	return &Error{Offset: -1, Msg: fmt.Sprintf("%q is not a number", text), Next: "leave it out with WHERE"}
}

// decimalOf converts a value that is a number, or the text of one. Its errors are
// errNoNumber and decimal.ErrRange.
func decimalOf(v sqlite.Value) (decimal.Decimal, error) {
	text := strings.TrimSpace(v.Text())
	switch v.Type() {
	case sqlite.TypeFloat:
		if text = state.FormatFloat(v.Float()); text == "null" {
			return decimal.Decimal{}, decimal.ErrRange
		}
	case sqlite.TypeInteger:
	default:
		if !state.IsNumber(text) {
			return decimal.Decimal{}, errNoNumber
		}
	}
	return decimal.Parse(text)
}

// decimalValue is a decimal as SQL has it: a number if one holds it, else its text.
func decimalValue(d decimal.Decimal) sqlite.Value { return number(d.Fixed()) }

func operand(v sqlite.Value) (decimal.Decimal, error) {
	d, err := decimalOf(v)
	if err != nil {
		return decimal.Decimal{}, numberError(v.Text(), err)
	}
	return d, nil
}

// exactly applies op to numbers. nil returns the first.
func exactly(args []sqlite.Value, op func(x, y decimal.Decimal) (decimal.Decimal, error)) (sqlite.Value, error) {
	x, err := operand(args[0])
	if err != nil {
		return sqlite.Value{}, err
	}
	if op == nil {
		return sqlite.TextValue(x.Fixed()), nil
	}
	y, err := operand(args[1])
	if err != nil {
		return sqlite.Value{}, err
	}
	d, err := op(x, y)
	if err != nil {
		return sqlite.Value{}, numberError(args[0].Text(), err)
	}
	return sqlite.TextValue(d.Fixed()), nil
}

func compare(args []sqlite.Value) (sqlite.Value, error) {
	x, err := operand(args[0])
	if err != nil {
		return sqlite.Value{}, err
	}
	y, err := operand(args[1])
	if err != nil {
		return sqlite.Value{}, err
	}
	return sqlite.IntegerValue(int64(x.Cmp(y))), nil
}

// round rounds half away from zero, as SQLite does, but the number as it is written:
// round(2.675, 2) is 2.68. Like SQLite's, it takes text that is not a number for 0.
func round(args []sqlite.Value) (sqlite.Value, error) {
	x, err := decimalOf(args[0])
	if errors.Is(err, errNoNumber) {
		x, err = zero, nil
	}
	if err != nil {
		return sqlite.Value{}, numberError(args[0].Text(), err)
	}
	places := int64(0)
	if len(args) == 2 {
		places = min(max(args[1].Int64(), 0), mostPlaces)
	}
	d, err := x.Round(int32(places), decimal.Roundings["half-up"])
	if err != nil {
		return sqlite.Value{}, numberError(args[0].Text(), err)
	}
	if v := decimalValue(d); v.Type() != sqlite.TypeInteger {
		return v, nil
	}
	return realOf(sqlite.TextValue(d.Fixed())), nil
}

// mostPlaces is to how many decimal places SQLite rounds.
const mostPlaces = 30

type sumKind uint8

const (
	sums sumKind = iota
	totals
	averages
)

// A sum adds in decimal arithmetic. Like SQLite's, it takes text that is not a number for 0.
type sum struct {
	db    *DB
	kind  sumKind
	of    decimal.Decimal
	n     int64
	float bool // some number is not an integer
}

// Step implements sqlite.AggregateFunction.
func (s *sum) Step(_ sqlite.Context, args []sqlite.Value) error {
	return s.add(args[0], 1, decimal.Decimal.Plus)
}

// WindowInverse implements sqlite.AggregateFunction.
func (s *sum) WindowInverse(_ sqlite.Context, args []sqlite.Value) error {
	return s.add(args[0], -1, decimal.Decimal.Minus)
}

func (s *sum) add(v sqlite.Value, n int64, op func(x, y decimal.Decimal) (decimal.Decimal, error)) error {
	if v.Type() == sqlite.TypeNull {
		return nil
	}
	s.n += n
	s.float = s.float || v.Type() != sqlite.TypeInteger
	d, err := decimalOf(v)
	if errors.Is(err, errNoNumber) {
		return nil
	}
	if err == nil {
		d, err = op(s.of, d)
	}
	if err != nil {
		err = numberError(v.Text(), err)
		if s.db.err == nil {
			s.db.err = err
		}
		return err
	}
	s.of = d
	return nil
}

// WindowValue implements sqlite.AggregateFunction.
func (s *sum) WindowValue(sqlite.Context) (sqlite.Value, error) {
	switch {
	case s.kind == totals && s.n == 0:
		return sqlite.FloatValue(0), nil
	case s.n == 0:
		return sqlite.Value{}, nil
	case s.kind == averages:
		return s.average()
	}
	v := decimalValue(s.of)
	if (s.float || s.kind == totals) && v.Type() == sqlite.TypeInteger {
		return realOf(v), nil
	}
	return v, nil
}

// realOf is an integer as REAL, or as text if no double holds it.
func realOf(v sqlite.Value) sqlite.Value {
	if f, exact := state.FloatExact(v.Text()); exact {
		return sqlite.FloatValue(f)
	}
	return sqlite.TextValue(v.Text())
}

// average is exact if it has an end within the digits of a quotient, and else the nearest
// double.
func (s *sum) average() (sqlite.Value, error) {
	n, err := decimal.Parse(strconv.FormatInt(s.n, 10))
	if err != nil {
		return sqlite.Value{}, err
	}
	q, err := s.of.Div(n)
	if err != nil {
		return sqlite.Value{}, err
	}
	if back, err := q.Times(n); err == nil && back.Cmp(s.of) == 0 {
		if v := decimalValue(q); v.Type() != sqlite.TypeInteger {
			return v, nil
		}
		return realOf(sqlite.TextValue(q.Fixed())), nil
	}
	f, err := strconv.ParseFloat(q.Fixed(), 64)
	if err != nil {
		return sqlite.Value{}, numberError(q.JSON(), decimal.ErrRange)
	}
	return sqlite.FloatValue(f), nil
}

// Finalize implements sqlite.AggregateFunction.
func (s *sum) Finalize(sqlite.Context) {}
