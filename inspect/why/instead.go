package why

import (
	"strings"
	"time"

	"asof/replay/state"
)

// another returns an empty value of the same kind, or another one if v is empty. A text that
// holds a number or a time holds another one: handlers that convert it fail with an empty one.
func another(v state.Value) state.Value {
	switch v.Kind() {
	case state.Number:
		return state.NumberValue(anotherNumber(v.Text()))
	case state.String:
		return state.StringValue(anotherText(v.Text()))
	case state.Bool:
		return state.BoolValue(!v.Bool())
	case state.Array:
		return state.NewArray().Value()
	case state.Object:
		return state.NewObject().Value()
	}
	return state.NumberValue("0")
}

func anotherNumber(text string) string {
	if state.EqualNumbers(text, "0") {
		return "1"
	}
	return "0"
}

func anotherText(text string) string {
	switch {
	case text == "":
		return "x"
	case state.IsNumber(text):
		return anotherNumber(text)
	case isTime(text):
		for _, other := range []string{"1970-01-01T00:00:00", "2001-01-01T00:00:00"} {
			if t := withDigits(text, other); t != text {
				return t
			}
		}
	}
	return ""
}

// isTime reports whether a text is a date, or a date and a time of day as in RFC 3339.
func isTime(text string) bool {
	text = strings.Replace(text, " ", "T", 1)
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", time.RFC3339} {
		if _, err := time.Parse(layout, text); err == nil {
			return true
		}
	}
	return false
}

// withDigits returns a time with the digits of another, in its own form and zone. Fractions of a
// second are zero.
func withDigits(text, other string) string {
	b := []byte(text)
	for i, c := range b {
		switch {
		case i >= len("2006-01-02T15:04") && (c == 'Z' || c == '+' || c == '-'):
			return string(b)
		case c < '0' || c > '9':
		case i < len(other):
			b[i] = other[i]
		default:
			b[i] = '0'
		}
	}
	return string(b)
}
