package audit

import (
	"strconv"
	"time"

	"asof/replay"
	"asof/replay/state"
)

// object returns a JSON object of alternating keys and values, in that order. A
// value is one of the types that [jsonOf] converts.
func object(pairs ...any) state.Value {
	n := state.NewObject()
	for i := 0; i < len(pairs); i += 2 {
		n.Set(pairs[i].(string), jsonOf(pairs[i+1]))
	}
	return n.Value()
}

// jsonOf converts a value to JSON. Absent values, the zero time, [replay.NoPosition]
// and any other type become null.
func jsonOf(x any) state.Value {
	switch x := x.(type) {
	case state.Value:
		if x.IsAbsent() {
			return state.NullValue()
		}
		return x
	case string:
		return state.StringValue(x)
	case bool:
		return state.BoolValue(x)
	case int:
		return integer(int64(x))
	case int64:
		return integer(x)
	case replay.Version:
		return integer(int64(x))
	case replay.Position:
		if x == replay.NoPosition {
			return state.NullValue()
		}
		return integer(int64(x))
	case []string:
		n := state.NewArray()
		for _, s := range x {
			n.Append(state.StringValue(s))
		}
		return n.Value()
	case []state.Value:
		return state.NewArray(x...).Value()
	case time.Time:
		if x.IsZero() {
			return state.NullValue()
		}
		return state.StringValue(x.UTC().Format(time.RFC3339Nano))
	}
	return state.NullValue()
}

func integer(i int64) state.Value { return state.NumberValue(strconv.FormatInt(i, 10)) }

// orNull returns a JSON string, or null if the text is empty.
func orNull(s string) state.Value {
	if s == "" {
		return state.NullValue()
	}
	return state.StringValue(s)
}

// textAt returns a member of an object that is a string. A member of another kind
// counts as absent; the same holds for [intAt].
func textAt(v state.Value, key string) (string, bool) {
	m := get(v, key)
	return m.Text(), m.Kind() == state.String
}

func intAt(v state.Value, key string) (int64, bool) {
	m := get(v, key)
	if m.Kind() != state.Number {
		return 0, false
	}
	n, err := strconv.ParseInt(m.Text(), 10, 64)
	return n, err == nil
}

func get(v state.Value, key string) state.Value {
	if v.Kind() != state.Object {
		return state.Value{}
	}
	return v.Node().Get(key)
}

func elems(v state.Value) []state.Value {
	if v.Kind() != state.Array {
		return nil
	}
	return v.Node().Elems()
}
