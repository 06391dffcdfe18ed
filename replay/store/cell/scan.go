package cell

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"asof/replay/fault"
	"asof/replay/state"
)

// maxJSONDepth is the maximum nesting of an event.
const maxJSONDepth = 10_000

// A TextError is a syntax error at an offset of a JSON text.
type TextError struct {
	At    int // bytes from the start of the text
	Msg   string
	AtEnd bool // the text ends too early; it may be cut off
}

func (f *TextError) Error() string { return f.Msg }

// Class returns [fault.Store].
func (f *TextError) Class() fault.Class { return fault.Store }

// Fault returns [fault.KindBadStore].
func (*TextError) Fault() fault.Kind { return fault.KindBadStore }

// Remedy returns nothing; the message is enough.
func (f *TextError) Remedy() fault.Remedy { return fault.Remedy{} }

// A Member is one member of an event's outermost object.
type Member struct {
	Key   []byte // unescaped
	Value []byte // as written, without surrounding white space
	At    int    // offset of the value in the text

	// Elements is the number of elements of an array, and Last the last one as written.
	Elements int
	Last     []byte
}

// A Scanner validates JSON strictly: RFC 8259 and valid UTF-8. The exceptions that
// payloads may contain are recorded as odd, see [state.ParsePayload], so that one such
// event does not make the file unreadable.
type Scanner struct {
	text    []byte
	at      int
	Odd     state.Oddity
	keys    [][]byte // keys of the open objects
	members []Member // of the outermost object
	keyless bool     // keys are not compared
	array   Member   // the elements of the last array that was a member of it
}

// Object validates a text that must be an object and returns its members, which are
// valid until the next call.
func (s *Scanner) Object(text []byte) ([]Member, *TextError) {
	*s = Scanner{text: text, keys: s.keys[:0], members: s.members[:0]}
	s.space()
	if s.at == len(text) || text[s.at] != '{' {
		return nil, s.unexpected("an event, which is an object")
	}
	if f := s.value(0); f != nil {
		return nil, f
	}
	s.space()
	if s.at < len(text) {
		return nil, s.unexpected("the end of the line")
	}
	return s.members, nil
}

// Document validates a text that may be any JSON value.
func (s *Scanner) Document(text []byte) *TextError { return s.document(text, false) }

func (s *Scanner) document(text []byte, keyless bool) *TextError {
	*s = Scanner{text: text, keys: s.keys[:0], members: s.members[:0], keyless: keyless}
	s.space()
	if f := s.value(1); f != nil {
		return f
	}
	s.space()
	if s.at < len(text) {
		return s.unexpected("the end of the text")
	}
	return nil
}

func (s *Scanner) space() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return
		}
	}
}

func (s *Scanner) value(depth int) *TextError {
	if s.at == len(s.text) {
		return s.unexpected("a value")
	}
	switch c := s.text[s.at]; {
	case c == '{' || c == '[':
		if depth == maxJSONDepth {
			return &TextError{At: s.at, Msg: fmt.Sprintf("nested deeper than %d", maxJSONDepth)}
		}
		if c == '{' {
			return s.fields(depth)
		}
		return s.elements(depth)
	case c == '"':
		_, _, f := s.str()
		return f
	case c == '-' && bytes.HasPrefix(s.text[s.at:], minusInfinity):
		return s.notFinite(minusInfinity)
	case c == '-' || '0' <= c && c <= '9':
		return s.number()
	case c == 'N':
		return s.notFinite(notANumber)
	case c == 'I':
		return s.notFinite(minusInfinity[1:])
	case c == 't':
		return s.word("true")
	case c == 'f':
		return s.word("false")
	case c == 'n':
		return s.word("null")
	}
	return s.unexpected("a value")
}

// fields validates an object.
func (s *Scanner) fields(depth int) *TextError {
	first := len(s.keys)
	s.at++
	for s.space(); ; s.space() {
		if len(s.keys) == first && s.peek() == '}' {
			break
		}
		if s.peek() != '"' {
			return s.unexpected("a key in quotes")
		}
		from := s.at
		key, escaped, f := s.str()
		if f != nil {
			return f
		}
		if escaped && !s.keyless {
			if key, f = unescape(key, from+1); f != nil {
				key = s.text[from+1 : s.at-1] // as written; no envelope uses such keys
			}
		}
		if !s.keyless || len(s.keys) == first { // that there is one tells the first from others
			s.addKey(first, key)
		}
		if s.space(); s.peek() != ':' {
			return s.unexpected("':' after a key")
		}
		s.at++
		s.space()
		from = s.at
		s.array = Member{}
		if f := s.value(depth + 1); f != nil {
			return f
		}
		if depth == 0 {
			s.members = append(s.members, Member{Key: key, Value: s.text[from:s.at], At: from, Elements: s.array.Elements, Last: s.array.Last})
		}
		if s.space(); s.peek() == '}' {
			break
		}
		if s.peek() != ',' {
			return s.unexpected("',' or '}' after a value")
		}
		s.at++
	}
	s.at++
	s.closeKeys(first)
	return nil
}

// fewKeys is the number of keys up to which a new key is compared with all others at
// once. Beyond it, the keys are sorted when the object ends.
const fewKeys = 32

func (s *Scanner) addKey(first int, key []byte) {
	if len(s.keys)-first < fewKeys {
		for _, k := range s.keys[first:] {
			if bytes.Equal(k, key) {
				s.Odd |= state.KeyTwice
			}
		}
	}
	s.keys = append(s.keys, key)
}

// closeKeys checks the keys of an object that ends.
func (s *Scanner) closeKeys(first int) {
	keys := s.keys[first:]
	if len(keys) > fewKeys {
		slices.SortFunc(keys, bytes.Compare)
		for i := 1; i < len(keys); i++ {
			if bytes.Equal(keys[i-1], keys[i]) {
				s.Odd |= state.KeyTwice
			}
		}
	}
	s.keys = s.keys[:first]
}

var (
	minusInfinity = []byte("-Infinity")
	notANumber    = []byte("NaN")
)

// notFinite accepts NaN and the infinities, which are not JSON.
func (s *Scanner) notFinite(word []byte) *TextError {
	s.Odd |= state.NotFinite
	return s.word(string(word))
}

func (s *Scanner) elements(depth int) *TextError {
	s.at++
	s.space()
	if s.peek() == ']' {
		s.at++
		return nil
	}
	for n := 1; ; n++ {
		s.space()
		from := s.at
		if f := s.value(depth + 1); f != nil {
			return f
		}
		if depth == 1 {
			s.array.Elements, s.array.Last = n, s.text[from:s.at]
		}
		s.space()
		switch s.peek() {
		case ',':
			s.at++
		case ']':
			s.at++
			return nil
		default:
			return s.unexpected("',' or ']' after a value")
		}
	}
}

// peek returns the next byte, or 0, which JSON never contains, at the end.
func (s *Scanner) peek() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

// isPlain marks the bytes that need no escape in a string.
var isPlain = func() (plain [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		plain[c] = c != '"' && c != '\\'
	}
	return plain
}()

// str validates a string and returns the text between its quotes.
func (s *Scanner) str() (inside []byte, escaped bool, f *TextError) {
	from := s.at + 1
	for i := from; i < len(s.text); {
		if isPlain[s.text[i]] {
			i++
			continue
		}
		switch c := s.text[i]; {
		case c == '"':
			s.at = i + 1
			return s.text[from:i], escaped, nil
		case c == '\\':
			escaped = true
			n, f := escape(s.text[i:], i)
			if f != nil {
				return nil, false, f
			}
			i += n
		case c < ' ':
			s.at = i
			return nil, false, s.unexpected("a string without control characters")
		default:
			r, n := utf8.DecodeRune(s.text[i:])
			if r == utf8.RuneError && n == 1 {
				return nil, false, &TextError{
					At: i, Msg: fmt.Sprintf("byte %#02x is not valid UTF-8", c),
					AtEnd: !utf8.FullRune(s.text[i:]),
				}
			}
			i += n
		}
	}
	s.at = len(s.text)
	return nil, false, s.unexpected("the closing quote of a string")
}

// escape validates the escape at the start of text and returns its length.
func escape(text []byte, at int) (int, *TextError) {
	if len(text) < 2 {
		return 0, &TextError{At: at, Msg: "the text ends inside a string", AtEnd: true}
	}
	switch text[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2, nil
	case 'u':
		for i := 2; i < 6; i++ {
			if i >= len(text) {
				return 0, &TextError{At: at, Msg: "the text ends inside a string", AtEnd: true}
			}
			if !isHex(text[i]) {
				return 0, &TextError{At: at, Msg: `\u without four hex digits`}
			}
		}
		return 6, nil
	}
	return 0, &TextError{At: at, Msg: fmt.Sprintf("unknown escape %s", Shown(text[:2]))}
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func (s *Scanner) number() *TextError {
	from := s.at
	if s.peek() == '-' {
		s.at++
	}
	digits := func() bool {
		n := s.at
		for c := s.peek(); '0' <= c && c <= '9'; c = s.peek() {
			s.at++
		}
		return s.at > n
	}
	if s.peek() == '0' {
		s.at++
		if c := s.peek(); '0' <= c && c <= '9' {
			return &TextError{At: from, Msg: "a number begins with 0"}
		}
	} else if !digits() {
		return s.unexpected("a digit")
	}
	if s.peek() == '.' {
		s.at++
		if !digits() {
			return s.unexpected("a digit after '.'")
		}
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		s.at++
		if c := s.peek(); c == '+' || c == '-' {
			s.at++
		}
		if !digits() {
			return s.unexpected("a digit in an exponent")
		}
	}
	return nil
}

func (s *Scanner) word(w string) *TextError {
	for i := range len(w) {
		if s.peek() != w[i] {
			return s.unexpected("the rest of " + w)
		}
		s.at++
	}
	return nil
}

// unexpected is the error that want was expected at the current offset.
func (s *Scanner) unexpected(want string) *TextError {
	if s.at == len(s.text) {
		return &TextError{At: s.at, Msg: "expected " + want + ", found the end", AtEnd: true}
	}
	_, n := utf8.DecodeRune(s.text[s.at:])
	return &TextError{At: s.at, Msg: "expected " + want + ", found " + Shown(s.text[s.at:s.at+n])}
}

// Shown quotes the start of a text for an error message.
func Shown(b []byte) string {
	if len(b) > 40 {
		return strconv.Quote(string(b[:40])) + "…"
	}
	return strconv.Quote(string(b))
}
