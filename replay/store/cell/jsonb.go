package cell

import (
	"encoding/binary"
	"math/big"
	"strings"
	"unicode/utf8"
)

// A jsonbReader converts SQLite's JSONB to JSON. An element is a header and a payload.
// The low half of the header's first byte is the type. The high half is the payload's
// size, or the number of bytes after it that contain the size.
// See https://sqlite.org/jsonb.html.
type jsonbReader struct {
	out []byte
	bad bool
}

const (
	jsonbNull = iota
	jsonbTrue
	jsonbFalse
	jsonbInt
	jsonbInt5 // hexadecimal
	jsonbFloat
	jsonbFloat5 // .5 and 5.
	jsonbText
	jsonbTextJ // with JSON's escapes
	jsonbText5 // with JSON5's escapes
	jsonbTextRaw
	jsonbArray
	jsonbObject
)

// jsonb converts JSONB to JSON, valid until the next call. It reports whether b is
// exactly one object or array in that format.
func (r *jsonbReader) jsonb(b []byte) ([]byte, bool) {
	kind, body, ok := jsonbElement(b)
	if !ok || kind != jsonbArray && kind != jsonbObject || len(body) != len(b)-jsonbHeader(b) {
		return nil, false
	}
	r.out, r.bad = r.out[:0], false
	r.value(b, 0)
	return r.out, !r.bad
}

// jsonbHeader returns the length of the header of b.
func jsonbHeader(b []byte) int {
	if n := b[0] >> 4; n > 11 {
		return 1 + 1<<(n-12)
	}
	return 1
}

// jsonbElement splits the first element of b into its type and payload.
func jsonbElement(b []byte) (kind byte, body []byte, ok bool) {
	if len(b) == 0 || b[0]&15 > jsonbObject {
		return 0, nil, false
	}
	from := jsonbHeader(b)
	if len(b) < from {
		return 0, nil, false
	}
	size := uint64(b[0] >> 4)
	switch from {
	case 2:
		size = uint64(b[1])
	case 3:
		size = uint64(binary.BigEndian.Uint16(b[1:]))
	case 5:
		size = uint64(binary.BigEndian.Uint32(b[1:]))
	case 9:
		size = binary.BigEndian.Uint64(b[1:])
	}
	if size > uint64(len(b)-from) {
		return 0, nil, false
	}
	return b[0] & 15, b[from : from+int(size)], true
}

// value appends the first element of b as JSON and returns the rest.
func (r *jsonbReader) value(b []byte, depth int) (rest []byte) {
	kind, body, ok := jsonbElement(b)
	if !ok || depth > MaxDepth {
		r.bad = true
		return nil
	}
	rest = b[jsonbHeader(b)+len(body):]
	switch kind {
	case jsonbNull, jsonbTrue, jsonbFalse:
		r.bad = r.bad || len(body) > 0
		r.out = append(r.out, [...]string{"null", "true", "false"}[kind]...)
	case jsonbInt, jsonbFloat:
		r.number(string(body))
	case jsonbInt5:
		n, ok := new(big.Int).SetString(string(body), 0)
		if !ok || len(body) > 40 {
			r.bad = true
			break
		}
		r.out = n.Append(r.out, 10)
	case jsonbFloat5:
		r.number(plainFloat(string(body)))
	case jsonbArray:
		r.elements(body, depth)
	case jsonbObject:
		r.members(body, depth)
	default:
		r.text(kind, body)
	}
	return rest
}

func (r *jsonbReader) number(s string) {
	r.bad = r.bad || !IsNumber([]byte(s))
	r.out = append(r.out, s...)
}

// plainFloat converts a JSON5 number to JSON.
func plainFloat(s string) string {
	sign, digits := "", strings.TrimPrefix(s, "+")
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	whole, exponent, hasExponent := strings.Cut(strings.ToLower(digits), "e")
	whole = strings.TrimSuffix(whole, ".")
	if strings.HasPrefix(whole, ".") {
		whole = "0" + whole
	}
	if hasExponent {
		whole += "e" + exponent
	}
	return sign + whole
}

func (r *jsonbReader) elements(body []byte, depth int) {
	r.out = append(r.out, '[')
	for n := 0; len(body) > 0 && !r.bad; n++ {
		if n > 0 {
			r.out = append(r.out, ',')
		}
		body = r.value(body, depth+1)
	}
	r.out = append(r.out, ']')
}

func (r *jsonbReader) members(body []byte, depth int) {
	r.out = append(r.out, '{')
	for n := 0; len(body) > 0 && !r.bad; n++ {
		if n > 0 {
			r.out = append(r.out, ',')
		}
		kind, key, ok := jsonbElement(body)
		if !ok || kind < jsonbText || kind > jsonbTextRaw {
			r.bad = true
			return
		}
		r.text(kind, key)
		r.out = append(r.out, ':')
		body = r.value(body[jsonbHeader(body)+len(key):], depth+1)
	}
	r.out = append(r.out, '}')
}

func (r *jsonbReader) text(kind byte, body []byte) {
	if !utf8.Valid(body) {
		r.bad = true
		return
	}
	switch kind {
	case jsonbText, jsonbTextJ:
		r.out = append(append(append(r.out, '"'), body...), '"')
	case jsonbTextRaw:
		r.out = AppendJSON(r.out, string(body))
	default:
		r.out = appendJSON5(r.out, body)
	}
}

// appendJSON5 appends a text with JSON5 escapes as a text with JSON escapes.
func appendJSON5(out, text []byte) []byte {
	out = append(out, '"')
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			out = appendInText(out, text[i])
			continue
		}
		i++
		switch c := text[i]; {
		case c == 'x':
			out = append(out, `\u00`...)
		case c == 'v':
			out = append(out, `\u000b`...)
		case c == '0':
			out = append(out, `\u0000`...)
		case c == '\n': // a line continuation
		case c == 'u' || strings.IndexByte(escapeLetters, c) >= 0:
			out = append(out, '\\', c)
		default:
			out = appendInText(out, c)
		}
	}
	return append(out, '"')
}

func appendInText(out []byte, c byte) []byte {
	if c == '"' {
		out = append(out, '\\')
	}
	return append(out, c)
}
