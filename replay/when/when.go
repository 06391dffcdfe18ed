package when

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A civil is a calendar date without a zone.
type civil struct {
	year  int
	month time.Month
	day   int
}

func civilOf(t time.Time) civil {
	y, m, d := t.Date()
	return civil{y, m, d}
}

func (c civil) String() string { return fmt.Sprintf("%04d-%02d-%02d", c.year, c.month, c.day) }

// check returns an error if the date does not exist.
func (c civil) check() error {
	if c.year < 1 || c.year > 9999 {
		return bad("the year is outside 1 to 9999", "write a date such as 2026-11-20")
	}
	if c.month < 1 || c.month > 12 {
		next := "months are 01 to 12"
		swapped := civil{c.year, time.Month(c.day), int(c.month)}
		if c.day >= 1 && c.day <= 12 && swapped.check() == nil {
			next = "dates are year, month, day: write " + swapped.String()
		}
		return bad(fmt.Sprintf("there is no month %d", int(c.month)), next)
	}
	last := time.Date(c.year, c.month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	if c.day < 1 || c.day > last {
		return bad("there is no "+c.String(), fmt.Sprintf("%s %d has %d days", c.month, c.year, last))
	}
	return nil
}

// A clock is a time of day without a zone.
type clock struct{ hour, min, sec, nsec int }

func clockOf(t time.Time) clock {
	h, m, s := t.Clock()
	return clock{h, m, s, t.Nanosecond()}
}

func (c clock) String() string {
	s := fmt.Sprintf("%02d:%02d", c.hour, c.min)
	if c.sec != 0 || c.nsec != 0 {
		s += fmt.Sprintf(":%02d", c.sec)
	}
	if c.nsec != 0 {
		s += strings.TrimRight(fmt.Sprintf(".%09d", c.nsec), "0")
	}
	return s
}

// Parse parses a time: a date, or a phrase relative to now such as "yesterday 14:00" or
// "2 days ago". A time without a zone is in local. Parse accepts all of s or none of it;
// the error is an [Error].
func Parse(s string, now time.Time, local *time.Location) (time.Time, error) {
	if strings.EqualFold(s, "now") {
		return now, nil
	}
	day, rest, err := parseDay(s)
	if err != nil {
		return time.Time{}, err
	}
	if day.kind == daySeconds {
		if rest != "" {
			return time.Time{}, bad(fmt.Sprintf("%q follows an exact duration", strings.TrimSpace(rest)),
				`write "3 hours ago", or "2 days ago 14:00"`)
		}
		return time.Unix(now.Unix()-day.n, int64(now.Nanosecond())), nil
	}
	at, hasClock, rest, err := parseClock(rest, day.kind == dayDate)
	if err != nil {
		return time.Time{}, err
	}
	z, err := parseZone(rest, local)
	if err != nil {
		return time.Time{}, err
	}
	today := now.In(z.loc)
	date, err := day.on(civilOf(today))
	if err != nil {
		return time.Time{}, err
	}
	if !hasClock && day.keepsClock {
		at = clockOf(today)
	}
	t, err := instant(date, at, z.loc)
	if err != nil {
		return time.Time{}, err
	}
	return t, z.check(t)
}

type dayKind uint8

const (
	dayDate    dayKind = iota
	daySeconds         // n seconds ago: an exact duration, not a day
	dayDays            // n days ago
	dayMonths          // n months ago
	dayLast            // the latest weekday before today
)

// A dayRule is a date, or a rule that derives one from today.
type dayRule struct {
	kind       dayKind
	date       civil
	n          int64
	weekday    time.Weekday
	keepsClock bool // a missing clock defaults to the current one, not 00:00
}

func (d dayRule) on(today civil) (civil, error) {
	switch d.kind {
	case dayDays:
		return addDays(today, -int(d.n))
	case dayMonths:
		months := int64(today.year)*12 + int64(today.month) - 1 - d.n
		c := civil{int(months / 12), time.Month(months%12 + 1), today.day}
		return c, c.check()
	case dayLast:
		weekday := time.Date(today.year, today.month, today.day, 0, 0, 0, 0, time.UTC).Weekday()
		return addDays(today, -(int(weekday-d.weekday+6)%7 + 1))
	default:
		return d.date, nil
	}
}

func addDays(c civil, n int) (civil, error) {
	c = civilOf(time.Date(c.year, c.month, c.day+n, 0, 0, 0, 0, time.UTC))
	if c.year < 1 || c.year > 9999 {
		return c, bad("that is too long ago", "")
	}
	return c, nil
}

// parseDay parses the date or relative day at the start of a time.
func parseDay(s string) (dayRule, string, error) {
	word, rest := cutWord(s)
	switch strings.ToLower(word) {
	case "today":
		return dayRule{kind: dayDays}, rest, nil
	case "yesterday":
		return dayRule{kind: dayDays, n: 1}, rest, nil
	case "last":
		name, rest := cutWord(strings.TrimPrefix(rest, " "))
		for day := time.Sunday; day <= time.Saturday; day++ {
			if strings.EqualFold(name, day.String()) {
				return dayRule{kind: dayLast, weekday: day}, rest, nil
			}
		}
		return dayRule{}, "", bad("after last comes a weekday", `write "last friday", or "2 weeks ago"`)
	}
	if isDigits(word) && rest != "" {
		return parseAgo(word, rest)
	}
	if len(s) >= 10 && isDigits(s[:4]) && s[4] == '-' && isDigits(s[5:7]) && s[7] == '-' &&
		isDigits(s[8:10]) && (len(s) == 10 || !isDigit(s[10])) {
		c := civil{number(s[:4]), time.Month(number(s[5:7])), number(s[8:10])}
		return dayRule{date: c}, s[10:], c.check()
	}
	return dayRule{}, "", unknown(s)
}

// number parses digits that were checked and can't overflow.
func number(digits string) int {
	n := 0
	for i := range len(digits) {
		n = n*10 + int(digits[i]-'0')
	}
	return n
}

// cutWord cuts s before its first space, which stays with the rest.
func cutWord(s string) (string, string) {
	if i := strings.IndexByte(s, ' '); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// agoUnits are the units of "N … ago", each as n seconds, days or months.
var agoUnits = [...]struct {
	name string
	kind dayKind
	n    int64
}{
	{"second", daySeconds, 1},
	{"minute", daySeconds, 60},
	{"hour", daySeconds, 3600},
	{"day", dayDays, 1},
	{"week", dayDays, 7},
	{"month", dayMonths, 1},
	{"year", dayMonths, 12},
}

// parseAgo parses "2 days ago" after the number, which is in digits.
func parseAgo(digits, s string) (dayRule, string, error) {
	unit, rest := cutWord(s[1:])
	unit = strings.TrimSuffix(strings.ToLower(unit), "s")
	for _, u := range agoUnits {
		if u.name != unit {
			continue
		}
		ago, rest := cutWord(strings.TrimPrefix(rest, " "))
		if !strings.EqualFold(ago, "ago") {
			return dayRule{}, "", bad("ago is missing", fmt.Sprintf(`write "%s %ss ago"`, digits, unit))
		}
		if len(digits) > 9 { // far beyond year 1, and far from overflowing
			return dayRule{}, "", bad("that is too long ago", "")
		}
		n, _ := strconv.ParseInt(digits, 10, 64)
		return dayRule{kind: u.kind, n: n * u.n, keepsClock: true}, rest, nil
	}
	return dayRule{}, "", bad(fmt.Sprintf("%q is not a unit of time", unit),
		`the units are seconds, minutes, hours, days, weeks, months and years: "2 days ago"`)
}

const clockForms = `write 14:00, 14:00:05 or 14:00:05.123`

// parseClock parses a clock if s begins with one: after a space, or after the T that
// follows a date.
func parseClock(s string, afterDate bool) (c clock, has bool, rest string, err error) {
	isT := afterDate && s != "" && (s[0] == 'T' || s[0] == 't')
	if !isT && (len(s) < 2 || s[0] != ' ' || !isDigit(s[1])) {
		return clock{}, false, s, nil
	}
	s = s[1:]
	hour, s := cutDigits(s)
	if len(hour) > 2 || len(hour) < 2 && isT || !strings.HasPrefix(s, ":") {
		return clock{}, false, "", bad("the time of day is incomplete", clockForms)
	}
	minute, s := cutDigits(s[1:])
	second, fraction := "0", "0"
	if strings.HasPrefix(s, ":") {
		if second, s = cutDigits(s[1:]); len(second) != 2 {
			return clock{}, false, "", bad("seconds have two digits", clockForms)
		}
		if strings.HasPrefix(s, ".") {
			if fraction, s = cutDigits(s[1:]); fraction == "" || len(fraction) > 9 {
				return clock{}, false, "", bad("a fraction of a second has 1 to 9 digits", clockForms)
			}
		}
	}
	if hour == "" || len(minute) != 2 {
		return clock{}, false, "", bad("the time of day is incomplete", clockForms)
	}
	c = clock{number(hour), number(minute), number(second), number((fraction + "00000000")[:9])}
	return c, true, s, c.check()
}

func (c clock) check() error {
	switch {
	case c.hour == 24:
		return bad("there is no hour 24", "write 00:00 of the next day")
	case c.hour > 24:
		return bad(fmt.Sprintf("there is no hour %d", c.hour), "hours are 00 to 23")
	case c.min > 59:
		return bad(fmt.Sprintf("there is no minute %d", c.min), "minutes are 00 to 59")
	case c.sec == 60:
		return bad("leap seconds are not supported", "write 59.999999999 for the end of the minute")
	case c.sec > 59:
		return bad(fmt.Sprintf("there is no second %d", c.sec), "seconds are 00 to 59")
	}
	return nil
}

func cutDigits(s string) (string, string) {
	i := 0
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return s[:i], s[i:]
}

func isDigits(s string) bool {
	_, rest := cutDigits(s)
	return s != "" && rest == ""
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
