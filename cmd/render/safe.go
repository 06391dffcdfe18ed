package render

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"asof/replay/state"
)

// safe is text that may be printed: a constant or a result of a function in this file.
type safe string

// Safe returns s on one line. It replaces every character that acts on a terminal or is
// invisible with a visible escape: control characters, which start ANSI sequences, text
// direction overrides, zero-width characters, line separators, half of a surrogate pair
// (\ud83d), bytes that are not UTF-8 (\xff), and combining marks without a base character or in long runs.
func Safe(s string) string { return string(clean(s)) }

func clean(s string) safe {
	if isPlain(s) {
		return safe(s)
	}
	return safe(appendSafe(nil, s, false))
}

// cleanLines is clean for text of several lines, such as source code. It keeps line
// breaks and tabs.
func cleanLines(s string) safe {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		fields := strings.Split(strings.TrimSuffix(l, "\r"), "\t")
		for j, f := range fields {
			fields[j] = string(clean(f))
		}
		lines[i] = strings.Join(fields, "\t")
	}
	return safe(strings.Join(lines, "\n"))
}

// isPlain reports whether s is printable ASCII.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// appendSafe appends s escaped. With json, the result is valid inside a JSON string.
func appendSafe(dst []byte, s string, json bool) []byte {
	for len(s) > 0 {
		u := nextUnit(s, json)
		if u.escaped {
			dst = appendEscaped(dst, s, json)
		} else {
			dst = append(dst, s[:u.n]...)
		}
		s = s[u.n:]
	}
	return dst
}

// A unit is text that is printed or escaped together: a grapheme cluster or one escaped
// character.
type unit struct {
	n       int // bytes in the text
	w       int // columns as printed
	escaped bool
}

const (
	clusterBytes = 256 // bytes searched for the end of a cluster
	clusterMarks = 8   // maximum characters of a cluster printed together
)

// nextUnit measures the first unit of s, which is not empty.
func nextUnit(s string, json bool) unit {
	c := s[0]
	if c >= ' ' && c <= '~' && (len(s) == 1 || s[1] < utf8.RuneSelf) {
		if json && (c == '"' || c == '\\') {
			return unit{1, 2, true}
		}
		return unit{n: 1, w: 1}
	}
	r, n := state.DecodeRune(s)
	if json && (r == '"' || r == '\\') || hidden(r, n) || unicode.In(r, unicode.Mn, unicode.Me) {
		return unit{n, len(appendEscaped(nil, s, json)), true}
	}
	cluster, w := ansi.FirstGraphemeCluster(s[:min(len(s), clusterBytes)], ansi.GraphemeWidth)
	count := 1
	for n < len(cluster) {
		r, m := state.DecodeRune(cluster[n:])
		if count == clusterMarks || hidden(r, m) || json && (r == '"' || r == '\\') {
			_, w = ansi.FirstGraphemeCluster(cluster[:n], ansi.GraphemeWidth)
			break
		}
		n += m
		count++
	}
	return unit{n: n, w: w}
}

// hidden reports whether a character of n bytes acts on the terminal or is invisible.
func hidden(r rune, n int) bool {
	switch {
	case r == utf8.RuneError && n <= 1:
		return true
	case r < utf8.RuneSelf:
		return r < ' ' || r == 0x7f
	}
	return !unicode.IsGraphic(r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// appendEscaped appends an escape for the first character of s.
func appendEscaped(dst []byte, s string, json bool) []byte {
	r, n := state.DecodeRune(s)
	switch {
	case r == utf8.RuneError && n <= 1 && !json:
		return appendHex(append(dst, `\x`...), rune(s[0]), 2)
	case r == '"' || r == '\\':
		return append(dst, '\\', byte(r))
	case r == '\n':
		return append(dst, `\n`...)
	case r == '\r':
		return append(dst, `\r`...)
	case r == '\t':
		return append(dst, `\t`...)
	case r > 0xffff:
		r -= 0x10000
		dst = appendHex(append(dst, `\u`...), 0xd800+r>>10, 4)
		r = 0xdc00 + r&0x3ff
	}
	return appendHex(append(dst, `\u`...), r, 4)
}

func appendHex(dst []byte, r rune, digits int) []byte {
	const hex = "0123456789abcdef"
	for digits--; digits >= 0; digits-- {
		dst = append(dst, hex[r>>(4*digits)&15])
	}
	return dst
}

// width returns the number of columns that s takes.
func width(s safe) int {
	w, _ := widthUpTo(string(s), -1)
	return w
}

// widthUpTo returns the width of safe text. It stops with ok false once the width
// exceeds limit; a negative limit means none.
func widthUpTo(s string, limit int) (w int, ok bool) {
	if isPlain(s) {
		return len(s), limit < 0 || len(s) <= limit
	}
	for len(s) > 0 {
		u := nextUnit(s, false)
		w += u.w
		if limit >= 0 && w > limit {
			return w, false
		}
		s = s[u.n:]
	}
	return w, true
}

// cut returns s in at most w columns, with an ellipsis at the end if it was cut.
func cut(s safe, w int) safe {
	if _, ok := widthUpTo(string(s), w); ok {
		return s
	}
	if w <= 0 {
		return ""
	}
	return s[:prefixLen(string(s), w-1, false)] + "…"
}

// prefixLen returns how many bytes of s, escaped, take at most w columns.
func prefixLen(s string, w int, json bool) int {
	n := 0
	for n < len(s) {
		u := nextUnit(s[n:], json)
		if w -= u.w; w < 0 {
			break
		}
		n += u.n
	}
	return n
}

// suffixStart returns the start of the longest suffix of s that, escaped, takes at most
// w columns.
func suffixStart(s string, w int, json bool) int {
	start := max(0, len(s)-4*w)
	for start > 0 && start < len(s) && !utf8.RuneStart(s[start]) {
		start++
	}
	var units []unit
	total := 0
	for at := start; at < len(s); {
		u := nextUnit(s[at:], json)
		units = append(units, u)
		total += u.w
		at += u.n
	}
	for _, u := range units {
		if total <= w {
			break
		}
		total -= u.w
		start += u.n
	}
	return start
}

// quote returns s as a JSON string.
func quote(s string) safe { return `"` + inQuotes(s) + `"` }

// inQuotes returns s escaped for the inside of a JSON string.
func inQuotes(s string) safe {
	if isPlain(s) && !strings.ContainsAny(s, `"\`) {
		return safe(s)
	}
	return safe(appendSafe(nil, s, true))
}

// quoteCut returns s as a JSON string and a note of what was left out, such as
// "… +1,234 bytes", in at most w columns together. A negative w means no limit.
func quoteCut(s string, w int) (text, left safe) {
	if w < 0 {
		return quote(s), ""
	}
	if prefixLen(s, w-2, true) == len(s) {
		return quote(s), ""
	}
	n := prefixLen(s, w-2-width(leftOut(len(s))), true)
	return quote(s[:n]), leftOut(len(s) - n)
}

// leftOut returns the note that n bytes are not shown.
func leftOut(n int) safe { return "… +" + count(int64(n), "byte", "bytes") }

// count returns n followed by the noun in the right number.
func count(n int64, one, many safe) safe {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}

// spaced returns s after two spaces; or nothing, if s is empty.
func spaced(s safe) safe {
	if s == "" {
		return ""
	}
	return "  " + s
}

// number returns n with thousands separators.
func number(n int64) safe {
	s := strconv.FormatInt(n, 10)
	first := 0
	if s[0] == '-' {
		first = 1
	}
	for i := len(s) - 3; i > first; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return safe(s)
}
