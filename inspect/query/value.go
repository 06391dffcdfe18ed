package query

import (
	"strconv"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"

	"asof/replay/state"
)

// valueOf converts a value of a state.
func valueOf(v state.Value) sqlite.Value {
	switch v.Kind() {
	case state.Bool:
		if v.Bool() {
			return sqlite.IntegerValue(1)
		}
		return sqlite.IntegerValue(0)
	case state.Number:
		return number(v.Text())
	case state.String:
		return sqlite.TextValue(v.Text())
	case state.Array, state.Object:
		return jsonOf(v)
	}
	return sqlite.Value{}
}

// jsonOf is the whole of a value as JSON; of no value, NULL.
func jsonOf(v state.Value) sqlite.Value {
	if v.IsAbsent() {
		return sqlite.Value{}
	}
	return sqlite.TextValue(string(state.AppendSorted(nil, v)))
}

// number keeps a number exact: as an integer or a double if one holds it, as text if
// neither does.
func number(text string) sqlite.Value {
	if !strings.ContainsAny(text, ".eE") {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return sqlite.IntegerValue(n)
		}
	} else if f, exact := state.FloatExact(text); exact {
		return sqlite.FloatValue(f)
	}
	return sqlite.TextValue(text)
}

// timeLayout gives every time the same length, so that the order of texts is that of
// times.
const timeLayout = "2006-01-02T15:04:05.000000000Z"

func timeValue(t time.Time) sqlite.Value {
	if t.IsZero() {
		return sqlite.Value{}
	}
	return sqlite.TextValue(t.UTC().Format(timeLayout))
}

// textValue is a text; an empty one is NULL, as in the JSON of events.
func textValue(s string) sqlite.Value {
	if s == "" {
		return sqlite.Value{}
	}
	return sqlite.TextValue(s)
}
