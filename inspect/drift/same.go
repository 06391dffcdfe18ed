package drift

import (
	"fmt"
	"strings"
	"time"

	"asof/replay/decimal"
	"asof/replay/fault"
	"asof/replay/state"
)

// A tolerance is by how much numbers may differ.
type tolerance struct{ by decimal.Decimal }

// A ToleranceError is a tolerance that is not a number of zero or more.
type ToleranceError struct{ Text string }

func (e *ToleranceError) Error() string { return fmt.Sprintf("bad tolerance %q", e.Text) }

// Class returns fault.Usage.
func (*ToleranceError) Class() fault.Class { return fault.Usage }

// Fault returns fault.KindUsage.
func (*ToleranceError) Fault() fault.Kind { return fault.KindUsage }

// Remedy returns what to do next.
func (*ToleranceError) Remedy() fault.Remedy {
	return fault.Try("write by how much numbers may differ, such as 0.01")
}

func parseTolerance(text string) (*tolerance, error) {
	by, err := decimal.Parse(text)
	if err != nil || by.Sign() < 0 {
		return nil, &ToleranceError{text}
	}
	return &tolerance{by}, nil
}

// CheckTolerance refuses a tolerance that is not a number of zero or more.
func CheckTolerance(text string) error {
	if text == "" {
		return nil
	}
	_, err := parseTolerance(text)
	return err
}

// same reports whether a value of a read model is what replay says, however the column
// writes it. t may be nil.
func (t *tolerance) same(want, got state.Value) bool {
	switch want.Kind() {
	case state.Absent, state.Null:
		return got.IsAbsent() || got.Kind() == state.Null
	case state.Number:
		return t.sameNumber(want.Text(), got)
	case state.Bool:
		return sameBool(want.Bool(), got)
	case state.String:
		return sameText(want.Text(), got)
	}
	if got.Kind() == state.String {
		parsed, err := state.Parse([]byte(got.Text()))
		return err == nil && state.Equal(want, parsed)
	}
	return state.Equal(want, got)
}

func (t *tolerance) sameNumber(want string, got state.Value) bool {
	text := ""
	switch got.Kind() {
	case state.Number:
		text = got.Text()
	case state.String:
		text = strings.TrimSpace(got.Text())
	}
	if !state.IsNumber(text) {
		return false
	}
	if state.EqualNumbers(want, text) {
		return true
	}
	if t == nil {
		return false
	}
	a, err := decimal.Parse(want)
	if err != nil {
		return false
	}
	b, err := decimal.Parse(text)
	if err != nil {
		return false
	}
	apart, err := a.Minus(b)
	return err == nil && apart.Abs().Cmp(t.by) <= 0
}

func sameBool(want bool, got state.Value) bool {
	text := ""
	switch got.Kind() {
	case state.Bool:
		return got.Bool() == want
	case state.Number, state.String:
		text = got.Text()
	}
	switch strings.ToLower(text) {
	case "1", "t", "true", "y", "yes":
		return want
	case "0", "f", "false", "n", "no":
		return !want
	}
	return false
}

func sameText(want string, got state.Value) bool {
	switch got.Kind() {
	case state.String:
		if got.Text() == want {
			return true
		}
		a, ok := timeOf(want)
		b, both := timeOf(got.Text())
		return ok && both && a.Equal(b)
	case state.Number:
		return state.IsNumber(want) && state.EqualNumbers(want, got.Text())
	}
	return false
}

var timeLayouts = []string{
	time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999Z07",
	"2006-01-02 15:04:05.999999999 Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999",
}

// timeOf reads a time as databases and JSON write it. One without a zone is in UTC.
func timeOf(text string) (time.Time, bool) {
	if len(text) < len("2006-01-02 15:04:05") || len(text) > 40 {
		return time.Time{}, false
	}
	for _, layout := range timeLayouts {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
