package rowdoc

import (
	"slices"
	"strings"

	"asof/replay/state"
	"asof/replay/store/cell"
)

// A Doc is a JSON object with columns of a row. The zero Doc is none.
type Doc struct{ v state.Value }

// Parse parses JSON. Anything but an object, such as [], is none.
func Parse(doc []byte) (d Doc, opaque string) {
	v, _, err := state.ParsePayload(doc)
	if err != nil {
		return Doc{}, err.Error()
	}
	return object(v), ""
}

func object(v state.Value) Doc {
	if v.Kind() != state.Object {
		return Doc{}
	}
	return Doc{v}
}

// None reports whether there is no object.
func (d Doc) None() bool { return d.v.IsAbsent() }

// Member returns a member that is an object.
func (d Doc) Member(name string) Doc {
	if d.None() {
		return d
	}
	return object(d.v.Node().Get(name))
}

// Append appends the document as JSON. None is an object without columns.
func (d Doc) Append(dst []byte) []byte {
	if d.None() {
		return append(dst, "{}"...)
	}
	return state.AppendJSON(dst, d.v)
}

// Then returns the row after changes of the form {column: [old, new]}.
func (d Doc) Then(changes Doc) (after Doc, opaque string) {
	out := state.NewObject()
	if !d.None() {
		out = state.Clone(d.v).Node()
	}
	changes.v.Node().Each(func(column string, pair state.Value) bool {
		if pair.Kind() != state.Array || pair.Node().Len() != 2 {
			opaque = "the change has no old and new value for " + column
			return false
		}
		out.Set(column, state.Clone(pair.Node().At(1)))
		return true
	})
	return Doc{out.Value()}, opaque
}

// After returns the row after a version whose payload is none of its own: the row before
// it with what changed, or else the row before the next version, or the live row if there
// is no next version. created and deleted say what the version did.
func After(created, deleted bool, before, changes, next Doc, hasNext bool, live Doc) (row Doc, opaque string) {
	if deleted {
		if before.None() {
			return Doc{state.NullValue()}, ""
		}
		return before, ""
	}
	fill := next
	if !hasNext {
		fill = live.inFormOf(before)
	}
	if changes.None() || changes.v.Node().Len() == 0 {
		switch {
		case !fill.None():
			return fill, ""
		case hasNext && !before.None():
			return before, ""
		}
		return Doc{}, "the row after it is lost: there is no object_changes, no later version and no live row"
	}
	if before.None() && created {
		before = fill
	}
	return before.Then(changes)
}

// inFormOf writes the values of a live row as the library does where it has the same
// value: the database has 0 for false, and other digits of a decimal or a time.
func (live Doc) inFormOf(recorded Doc) Doc {
	if live.None() || recorded.None() {
		return live
	}
	out := state.NewObject()
	live.v.Node().Each(func(column string, v state.Value) bool {
		if r := recorded.v.Node().Get(column); sameValue(v, r) {
			v = r
		}
		out.Set(column, state.Clone(v))
		return true
	})
	return Doc{out.Value()}
}

// sameValue reports whether a value of a live row is the recorded one.
func sameValue(live, recorded state.Value) bool {
	if state.Equal(live, recorded) {
		return true
	}
	switch recorded.Kind() {
	case state.Bool:
		return live.Kind() == state.Number && (live.Text() == "1") == recorded.Bool() && (live.Text() == "0" || live.Text() == "1")
	case state.String:
		if live.IsContainer() { // a JSON column is recorded as text
			v, _, err := state.ParsePayload([]byte(recorded.Text()))
			return err == nil && state.Equal(live, v)
		}
		return live.Kind() == state.String && plainTime(live.Text()) == plainTime(recorded.Text()) ||
			live.Kind() == state.Number && state.EqualNumbers(live.Text(), recorded.Text())
	case state.Number:
		return live.Kind() == state.String && cell.IsNumber([]byte(live.Text())) && state.EqualNumbers(live.Text(), recorded.Text())
	default:
		return false
	}
}

// plainTime returns a time without zeros at its end and without a mark of UTC, as far as
// the text is one.
func plainTime(s string) string {
	if len(s) < len("2006-01-02 15:04:05") || s[4] != '-' || s[13] != ':' {
		return s
	}
	s = strings.Replace(s, "T", " ", 1)
	for _, zone := range []string{"Z", " UTC", "+00:00", " +0000"} {
		s = strings.TrimSuffix(s, zone)
	}
	if s = strings.TrimSpace(s); strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// Side returns one side of changes of the form {column: [old, new]}: 0 or 1. Members of
// another form are no columns.
func (d Doc) Side(side int) Doc {
	out := state.NewObject()
	if d.None() {
		return Doc{out.Value()}
	}
	d.v.Node().Each(func(column string, pair state.Value) bool {
		if pair.Kind() == state.Array && pair.Node().Len() == 2 {
			out.Set(column, state.Clone(pair.Node().At(side)))
		}
		return true
	})
	return Doc{out.Value()}
}

// Rest returns metadata in which the member from, a JSON object as text, has the name to and
// is without some of its members. If none are left, neither is the member.
func Rest(meta []byte, from, to string, without ...string) []byte {
	v, _, err := state.ParsePayload(meta)
	if err != nil || v.Kind() != state.Object {
		return nil
	}
	out := state.NewObject()
	for name, v := range v.Node().Each {
		if name != from {
			out.Set(name, state.Clone(v))
			continue
		}
		column, _, err := state.ParsePayload([]byte(v.Text()))
		if err != nil || column.Kind() != state.Object {
			continue
		}
		rest := state.NewObject()
		for name, v := range column.Node().Each {
			if !slices.Contains(without, name) {
				rest.Set(name, state.Clone(v))
			}
		}
		if rest.Len() > 0 {
			out.Set(to, state.StringValue(string(state.AppendJSON(nil, rest.Value()))))
		}
	}
	return state.AppendJSON(nil, out.Value())
}
