package cell

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// A TimeUnit is a way to write a time as a number.
type TimeUnit struct {
	name  string // in a mapping: time=at:ms
	label string // the name in messages
	nanos int64  // length of one unit
	epoch int64  // zero point, in Unix seconds
	found bool   // it can be detected; other units must be given
}

// timeUnits lists all units. For times from 2001 to 2099, no two detectable units use
// the same number.
var timeUnits = [...]TimeUnit{
	{"s", "Unix seconds", 1e9, 0, true},
	{"ms", "Unix milliseconds", 1e6, 0, true},
	{"us", "Unix microseconds", 1e3, 0, true},
	{"ns", "Unix nanoseconds", 1, 0, true},
	{"ticks", ".NET ticks", 100, -62_135_596_800, true},
	{"filetime", "Windows FILETIME", 100, -11_644_473_600, true},
	{"webkit", "WebKit microseconds", 1e3, -11_644_473_600, true},
	{"julian", "Julian days", 86_400e9, -210_866_760_000, true},
	// Cocoa seconds for today equal Unix seconds for the 1990s.
	{"cocoa", "Cocoa seconds", 1e9, 978_307_200, false},
}

// UnitNames returns the suffixes that a mapping of a time accepts, as in time=at:ms.
func UnitNames() []string {
	var names []string
	for i := range timeUnits {
		names = append(names, timeUnits[i].name)
	}
	return names
}

// UnitNamed returns the unit with that name, or nil.
func UnitNamed(name string) *TimeUnit {
	for i := range timeUnits {
		if strings.EqualFold(timeUnits[i].name, name) {
			return &timeUnits[i]
		}
	}
	return nil
}

// CutUnit splits COLUMN:UNIT. Without a known unit, the whole text is the column.
func CutUnit(s string) (col string, unit *TimeUnit) {
	if i := strings.LastIndexByte(s, ':'); i > 0 {
		if u := UnitNamed(s[i+1:]); u != nil {
			return s[:i], u
		}
	}
	return s, nil
}

// A TimeNumber is a time as a number, in an unspecified unit.
type TimeNumber struct {
	whole int64
	part  int64 // billionths of a unit
	rough bool  // it was a double, which is exact to about a microsecond
}

// IsZero reports whether the number is 0.
func (n TimeNumber) IsZero() bool { return n.whole == 0 && n.part == 0 }

func (n TimeNumber) String() string {
	if n.part == 0 {
		return strconv.FormatInt(n.whole, 10)
	}
	f := float64(n.whole) + float64(n.part)/1e9
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// Parts returns a number of parts of which a unit has size, a power of ten up to 10⁹.
func Parts(n, size int64) TimeNumber {
	whole := n / size
	if n%size < 0 {
		whole--
	}
	return TimeNumber{whole: whole, part: (n - whole*size) * (1e9 / size)}
}

func realNumber(f float64) (TimeNumber, bool) {
	whole := math.Floor(f)
	if !(math.Abs(whole) < 1<<62) {
		return TimeNumber{}, false
	}
	return TimeNumber{int64(whole), int64((f - whole) * 1e9), true}, true
}

// ParseNumber parses a decimal number: 1767225600, -5, 1767225600123.0, 1.7672256e12.
func ParseNumber(b []byte) (TimeNumber, bool) {
	const most = 18 // digits that always fit
	if len(b) == 0 || len(b) > 40 || b[0] != '-' && !isDigit(b[0]) {
		return TimeNumber{}, false
	}
	s := timeScanner{b: b, ok: true}
	if n := s.digits(); n > 0 && n <= most {
		whole := s.number(n)
		part := s.fraction()
		if s.ok && len(s.b) == 0 {
			return TimeNumber{int64(whole), int64(part), false}, true
		}
	}
	if n, err := strconv.ParseInt(string(b), 10, 64); err == nil {
		return TimeNumber{n, 0, false}, true
	}
	if bytes.ContainsAny(b, "xXpP_") { // Go's extensions
		return TimeNumber{}, false
	}
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return TimeNumber{}, false
	}
	return realNumber(f)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// The years 1 to 9999, in Unix seconds.
const (
	firstSecond = -62_135_596_800
	lastSecond  = 253_402_300_799
)

// at converts the number to a time. It returns false outside the years 1 to 9999.
func (u *TimeUnit) at(n TimeNumber) (time.Time, bool) {
	var sec, nanos int64
	if per := u.nanos / 1e9; per > 0 {
		if n.whole < math.MinInt64/per || n.whole > math.MaxInt64/per {
			return time.Time{}, false
		}
		sec, nanos = n.whole*per, n.part*per
	} else {
		per := 1e9 / u.nanos
		sec = n.whole / per
		rest := n.whole % per
		if rest < 0 {
			sec, rest = sec-1, rest+per
		}
		nanos = rest*u.nanos + n.part*u.nanos/1e9
	}
	if sec < firstSecond-u.epoch || sec > lastSecond-u.epoch {
		return time.Time{}, false
	}
	t := time.Unix(sec+u.epoch, nanos).UTC()
	switch {
	case !n.rough:
	case u.nanos > 1e9: // SQLite's Julian days have millisecond precision
		t = t.Round(time.Millisecond)
	default:
		t = t.Round(time.Microsecond)
	}
	return t, true
}

// The bounds for detecting the unit of a column: its newest time is not before 1e9
// Unix seconds, for which Cocoa seconds give 2032, and its oldest time is later than
// the next finer unit would make it.
var (
	earliestTime   = time.Date(1971, 1, 1, 0, 0, 0, 0, time.UTC)
	earliestNewest = time.Unix(1e9, 0)
	latestTime     = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
)

func isPlausible(t time.Time) bool { return !t.Before(earliestTime) && t.Before(latestTime) }

// A NumberRange is the minimum and maximum of a column, ignoring zero.
type NumberRange struct {
	min, max TimeNumber
	Any      bool
}

// Add extends the range by a number; it ignores zero.
func (r *NumberRange) Add(n TimeNumber) {
	switch {
	case n.IsZero():
	case !r.Any:
		r.min, r.max, r.Any = n, n, true
	case n.whole < r.min.whole:
		r.min = n
	case n.whole > r.max.whole:
		r.max = n
	}
}

// Unit returns the unit in which the numbers are plausible times, or why there is none.
func (r *NumberRange) Unit() (*TimeUnit, string) {
	var could []string
	for i := range timeUnits {
		u := &timeUnits[i]
		from, ok := u.at(r.min)
		to, inRange := u.at(r.max)
		if !ok || !inRange || !isPlausible(from) || !isPlausible(to) {
			continue
		}
		if u.found && !to.Before(earliestNewest) {
			return u, ""
		}
		could = append(could, "as "+u.label+" that is "+days(from, to))
	}
	what := r.min.String()
	if r.min != r.max {
		what += " to " + r.max.String()
	}
	if len(could) == 0 {
		return nil, what + " is between 1971 and 2099 in no single unit"
	}
	return nil, what + " fits no unit with certainty: " + strings.Join(could, ", ")
}

func days(from, to time.Time) string {
	a, b := from.Format(time.DateOnly), to.Format(time.DateOnly)
	if a == b {
		return a
	}
	return fmt.Sprintf("%s to %s", a, b)
}
