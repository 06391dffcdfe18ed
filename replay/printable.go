package replay

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable makes foreign text safe to print in a message. It returns at most the
// first most bytes of s, with white space as spaces and control characters as
// U+FFFD.
func Printable(s string, most int) string {
	if len(s) > most {
		s = s[:most] + "…"
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsGraphic(r):
			return r
		case unicode.IsSpace(r) && r < 0x80:
			return ' '
		}
		return utf8.RuneError
	}, s)
}
