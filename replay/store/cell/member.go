package cell

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// unescape decodes the inside of a JSON string. It rejects half a surrogate pair: a Go
// string cannot represent it, and a replacement would be a guess.
func unescape(inside []byte, at int) ([]byte, *TextError) {
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
				return nil, &TextError{At: at + i, Msg: "half of a surrogate pair"}
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

// hexRune parses the four hex digits at the start of b.
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

// IsNull reports whether the value is null.
func (m *Member) IsNull() bool { return m.Value[0] == 'n' }

// Fault is the error of a valid JSON value that its key does not allow.
func (m *Member) Fault(want string) *TextError {
	return &TextError{At: m.At, Msg: fmt.Sprintf("%s is %s, which is not %s", m.Key, Cut(m.Value), want)}
}

// Cut shortens a value for messages.
func Cut(b []byte) string {
	if len(b) <= 40 {
		return string(b)
	}
	n := 40
	for !utf8.RuneStart(b[n]) {
		n--
	}
	return string(b[:n]) + "…"
}

// Text returns the value of a string, or nil for null.
func (m *Member) Text() ([]byte, *TextError) {
	switch {
	case m.IsNull():
		return nil, nil
	case m.Value[0] != '"':
		return nil, m.Fault("a string")
	}
	inside := m.Value[1 : len(m.Value)-1]
	for _, c := range inside {
		if c == '\\' {
			return unescape(inside, m.At+1)
		}
	}
	return inside, nil
}

// Label returns a string, or a number or boolean as written. These may identify
// something. Null returns nil.
func (m *Member) Label() ([]byte, *TextError) {
	switch m.Value[0] {
	case '{', '[':
		return nil, m.Fault("a string")
	case '"', 'n':
		return m.Text()
	}
	return m.Value, nil
}

// Integer returns the value of an integer. For null, ok is false.
func (m *Member) Integer() (n int64, ok bool, f *TextError) {
	if m.IsNull() {
		return 0, false, nil
	}
	if n, ok = WholeNumber(m.Value); !ok {
		return 0, false, m.Fault("an integer of 64 bits")
	}
	return n, true, nil
}

// LooseInteger is like Integer but accepts an integer in quotes.
func (m *Member) LooseInteger() (n int64, ok bool, f *TextError) {
	if m.Value[0] != '"' {
		return m.Integer()
	}
	inside, f := m.Text()
	if f != nil {
		return 0, false, f
	}
	if n, ok = WholeNumber(inside); !ok {
		return 0, false, m.Fault("an integer of 64 bits")
	}
	return n, true, nil
}

// NullText is JSON's null.
var NullText = []byte("null")
