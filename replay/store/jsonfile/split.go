package jsonfile

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"

	"asof/replay/store/cell"
)

// MaxEventBytes is the maximum size of one event. It bounds memory for files of
// any shape.
const MaxEventBytes = 64 << 20

// A Splitter cuts a file into the texts of its events: its lines, or the elements
// of an array. It does not validate them.
type Splitter struct {
	Src   io.Reader
	buf   []byte
	Start int   // offset in buf of the unread rest
	Off   int64 // offset in the file of buf
	EOF   bool

	array     bool
	wrapped   bool   // the array is inside an object
	key       string // under this key
	depth     int    // how many objects enclose the array
	listed    bool   // the enclosing object is an element of a list
	multiline bool   // an event may span several lines
	after     arrayPlace
	page      int // counts the arrays read so far
	around    []byte
	Line      int   // of buf[Start], from 1
	lineFrom  int64 // file offset where that line begins
	Limit     int   // maximum size of an event in bytes

	// rows reports whether the array under a key holds events of one's own, by its first
	// element and the keys before it; nil: it never does.
	rows func(key string, outer []string, first []cell.Member) bool
}

// An arrayPlace is a position between the elements of an array.
type arrayPlace uint8

const (
	afterBracket arrayPlace = iota
	afterElement
	afterComma
)

// A Text is the text of one event and its place in the file.
type Text struct {
	Text     []byte // valid until the next call
	off      int64  // in the file
	line     int
	lineFrom int64  // file offset where that line begins
	last     bool   // the file ends with it
	page     int    // which of the file's arrays it is in
	around   []byte // what the object around that array says of its events, as far as it is needed
}

// A placedError is an error at a line and column of a file.
type placedError struct {
	line, column int
	msg          string
	cut          bool // the file ends too early
	cause        error
}

func (e *placedError) Error() string { return e.msg }

// Unwrap returns the cause, or nil.
func (e *placedError) Unwrap() error { return e.cause }

// Place converts an error in the text of an event to one in the file.
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
	errNotJSON = errors.New("not JSON")
	errNothing = errors.New("it holds no events")
)

// begin detects the layout of the file from its start.
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
	if s.multiline = c == recordSeparator; s.multiline && err == nil { // a record may span lines
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
	if err == nil && !in && s.atEmptyTransaction() {
		if err = s.nextPage(); errors.Is(err, io.EOF) {
			err = errNothing
		}
		return err
	}
	if err == nil && !in && !s.multiline {
		s.multiline, err = s.detectMultiline()
	}
	return err
}

// detectMultiline reports whether the next text continues on the following line, as
// pretty-printed JSON does: its first line ends between two tokens.
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

// Rest returns the bytes that were read but not taken.
func (s *Splitter) Rest() []byte { return s.buf[s.Start:] }

// Fill reads more and keeps the bytes that were not taken.
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

// AtLeast reads until n bytes are available or the file ends, and returns how many
// are available.
func (s *Splitter) AtLeast(n int) (int, error) {
	for len(s.Rest()) < n && !s.EOF {
		if err := s.Fill(); err != nil {
			return 0, err
		}
	}
	return len(s.Rest()), nil
}

// SkipSpace moves to the next byte that is not white space and returns it, or 0 at
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

// skipBetween skips white space and record separators between two texts.
func (s *Splitter) skipBetween() (byte, error) {
	for {
		c, err := s.SkipSpace()
		if err != nil || c != recordSeparator {
			return c, err
		}
		s.Start++
	}
}

// next returns the text of the next event, or io.EOF.
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

// Take consumes the next n bytes and returns them as a text.
func (s *Splitter) Take(n int, last bool) (Text, error) {
	if n > s.Limit {
		return Text{}, s.tooLarge()
	}
	t := Text{
		Text: s.Rest()[:n:n], off: s.Off + int64(s.Start), line: s.Line, lineFrom: s.lineFrom, last: last, page: s.page, around: s.around,
	}
	if i := bytes.LastIndexByte(t.Text, '\n'); i >= 0 {
		s.Line += bytes.Count(t.Text, []byte{'\n'})
		s.lineFrom = t.off + int64(i) + 1
	}
	s.Start += n
	return t, nil
}

// Fault is an error at the current byte, between two elements.
func (s *Splitter) Fault(want string) error {
	e := &placedError{line: s.Line, column: int(s.Off + int64(s.Start) - s.lineFrom + 1)}
	if rest := s.Rest(); len(rest) > 0 {
		e.msg = "expected " + want + ", found " + cell.Shown(rest[:1])
	} else {
		e.msg, e.cut = "expected "+want+", found the end", true
	}
	return e
}

// element returns the next element of the array. After the array it continues with
// the one that follows, if any.
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

// ObjectLength finds the end of the next object by its brackets. For an object that
// is never closed, that is the end of the file.
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
