package jsonfile

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"

	"asof/replay/store/cell"
)

// MaxEventBytes bounds one event, so that a file of any shape is read in bounded
// memory.
const MaxEventBytes = 64 << 20

// A Splitter cuts a file into the texts of its events: one a line, or the
// elements of an array. It does not check them.
type Splitter struct {
	Src   io.Reader
	buf   []byte
	Start int   // where in buf the rest begins
	Off   int64 // where in the file buf begins
	EOF   bool

	array     bool
	wrapped   bool // the array is within an object
	depth     int  // or within so many, one in the other
	listed    bool // and that object is an element of a list
	multiline bool // a text goes over several lines
	after     arrayPlace
	page      int   // of the arrays so far
	Line      int   // of buf[start], from 1
	lineFrom  int64 // where in the file that line begins
	Limit     int   // of an event's bytes
}

// An arrayPlace is where between elements we are.
type arrayPlace uint8

const (
	afterBracket arrayPlace = iota
	afterElement
	afterComma
)

// A Text is the text of one event and where it is.
type Text struct {
	Text     []byte // valid until the next
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

// Place finds a fault of an event in the file.
func (t *Text) Place(f *cell.TextError) *placedError {
	line, from := t.line, t.lineFrom-t.off
	for i, c := range t.Text[:min(f.At, len(t.Text))] {
		if c == '\n' {
			line, from = line+1, int64(i+1)
		}
	}
	return &placedError{
		line: line, column: int(int64(f.At)-from) + 1, msg: f.Msg, cut: f.AtEnd && t.last,
	}
}

var (
	UTF8BOM    = []byte("\xEF\xBB\xBF")
	errNotJSON = errors.New("it is no JSON")
	errNothing = errors.New("it holds no events")
)

// begin looks at the start of the file and decides what it is.
func (s *Splitter) begin() error {
	s.Line, s.Limit = 1, cmp.Or(s.Limit, MaxEventBytes)
	if _, err := s.AtLeast(4); err != nil {
		return err
	}
	switch head := s.Rest(); {
	case bytes.HasPrefix(head, UTF8BOM):
		s.Start = len(UTF8BOM)
		s.lineFrom = int64(s.Start)
	case bytes.HasPrefix(head, []byte("\xFF\xFE")), bytes.HasPrefix(head, []byte("\xFE\xFF")):
		return errors.New("it is UTF-16, and JSON is UTF-8")
	}
	c, err := s.SkipSpace()
	if s.multiline = c == recordSeparator; s.multiline && err == nil { // which may be of any shape
		c, err = s.skipBetween()
	}
	switch {
	case err != nil:
		return err
	case len(s.Rest()) == 0:
		return errNothing
	case c != '{' && c != '[':
		return errNotJSON
	}
	if s.array = c == '['; s.array {
		s.Start++
		if c, err = s.SkipSpace(); err == nil && c == '{' {
			s.listed, err = s.enterArray()
		}
		return err
	}
	in, err := s.enterArray()
	if err == nil && !in && !s.multiline {
		s.multiline, err = s.detectMultiline()
	}
	return err
}

// spreads reports whether the text at hand goes on in the next line, as those do
// that were printed to be read by people: its first line ends between two tokens.
func (s *Splitter) detectMultiline() (bool, error) {
	for n := 0; ; {
		if i := bytes.IndexByte(s.Rest()[n:], '\n'); i >= 0 {
			line := bytes.TrimRight(s.Rest()[:n+i], " \t\r")
			return bytes.IndexByte([]byte("{[,"), line[len(line)-1]) >= 0, nil
		}
		if n = len(s.Rest()); s.EOF {
			return false, nil
		}
		if err := s.Fill(); err != nil {
			return false, err
		}
	}
}

// Rest returns what was read and is not taken yet.
func (s *Splitter) Rest() []byte { return s.buf[s.Start:] }

// Fill reads more, keeping what has not been taken.
func (s *Splitter) Fill() error {
	if s.Start > 0 {
		s.Off += int64(s.Start)
		s.buf = s.buf[:copy(s.buf, s.Rest())]
		s.Start = 0
	}
	if len(s.buf) > s.Limit {
		return s.tooLarge()
	}
	if len(s.buf) == cap(s.buf) {
		s.buf = append(make([]byte, 0, max(64<<10, 2*cap(s.buf))), s.buf...)
	}
	n, err := s.Src.Read(s.buf[len(s.buf):cap(s.buf)])
	s.buf = s.buf[:len(s.buf)+n]
	if errors.Is(err, io.EOF) {
		s.EOF = true
		return nil
	}
	return err
}

// AtLeast reads until there are n bytes or the file ends, and returns how many
// there are.
func (s *Splitter) AtLeast(n int) (int, error) {
	for len(s.Rest()) < n && !s.EOF {
		if err := s.Fill(); err != nil {
			return 0, err
		}
	}
	return len(s.Rest()), nil
}

// SkipSpace goes to the next byte that is no white space and returns it, or 0 at
// the end of the file.
func (s *Splitter) SkipSpace() (byte, error) {
	for {
		for ; s.Start < len(s.buf); s.Start++ {
			switch c := s.buf[s.Start]; c {
			case '\n':
				s.Line++
				s.lineFrom = s.Off + int64(s.Start) + 1
			case ' ', '\t', '\r':
			default:
				return c, nil
			}
		}
		if n, err := s.AtLeast(1); err != nil || n == 0 {
			return 0, err
		}
	}
}

// recordSeparator begins each text of a JSON text sequence (RFC 7464).
const recordSeparator = 0x1E

// skipBetween does so between two texts.
func (s *Splitter) skipBetween() (byte, error) {
	for {
		c, err := s.SkipSpace()
		if err != nil || c != recordSeparator {
			return c, err
		}
		s.Start++
	}
}

// next returns the text of the next event; io.EOF is the end.
func (s *Splitter) next() (Text, error) {
	if s.array {
		return s.element()
	}
	if _, err := s.skipBetween(); err != nil {
		return Text{}, err
	}
	if len(s.Rest()) == 0 {
		return Text{}, io.EOF
	}
	if s.multiline && s.Rest()[0] == '{' {
		n, closed, err := s.ObjectLength()
		if err != nil {
			return Text{}, err
		}
		return s.Take(n, !closed)
	}
	for n := 0; ; {
		if i := bytes.IndexByte(s.Rest()[n:], '\n'); i >= 0 {
			return s.Take(n+i, false)
		}
		n = len(s.Rest())
		if s.EOF {
			return s.Take(n, true)
		}
		if err := s.Fill(); err != nil {
			return Text{}, err
		}
	}
}

func (s *Splitter) tooLarge() error {
	return &placedError{
		line: s.Line, column: 1, msg: fmt.Sprintf("an event is larger than %d bytes", s.Limit),
	}
}

// Take returns the next n bytes as a text.
func (s *Splitter) Take(n int, last bool) (Text, error) {
	if n > s.Limit {
		return Text{}, s.tooLarge()
	}
	t := Text{
		Text: s.Rest()[:n:n], off: s.Off + int64(s.Start), line: s.Line, lineFrom: s.lineFrom, last: last, page: s.page,
	}
	if i := bytes.LastIndexByte(t.Text, '\n'); i >= 0 {
		s.Line += bytes.Count(t.Text, []byte{'\n'})
		s.lineFrom = t.off + int64(i) + 1
	}
	s.Start += n
	return t, nil
}

// Fault is a fault of what is between the elements, at the present byte.
func (s *Splitter) Fault(want string) error {
	e := &placedError{line: s.Line, column: int(s.Off + int64(s.Start) - s.lineFrom + 1)}
	if rest := s.Rest(); len(rest) > 0 {
		e.msg = "expected " + want + ", found " + cell.Shown(rest[:1])
	} else {
		e.msg, e.cut = "expected "+want+", found the end", true
	}
	return e
}

// element returns the next element of the array; where it ends, an array that
// follows goes on.
func (s *Splitter) element() (Text, error) {
	for {
		c, err := s.SkipSpace()
		if err != nil {
			return Text{}, err
		}
		switch {
		case c == ']' && s.after != afterComma:
			s.Start++
			if s.wrapped {
				if err := s.leaveObject(); err != nil {
					return Text{}, err
				}
				continue
			}
			if c, err = s.SkipSpace(); err != nil {
				return Text{}, err
			}
			if len(s.Rest()) == 0 {
				return Text{}, io.EOF
			}
			if c != '[' {
				return Text{}, s.Fault("the end of the file")
			}
			s.Start++
			s.page++
			s.after = afterBracket
		case c == ',' && s.after == afterElement:
			s.Start++
			s.after = afterComma
		case s.after == afterElement:
			return Text{}, s.Fault("',' or ']' after an event")
		case c != '{':
			return Text{}, s.Fault("an event, which is an object")
		default:
			n, closed, err := s.ObjectLength()
			if err != nil {
				return Text{}, err
			}
			s.after = afterElement
			return s.Take(n, !closed)
		}
	}
}

// ObjectLength finds where the object that comes next ends, by its brackets. If
// they are never closed, that is at the end of the file.
func (s *Splitter) ObjectLength() (n int, closed bool, err error) {
	depth, quoted, escaped := 0, false, false
	for {
		for rest := s.Rest(); n < len(rest); n++ {
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
		if s.EOF {
			return n, false, nil
		}
		if err := s.Fill(); err != nil {
			return 0, false, err
		}
	}
}
