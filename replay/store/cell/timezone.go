package cell

import (
	"bytes"
	"time"
)

// zoneOffsets maps the zone names of RFC 2822 to their offsets in hours.
var zoneOffsets = map[string]int{
	"Z": 0, "z": 0, "UTC": 0, "GMT": 0, "UT": 0,
	"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}

// zone reads the end of a time: an offset or its name, the additions of Go and Java,
// or the name of a zone in brackets.
func (s *timeScanner) zone(t *timeText) {
	if len(s.b) == 1 && s.b[0] == 'Z' {
		t.zone, s.b = zoneOffset, nil
		return
	}
	spaced := s.skip(' ')
	switch {
	case len(s.b) == 0:
		s.ok = false
		return
	case s.b[0] == '[':
		t.zone, t.name = zoneNamed, s.bracketed()
		return
	case isLetter(s.b[0]):
		hours, known := zoneOffsets[string(s.word())]
		t.zone, t.offset, s.ok = zoneOffset, hours*3600, s.ok && known
	default:
		t.zone, t.offset = zoneOffset, s.offset()
		if spaced && len(s.b) > 1 && s.b[0] == ' ' {
			s.abbreviation()
		}
	}
	if len(s.b) > 0 && s.b[0] == '[' { // java.time's ZonedDateTime: the offset is enough
		s.bracketed()
	}
}

// offset reads +hh, +hhmm, +hh:mm or +hh:mm:ss and returns seconds east of UTC.
func (s *timeScanner) offset() int {
	sign := 1
	if s.skip('-') {
		sign = -1
	} else {
		s.need('+')
	}
	h, m, sec := s.number(2), 0, 0
	if s.skip(':') || s.digits() > 0 {
		m = s.number(2)
		if s.skip(':') {
			sec = s.number(2)
		}
	}
	if h > 23 || m > 59 || sec > 59 {
		s.ok = false
	}
	return sign * (h*3600 + m*60 + sec)
}

// abbreviation skips the parts that Go's Time.String writes after the offset: the
// zone's short name and the monotonic clock.
func (s *timeScanner) abbreviation() {
	s.need(' ')
	if len(s.word()) == 0 {
		s.offset() // zones without a name are written as +03
	}
	if rest, ok := bytes.CutPrefix(s.b, []byte(" m=")); ok {
		s.b = rest
		if !s.skip('-') {
			s.need('+')
		}
		if s.digits() == 0 {
			s.ok = false
		}
		s.b = s.b[s.digits():]
		s.fraction()
	}
}

// bracketed reads the name of a zone in brackets.
func (s *timeScanner) bracketed() []byte {
	s.need('[')
	i := bytes.IndexByte(s.b, ']')
	if i <= 0 {
		s.ok = false
		return nil
	}
	name := s.b[:i]
	s.b = s.b[i+1:]
	return name
}

// inZone returns the time at which the clocks of a zone show wall. If they show it
// twice, it is the earlier time. If they skip it, it is later by the skipped span. Both
// are odd.
func inZone(wall time.Time, loc *time.Location) (t time.Time, odd bool) {
	t = time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), loc)
	start, end := t.ZoneBounds()
	_, offset := t.Zone()
	by := func(offset int) time.Time { return wall.Add(-time.Duration(offset) * time.Second) }
	before := func() time.Time {
		_, offset := start.Add(-1).Zone()
		return by(offset)
	}
	switch {
	case !by(offset).Equal(t): // skipped: t is next to the gap
		if !end.IsZero() && !by(offset).Before(end) {
			return by(offset), true
		}
		return before(), true
	case !start.IsZero() && before().Before(start):
		return before(), true
	case !end.IsZero():
		_, after := end.Zone()
		odd = !by(after).Before(end)
	}
	return t.UTC(), odd
}
