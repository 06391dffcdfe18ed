package inspect

import (
	"strconv"
	"strings"
	"unicode/utf16"

	"asof/replay/state"
)

// OccurrenceChange returns how many more strings and numbers of the state contain text
// after the changes than before, as git log -S counts.
func OccurrenceChange(changes []state.Change, text string) int {
	n := 0
	count := func(v state.Value, sign int) {
		leaves(v, "", func(_ string, leaf state.Value) bool {
			if strings.Contains(leaf.Text(), text) {
				n += sign
			}
			return true
		})
	}
	for _, c := range changes {
		count(c.From, -1)
		count(c.To, +1)
	}
	return n
}

// AnyMatch reports whether a changed path or a changed scalar matches. A value is
// matched as text: a string without quotes. Half of a surrogate pair is a character.
func AnyMatch(changes []state.Change, match func(string) bool) bool {
	found := false
	matches := func(s string) bool {
		if state.HasHalf(s) {
			s = string(utf16.Decode(state.Units(s)))
		}
		return match(s)
	}
	for _, c := range changes {
		for _, side := range []state.Value{c.From, c.To} {
			leaves(side, c.Path, func(path string, leaf state.Value) bool {
				found = matches(path) || matches(leafText(leaf))
				return !found
			})
			if found {
				return true
			}
		}
	}
	return false
}

func leafText(v state.Value) string {
	if v.Kind() == state.String {
		return v.Text()
	}
	return string(state.AppendJSON(nil, v))
}

// leaves calls f with every scalar and empty container within v, and its path, until f
// returns false.
func leaves(v state.Value, path string, f func(string, state.Value) bool) bool {
	n := v.Node()
	switch {
	case v.IsAbsent():
		return true
	case n == nil || n.Len() == 0:
		return f(path, v)
	case n.Kind() == state.Array:
		for i, e := range n.Elems() {
			if !leaves(e, path+"/"+strconv.Itoa(i), f) {
				return false
			}
		}
		return true
	}
	more := true
	n.Each(func(key string, e state.Value) bool {
		more = leaves(e, string(state.AppendToken([]byte(path), key)), f)
		return more
	})
	return more
}
