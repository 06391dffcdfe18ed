package store

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
)

// maxEventBytes bounds one event, so that a file of any shape is read in bounded
// memory.
const maxEventBytes = 64 << 20

// A jsonSplitter cuts a file into the texts of its events: one a line, or the
// elements of an array. It does not check them.
type jsonSplitter struct {
	src   io.Reader
	buf   []byte
	start int   // where in buf the rest begins
	off   int64 // where in the file buf begins
	eof   bool

	array    bool
	wrapped  bool // the array is within an object
	depth    int  // or within so many, one in the other
	listed   bool // and that object is an element of a list
	spread   bool // a text goes over several lines
	after    arrayPlace
	page     int   // of the arrays so far
	line     int   // of buf[start], from 1
	lineFrom int64 // where in the file that line begins
	limit    int   // of an event's bytes
}

// An arrayPlace is where between elements we are.
type arrayPlace uint8

const (
	afterBracket arrayPlace = iota
	afterElement
	afterComma
)

// A jsonText is the text of one event and where it is.
type jsonText struct {
	text     []byte // valid until the next
	off      int64  // in the file
	line     int
	lineFrom int64 // where in the file that line begins
	last     bool  // the file ends with it
	page     int   // which of the file's arrays it is in
}

// A placedError is a fault at a place in a file.
type placedError struct {
	line, column int
	msg          string
	cut          bool // the file ends too early
	cause        error
}

func (e *placedError) Error() string { return e.msg }

// Unwrap returns the cause, where there is one.
func (e *placedError) Unwrap() error { return e.cause }

// place finds a fault of an event in the file.
func (t *jsonText) place(f *jsonFault) *placedError {
	line, from := t.line, t.lineFrom-t.off
	for i, c := range t.text[:min(f.at, len(t.text))] {
		if c == '\n' {
			line, from = line+1, int64(i+1)
		}
	}
	return &placedError{
		line: line, column: int(int64(f.at)-from) + 1, msg: f.msg, cut: f.atEnd && t.last,
	}
}

var (
	bomUTF8    = []byte("\xEF\xBB\xBF")
	errNoJSON  = errors.New("it is no JSON")
	errNothing = errors.New("it holds no events")
)

// begin looks at the start of the file and decides what it is.
func (s *jsonSplitter) begin() error {
	s.line, s.limit = 1, cmp.Or(s.limit, maxEventBytes)
	if _, err := s.atLeast(4); err != nil {
		return err
	}
	switch head := s.rest(); {
	case bytes.HasPrefix(head, bomUTF8):
		s.start = len(bomUTF8)
		s.lineFrom = int64(s.start)
	case bytes.HasPrefix(head, []byte("\xFF\xFE")), bytes.HasPrefix(head, []byte("\xFE\xFF")):
		return errors.New("it is UTF-16, and JSON is UTF-8")
	}
	c, err := s.skipSpace()
	if s.spread = c == recordSeparator; s.spread && err == nil { // which may be of any shape
		c, err = s.skipBetween()
	}
	switch {
	case err != nil:
		return err
	case len(s.rest()) == 0:
		return errNothing
	case c != '{' && c != '[':
		return errNoJSON
	}
	if s.array = c == '['; s.array {
		s.start++
		if c, err = s.skipSpace(); err == nil && c == '{' {
			s.listed, err = s.unwrap()
		}
		return err
	}
	in, err := s.unwrap()
	if err == nil && !in && !s.spread {
		s.spread, err = s.spreads()
	}
	return err
}

// spreads reports whether the text at hand goes on in the next line, as those do
// that were printed to be read by people: its first line ends between two tokens.
func (s *jsonSplitter) spreads() (bool, error) {
	for n := 0; ; {
		if i := bytes.IndexByte(s.rest()[n:], '\n'); i >= 0 {
			line := bytes.TrimRight(s.rest()[:n+i], " \t\r")
			return bytes.IndexByte([]byte("{[,"), line[len(line)-1]) >= 0, nil
		}
		if n = len(s.rest()); s.eof {
			return false, nil
		}
		if err := s.fill(); err != nil {
			return false, err
		}
	}
}

func (s *jsonSplitter) rest() []byte { return s.buf[s.start:] }

// fill reads more, keeping what has not been taken.
func (s *jsonSplitter) fill() error {
	if s.start > 0 {
		s.off += int64(s.start)
		s.buf = s.buf[:copy(s.buf, s.rest())]
		s.start = 0
	}
	if len(s.buf) > s.limit {
		return s.tooLarge()
	}
	if len(s.buf) == cap(s.buf) {
		s.buf = append(make([]byte, 0, max(64<<10, 2*cap(s.buf))), s.buf...)
	}
	n, err := s.src.Read(s.buf[len(s.buf):cap(s.buf)])
	s.buf = s.buf[:len(s.buf)+n]
	if errors.Is(err, io.EOF) {
		s.eof = true
		return nil
	}
	return err
}

// atLeast reads until there are n bytes or the file ends, and returns how many
// there are.
func (s *jsonSplitter) atLeast(n int) (int, error) {
	for len(s.rest()) < n && !s.eof {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	return len(s.rest()), nil
}

// skipSpace goes to the next byte that is no white space and returns it, or 0 at
// the end of the file.
func (s *jsonSplitter) skipSpace() (byte, error) {
	for {
		for ; s.start < len(s.buf); s.start++ {
			switch c := s.buf[s.start]; c {
			case '\n':
				s.line++
				s.lineFrom = s.off + int64(s.start) + 1
			case ' ', '\t', '\r':
			default:
				return c, nil
			}
		}
		if n, err := s.atLeast(1); err != nil || n == 0 {
			return 0, err
		}
	}
}

// recordSeparator begins each text of a JSON text sequence (RFC 7464).
const recordSeparator = 0x1E

// skipBetween does so between two texts.
func (s *jsonSplitter) skipBetween() (byte, error) {
	for {
		c, err := s.skipSpace()
		if err != nil || c != recordSeparator {
			return c, err
		}
		s.start++
	}
}

// next returns the text of the next event; io.EOF is the end.
func (s *jsonSplitter) next() (jsonText, error) {
	if s.array {
		return s.element()
	}
	if _, err := s.skipBetween(); err != nil {
		return jsonText{}, err
	}
	if len(s.rest()) == 0 {
		return jsonText{}, io.EOF
	}
	if s.spread && s.rest()[0] == '{' {
		n, closed, err := s.objectLength()
		if err != nil {
			return jsonText{}, err
		}
		return s.take(n, !closed)
	}
	for n := 0; ; {
		if i := bytes.IndexByte(s.rest()[n:], '\n'); i >= 0 {
			return s.take(n+i, false)
		}
		n = len(s.rest())
		if s.eof {
			return s.take(n, true)
		}
		if err := s.fill(); err != nil {
			return jsonText{}, err
		}
	}
}

func (s *jsonSplitter) tooLarge() error {
	return &placedError{
		line: s.line, column: 1, msg: fmt.Sprintf("an event is larger than %d bytes", s.limit),
	}
}

// take returns the next n bytes as a text.
func (s *jsonSplitter) take(n int, last bool) (jsonText, error) {
	if n > s.limit {
		return jsonText{}, s.tooLarge()
	}
	t := jsonText{
		text: s.rest()[:n:n], off: s.off + int64(s.start), line: s.line, lineFrom: s.lineFrom, last: last, page: s.page,
	}
	if i := bytes.LastIndexByte(t.text, '\n'); i >= 0 {
		s.line += bytes.Count(t.text, []byte{'\n'})
		s.lineFrom = t.off + int64(i) + 1
	}
	s.start += n
	return t, nil
}

// fault is a fault of what is between the elements, at the present byte.
func (s *jsonSplitter) fault(want string) error {
	e := &placedError{line: s.line, column: int(s.off + int64(s.start) - s.lineFrom + 1)}
	if rest := s.rest(); len(rest) > 0 {
		e.msg = "expected " + want + ", found " + shown(rest[:1])
	} else {
		e.msg, e.cut = "expected "+want+", found the end", true
	}
	return e
}

// element returns the next element of the array; where it ends, an array that
// follows goes on.
func (s *jsonSplitter) element() (jsonText, error) {
	for {
		c, err := s.skipSpace()
		if err != nil {
			return jsonText{}, err
		}
		switch {
		case c == ']' && s.after != afterComma:
			s.start++
			if s.wrapped {
				if err := s.leave(); err != nil {
					return jsonText{}, err
				}
				continue
			}
			if c, err = s.skipSpace(); err != nil {
				return jsonText{}, err
			}
			if len(s.rest()) == 0 {
				return jsonText{}, io.EOF
			}
			if c != '[' {
				return jsonText{}, s.fault("the end of the file")
			}
			s.start++
			s.page++
			s.after = afterBracket
		case c == ',' && s.after == afterElement:
			s.start++
			s.after = afterComma
		case s.after == afterElement:
			return jsonText{}, s.fault("',' or ']' after an event")
		case c != '{':
			return jsonText{}, s.fault("an event, which is an object")
		default:
			n, closed, err := s.objectLength()
			if err != nil {
				return jsonText{}, err
			}
			s.after = afterElement
			return s.take(n, !closed)
		}
	}
}

// objectLength finds where the object that comes next ends, by its brackets. If
// they are never closed, that is at the end of the file.
func (s *jsonSplitter) objectLength() (n int, closed bool, err error) {
	depth, quoted, escaped := 0, false, false
	for {
		for rest := s.rest(); n < len(rest); n++ {
			c := rest[n]
			switch {
			case escaped:
				escaped = false
			case quoted:
				quoted, escaped = c != '"', c == '\\'
			case c == '"':
				quoted = true
			case c == '{' || c == '[':
				depth++
			case c == '}' || c == ']':
				if depth--; depth == 0 {
					return n + 1, true, nil
				}
			}
		}
		if s.eof {
			return n, false, nil
		}
		if err := s.fill(); err != nil {
			return 0, false, err
		}
	}
}
