package state

import "unicode/utf8"

const (
	// textUpTo is the longest payload, in bytes, that a TextSorter takes. Its tree is far
	// below [MaxTree].
	textUpTo = 1 << 20
	// textDepth is the deepest nesting that it takes, and textMembers the most members of
	// an object, which are compared with each other.
	textDepth   = 100
	textMembers = scanUpTo
)

// A TextSorter appends payloads as [AppendSorted] does, without a tree. It takes only
// payloads in which nothing needs care: others are parsed.
type TextSorter struct {
	data    []byte
	pos     int
	members []span
	scratch []byte
}

// A span is a member that was written: its key and all of it, as offsets.
type span struct{ key, keyEnd, end int }

// Append appends the payload, or returns false if it has to be parsed, because it is not
// valid or has a key twice, an unusual escape or a character that is written as an escape.
func (s *TextSorter) Append(dst, data []byte) ([]byte, bool) {
	if len(data) > textUpTo {
		return dst, false
	}
	s.data, s.pos, s.members = data, 0, s.members[:0]
	was := len(dst)
	dst, ok := s.value(dst, 0)
	if ok {
		s.blanks()
		ok = s.pos == len(data)
	}
	s.data = nil
	if !ok {
		return dst[:was], false
	}
	return dst, true
}

// blanks skips white space and returns the next byte, or 0 at the end.
func (s *TextSorter) blanks() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\n', '\r', '\t':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

func (s *TextSorter) value(dst []byte, depth int) ([]byte, bool) {
	switch c := s.blanks(); c {
	case '"':
		return s.str(dst, true)
	case '{':
		return s.object(dst, depth+1)
	case '[':
		return s.array(dst, depth+1)
	case 't':
		return s.word(dst, "true")
	case 'f':
		return s.word(dst, "false")
	case 'n':
		return s.word(dst, "null")
	default:
		end := numberEnd(s.data, s.pos)
		if end < 0 {
			return dst, false
		}
		dst = append(dst, s.data[s.pos:end]...)
		s.pos = end
		return dst, true
	}
}

func (s *TextSorter) word(dst []byte, w string) ([]byte, bool) {
	if len(s.data)-s.pos < len(w) || string(s.data[s.pos:s.pos+len(w)]) != w {
		return dst, false
	}
	s.pos += len(w)
	return append(dst, w...), true
}

// str copies a string that is written as it stands.
func (s *TextSorter) str(dst []byte, escapes bool) ([]byte, bool) {
	d, i := s.data, s.pos+1
	for i < len(d) {
		c := d[i]
		switch {
		case c == '"':
			dst = append(dst, d[s.pos:i+1]...)
			s.pos = i + 1
			return dst, true
		case plain[c] && c != 0x7f:
			i++
		case c == '\\':
			if !escapes || i+1 == len(d) || !shortEscape[d[i+1]] {
				return dst, false
			}
			i += 2
		case c < utf8.RuneSelf:
			return dst, false
		default:
			r, n := utf8.DecodeRune(d[i:])
			if unsafeRune(r) || r == utf8.RuneError && n == 1 {
				return dst, false
			}
			i += n
		}
	}
	return dst, false
}

// shortEscape has the letters of the escapes that [AppendQuoted] writes too.
var shortEscape = [256]bool{'"': true, '\\': true, 'b': true, 'f': true, 'n': true, 'r': true, 't': true}

func (s *TextSorter) array(dst []byte, depth int) ([]byte, bool) {
	if depth > textDepth {
		return dst, false
	}
	s.pos++
	dst = append(dst, '[')
	if s.blanks() == ']' {
		s.pos++
		return append(dst, ']'), true
	}
	for {
		var ok bool
		if dst, ok = s.value(dst, depth); !ok {
			return dst, false
		}
		c := s.blanks()
		s.pos++
		switch c {
		case ',':
			dst = append(dst, ',')
		case ']':
			return append(dst, ']'), true
		default:
			return dst, false
		}
	}
}

func (s *TextSorter) object(dst []byte, depth int) ([]byte, bool) {
	if depth > textDepth {
		return dst, false
	}
	s.pos++
	dst = append(dst, '{')
	if s.blanks() == '}' {
		s.pos++
		return append(dst, '}'), true
	}
	base, inOrder := len(s.members), true
	for {
		if s.blanks() != '"' || len(s.members)-base == textMembers {
			return dst, false
		}
		m := span{key: len(dst)}
		var ok bool
		if dst, ok = s.str(dst, false); !ok {
			return dst, false
		}
		m.keyEnd = len(dst) - 1 // without the quote, so that a key precedes longer ones
		if s.blanks() != ':' {
			return dst, false
		}
		s.pos++
		dst = append(dst, ':')
		if dst, ok = s.value(dst, depth); !ok {
			return dst, false
		}
		m.end = len(dst)
		if len(s.members) > base {
			last := s.members[len(s.members)-1]
			inOrder = inOrder && string(dst[last.key:last.keyEnd]) < string(dst[m.key:m.keyEnd])
		}
		s.members = append(s.members, m)
		c := s.blanks()
		s.pos++
		switch c {
		case ',':
			dst = append(dst, ',')
			continue
		case '}':
		default:
			return dst, false
		}
		ok = inOrder || s.sort(dst, s.members[base:])
		s.members = s.members[:base]
		return append(dst, '}'), ok
	}
}

// sort puts the members at the end of dst in order. It returns false if a key occurs twice.
func (s *TextSorter) sort(dst []byte, ms []span) bool {
	from := ms[0].key
	s.scratch = append(s.scratch[:0], dst[from:]...)
	key := func(m span) string { return string(s.scratch[m.key-from : m.keyEnd-from]) }
	for i := 1; i < len(ms); i++ {
		m, j := ms[i], i
		for ; j > 0 && key(m) < key(ms[j-1]); j-- {
			ms[j] = ms[j-1]
		}
		if j > 0 && key(m) == key(ms[j-1]) {
			return false
		}
		ms[j] = m
	}
	dst = dst[:from]
	for i, m := range ms {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, s.scratch[m.key-from:m.end-from]...)
	}
	return true
}
