package store

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds how deep payloads may nest.
const maxDepth = 512

// A payloadScanner goes over JSON text once, without building anything. Once it has
// failed it stays so.
type payloadScanner struct {
	in   []byte
	pos  int
	deep bool // it failed because of the depth
	bad  bool
}

func (s *payloadScanner) fail() { s.bad = true }

// peek returns the next byte that is not white space, or 0 at the end.
func (s *payloadScanner) peek() byte {
	for s.pos < len(s.in) {
		switch c := s.in[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

func (s *payloadScanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.pos++
	return true
}

// str passes over a string and returns it with its quotes.
func (s *payloadScanner) str() []byte {
	if s.peek() != '"' {
		s.fail()
		return nil
	}
	start := s.pos
	for i := s.pos + 1; i < len(s.in); {
		q := bytes.IndexByte(s.in[i:], '"')
		if q < 0 {
			break
		}
		end := i + q
		slashes := 0
		for s.in[end-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			s.pos = end + 1
			return s.in[start:s.pos]
		}
		i = end + 1
	}
	s.fail()
	return nil
}

// scalar passes over a number or a literal and returns it.
func (s *payloadScanner) scalar() []byte {
	s.peek()
	start := s.pos
	for s.pos < len(s.in) && strings.IndexByte(" \t\n\r,:]}[{\"", s.in[s.pos]) < 0 {
		s.pos++
	}
	tok := s.in[start:s.pos]
	if !isJSONNumber(tok) && !isNotFinite(tok) && string(tok) != "true" && string(tok) != "false" && string(tok) != "null" {
		s.fail()
	}
	return tok
}

// value passes over a value and returns it.
func (s *payloadScanner) value(depth int) []byte {
	c := s.peek()
	start := s.pos
	switch {
	case depth > maxDepth:
		s.deep = true
		s.fail()
	case c == '"':
		s.str()
	case c == '{' || c == '[':
		s.pos++
		end := c + 2 // } and ] are two after { and [
		for first := true; !s.bad && !s.take(end); first = false {
			if !first && !s.take(',') {
				s.fail()
				break
			}
			if c == '{' {
				s.str()
				if !s.take(':') {
					s.fail()
				}
			}
			if !s.bad {
				s.value(depth + 1)
			}
		}
	default:
		s.scalar()
	}
	if s.bad {
		return nil
	}
	return s.in[start:s.pos]
}

// isNotFinite reports whether b is what Python's json writes for what is no number
// to JSON.
func isNotFinite(b []byte) bool {
	return bytes.Equal(b, notANumber) || bytes.Equal(bytes.TrimPrefix(b, []byte("-")), minusInfinity[1:])
}

// isJSONNumber reports whether b is a number by the grammar of RFC 8259.
func isJSONNumber(b []byte) bool {
	digits := func() bool {
		n := 0
		for n < len(b) && b[n] >= '0' && b[n] <= '9' {
			n++
		}
		b = b[n:]
		return n > 0
	}
	if len(b) > 0 && b[0] == '-' {
		b = b[1:]
	}
	if len(b) > 1 && b[0] == '0' && b[1] >= '0' && b[1] <= '9' || !digits() {
		return false
	}
	if len(b) > 0 && b[0] == '.' {
		if b = b[1:]; !digits() {
			return false
		}
	}
	if len(b) > 0 && (b[0] == 'e' || b[0] == 'E') {
		b = b[1:]
		if len(b) > 0 && (b[0] == '+' || b[0] == '-') {
			b = b[1:]
		}
		if !digits() {
			return false
		}
	}
	return len(b) == 0
}

// unquote returns what a JSON string says.
func unquote(quoted []byte) (string, bool) {
	if len(quoted) < 2 {
		return "", false
	}
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner), true
	}
	var s string
	if json.Unmarshal(quoted, &s) != nil {
		return "", false
	}
	return s, true
}

// A pointer is an RFC 6901 pointer, split and unescaped.
type pointer []string

func parsePointer(s string) (pointer, bool) {
	if s == "" || s[0] != '/' {
		return nil, false
	}
	parts := strings.Split(s[1:], "/")
	for i, p := range parts {
		parts[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(p)
	}
	return parts, true
}

// find returns the string, number or boolean that the pointer leads to, in
// writing; anything else is not there.
func (p pointer) find(doc []byte) (string, bool) {
	s := payloadScanner{in: doc}
	for _, name := range p {
		if !s.enter(name) {
			return "", false
		}
	}
	switch c := s.peek(); c {
	case '"':
		q := s.str()
		if s.bad {
			return "", false
		}
		return unquote(q)
	case '{', '[', 0, 'n':
		return "", false
	}
	tok := s.scalar()
	return string(tok), !s.bad
}

// enter goes to the member of an object, or the element of an array.
func (s *payloadScanner) enter(name string) bool {
	if s.take('[') {
		n, err := strconv.Atoi(name)
		if err != nil || n < 0 || strconv.Itoa(n) != name {
			return false
		}
		for ; n > 0; n-- {
			s.value(0)
			if s.bad || !s.take(',') {
				return false
			}
		}
		return s.peek() != ']'
	}
	if !s.take('{') {
		return false
	}
	for s.peek() == '"' {
		key := s.str()
		if s.bad || !s.take(':') {
			return false
		}
		if k, ok := unquote(key); ok && k == name {
			return s.last(key, name)
		}
		s.value(0)
		if s.bad || !s.take(',') {
			return false
		}
	}
	return false
}

// last goes to the last member of the name, whose first value is next.
func (s *payloadScanner) last(key []byte, name string) bool {
	if !bytes.Contains(s.in[s.pos:], key) {
		return true
	}
	first := *s
	s.value(0)
	if !s.bad && s.take(',') {
		for s.peek() == '"' {
			again := s.str()
			if s.bad || !s.take(':') {
				break
			}
			if k, ok := unquote(again); ok && k == name {
				return s.last(again, name)
			}
			s.value(0)
			if s.bad || !s.take(',') {
				break
			}
		}
	}
	*s = first
	return true
}
