package cell

import (
	"bytes"
	"strconv"
)

// The functions below walk text that a [Scanner] has checked. They stay within the
// text even if it has changed since, but they detect few faults.

// SkipJSON returns the end of the value at b[i].
func SkipJSON(b []byte, i int) (int, bool) {
	if i >= len(b) {
		return 0, false
	}
	switch b[i] {
	case '"':
		return SkipString(b, i)
	case '{', '[':
		return skipContainer(b, i)
	}
	n := i
	for n < len(b) && !isDelimiter(b[n]) {
		n++
	}
	return n, n > i
}

func isDelimiter(c byte) bool {
	switch c {
	case ',', '}', ']', ':', ' ', '\t', '\r', '\n':
		return true
	}
	return false
}

// SkipString returns the end of the string at b[i], and false if it does not end.
func SkipString(b []byte, i int) (int, bool) {
	for n := i + 1; ; {
		at := bytes.IndexByte(b[n:], '"')
		if at < 0 {
			return 0, false
		}
		n += at + 1
		slashes := 0
		for k := n - 2; k > i && b[k] == '\\'; k-- {
			slashes++
		}
		if slashes%2 == 0 {
			return n, true
		}
	}
}

func skipContainer(b []byte, i int) (int, bool) {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			n, ok := SkipString(b, i)
			if !ok {
				return 0, false
			}
			i = n
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1, true
			}
		}
		i++
	}
	return 0, false
}

// SkipSpaces returns the end of the white space at b[i].
func SkipSpaces(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// WalkObject appends the members of the object at the start of b.
func WalkObject(b []byte, to []Member) ([]Member, bool) {
	i := SkipSpaces(b, 0)
	if i >= len(b) || b[i] != '{' {
		return to, false
	}
	for i = SkipSpaces(b, i+1); i < len(b) && b[i] == '"'; i = SkipSpaces(b, i+1) {
		end, ok := SkipString(b, i)
		if !ok {
			return to, false
		}
		key := b[i+1 : end-1]
		if bytes.IndexByte(key, '\\') >= 0 {
			if unescaped, f := unescapeSafely(b[i:end]); f == nil {
				key = unescaped
			}
		}
		if i = SkipSpaces(b, end); i >= len(b) || b[i] != ':' {
			return to, false
		}
		from := SkipSpaces(b, i+1)
		if i, ok = SkipJSON(b, from); !ok {
			return to, false
		}
		to = append(to, Member{Key: key, Value: b[from:i:i], At: from})
		if i = SkipSpaces(b, i); i >= len(b) || b[i] != ',' {
			break
		}
	}
	return to, i < len(b) && b[i] == '}'
}

// unescapeSafely decodes a quoted string and validates its escapes.
func unescapeSafely(quoted []byte) ([]byte, *TextError) {
	s := Scanner{text: quoted}
	inside, _, f := s.str()
	if f != nil {
		return nil, f
	}
	return unescape(inside, 1)
}

// Lookup resolves the tokens of a JSON pointer within a value.
func (m Member) Lookup(tokens []string) (Member, bool) {
	for _, t := range tokens {
		var found bool
		switch m.Value[0] {
		case '{':
			fields, ok := WalkObject(m.Value, nil)
			at := m.At
			for _, f := range fields {
				if ok && string(f.Key) == t {
					m, found = Member{Key: f.Key, Value: f.Value, At: at + f.At}, true
				}
			}
		case '[':
			m, found = m.element(t)
		}
		if !found {
			return Member{}, false
		}
	}
	return m, true
}

func (m Member) element(token string) (Member, bool) {
	want, err := strconv.Atoi(token)
	if err != nil || want < 0 || strconv.Itoa(want) != token {
		return Member{}, false
	}
	b := m.Value
	i := SkipSpaces(b, 1)
	for n := 0; ; n++ {
		end, ok := SkipJSON(b, i)
		if !ok {
			return Member{}, false
		}
		if n == want {
			return Member{Key: m.Key, Value: b[i:end:end], At: m.At + i}, true
		}
		if i = SkipSpaces(b, end); i >= len(b) || b[i] != ',' {
			return Member{}, false
		}
		i = SkipSpaces(b, i+1)
	}
}

// Within returns the members of the object in a member's value, with their offsets in
// the event.
func (m *Member) Within() ([]Member, *TextError) {
	members, ok := WalkObject(m.Value, nil)
	if !ok {
		return nil, m.Fault("an object")
	}
	for i := range members {
		members[i].At += m.At
	}
	return members, nil
}

// MemberNamed returns the member with the given key, or nil if it is absent or null.
func MemberNamed(members []Member, key string) *Member {
	for i := len(members) - 1; i >= 0; i-- {
		if string(members[i].Key) == key && !members[i].IsNull() {
			return &members[i]
		}
	}
	return nil
}

// HasMember reports whether an object has a member with that name.
func HasMember(m []Member, key string) bool {
	for i := range m {
		if string(m[i].Key) == key {
			return true
		}
	}
	return false
}
