package cell

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// FindFirst sets into to the value of the first pointer that resolves.
func FindFirst(ps []Pointer, doc []byte, into *string) bool {
	return slices.ContainsFunc(ps, func(p Pointer) bool {
		s, ok := p.Find(doc)
		if ok {
			*into = s
		}
		return ok
	})
}

// MemberOf returns a member of a JSON object as written. It fails if the text is
// damaged up to the end of the member.
func MemberOf(doc []byte, name string) ([]byte, bool) {
	s := PayloadScanner{In: doc}
	if s.Peek() != '{' || !s.enter(name) {
		return nil, false
	}
	s.Peek()
	v := s.Value(0)
	return v, !s.Bad && len(v) > 0
}

// A Pointer is an RFC 6901 pointer, split and unescaped.
type Pointer []string

// ParsePointer reads an RFC 6901 pointer; the empty one is refused.
func ParsePointer(s string) (Pointer, bool) {
	if s == "" || s[0] != '/' {
		return nil, false
	}
	parts := strings.Split(s[1:], "/")
	for i, p := range parts {
		parts[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(p)
	}
	return parts, true
}

// String returns the pointer in RFC 6901 syntax.
func (p Pointer) String() string {
	var b strings.Builder
	for _, name := range p {
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
	}
	return b.String()
}

// Raw returns the value that the pointer leads to, as written.
func (p Pointer) Raw(doc []byte) ([]byte, bool) {
	s := PayloadScanner{In: doc}
	for _, name := range p {
		if !s.enter(name) {
			return nil, false
		}
	}
	s.Peek()
	v := s.Value(0)
	return v, !s.Bad && len(v) > 0
}

// Find returns the string, number or boolean that the pointer leads to, as text. It
// returns false for other values and missing members.
func (p Pointer) Find(doc []byte) (string, bool) {
	s := PayloadScanner{In: doc}
	for _, name := range p {
		if !s.enter(name) {
			return "", false
		}
	}
	switch c := s.Peek(); c {
	case '"':
		q := s.Str()
		if s.Bad {
			return "", false
		}
		return Unquote(q)
	case '{', '[', 0, 'n':
		return "", false
	}
	tok := s.Scalar()
	return string(tok), !s.Bad
}

// enter moves to the member of an object or the element of an array.
func (s *PayloadScanner) enter(name string) bool {
	if s.Take('[') {
		n, err := strconv.Atoi(name)
		if err != nil || n < 0 || strconv.Itoa(n) != name {
			return false
		}
		for ; n > 0; n-- {
			s.Value(0)
			if s.Bad || !s.Take(',') {
				return false
			}
		}
		return s.Peek() != ']'
	}
	if !s.Take('{') {
		return false
	}
	for s.Peek() == '"' {
		key := s.Str()
		if s.Bad || !s.Take(':') {
			return false
		}
		if k, ok := Unquote(key); ok && k == name {
			return s.last(key, name)
		}
		s.Value(0)
		if s.Bad || !s.Take(',') {
			return false
		}
	}
	return false
}

// last moves to the last member with the name; s is at the value of the first.
func (s *PayloadScanner) last(key []byte, name string) bool {
	if !bytes.Contains(s.In[s.Pos:], key) {
		return true
	}
	first := *s
	s.Value(0)
	if !s.Bad && s.Take(',') {
		for s.Peek() == '"' {
			again := s.Str()
			if s.Bad || !s.Take(':') {
				break
			}
			if k, ok := Unquote(again); ok && k == name {
				return s.last(again, name)
			}
			s.Value(0)
			if s.Bad || !s.Take(',') {
				break
			}
		}
	}
	*s = first
	return true
}
