package cell

import (
	"strings"
	"unicode/utf8"

	"asof/replay/state"
)

// AppendJSON appends s as a JSON string. Half of a surrogate pair, which SQLite holds as
// three bytes, becomes its escape, and any other byte that is not UTF-8 U+FFFD.
func AppendJSON(out []byte, s string) []byte {
	if state.HasHalf(s) {
		return state.AppendQuoted(out, s)
	}
	const hex = "0123456789abcdef"
	out = append(out, '"')
	for _, c := range []byte(strings.ToValidUTF8(s, "\uFFFD")) {
		switch {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c < ' ':
			out = append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}

// WellFormed reports whether a text is UTF-8, which SQLite does not check, or WTF-8, in
// which it holds half of a surrogate pair. [AppendJSON] would make any other bytes U+FFFD,
// so that different values would be equal; such a text is written as a blob is.
func WellFormed(s string) bool {
	if utf8.ValidString(s) {
		return true
	}
	for s != "" {
		r, n := state.DecodeRune(s)
		if r == utf8.RuneError && n == 1 {
			return false
		}
		s = s[n:]
	}
	return true
}
