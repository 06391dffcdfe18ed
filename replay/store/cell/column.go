package cell

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"asof/replay/state"
)

// A ColumnKind is what kind of values a column has by its declaration. It decides which
// JSON values are the same value of the column, because a library may record another form
// than the database has.
type ColumnKind uint8

// The kinds of columns.
const (
	ColumnText ColumnKind = iota
	ColumnNumber
	ColumnBool
	ColumnTime
	ColumnJSON
	ColumnBytes
)

// KindOf returns the kind of a column with the declared type.
func KindOf(typ string) ColumnKind {
	typ = strings.ToUpper(typ)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(typ, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("INTERVAL", "POINT", "[]", "ARRAY", "RANGE"):
		return ColumnText
	case has("BOOL"), typ == "TINYINT(1)":
		return ColumnBool
	case has("DATE", "TIME"):
		return ColumnTime
	case has("JSON"):
		return ColumnJSON
	case has("BLOB", "BYTEA", "BINARY"):
		return ColumnBytes
	case has("INT", "REAL", "FLOA", "DOUB", "NUM", "DEC", "SERIAL"):
		return ColumnNumber
	}
	return ColumnText
}

// Comparer returns a function that reports whether two JSON values are the same value of
// the column. Times without a zone are in the given one; nil is UTC.
func (k ColumnKind) Comparer(zone *time.Location) func(recorded, live state.Value) bool {
	return func(recorded, live state.Value) bool { return k.same(recorded, live, zone) }
}

func (k ColumnKind) same(recorded, live state.Value, zone *time.Location) bool {
	if state.Equal(recorded, live) {
		return true
	}
	if isNull(recorded) || isNull(live) {
		return false
	}
	switch k {
	case ColumnNumber:
		return sameNumber(recorded, live)
	case ColumnBool:
		a, okA := truth(recorded)
		b, okB := truth(live)
		return okA && okB && a == b
	case ColumnTime:
		return sameTime(recorded, live, zone)
	case ColumnBytes:
		return sameBytes(recorded, live)
	case ColumnText, ColumnJSON:
		// JSON may be recorded as its text, or be stored in a column of text.
		if recorded.IsContainer() != live.IsContainer() || k == ColumnJSON {
			return sameJSON(recorded, live)
		}
		return k == ColumnText && sameScalar(recorded, live)
	}
	return false
}

// NoneIsNull returns a comparison of values where a recorded text None may be NULL, as
// Python writes it.
func NoneIsNull(same func(recorded, live state.Value) bool) func(recorded, live state.Value) bool {
	return func(recorded, live state.Value) bool {
		return recorded.Text() == "None" && live.Kind() == state.Null || same(recorded, live)
	}
}

func isNull(v state.Value) bool { return v.Kind() == state.Null || v.IsAbsent() }

// sameNumber compares numbers that may be texts.
func sameNumber(a, b state.Value) bool {
	if x, ok := truth(a); ok && a.Kind() == state.Bool {
		y, ok := truth(b)
		return ok && x == y
	}
	x, y := strings.TrimSpace(a.Text()), strings.TrimSpace(b.Text())
	return state.IsNumber(x) && state.IsNumber(y) && state.EqualNumbers(x, y)
}

// sameScalar compares a number or a truth value with its text.
func sameScalar(a, b state.Value) bool {
	text := func(v state.Value) (string, bool) {
		switch v.Kind() {
		case state.String, state.Number:
			return v.Text(), true
		case state.Bool:
			if v.Bool() {
				return "true", true
			}
			return "false", true
		default:
			return "", false
		}
	}
	x, okA := text(a)
	y, okB := text(b)
	return okA && okB && x == y
}

// truth reads a truth value as databases and libraries write it.
func truth(v state.Value) (value, ok bool) {
	switch v.Kind() {
	case state.Bool:
		return v.Bool(), true
	case state.Number, state.String:
		switch strings.ToLower(v.Text()) {
		case "1", "t", "true":
			return true, true
		case "0", "f", "false":
			return false, true
		}
	default:
	}
	return false, false
}

// sameTime compares times. A library may record only milliseconds.
func sameTime(recorded, live state.Value, zone *time.Location) bool {
	const millis = 3
	r, okR := timeOf(recorded, zone)
	l, okL := timeOf(live, zone)
	if !okR || !okL {
		return false
	}
	if fractionOf(recorded.Text()) == millis && fractionOf(live.Text()) > millis {
		l = l.Truncate(time.Millisecond)
	}
	return r.Equal(l)
}

func timeOf(v state.Value, zone *time.Location) (time.Time, bool) {
	if v.Kind() != state.String && v.Kind() != state.Number {
		return time.Time{}, false
	}
	t, mark, _ := NewTimes(zone, "", nil).Text([]byte(v.Text()))
	return t, mark == TimeZoned || mark == timeZoneless
}

// fractionOf counts the digits of a fraction of a second.
func fractionOf(text string) int {
	_, rest, _ := strings.Cut(text, ".")
	n := 0
	for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
		n++
	}
	return n
}

// sameBytes compares bytes in base64 or, as PostgreSQL writes them, in hexadecimal digits.
func sameBytes(a, b state.Value) bool {
	if a.Kind() != state.String || b.Kind() != state.String {
		return false
	}
	x, okA := bytesOf(a.Text())
	y, okB := bytesOf(b.Text())
	return okA && okB && bytes.Equal(x, y)
}

func bytesOf(text string) ([]byte, bool) {
	if digits, ok := strings.CutPrefix(text, `\x`); ok {
		b, err := hex.DecodeString(digits)
		return b, err == nil
	}
	plain := strings.NewReplacer("\n", "", "\r", "").Replace(text)
	b, err := base64.StdEncoding.DecodeString(plain)
	return b, err == nil
}

// sameJSON compares JSON that may be text.
func sameJSON(a, b state.Value) bool {
	parsed := func(v state.Value) state.Value {
		if v.Kind() != state.String {
			return v
		}
		p, err := state.Parse([]byte(v.Text()))
		if err != nil {
			return v
		}
		return p
	}
	return state.Equal(parsed(a), parsed(b))
}
