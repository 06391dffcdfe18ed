package cell

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"asof/replay/state"
)

// MaxDepth is the maximum nesting of a payload.
const MaxDepth = 512

// A PayloadScanner scans JSON text once and builds nothing. After a failure it stays
// failed.
type PayloadScanner struct {
	In   []byte
	Pos  int
	Deep bool // it failed because of the nesting
	Bad  bool
}

// Fail makes the scanner fail.
func (s *PayloadScanner) Fail() { s.Bad = true }

// Peek returns the next byte that is not white space, or 0 at the end.
func (s *PayloadScanner) Peek() byte {
	for s.Pos < len(s.In) {
		switch c := s.In[s.Pos]; c {
		case ' ', '\t', '\n', '\r':
			s.Pos++
		default:
			return c
		}
	}
	return 0
}

// Take consumes the byte c if it is next.
func (s *PayloadScanner) Take(c byte) bool {
	if s.Peek() != c {
		return false
	}
	s.Pos++
	return true
}

// Str consumes a string and returns it with its quotes.
func (s *PayloadScanner) Str() []byte {
	if s.Peek() != '"' {
		s.Fail()
		return nil
	}
	start := s.Pos
	for i := s.Pos + 1; i < len(s.In); {
		q := bytes.IndexByte(s.In[i:], '"')
		if q < 0 {
			break
		}
		end := i + q
		slashes := 0
		for s.In[end-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			s.Pos = end + 1
			return s.In[start:s.Pos]
		}
		i = end + 1
	}
	s.Fail()
	return nil
}

// Scalar consumes a number or a literal and returns it.
func (s *PayloadScanner) Scalar() []byte {
	s.Peek()
	start := s.Pos
	for s.Pos < len(s.In) && strings.IndexByte(" \t\n\r,:]}[{\"", s.In[s.Pos]) < 0 {
		s.Pos++
	}
	tok := s.In[start:s.Pos]
	if !IsNumber(tok) && !isNotFinite(tok) && string(tok) != "true" && string(tok) != "false" && string(tok) != "null" {
		s.Fail()
	}
	return tok
}

// Value consumes a value and returns it.
func (s *PayloadScanner) Value(depth int) []byte {
	c := s.Peek()
	start := s.Pos
	switch {
	case depth > MaxDepth:
		s.Deep = true
		s.Fail()
	case c == '"':
		s.Str()
	case c == '{' || c == '[':
		s.Pos++
		end := c + 2 // } and ] are two after { and [
		for first := true; !s.Bad && !s.Take(end); first = false {
			if !first && !s.Take(',') {
				s.Fail()
				break
			}
			if c == '{' {
				s.Str()
				if !s.Take(':') {
					s.Fail()
				}
			}
			if !s.Bad {
				s.Value(depth + 1)
			}
		}
	default:
		s.Scalar()
	}
	if s.Bad {
		return nil
	}
	return s.In[start:s.Pos]
}

// isNotFinite reports whether b is NaN or an infinity as Python's json writes them.
func isNotFinite(b []byte) bool {
	return bytes.Equal(b, notANumber) || bytes.Equal(bytes.TrimPrefix(b, []byte("-")), minusInfinity[1:])
}

// IsNumber reports whether b is a number according to RFC 8259.
func IsNumber(b []byte) bool {
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

// Unquote decodes a JSON string. Half of a surrogate pair is as [state.HasHalf] has it, so
// that two ids stay two.
func Unquote(quoted []byte) (string, bool) {
	if len(quoted) < 2 {
		return "", false
	}
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner), true
	}
	if text, ok := unescapePlain(inner); ok && utf8.Valid(text) {
		return string(text), true
	}
	var s string
	if json.Unmarshal(quoted, &s) != nil {
		return "", false
	}
	if strings.ContainsRune(s, utf8.RuneError) { // as the package json writes a half
		if v, err := state.Parse(quoted); err == nil {
			return v.Text(), true
		}
	}
	return s, true
}

// unescapePlain replaces escapes of one letter, of text that may be no JSON. It returns false
// for what it does not know.
func unescapePlain(inner []byte) ([]byte, bool) {
	out := make([]byte, 0, len(inner))
	for i := 0; i < len(inner); i++ {
		c := inner[i]
		if c < ' ' {
			return nil, false
		}
		if c == '\\' {
			if i++; i == len(inner) {
				return nil, false
			}
			at := strings.IndexByte(escapeLetters, inner[i])
			if at < 0 {
				return nil, false
			}
			c = plainEscapes[at]
		}
		out = append(out, c)
	}
	return out, true
}
