package store

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// unescape returns what the inside of a JSON string says. It refuses half of a
// surrogate pair: no text in Go can hold it, and a stand-in would be a guess.
func unescape(inside []byte, at int) ([]byte, *jsonFault) {
	out := make([]byte, 0, len(inside))
	for i := 0; i < len(inside); {
		c := inside[i]
		if c != '\\' {
			out = append(out, c)
			i++
			continue
		}
		if c = inside[i+1]; c != 'u' {
			out = append(out, plainEscapes[strings.IndexByte(escapeLetters, c)])
			i += 2
			continue
		}
		r := hexRune(inside[i+2:])
		n := 6
		if utf16.IsSurrogate(r) {
			pair := rune(utf8.RuneError)
			if i+12 <= len(inside) && inside[i+6] == '\\' && inside[i+7] == 'u' {
				pair = utf16.DecodeRune(r, hexRune(inside[i+8:]))
			}
			if pair == utf8.RuneError {
				return nil, &jsonFault{at: at + i, msg: "half of a surrogate pair"}
			}
			r, n = pair, 12
		}
		out = utf8.AppendRune(out, r)
		i += n
	}
	return out, nil
}

const (
	escapeLetters = `"\/bfnrt`
	plainEscapes  = "\"\\/\b\f\n\r\t"
)

// hexRune reads the four hex digits that b begins with.
func hexRune(b []byte) rune {
	var r rune
	for _, c := range b[:4] {
		switch {
		case c <= '9':
			c -= '0'
		case c <= 'F':
			c -= 'A' - 10
		default:
			c -= 'a' - 10
		}
		r = r<<4 | rune(c)
	}
	return r
}

func (m *jsonMember) isNull() bool { return m.value[0] == 'n' }

// fault is a value that is good JSON and not what its key promises.
func (m *jsonMember) fault(want string) *jsonFault {
	return &jsonFault{at: m.at, msg: fmt.Sprintf("%s is %s, which is not %s", m.key, cut(m.value), want)}
}

// cut shortens a value so that it can be shown.
func cut(b []byte) string {
	if len(b) <= 40 {
		return string(b)
	}
	n := 40
	for !utf8.RuneStart(b[n]) {
		n--
	}
	return string(b[:n]) + "…"
}

// text returns the value of a string, or nil for null.
func (m *jsonMember) text() ([]byte, *jsonFault) {
	switch {
	case m.isNull():
		return nil, nil
	case m.value[0] != '"':
		return nil, m.fault("a string")
	}
	inside := m.value[1 : len(m.value)-1]
	for _, c := range inside {
		if c == '\\' {
			return unescape(inside, m.at+1)
		}
	}
	return inside, nil
}

// label returns a string, or a number or boolean as it is written: what may
// identify something. Null gives nil.
func (m *jsonMember) label() ([]byte, *jsonFault) {
	switch m.value[0] {
	case '{', '[':
		return nil, m.fault("a string")
	case '"', 'n':
		return m.text()
	}
	return m.value, nil
}

// integer returns the value of an integer, and whether there is one: null has
// none.
func (m *jsonMember) integer() (n int64, ok bool, f *jsonFault) {
	if m.isNull() {
		return 0, false, nil
	}
	if n, ok = wholeNumber(m.value); !ok {
		return 0, false, m.fault("an integer of 64 bits")
	}
	return n, true, nil
}

// looseInteger takes an integer in quotes too.
func (m *jsonMember) looseInteger() (n int64, ok bool, f *jsonFault) {
	if m.value[0] != '"' {
		return m.integer()
	}
	inside, f := m.text()
	if f != nil {
		return 0, false, f
	}
	if n, ok = wholeNumber(inside); !ok {
		return 0, false, m.fault("an integer of 64 bits")
	}
	return n, true, nil
}
