package store

import (
	"bytes"
	"strconv"
)

// What follows walks text that a [jsonScanner] has checked before. It stays within
// the text whatever it holds, since a file can change, but it finds few faults.

// skipJSON returns where the value at b[i] ends.
func skipJSON(b []byte, i int) (int, bool) {
	if i >= len(b) {
		return 0, false
	}
	switch b[i] {
	case '"':
		return skipString(b, i)
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

func skipString(b []byte, i int) (int, bool) {
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
			n, ok := skipString(b, i)
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

func skipSpaces(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// walkObject appends the members of the object that b begins with.
func walkObject(b []byte, to []jsonMember) ([]jsonMember, bool) {
	i := skipSpaces(b, 0)
	if i >= len(b) || b[i] != '{' {
		return to, false
	}
	for i = skipSpaces(b, i+1); i < len(b) && b[i] == '"'; i = skipSpaces(b, i+1) {
		end, ok := skipString(b, i)
		if !ok {
			return to, false
		}
		key := b[i+1 : end-1]
		if bytes.IndexByte(key, '\\') >= 0 {
			if said, f := unescapeSafely(b[i:end]); f == nil {
				key = said
			}
		}
		if i = skipSpaces(b, end); i >= len(b) || b[i] != ':' {
			return to, false
		}
		from := skipSpaces(b, i+1)
		if i, ok = skipJSON(b, from); !ok {
			return to, false
		}
		to = append(to, jsonMember{key, b[from:i:i], from})
		if i = skipSpaces(b, i); i >= len(b) || b[i] != ',' {
			break
		}
	}
	return to, i < len(b) && b[i] == '}'
}

// unescapeSafely returns what a string in quotes says, checking its escapes.
func unescapeSafely(quoted []byte) ([]byte, *jsonFault) {
	s := jsonScanner{text: quoted}
	inside, _, f := s.str()
	if f != nil {
		return nil, f
	}
	return unescape(inside, 1)
}

// lookup follows the tokens of a JSON pointer into a value.
func (m jsonMember) lookup(tokens []string) (jsonMember, bool) {
	for _, t := range tokens {
		var found bool
		switch m.value[0] {
		case '{':
			fields, ok := walkObject(m.value, nil)
			at := m.at
			for _, f := range fields {
				if ok && string(f.key) == t {
					m, found = jsonMember{f.key, f.value, at + f.at}, true
				}
			}
		case '[':
			m, found = m.element(t)
		}
		if !found {
			return jsonMember{}, false
		}
	}
	return m, true
}

func (m jsonMember) element(token string) (jsonMember, bool) {
	want, err := strconv.Atoi(token)
	if err != nil || want < 0 || strconv.Itoa(want) != token {
		return jsonMember{}, false
	}
	b := m.value
	i := skipSpaces(b, 1)
	for n := 0; ; n++ {
		end, ok := skipJSON(b, i)
		if !ok {
			return jsonMember{}, false
		}
		if n == want {
			return jsonMember{m.key, b[i:end:end], m.at + i}, true
		}
		if i = skipSpaces(b, end); i >= len(b) || b[i] != ',' {
			return jsonMember{}, false
		}
		i = skipSpaces(b, i+1)
	}
}
