package state

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A string of JavaScript or JSON is a sequence of UTF-16 units. One of them may be half
// of a surrogate pair without the other half, as in "\ud83d". UTF-8 has no form for such
// a half, and U+FFFD in its place would make different strings equal.
//
// The strings and keys of a tree are therefore UTF-8 in which a half is the three bytes
// that its number would have, ED A0 80 to ED BF BF (WTF-8). Two halves that make a pair
// never stand next to each other: they are the four bytes of their character. Strings are
// then equal if and only if their bytes are, and UTF-8 stays as it is.

// halfLead is the first byte of a half. In UTF-8, a byte from 80 to 9F follows it.
const halfLead = 0xED

// halfAt returns the half that begins at byte i.
func halfAt(s string, i int) (unit rune, ok bool) {
	if i+2 >= len(s) || s[i] != halfLead || s[i+1]&0xE0 != 0xA0 || s[i+2]&0xC0 != 0x80 {
		return 0, false
	}
	return 0xD000 | rune(s[i+1]&0x3F)<<6 | rune(s[i+2]&0x3F), true
}

// indexHalf returns the byte of the first half in s, or -1.
func indexHalf(s string) int {
	for i := 0; ; i++ {
		n := strings.IndexByte(s[i:], halfLead)
		if n < 0 {
			return -1
		}
		i += n
		if _, ok := halfAt(s, i); ok {
			return i
		}
	}
}

// HasHalf reports whether a string of a tree holds half of a surrogate pair, so that it
// is not valid UTF-8.
func HasHalf(s string) bool { return indexHalf(s) >= 0 }

// DecodeRune is [utf8.DecodeRuneInString], except that it returns the unit and length of
// half of a surrogate pair.
func DecodeRune(s string) (r rune, n int) {
	if r, n = utf8.DecodeRuneInString(s); r != utf8.RuneError || n != 1 {
		return r, n
	}
	if unit, ok := halfAt(s, 0); ok {
		return unit, 3
	}
	return r, n
}

// JoinHalves returns a string that was put together from strings of a tree, with each
// two halves that make a pair as their character.
func JoinHalves(s string) string {
	i := indexHalf(s)
	if i < 0 {
		return s
	}
	out, from := []byte(nil), 0
	for ; i < len(s); i++ {
		high, ok := halfAt(s, i)
		if !ok {
			continue
		}
		low, _ := halfAt(s, i+3)
		if r := utf16.DecodeRune(high, low); r != utf8.RuneError {
			out = utf8.AppendRune(append(out, s[from:i]...), r)
			from = i + 6
		}
	}
	return string(append(out, s[from:]...))
}

// Units returns the UTF-16 units of a string of a tree.
func Units(s string) []uint16 {
	out := make([]uint16, 0, len(s))
	for len(s) > 0 {
		r, n := DecodeRune(s)
		if utf16.IsSurrogate(r) {
			out = append(out, uint16(r))
		} else {
			out = utf16.AppendRune(out, r)
		}
		s = s[n:]
	}
	return out
}

// FromUnits returns UTF-16 units as a string of a tree.
func FromUnits(units []uint16) string {
	out := make([]byte, 0, len(units)+len(units)/2)
	for i := 0; i < len(units); i++ {
		r := rune(units[i])
		if utf16.IsSurrogate(r) && i+1 < len(units) {
			if both := utf16.DecodeRune(r, rune(units[i+1])); both != utf8.RuneError {
				r = both
				i++
			}
		}
		out = appendUnit(out, r)
	}
	return string(out)
}

// appendUnit appends a character, or half of a surrogate pair.
func appendUnit(dst []byte, r rune) []byte {
	if utf16.IsSurrogate(r) {
		return append(dst, halfLead, 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F)
	}
	return utf8.AppendRune(dst, r)
}

// ParseHalves is [Parse] for a text that itself may hold half of a surrogate pair, as a
// script's string may.
func ParseHalves(data []byte) (Value, error) {
	p := parsers.Get().(*Parser)
	p.halves = true
	v, err := p.parse(data, MaxTree)
	p.halves = false
	parsers.Put(p)
	return v, err
}
