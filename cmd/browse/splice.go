package browse

import (
	"unicode/utf8"

	"asof/replay/state"
)

// longText is the length in bytes from which only the place is shown where two texts
// differ.
const longText = 256

// replacedText is how a value became another one, in about w columns. Of two long texts
// that differ in one place, it is that place.
func replacedText(from, to state.Value, w int) string {
	if from.Kind() == state.String && to.Kind() == state.String {
		if at, cut, put, ok := splice(from.Text(), to.Text()); ok {
			return "at character " + number(at+1) + ": " + stringText(cut, w/2) + " → " + stringText(put, w/2)
		}
	}
	return valueText(from, w) + " → " + valueText(to, w)
}

// splice finds the one place where two long texts differ: how many characters are before
// it, and what stands there in each.
func splice(from, to string) (at int, cut, put string, ok bool) {
	most := min(len(from), len(to))
	if most < longText {
		return 0, "", "", false
	}
	head, tail := 0, 0
	for head < most && from[head] == to[head] {
		head++
	}
	for head > 0 && (inside(from, head) || inside(to, head)) {
		head--
	}
	for tail < most-head && from[len(from)-1-tail] == to[len(to)-1-tail] {
		tail++
	}
	for tail > 0 && (inside(from, len(from)-tail) || inside(to, len(to)-tail)) {
		tail--
	}
	if head+tail < most/2 {
		return 0, "", "", false
	}
	return utf8.RuneCountInString(from[:head]), from[head : len(from)-tail], to[head : len(to)-tail], true
}

// inside reports whether a place splits a character.
func inside(s string, at int) bool { return at < len(s) && !utf8.RuneStart(s[at]) }
