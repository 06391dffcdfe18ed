package cell

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"asof/replay"
	"asof/replay/fault"
)

// A Times reads the times of one store. Texts are read each by its form. Of
// numbers the unit is decided once, by the range of the column or by who asks, and
// a number that is no plausible time in that unit is refused.
type Times struct {
	name  string         // of the column, for messages; empty where a dialect knows it
	zone  *time.Location // of texts that have none
	Unit  *TimeUnit      // of numbers; nil as long as it is not known
	given bool           // the unit was not found by range

	// Ends gives the numbers at both ends of the column, and all of them where all
	// is asked for.
	Ends    func(ctx context.Context, all bool) (NumberRange, error)
	ctx     context.Context // of who reads now, for Ends
	Decided bool
	Refused string // why the numbers can't be read
	Failed  error  // of ends, last time; what asked passes it on

	zones map[string]*time.Location // by the names within texts; nil where there is no such zone
}

// A TimeMark is what became of a time.
type TimeMark uint8

const (
	TimeNone     TimeMark = iota // there is none
	TimeZoned                    // a text with its zone
	timeZoneless                 // a text without one
	timeOdd                      // one that its zone shows twice, or never
	TimeCounted                  // a number
	TimeUnread
	numTimeMarks
)

// NewTimes makes what reads the times of a store. Texts without a zone are in
// zone, where nil is UTC; mapped is the column that a mapping names, perhaps with a unit.
func NewTimes(zone *time.Location, mapped string, unit *TimeUnit) *Times {
	c := &Times{zone: zone, Unit: unit, given: unit != nil, Decided: unit != nil}
	if c.zone == nil {
		c.zone = time.UTC
	}
	c.name, _ = CutUnit(mapped)
	return c
}

// Read reads the time in a column. Where it can't be read, why says so.
func (c *Times) Read(v *Value) (t time.Time, mark TimeMark, why string) {
	switch v.Kind {
	case Int:
		return c.Number(TimeNumber{whole: v.Num})
	case Real:
		if n, ok := realNumber(v.Real); ok {
			return c.Number(n)
		}
		return t, TimeUnread, fmt.Sprintf("%v is not a time", v.Real)
	case Text, Blob:
		return c.Text(v.B)
	}
	return t, TimeNone, ""
}

// Text reads a time that is written out, or a number in writing. Digits that are a
// date by their number are one, unless a unit was given.
func (c *Times) Text(b []byte) (t time.Time, mark TimeMark, why string) {
	if len(b) >= len("2026-01-01") && b[4] == '-' {
		return c.Written(b)
	}
	b = bytes.TrimSpace(b)
	n, isNumber := ParseNumber(b)
	if isNumber && (c.given || len(b) != len("20260101") && len(b) != len("20260101100000")) {
		return c.Number(n)
	}
	return c.Written(b)
}

// Written reads a time that is written out.
func (c *Times) Written(b []byte) (time.Time, TimeMark, string) {
	if len(b) == 0 || bytes.HasPrefix(b, []byte("0000-00-00")) { // MySQL's zero
		return time.Time{}, TimeNone, ""
	}
	t, ok := parseTimeText(b)
	switch {
	case !ok:
		return time.Time{}, TimeUnread, fmt.Sprintf("%q is not a time in any form that is known", Cut(b))
	case t.wall.IsZero(): // where Go and .NET have no time
		return time.Time{}, TimeNone, ""
	case t.zone == zoneOffset:
		return t.wall.Add(-time.Duration(t.offset) * time.Second), TimeZoned, ""
	case t.zone == zoneNamed:
		loc := c.zoneNamed(string(t.name))
		if loc == nil {
			return time.Time{}, TimeUnread, fmt.Sprintf("there is no time zone %q", t.name)
		}
		at, _ := inZone(t.wall, loc)
		return at, TimeZoned, ""
	case c.zone == time.UTC:
		return t.wall, timeZoneless, ""
	}
	at, odd := inZone(t.wall, c.zone)
	if odd {
		return at, timeOdd, ""
	}
	return at, timeZoneless, ""
}

func (c *Times) zoneNamed(name string) *time.Location {
	loc, known := c.zones[name]
	if !known {
		if !strings.EqualFold(name, "local") {
			loc, _ = time.LoadLocation(name) //nolint:errcheck // nil says it
		}
		if c.zones == nil || len(c.zones) >= MaxInterned {
			c.zones = map[string]*time.Location{}
		}
		c.zones[name] = loc
	}
	return loc
}

// Number reads a time that is counted in the unit of the column.
func (c *Times) Number(n TimeNumber) (time.Time, TimeMark, string) {
	if n.IsZero() {
		return time.Time{}, TimeNone, ""
	}
	if !c.Decided {
		c.decide()
	}
	if c.Unit == nil { // refused, or not known yet
		return time.Time{}, TimeUnread, c.Refused
	}
	t, ok := c.Unit.at(n)
	switch {
	case !ok:
		return time.Time{}, TimeUnread, fmt.Sprintf("%s %s are no time of the years 1 to 9999", n, c.Unit.says)
	case !c.given && !isPlausible(t):
		return time.Time{}, TimeUnread, fmt.Sprintf("the column holds %s, in which %s is %s", c.Unit.says, n, t.Format(time.DateOnly))
	}
	return t, TimeCounted, ""
}

// decide finds the unit of the numbers, once.
func (c *Times) decide() {
	r, err := c.Ends(c.ctx, false)
	if err == nil && !r.Any { // they are somewhere in between
		r, err = c.Ends(c.ctx, true)
	}
	if c.Failed = err; err == nil {
		c.Decided = true
		c.Unit, c.Refused = r.Unit()
	}
}

// Next is how to have numbers read that were refused; zero where none was.
func (c *Times) Next() fault.Remedy {
	if c.Refused == "" || c.name == "" {
		return fault.Remedy{}
	}
	return fault.Try("say in which unit ("+strings.Join(UnitNames(), ", ")+")").With("map", "time="+c.name+":UNIT")
}

// NumberOf returns the number in a value, if that is one that is read by a unit.
func (c *Times) NumberOf(v *Value) (TimeNumber, bool) {
	switch v.Kind {
	case Int:
		return TimeNumber{whole: v.Num}, true
	case Real:
		return realNumber(v.Real)
	case Text, Blob:
		if b := bytes.TrimSpace(v.B); len(b) != len("20260101") && len(b) != len("20260101100000") {
			return ParseNumber(b)
		}
	}
	return TimeNumber{}, false
}

// A TimeTally counts what became of the times of a store.
type TimeTally [numTimeMarks]int64

// Describe says how the times of a store are written, by a pass over all of them.
func (c *Times) Describe(n *TimeTally) string {
	zoneless := n[timeZoneless] + n[timeOdd]
	var out []string
	if n[TimeCounted] > 0 {
		s := c.Unit.says + ", UTC"
		if c.given && c.name != "" {
			s += ", as given"
		}
		out = append(out, s)
	}
	switch {
	case n[TimeZoned] > 0 && zoneless > 0:
		out = append(out, fmt.Sprintf("as text, %d of them without a zone, taken as %s", zoneless, c.zone))
	case zoneless > 0:
		out = append(out, "as text without a zone, taken as "+c.zone.String())
	case n[TimeZoned] > 0:
		out = append(out, "as text, with a zone")
	}
	if n[timeOdd] > 0 {
		out = append(out, fmt.Sprintf("%d that the clocks of %s showed twice or skipped, taken as before the change", n[timeOdd], c.zone))
	}
	if len(out) == 0 && n[TimeUnread] > 0 {
		out = append(out, "none can be read")
	}
	if c.Refused != "" {
		out = append(out, c.Refused)
	}
	if len(out) == 0 {
		return "none of its events has a time"
	}
	return strings.Join(out, "; ")
}

// A Stamper reads the time of each event, and counts what became of it.
type Stamper struct {
	Ctx    context.Context // of the question that the events answer
	Column *Times
	Tally  TimeTally
}

// Stamp sets the time of an event to that in a column.
func (s *Stamper) Stamp(e *replay.Event, v *Value) {
	s.Column.ctx = s.Ctx
	t, mark, why := s.Column.Read(v)
	e.Time, e.NoTime = t, why
	s.Tally[mark]++
}

// StampText is stamp for a time that is found within a payload.
func (s *Stamper) StampText(e *replay.Event, b []byte) {
	s.Column.ctx = s.Ctx
	t, mark, why := s.Column.Text(b)
	e.Time, e.NoTime = t, why
	s.Tally[mark]++
}
