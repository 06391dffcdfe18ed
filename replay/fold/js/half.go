package js

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"asof/replay/fold/js/quick"
	"asof/replay/state"
)

// A string of the engine is UTF-16 and may hold half of a surrogate pair. The engine gives
// and takes strings as UTF-8, where such a half becomes U+FFFD, so strings with halves
// cross over by their units. The names of members cross over only in the script's own
// objects; those of the state and of a payload are refused, see checkName.

const replacement = "\uFFFD"

// text returns a string of the tree as a script's value.
func (e *engine) text(s string) goja.Value {
	if state.HasHalf(s) {
		e.splits = true
		return goja.StringFromUTF16(state.Units(s))
	}
	e.splits = e.splits || quick.HasPairs(s)
	return e.rt.ToValue(s)
}

// stringOf returns a script's string as the tree holds it.
func stringOf(v goja.Value) string {
	s := v.String()
	if !strings.Contains(s, replacement) {
		return s
	}
	t, ok := v.ToString().(goja.String)
	if !ok {
		return s
	}
	units := make([]uint16, t.Length())
	for i := range units {
		units[i] = t.CharAt(i)
	}
	return state.FromUnits(units)
}

// splitting are the forms of a script's source that make half of a surrogate pair.
var splitting = []string{`\u`, "fromCharCode", "fromCodePoint", "decodeURI", "unescape"}

// noteSource notes whether the texts of a script can be cut, or made, into halves.
func (e *engine) noteSource(text string) {
	e.splits = quick.HasPairs(text)
	for _, form := range splitting {
		e.splits = e.splits || strings.Contains(text, form)
	}
}

// checkName throws for the name of a member that the engine gives with U+FFFD, unless no
// half of a surrogate pair can be in it.
func (e *engine) checkName(key string) {
	if e.splits && strings.Contains(key, replacement) {
		panic(e.rt.NewTypeError(halfName))
	}
}

// checkNames throws for a name that the engine cannot take.
func (e *engine) checkNames(keys []string) {
	for _, key := range keys {
		if state.HasHalf(key) {
			panic(e.rt.NewTypeError(halfName))
		}
	}
}

const halfName = "a member name holds half of a surrogate pair or U+FFFD, which the engine cannot tell apart"

// members returns the members of an object of the script.
func (e *engine) members(o *goja.Object) iter.Seq2[string, goja.Value] {
	return func(yield func(string, goja.Value) bool) {
		keys := o.Keys()
		if slices.ContainsFunc(keys, func(key string) bool { return strings.Contains(key, replacement) }) {
			e.membersByUnits(o, yield)
			return
		}
		for _, key := range keys {
			if !yield(key, o.Get(key)) {
				return
			}
		}
	}
}

func (e *engine) membersByUnits(o *goja.Object, yield func(string, goja.Value) bool) {
	names := e.called(e.keys, o).(*goja.Object)
	for i := range int(names.Get("length").ToInteger()) {
		name := names.Get(strconv.Itoa(i))
		if !yield(stringOf(name), e.called(e.get, o, name)) {
			return
		}
	}
}

// putMember sets a member of an object of the script.
func (e *engine) putMember(o *goja.Object, key string, v goja.Value) {
	if state.HasHalf(key) {
		e.called(e.put, o, e.text(key), v)
		return
	}
	must(o.DefineDataProperty(key, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE))
}

// called calls a function of the prelude.
func (e *engine) called(f goja.Callable, args ...goja.Value) goja.Value {
	v, err := f(goja.Undefined(), args...)
	must(err)
	return v
}
