package state

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// A key names an element of an array by one of its members: [sku=cups-espresso].
type key struct {
	name, text string
	quoted     bool // text is a string even if it reads as a number
}

// keyMost is the maximum length of a value, in bytes, that a label shows.
const keyMost = 80

// keyOf returns the key that a label shows for a member. A value that is not a string or
// a number, or that is too long, has none.
func keyOf(name string, v Value) (key, bool) {
	if v.kind != String && v.kind != Number || len(v.s) > keyMost || !utf8.ValidString(v.s) {
		return key{}, false
	}
	return key{name: name, text: v.s, quoted: v.kind == String && readsAsOther(v.s)}, true
}

// readsAsOther reports whether an unquoted text reads as a value other than a string.
func readsAsOther(s string) bool {
	return IsNumber(s) || s == "true" || s == "false" || s == "null"
}

// append appends the key as a label shows it.
func (k key) append(dst []byte) []byte {
	dst = append(dst, '[')
	if isBareName(k.name) {
		dst = append(dst, k.name...)
	} else {
		dst = appendVisible(dst, k.name)
	}
	dst = append(dst, '=')
	if !k.quoted && isBareText(k.text) {
		dst = append(dst, k.text...)
	} else {
		dst = appendVisible(dst, k.text)
	}
	return append(dst, ']')
}

// isBareName reports whether a name needs no quotes.
func isBareName(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool {
		return r != '_' && r != '-' && r != '$' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) < 0
}

// isBareText reports whether a value needs no quotes: it is visible as it is, and ends
// where it seems to.
func isBareText(s string) bool {
	if s == "" || s != strings.TrimSpace(s) || s[0] == '"' || s[0] == '\'' {
		return false
	}
	marks := 4 // that a letter may carry; none at the beginning
	for i, r := range s {
		if i == 0 || !unicode.IsMark(r) {
			marks = 4
		}
		if unicode.IsMark(r) {
			marks--
		}
		if r == '[' || r == ']' || marks == 0 || i == 0 && unicode.IsMark(r) || !isVisible(r) {
			return false
		}
	}
	return true
}

// isVisible reports whether a character is printed as itself.
func isVisible(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= ' ' && r <= '~'
	}
	return unicode.IsGraphic(r) && r != utf8.RuneError && !unicode.IsSpace(r) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// appendVisible appends s as a JSON string in which every character is printed as itself
// or escaped.
func appendVisible(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for len(s) > 0 {
		r, n := DecodeRune(s)
		s = s[n:]
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case utf16.IsSurrogate(r):
			dst = appendEscape(dst, r)
		case !isVisible(r) || unicode.IsMark(r):
			for _, unit := range utf16.Encode([]rune{r}) {
				dst = appendEscape(dst, rune(unit))
			}
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}

// cutKey reads a key at the beginning of s, and returns what follows it.
func cutKey(s string) (k key, rest string, ok bool) {
	if s == "" || s[0] != '[' {
		return key{}, "", false
	}
	if k.name, s, ok = cutQuoted(s[1:]); !ok {
		if k.name, _, ok = strings.Cut(s, "="); !ok || strings.ContainsAny(k.name, "[]/") {
			return key{}, "", false
		}
		s = s[len(k.name):]
		k.name = strings.TrimSpace(k.name)
	}
	if k.name == "" || s == "" || s[0] != '=' {
		return key{}, "", false
	}
	s = strings.TrimLeft(s[1:], " ")
	if k.text, rest, k.quoted = cutQuoted(s); k.quoted {
		return k, strings.TrimPrefix(rest, "]"), strings.HasPrefix(rest, "]")
	}
	k.text, rest, ok = strings.Cut(s, "]")
	k.text = strings.TrimSpace(k.text)
	return k, rest, ok && k.text != ""
}

// cutQuoted reads a string in quotes at the beginning of s: of JSON, or in single quotes
// as it is.
func cutQuoted(s string) (text, rest string, ok bool) {
	if s == "" || s[0] != '"' && s[0] != '\'' {
		return "", s, false
	}
	if s[0] == '\'' {
		text, rest, ok = strings.Cut(s[1:], "'")
		return text, rest, ok
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			v, err := Parse([]byte(s[:i+1]))
			return v.s, s[i+1:], err == nil
		}
	}
	return "", s, false
}

// fit reports how well a member fits the key: 0 does not, 2 is of the kind that the text
// reads as.
func (k key) fit(v Value) int {
	switch {
	case v.kind == String && v.s == k.text:
		if !k.quoted && readsAsOther(k.text) {
			return 1
		}
		return 2
	case k.quoted:
	case v.kind == Number && IsNumber(k.text) && EqualNumbers(v.s, k.text):
		return 2
	case v.kind == Bool && v.s == k.text, v.kind == Null && k.text == "null":
		return 2
	}
	return 0
}

// find returns the indexes of the elements that the key names. Without quotes, a number
// names an element with that number, or else one with that text.
func (k key) find(arr *Node) []int {
	best := 1
	var found []int
	for i, v := range arr.elems {
		if v.kind != Object {
			continue
		}
		fit := k.fit(v.n.Get(k.name))
		if fit > best {
			best, found = fit, nil
		}
		if fit == best {
			found = append(found, i)
		}
	}
	return found
}
