package store

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"asof/replay"
)

// A timeColumn reads the times of one store. Texts are read each by its form. Of
// numbers the unit is decided once, by the range of the column or by who asks, and
// a number that is no plausible time in that unit is refused.
type timeColumn struct {
	name  string         // of the column, for messages; empty where a dialect knows it
	zone  *time.Location // of texts that have none
	unit  *timeUnit      // of numbers; nil as long as it is not known
	given bool           // the unit was not found by range

	// ends gives the numbers at both ends of the column, and all of them where all
	// is asked for.
	ends    func(all bool) (numberRange, error)
	decided bool
	refused string // why the numbers can't be read
	failed  error  // of ends, last time; what asked passes it on

	zones map[string]*time.Location // by the names within texts; nil where there is no such zone
}

// A timeMark is what became of a time.
type timeMark uint8

const (
	timeNone     timeMark = iota // there is none
	timeZoned                    // a text with its zone
	timeZoneless                 // a text without one
	timeOdd                      // one that its zone shows twice, or never
	timeCounted                  // a number
	timeUnread
	numTimeMarks
)

// newTimeColumn makes what reads the times of a store by its options.
func newTimeColumn(o *Options, unit *timeUnit) *timeColumn {
	c := &timeColumn{zone: o.TimeZone, unit: unit, given: unit != nil, decided: unit != nil}
	if c.zone == nil {
		c.zone = time.UTC
	}
	if o.Map != nil {
		c.name, _ = cutUnit(o.Map[columnNames[colTime]])
	}
	return c
}

// read reads the time in a column. Where it can't be read, why says so.
func (c *timeColumn) read(v *value) (t time.Time, mark timeMark, why string) {
	switch v.kind {
	case kindInt:
		return c.number(timeNumber{whole: v.num})
	case kindReal:
		if n, ok := realNumber(v.real); ok {
			return c.number(n)
		}
		return t, timeUnread, fmt.Sprintf("%v is not a time", v.real)
	case kindText, kindBlob:
		return c.text(v.b)
	}
	return t, timeNone, ""
}

// text reads a time that is written out, or a number in writing. Digits that are a
// date by their number are one, unless a unit was given.
func (c *timeColumn) text(b []byte) (t time.Time, mark timeMark, why string) {
	if len(b) >= len("2026-01-01") && b[4] == '-' {
		return c.written(b)
	}
	b = bytes.TrimSpace(b)
	n, isNumber := parseNumber(b)
	if isNumber && (c.given || len(b) != len("20260101") && len(b) != len("20260101100000")) {
		return c.number(n)
	}
	return c.written(b)
}

func (c *timeColumn) written(b []byte) (time.Time, timeMark, string) {
	if len(b) == 0 || bytes.HasPrefix(b, []byte("0000-00-00")) { // MySQL's zero
		return time.Time{}, timeNone, ""
	}
	t, ok := parseTimeText(b)
	switch {
	case !ok:
		return time.Time{}, timeUnread, fmt.Sprintf("%q is not a time in any form that is known", cut(b))
	case t.wall.IsZero(): // where Go and .NET have no time
		return time.Time{}, timeNone, ""
	case t.zone == zoneOffset:
		return t.wall.Add(-time.Duration(t.offset) * time.Second), timeZoned, ""
	case t.zone == zoneNamed:
		loc := c.zoneNamed(string(t.name))
		if loc == nil {
			return time.Time{}, timeUnread, fmt.Sprintf("there is no time zone %q", t.name)
		}
		at, _ := inZone(t.wall, loc)
		return at, timeZoned, ""
	case c.zone == time.UTC:
		return t.wall, timeZoneless, ""
	}
	at, odd := inZone(t.wall, c.zone)
	if odd {
		return at, timeOdd, ""
	}
	return at, timeZoneless, ""
}

func (c *timeColumn) zoneNamed(name string) *time.Location {
	loc, known := c.zones[name]
	if !known {
		if !strings.EqualFold(name, "local") {
			loc, _ = time.LoadLocation(name) //nolint:errcheck // nil says it
		}
		if c.zones == nil || len(c.zones) >= maxInterned {
			c.zones = map[string]*time.Location{}
		}
		c.zones[name] = loc
	}
	return loc
}

// number reads a time that is counted in the unit of the column.
func (c *timeColumn) number(n timeNumber) (time.Time, timeMark, string) {
	if n.isZero() {
		return time.Time{}, timeNone, ""
	}
	if !c.decided {
		c.decide()
	}
	if c.unit == nil { // refused, or not known yet
		return time.Time{}, timeUnread, c.refused
	}
	t, ok := c.unit.at(n)
	switch {
	case !ok:
		return time.Time{}, timeUnread, fmt.Sprintf("%s %s are no time of the years 1 to 9999", n, c.unit.says)
	case !c.given && !isPlausible(t):
		return time.Time{}, timeUnread, fmt.Sprintf("the column holds %s, in which %s is %s", c.unit.says, n, t.Format(time.DateOnly))
	}
	return t, timeCounted, ""
}

// decide finds the unit of the numbers, once.
func (c *timeColumn) decide() {
	r, err := c.ends(false)
	if err == nil && !r.any { // they are somewhere in between
		r, err = c.ends(true)
	}
	if c.failed = err; err == nil {
		c.decided = true
		c.unit, c.refused = r.unit()
	}
}

// hint says how to have numbers read that were refused; empty where none was.
func (c *timeColumn) hint() string {
	if c.refused == "" || c.name == "" {
		return ""
	}
	return fmt.Sprintf("say in what unit: --map time=%s:UNIT, one of %s", c.name, strings.Join(unitNames(), ", "))
}

// numberOf returns the number in a value, if that is one that is read by a unit.
func (c *timeColumn) numberOf(v *value) (timeNumber, bool) {
	switch v.kind {
	case kindInt:
		return timeNumber{whole: v.num}, true
	case kindReal:
		return realNumber(v.real)
	case kindText, kindBlob:
		if b := bytes.TrimSpace(v.b); len(b) != len("20260101") && len(b) != len("20260101100000") {
			return parseNumber(b)
		}
	}
	return timeNumber{}, false
}

// A timeTally counts what became of the times of a store.
type timeTally [numTimeMarks]int64

// describe says how the times of a store are written, by a pass over all of them.
func (c *timeColumn) describe(n *timeTally) string {
	zoneless := n[timeZoneless] + n[timeOdd]
	var out []string
	if n[timeCounted] > 0 {
		s := c.unit.says + ", UTC"
		if c.given && c.name != "" {
			s += ", as given"
		}
		out = append(out, s)
	}
	switch {
	case n[timeZoned] > 0 && zoneless > 0:
		out = append(out, fmt.Sprintf("as text, %d of them without a zone, taken as %s", zoneless, c.zone))
	case zoneless > 0:
		out = append(out, "as text without a zone, taken as "+c.zone.String())
	case n[timeZoned] > 0:
		out = append(out, "as text, with a zone")
	}
	if n[timeOdd] > 0 {
		out = append(out, fmt.Sprintf("%d that the clocks of %s showed twice or skipped, taken as before the change", n[timeOdd], c.zone))
	}
	if len(out) == 0 && n[timeUnread] > 0 {
		out = append(out, "none can be read")
	}
	if c.refused != "" {
		out = append(out, c.refused)
	}
	if len(out) == 0 {
		return "none of its events has a time"
	}
	return strings.Join(out, "; ")
}

// A stamper reads the time of each event, and counts what became of it.
type stamper struct {
	column *timeColumn
	tally  timeTally
}

func (s *stamper) stamp(e *replay.Event, v *value) {
	t, mark, why := s.column.read(v)
	e.Time, e.NoTime = t, why
	s.tally[mark]++
}

// stampText is stamp for a time that is found within a payload.
func (s *stamper) stampText(e *replay.Event, b []byte) {
	t, mark, why := s.column.text(b)
	e.Time, e.NoTime = t, why
	s.tally[mark]++
}
