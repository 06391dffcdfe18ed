package replay

import (
	"cmp"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"asof/replay/when"
)

// pointKind says how a [Point] selects its prefix of a timeline.
type pointKind uint8

const (
	byHead     pointKind = iota // the last event
	byStart                     // before the first event
	byVersion                   // the event of that version
	byPosition                  // where the store stood at that position
	byID                        // the event whose id begins with the text
	byType                      // the last event of that type
	byTime                      // the last event recorded at or before that time
)

// A Point names a moment of a timeline, before it is looked up there; see
// [ParsePoint] for how it is written and [Timeline.Resolve] for what it means.
// The zero value is the head. Points can be compared with ==.
type Point struct {
	kind pointKind
	back int32 // this many events earlier
	n    int64 // version, position
	text string
	time time.Time     // UTC, without a monotonic reading
	unit time.Duration // a whole minute or second, of which time is the last nanosecond; else 0
}

// Head returns the point of the last event.
func Head() Point { return Point{} }

// Start returns the point before the first event.
func Start() Point { return Point{kind: byStart} }

// AtVersion returns the point of the event with version v.
func AtVersion(v Version) Point { return Point{kind: byVersion, n: int64(v)} }

// AtPosition returns the point where the store stood at position p.
func AtPosition(p Position) Point { return Point{kind: byPosition, n: int64(p)} }

// AtTime returns the point of time t, which must be in the years 1 to 9999.
func AtTime(t time.Time) Point {
	return Point{kind: byTime, time: time.Unix(t.Unix(), int64(t.Nanosecond())).UTC()}
}

// Env supplies the date, clock and zone that a written time leaves out.
type Env struct {
	Now  time.Time
	Zone *time.Location // nil is UTC
}

func (e Env) zone() *time.Location {
	if e.Zone == nil {
		return time.UTC
	}
	return e.Zone
}

// maxBack bounds ~n, so that n+1 is an int everywhere.
const maxBack = math.MaxInt32 - 1

// maxPoint bounds the length of a written point, in bytes.
const maxPoint = 1024

const pointForms = `a point is a version (17), head, start, head~3, pos:48210, id:3f2a, type:OrderPaid, ` +
	`or a time (2026-11-20, "2026-11-20 14:00", "yesterday 14:00", "2 days ago", now)`

// ParsePoint parses a point. It accepts all of s or none of it; the error is a
// [PointError] whose hint says what to write.
//
//	17                     the event of version 17
//	head, start            the last event; before the first
//	pos:48210              when the store was at that position
//	id:3f2a                the event whose id begins with 3f2a
//	type:OrderPaid         the last event of that type
//	2026-11-20T14:00:00Z   the last event recorded at or before a time
//
// Any point except start may end in ~n: n events earlier in the timeline. An id
// or a type that would be ambiguous is written as a quoted Go string: type:"a..b".
//
// Times are RFC 3339, with these liberties: a space may replace the T; seconds may
// be missing, and so may the clock (00:00); the default zone is env's. After a space, a
// clock to the minute or the second, as lists show it, is the whole of that; with a T or
// a fraction it is an instant. The zone is
// Z, an offset, an IANA name after a space, or one in brackets, alone or after
// the offset that it must agree with. The date may also be written as today,
// yesterday, "last friday" (the latest one before today) or "2 days ago" (or
// weeks, months, years: the same wall clock on that date, unless another is
// given). "3 hours ago", as well as minutes and seconds, is an exact duration. A
// wall clock that the zone skipped or showed twice is an error that names the
// instants it could mean.
func ParsePoint(s string, env Env) (Point, error) {
	p, err := parsePoint(s, env)
	if err != nil {
		return Point{}, withPoint(err, s, meant(s, env))
	}
	return p, nil
}

func parsePoint(s string, env Env) (Point, error) {
	switch {
	case s == "":
		return Point{}, bad("it is empty", pointForms)
	case len(s) > maxPoint:
		return Point{}, bad("it is too long", pointForms)
	}
	if kind, rest, ok := cutKind(s); ok && kind != byPosition {
		return parseText(kind, rest)
	}
	base, back, err := cutBack(s)
	if err != nil {
		return Point{}, err
	}
	p, err := parseBase(base, env)
	if err != nil {
		return Point{}, err
	}
	if back > 0 && p.kind == byStart {
		return Point{}, bad("nothing comes before the start", "write start, or head~"+strconv.Itoa(int(back)))
	}
	p.back = back
	return p, nil
}

// cutKind cuts the prefix "pos:", "id:" or "type:".
func cutKind(s string) (pointKind, string, bool) {
	if rest, ok := strings.CutPrefix(s, "pos:"); ok {
		return byPosition, rest, true
	}
	if rest, ok := strings.CutPrefix(s, "id:"); ok {
		return byID, rest, true
	}
	if rest, ok := strings.CutPrefix(s, "type:"); ok {
		return byType, rest, true
	}
	return 0, s, false
}

// parseBase parses a point that is neither an id nor a type, without its ~n.
func parseBase(s string, env Env) (Point, error) {
	if kind, rest, ok := cutKind(s); ok {
		n, err := strconv.ParseInt(rest, 10, 64)
		if err != nil || Position(n) == NoPosition || !isInt(rest) {
			return Point{}, bad("a position is a whole number", "write pos:48210")
		}
		return Point{kind: kind, n: n}, nil
	}
	if isInt(s) {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return Point{}, bad("the number is too large", pointForms)
		}
		return Point{kind: byVersion, n: n}, nil
	}
	switch strings.ToLower(s) {
	case "head":
		return Head(), nil
	case "start":
		return Start(), nil
	}
	t, err := parseTime(s, env)
	if err != nil {
		return Point{}, err
	}
	if y := t.UTC().Year(); y < 1 || y > 9999 {
		return Point{}, bad("the time is outside the years 1 to 9999", pointForms)
	}
	p := AtTime(t)
	if p.unit = when.Unit(s); p.unit != 0 {
		p.time = p.time.Add(p.unit - 1)
	}
	return p, nil
}

// parseTime parses a point in time.
func parseTime(s string, env Env) (time.Time, error) {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return time.Time{}, bad("it contains an invalid character", pointForms)
		}
	}
	word, _, _ := strings.Cut(strings.ToLower(s), " ")
	if (strings.HasPrefix(word, "head") || word == "@") && strings.TrimSpace(s) == s {
		return time.Time{}, bad("not recognized", "write head, or head~1 for the event before it")
	}
	t, err := when.Parse(s, env.Now, env.zone())
	var wrong *when.Error
	if !errors.As(err, &wrong) {
		return t, err
	}
	next := cmp.Or(wrong.Next, pointForms)
	return time.Time{}, bad(wrong.Reason, next)
}

// isInt reports whether s consists of digits, optionally after a minus sign: some
// stores number events from below zero.
func isInt(s string) bool {
	return isDigits(strings.TrimPrefix(s, "-"))
}

func isDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// cutBack cuts ~n from the end of a point.
func cutBack(s string) (string, int32, error) {
	base, n, ok := strings.Cut(s, "~")
	if !ok {
		return s, 0, nil
	}
	back, err := parseBack(n)
	return base, back, err
}

func parseBack(n string) (int32, error) {
	if !isDigits(n) {
		return 0, bad("~ needs the number of events to go back", "write head~3, or 17~1")
	}
	back, err := strconv.ParseInt(n, 10, 32)
	if err != nil || back > maxBack {
		return 0, bad("the number is too large", "write head~3, or 17~1")
	}
	return int32(back), nil
}

// parseText parses the rest of a point after "id:" or "type:".
func parseText(kind pointKind, s string) (Point, error) {
	p := Point{kind: kind}
	if strings.HasPrefix(s, `"`) {
		quoted, err := strconv.QuotedPrefix(s)
		if err != nil {
			return p, bad("the quotes are not closed, or contain a stray backslash", `write type:"a..b"`)
		}
		if p.text, err = strconv.Unquote(quoted); err != nil {
			return p, bad("the quotes contain a stray backslash", `write type:"a..b"`)
		}
		if s = s[len(quoted):]; s != "" {
			n, ok := strings.CutPrefix(s, "~")
			if !ok {
				return p, bad("there is text after the closing quote", `write type:"a..b" or type:"a..b"~1`)
			}
			if p.back, err = parseBack(n); err != nil {
				return p, err
			}
		}
	} else {
		p.text = s
		if i := strings.LastIndexByte(s, '~'); i >= 0 && isDigits(s[i+1:]) {
			var err error
			if p.back, err = parseBack(s[i+1:]); err != nil {
				return p, err
			}
			p.text = s[:i]
		}
		if p.text != "" && needsQuotes(p.text) {
			return p, bad("it is ambiguous", "write "+p.String())
		}
		if p.text == "" {
			return p, bad("nothing follows the colon", "write type:OrderPaid, or id:3f2a")
		}
	}
	if p.text == "" && kind == byID {
		return p, bad("the id is empty", "write the first characters of the event's id")
	}
	return p, nil
}

// needsQuotes reports whether an unquoted id or type would be misread: as a range,
// with a ~n, or cut short.
func needsQuotes(text string) bool {
	if text == "" || strings.Trim(text, " .") != text || text[0] == '"' ||
		strings.Contains(text, "..") || !utf8.ValidString(text) {
		return true
	}
	if i := strings.LastIndexByte(text, '~'); i >= 0 && isDigits(text[i+1:]) {
		return true
	}
	for _, r := range text {
		if !strconv.IsPrint(r) {
			return true
		}
	}
	return false
}

// String formats the point so that [ParsePoint] returns the same one in any Env: a
// time is RFC 3339 in UTC with its nanoseconds.
func (p Point) String() string {
	var s string
	switch p.kind {
	case byHead:
		s = "head"
	case byStart:
		s = "start"
	case byVersion:
		s = strconv.FormatInt(p.n, 10)
	case byPosition:
		s = "pos:" + strconv.FormatInt(p.n, 10)
	case byID:
		s = "id:" + quoteIfNeeded(p.text)
	case byType:
		s = "type:" + quoteIfNeeded(p.text)
	case byTime:
		s = utc(p.time)
		switch p.unit {
		case time.Minute:
			s = p.time.Format("2006-01-02 15:04Z")
		case time.Second:
			s = p.time.Format("2006-01-02 15:04:05Z")
		}
	}
	if p.back > 0 {
		s += "~" + strconv.Itoa(int(p.back))
	}
	return s
}

func quoteIfNeeded(text string) string {
	if needsQuotes(text) {
		return strconv.Quote(text)
	}
	return text
}

// bad returns a PointError whose Point [withPoint] fills in.
func bad(reason, next string) error { return &PointError{Reason: reason, Next: next} }

func withPoint(err error, s, right string) error {
	var pe *PointError
	if errors.As(err, &pe) {
		pe.Point = s
		if right != "" {
			pe.Near = []string{right}
		}
	}
	return err
}
