package cell

import (
	"bytes"
	"time"
)

// A timeText is a time as written.
type timeText struct {
	wall   time.Time // the clock reading, as if in UTC
	offset int       // seconds east of UTC
	zone   zoneForm
	name   []byte // of the zone, if only the name determines the offset
}

// A zoneForm is how a time gives its zone.
type zoneForm uint8

const (
	zoneNone   zoneForm = iota
	zoneOffset          // an offset, or a name that implies one
	zoneNamed           // the name of a zone in brackets, without an offset
)

// A timeForm is a format of times. TestTimeForms has examples of each.
type timeForm uint8

const (
	noForm    timeForm = iota
	isoForm            // ISO 8601 and its variants in SQL, Java, Ruby and Go
	basicForm          // ISO 8601 without dashes and colons
	mailForm           // RFC 2822
	dateForm           // JavaScript's Date.toString
)

// formOf detects the form of a text from its beginning.
func formOf(b []byte) timeForm {
	switch {
	case len(b) >= len("2026-01-01") && b[4] == '-':
		return isoForm
	case len(b) >= len("20260101") && isDigit(b[2]) && isDigit(b[5]):
		return basicForm
	case bytes.IndexByte(b, ',') == len("Thu"), len(b) > 0 && isDigit(b[0]):
		return mailForm
	case len(b) > len("Thu Jan "):
		return dateForm
	}
	return noForm
}

// parseTimeText parses a time in any of the forms. It must consume the whole text.
func parseTimeText(b []byte) (t timeText, ok bool) {
	b = bytes.TrimSpace(b)
	s := timeScanner{b: b, ok: true}
	switch formOf(b) { // a table of functions would make the scanner escape to the heap
	case isoForm:
		t = s.iso()
	case basicForm:
		t = s.basic()
	case mailForm:
		t = s.mail()
	case dateForm:
		t = s.javaScript()
	default:
		s.ok = false
	}
	return t, s.ok && len(s.b) == 0
}

// A timeScanner parses a time from its beginning. After a failure it stays failed.
type timeScanner struct {
	b  []byte
	ok bool
}

// number reads a number with the given count of digits.
func (s *timeScanner) number(digits int) int {
	if len(s.b) < digits {
		s.ok = false
		return 0
	}
	n := 0
	for _, c := range s.b[:digits] {
		if !isDigit(c) {
			s.ok = false
			return 0
		}
		n = n*10 + int(c-'0')
	}
	s.b = s.b[digits:]
	return n
}

// digits counts the leading digits.
func (s *timeScanner) digits() int {
	n := 0
	for n < len(s.b) && isDigit(s.b[n]) {
		n++
	}
	return n
}

func (s *timeScanner) skip(c byte) bool {
	if len(s.b) > 0 && s.b[0] == c {
		s.b = s.b[1:]
		return true
	}
	return false
}

func (s *timeScanner) need(c byte) {
	if !s.skip(c) {
		s.ok = false
	}
}

// word reads the leading letters.
func (s *timeScanner) word() []byte {
	n := 0
	for n < len(s.b) && isLetter(s.b[n]) {
		n++
	}
	w := s.b[:n]
	s.b = s.b[n:]
	return w
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// wall combines a date and a clock; the last second of a minute may be 60.
func (s *timeScanner) wall(year, month, day int, c timeClock) time.Time {
	if month < 1 || month > 12 || day < 1 || day > 31 || c.hour > 23 || c.minute > 59 || c.second > 60 {
		s.ok = false
		return time.Time{}
	}
	if day > 28 && time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Day() != day { // such as February 30
		s.ok = false
	}
	return time.Date(year, time.Month(month), day, c.hour, c.minute, c.second, c.nanos, time.UTC)
}

// A timeClock is a time of day.
type timeClock struct{ hour, minute, second, nanos int }

// clock reads hh:mm[:ss[.fraction]].
func (s *timeScanner) clock() (c timeClock) {
	c.hour = s.number(2)
	s.need(':')
	c.minute = s.number(2)
	if s.skip(':') {
		c.second = s.number(2)
		c.nanos = s.fraction()
	}
	return c
}

// fraction reads nanoseconds and drops further digits.
func (s *timeScanner) fraction() int {
	if !s.skip('.') && !s.skip(',') {
		return 0
	}
	n, digits := 0, 0
	for ; len(s.b) > 0 && isDigit(s.b[0]); s.b = s.b[1:] {
		if digits++; digits <= 9 {
			n = n*10 + int(s.b[0]-'0')
		}
	}
	if digits == 0 {
		s.ok = false
	}
	for ; digits < 9; digits++ {
		n *= 10
	}
	return n
}

// iso reads 2026-03-01, with an optional clock after T or a space, and a zone.
func (s *timeScanner) iso() (t timeText) {
	year := s.number(4)
	s.need('-')
	month := s.number(2)
	s.need('-')
	day := s.number(2)
	var c timeClock
	if s.ok && len(s.b) > 0 {
		if !s.skip('T') && !s.skip('t') {
			s.need(' ')
		}
		c = s.clock()
	}
	t.wall = s.wall(year, month, day, c)
	if len(s.b) > 0 {
		s.zone(&t)
	}
	return t
}

// basic reads 20260301, 20260301T0900, 20260301T090000 and 20260301090000, with an
// optional fraction and zone.
func (s *timeScanner) basic() (t timeText) {
	year, month, day := s.number(4), s.number(2), s.number(2)
	var c timeClock
	if s.ok && len(s.b) > 0 {
		if !s.skip('T') && !s.skip('t') && s.digits() != len("090000") {
			s.ok = false
		}
		c.hour, c.minute = s.number(2), s.number(2)
		if s.digits() == 2 {
			c.second = s.number(2)
			c.nanos = s.fraction()
		}
	}
	t.wall = s.wall(year, month, day, c)
	if len(s.b) > 0 {
		s.zone(&t)
	}
	return t
}

// mail reads Sun, 01 Mar 2026 09:00:00 +0100; the weekday and the seconds are optional.
func (s *timeScanner) mail() (t timeText) {
	if !isDigit(s.b[0]) {
		s.weekday()
		s.need(',')
		s.need(' ')
	}
	day := s.number(min(max(s.digits(), 1), 2))
	s.need(' ')
	month := s.month()
	s.need(' ')
	year := s.number(4)
	s.need(' ')
	t.wall = s.wall(year, month, day, s.clock())
	if len(s.b) > 0 {
		s.zone(&t)
	}
	return t
}

// javaScript reads Sun Mar 01 2026 09:00:00 GMT+0100 (Central European Time).
func (s *timeScanner) javaScript() (t timeText) {
	s.weekday()
	s.need(' ')
	month := s.month()
	s.need(' ')
	day := s.number(2)
	s.need(' ')
	year := s.number(4)
	s.need(' ')
	t.wall = s.wall(year, month, day, s.clock())
	s.need(' ')
	if rest, ok := bytes.CutPrefix(s.b, []byte("GMT")); ok && len(rest) > 0 && (rest[0] == '+' || rest[0] == '-') {
		s.b = rest
	}
	s.zone(&t)
	if s.skip(' ') {
		s.need('(')
		if i := bytes.IndexByte(s.b, ')'); i > 0 {
			s.b = s.b[i:]
		}
		s.need(')')
	}
	return t
}

func (s *timeScanner) weekday() { s.oneOf("SunMonTueWedThuFriSat") }

// month reads the short name of a month and returns 1 to 12.
func (s *timeScanner) month() int { return s.oneOf("JanFebMarAprMayJunJulAugSepOctNovDec") + 1 }

// oneOf reads one of the three-letter names and returns its index.
func (s *timeScanner) oneOf(names string) int {
	w := s.word()
	for i := 0; len(w) == 3 && i < len(names); i += 3 {
		if names[i:i+3] == string(w) {
			return i / 3
		}
	}
	s.ok = false
	return 0
}
