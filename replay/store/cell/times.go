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

// A Times reads the times of one store. Each text is read by its form. The unit of
// numbers is decided once, from the range of the column or by the caller, and a number
// that is not a plausible time in that unit is refused.
type Times struct {
	name  string         // of the column, for messages; empty if the dialect defines it
	zone  *time.Location // of texts without one
	Unit  *TimeUnit      // of numbers; nil until it is known
	given bool           // the unit was given, not detected

	// Ends returns the range of the numbers at both ends of the column, or of all its
	// numbers if all is set.
	Ends    func(ctx context.Context, all bool) (NumberRange, error)
	ctx     context.Context // of the current read, for Ends
	Decided bool
	Refused string // why numbers are not read
	Failed  error  // last error of Ends, which the reader returns

	zones map[string]*time.Location // zones named in texts; nil for unknown names
}

// A TimeMark classifies how a time is written.
type TimeMark uint8

const (
	TimeNone     TimeMark = iota // no time
	TimeZoned                    // a text with a zone
	timeZoneless                 // a text without a zone
	timeOdd                      // a text that its zone shows twice or never
	TimeCounted                  // a number
	TimeUnread
	numTimeMarks
)

// NewTimes returns a reader for the times of a store. zone applies to texts without a
// zone; nil is UTC. mapped is the column of a mapping, with or without a unit.
func NewTimes(zone *time.Location, mapped string, unit *TimeUnit) *Times {
	c := &Times{zone: zone, Unit: unit, given: unit != nil, Decided: unit != nil}
	if c.zone == nil {
		c.zone = time.UTC
	}
	c.name, _ = CutUnit(mapped)
	return c
}

// Clone returns a reader that reads the same, for use at the same time as c.
func (c *Times) Clone() *Times {
	clone := *c
	clone.zones = nil // it grows while texts are read
	return &clone
}

// Read reads the time in a column. For an unreadable time, why gives the reason.
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

// Text reads a time as text, or a number as text. Digits that form a date are a date
// unless a unit was given.
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

// Written reads a time as text; it accepts no numbers.
func (c *Times) Written(b []byte) (time.Time, TimeMark, string) {
	if len(b) == 0 || bytes.HasPrefix(b, []byte("0000-00-00")) { // MySQL's zero
		return time.Time{}, TimeNone, ""
	}
	t, ok := parseTimeText(b)
	switch {
	case !ok:
		return time.Time{}, TimeUnread, fmt.Sprintf("%q is not a time in a known format", Cut(b))
	case t.wall.IsZero(): // Go and .NET write this for no time
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

// sortable is the layout of texts that sort by time.
const sortable = "2006-01-02 15:04:05.000000000"

// Sortable returns a text that sorts by time, of a text that may not: in another zone, or
// with fewer digits. It returns false for texts without a time, such as numbers.
func (c *Times) Sortable(b []byte) (string, bool) {
	out, ok := c.AppendSortable(nil, b)
	return string(out), ok
}

// AppendSortable appends the text of Sortable.
func (c *Times) AppendSortable(out, b []byte) ([]byte, bool) {
	if c.zone == time.UTC && isPlainTime(b) {
		return append(append(out, b...), "0000-00-00 00:00:00.000000000"[len(b):]...), true
	}
	b = bytes.TrimSpace(b)
	if _, isNumber := ParseNumber(b); isNumber && len(b) != len("20260101") && len(b) != len("20260101100000") {
		return out, false
	}
	t, mark, _ := c.Written(b)
	if mark == TimeNone || mark == TimeUnread {
		return out, false
	}
	return t.UTC().AppendFormat(out, sortable), true
}

// isPlainTime reports whether a text is a time in the layout of sortable, with fewer digits
// and without a zone.
func isPlainTime(b []byte) bool {
	if len(b) < len("2006-01-02 15:04:05") || len(b) > len(sortable) || len(b) == len("2006-01-02 15:04:05.") {
		return false
	}
	for i, x := range b {
		if like := sortable[i]; like != x && (!isDigit(like) || !isDigit(x)) {
			return false
		}
	}
	return string(b[:4]) > "0001" && b[5] < '2' && b[8] < '4' && b[11] < '3' && b[14] < '6' && b[17] < '6'
}

func (c *Times) zoneNamed(name string) *time.Location {
	loc, known := c.zones[name]
	if !known {
		if !strings.EqualFold(name, "local") {
			loc, _ = time.LoadLocation(name) //nolint:errcheck // nil marks the error
		}
		if c.zones == nil || len(c.zones) >= MaxInterned {
			c.zones = map[string]*time.Location{}
		}
		c.zones[name] = loc
	}
	return loc
}

// Number reads a time given as a number in the column's unit.
func (c *Times) Number(n TimeNumber) (time.Time, TimeMark, string) {
	if n.IsZero() {
		return time.Time{}, TimeNone, ""
	}
	if !c.Decided {
		c.decide()
	}
	if c.Unit == nil { // refused or still unknown
		return time.Time{}, TimeUnread, c.Refused
	}
	t, ok := c.Unit.at(n)
	switch {
	case !ok:
		return time.Time{}, TimeUnread, fmt.Sprintf("%s %s is outside the years 1 to 9999", n, c.Unit.label)
	case !c.given && !isPlausible(t):
		return time.Time{}, TimeUnread, fmt.Sprintf("the column holds %s, in which %s is %s", c.Unit.label, n, t.Format(time.DateOnly))
	}
	return t, TimeCounted, ""
}

// decide detects the unit of the numbers, once.
func (c *Times) decide() {
	r, err := c.Ends(c.ctx, false)
	if err == nil && !r.Any { // numbers occur only between the ends
		r, err = c.Ends(c.ctx, true)
	}
	if c.Failed = err; err == nil {
		c.Decided = true
		c.Unit, c.Refused = r.Unit()
	}
}

// Decide detects the unit of the numbers now, if it is not known.
func (c *Times) Decide(ctx context.Context) error {
	if !c.Decided {
		c.ctx = ctx
		c.decide()
	}
	return c.Failed
}

// Next returns the remedy for refused numbers; it is zero if none was refused.
func (c *Times) Next() fault.Remedy {
	if c.Refused == "" || c.name == "" {
		return fault.Remedy{}
	}
	return fault.Try("give the unit ("+strings.Join(UnitNames(), ", ")+")").With("map", "time="+c.name+":UNIT")
}

// NumberOf returns the number in a value, if its unit determines the time.
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

// A TimeTally counts the times of a store by mark.
type TimeTally [numTimeMarks]int64

// Describe describes how the times of a store are written, given the tally of all.
func (c *Times) Describe(n *TimeTally) string {
	zoneless := n[timeZoneless] + n[timeOdd]
	var out []string
	if n[TimeCounted] > 0 {
		s := c.Unit.label + ", UTC"
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
		out = append(out, fmt.Sprintf("%d that a clock change in %s repeated or skipped, read as before the change", n[timeOdd], c.zone))
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

// A Stamper sets and tallies the times of events.
type Stamper struct {
	Ctx    context.Context // of the question being answered
	Column *Times
	Tally  TimeTally
}

// Stamp sets the time of an event from a column.
func (s *Stamper) Stamp(e *replay.Event, v *Value) {
	s.Column.ctx = s.Ctx
	t, mark, why := s.Column.Read(v)
	e.Time, e.NoTime = t, why
	s.Tally[mark]++
}

// StampText sets the time of an event from a text in the payload.
func (s *Stamper) StampText(e *replay.Event, b []byte) {
	s.Column.ctx = s.Ctx
	t, mark, why := s.Column.Text(b)
	e.Time, e.NoTime = t, why
	s.Tally[mark]++
}
