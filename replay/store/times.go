package store

import (
	"math"
	"time"
)

// parseTime reads the times that stores keep: RFC 3339, "YYYY-MM-DD hh:mm:ss"
// with or without a fraction and a zone (UTC where there is none), a date alone,
// seconds, milli-, micro- or nanoseconds since 1970, told by magnitude, and real
// numbers that are Julian days, as SQLite keeps times. What it can't read whole is
// not a time.
func parseTime(v *value) (time.Time, bool) {
	switch v.kind {
	case kindInt:
		return unixTime(v.num)
	case kindReal:
		if isJulianDay(v.real) {
			return julianDay(v.real), true
		}
		return unixReal(v.real)
	case kindText, kindBlob:
		return parseTimeText(v.b)
	}
	return time.Time{}, false
}

func unixTime(n int64) (time.Time, bool) {
	size := n
	if size < 0 {
		size = -size
	}
	switch {
	case size < 0:
		return time.Time{}, false
	case size < 1e11: // until the year 5138
		return time.Unix(n, 0).UTC(), true
	case size < 1e14:
		return time.UnixMilli(n).UTC(), true
	case size < 1e17:
		return time.UnixMicro(n).UTC(), true
	default:
		return time.Unix(0, n).UTC(), true
	}
}

// unixReal takes seconds; a double holds them to a fraction of a microsecond.
func unixReal(f float64) (time.Time, bool) {
	if !(math.Abs(f) < 1e11) {
		return time.Time{}, false
	}
	return time.UnixMicro(int64(math.Round(f * 1e6))).UTC(), true
}

// isJulianDay tells days since noon of 24 November 4714 BC, of the years 1858 to
// 2132, from seconds: as such they would be of the end of January 1970.
func isJulianDay(f float64) bool { return f >= 2_400_000.5 && f < 2_500_000 }

// julianDay rounds to the millisecond: SQLite reckons no finer.
func julianDay(f float64) time.Time {
	const epoch = 2_440_587.5 // 1970
	return time.UnixMilli(int64(math.Round((f - epoch) * 86_400_000))).UTC()
}

// A timeScanner reads a time from its beginning; once it has failed it stays so.
type timeScanner struct {
	b  []byte
	ok bool
}

func (s *timeScanner) number(digits int) int {
	if len(s.b) < digits {
		s.ok = false
		return 0
	}
	n := 0
	for _, c := range s.b[:digits] {
		if c < '0' || c > '9' {
			s.ok = false
			return 0
		}
		n = n*10 + int(c-'0')
	}
	s.b = s.b[digits:]
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

func parseTimeText(b []byte) (time.Time, bool) {
	if n, ok := parseDigits(b); ok {
		return unixTime(n)
	}
	s := timeScanner{b: b, ok: true}
	year := s.number(4)
	s.need('-')
	month := s.number(2)
	s.need('-')
	day := s.number(2)
	if !s.ok || month < 1 || month > 12 || day < 1 || day > 31 {
		return time.Time{}, false
	}
	var hour, minute, second, nanos, offset int
	if len(s.b) > 0 {
		if !s.skip('T') && !s.skip('t') {
			s.need(' ')
		}
		hour = s.number(2)
		s.need(':')
		minute = s.number(2)
		s.need(':')
		second = s.number(2)
		nanos = s.fraction()
		offset = s.zone()
	}
	if !s.ok || len(s.b) > 0 || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, nanos, time.UTC)
	if t.Day() != day { // the 30th of February
		return time.Time{}, false
	}
	return t.Add(-time.Duration(offset) * time.Second), true
}

// parseDigits reads an integer of 9 digits or more: fewer may be a date without
// dashes.
func parseDigits(b []byte) (int64, bool) {
	if len(b) < 9 || len(b) > 19 {
		return 0, false
	}
	n := int64(0)
	for _, c := range b {
		if c < '0' || c > '9' || n > (math.MaxInt64-9)/10 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// fraction reads nanoseconds; digits beyond those are cut.
func (s *timeScanner) fraction() int {
	if !s.skip('.') && !s.skip(',') {
		return 0
	}
	n, digits := 0, 0
	for ; len(s.b) > 0 && s.b[0] >= '0' && s.b[0] <= '9'; s.b = s.b[1:] {
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

// zone reads what a time is ahead of UTC, in seconds; without a zone it is UTC.
func (s *timeScanner) zone() int {
	if len(s.b) == 0 || s.skip('Z') || s.skip('z') {
		return 0
	}
	if len(s.b) == len(" UTC") && string(s.b) == " UTC" {
		s.b = nil
		return 0
	}
	sign := 1
	if s.skip('-') {
		sign = -1
	} else {
		s.need('+')
	}
	h := s.number(2)
	m := 0
	if len(s.b) > 0 {
		s.skip(':')
		m = s.number(2)
	}
	if h > 23 || m > 59 {
		s.ok = false
	}
	return sign * (h*3600 + m*60)
}
