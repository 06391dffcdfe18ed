package drift

import (
	"encoding/base64"
	"encoding/hex"
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
		return ok && both && a.Equal(b) || sameUUID(want, got.Text()) || sameBytes(want, got.Text())
	case state.Number:
		return state.IsNumber(want) && state.EqualNumbers(want, got.Text())
	}
	return false
}

var timeLayouts = []string{
	time.RFC3339Nano, time.DateOnly, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999Z07",
	"2006-01-02 15:04:05.999999999 Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999",
}

// timeOf reads a time as databases and JSON write it. One without a zone is in UTC, and a
// date is the beginning of its day.
func timeOf(text string) (time.Time, bool) {
	if len(text) < len(time.DateOnly) || len(text) > 40 {
		return time.Time{}, false
	}
	for _, layout := range timeLayouts {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// isUUID reports whether a text is a UUID with dashes, in upper or lower case.
func isUUID(text string) bool {
	plain := strings.ReplaceAll(text, "-", "")
	if len(text) != 36 || len(plain) != 32 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return false
	}
	_, err := hex.DecodeString(plain)
	return err == nil
}

// sameUUID reports whether two texts are one UUID, in upper or lower case.
func sameUUID(a, b string) bool { return isUUID(a) && isUUID(b) && strings.EqualFold(a, b) }

// sameBytes reports whether a state has the bytes of a column in hexadecimal, in Base64 or
// as a UUID.
func sameBytes(want, got string) bool {
	b, ok := bytesOf(got)
	if !ok {
		return false
	}
	if isUUID(want) {
		want = strings.ReplaceAll(want, "-", "")
	}
	return strings.EqualFold(want, hex.EncodeToString(b)) || want == base64.StdEncoding.EncodeToString(b)
}

// uuidOfBytes returns the UUID in lower case whose 16 bytes a column has, as the readers of
// stores write bytes: in Base64, or in hexadecimal with \x in front or without.
func uuidOfBytes(text string) (uuid string, ok bool) {
	digits := strings.ToLower(text)
	if b, ok := bytesOf(text); ok && len(b) == 16 {
		digits = hex.EncodeToString(b)
	} else if _, err := hex.DecodeString(digits); err != nil || len(digits) != 32 {
		return "", false
	}
	return digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:], true
}

// fewestBytes are how many a text in Base64 must hold to be taken for that: a short one may
// be a word.
const fewestBytes = 8

// bytesOf reads a column of bytes: PostgreSQL writes them as \x…, the other readers of
// stores in Base64.
func bytesOf(text string) ([]byte, bool) {
	if digits, ok := strings.CutPrefix(text, `\x`); ok {
		b, err := hex.DecodeString(digits)
		return b, err == nil
	}
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	return b, err == nil && len(b) >= fewestBytes
}
