package when

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"
)

var (
	agoForm  = pattern(`(?i)^-?(an?|one|\d{1,9}) ?([a-z]+)(?: ago)?$`)
	lastForm = pattern(`(?i)^(?:last|past|previous) (week|month|year|hour|minute)$`)
	weekForm = pattern(`(?i)^(\d{4})-?W(\d\d)(?:-?([1-7]))?$`)
	hourForm = pattern(`(?i)^(\d{4}-\d\d-\d\d|today|yesterday)[ T_]*(\d{1,2})(?::?(\d\d))?(?::(\d\d))?( ?[ap]m)?$`)
	asListed = pattern(` \d{1,2}:\d\d(:\d\d)?(?:$|[^.:\d])`)
	noon     = map[string]string{"midnight": "today", "noon": "today 12:00", "tonight": "now", "this morning": "today"}
)

func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

// shortUnits are the units of time as other tools write them.
var shortUnits = map[string]string{
	"s": "second", "sec": "second", "secs": "second", "m": "minute", "min": "minute", "mins": "minute",
	"h": "hour", "hr": "hour", "hrs": "hour", "d": "day", "w": "week", "wk": "week", "mo": "month", "mon": "month",
	"y": "year", "yr": "year", "yrs": "year",
}

// Meant returns the time that a text which [Parse] refuses probably means, in a form
// that Parse takes, or "". It never decides between several.
func Meant(s string) string {
	low := strings.ToLower(strings.Join(strings.Fields(s), " "))
	if word := noon[low]; word != "" {
		return word
	}
	for day := time.Sunday; day <= time.Saturday; day++ {
		name := strings.ToLower(day.String())
		if low == name || len(low) == 3 && strings.HasPrefix(name, low) {
			return "last " + name
		}
	}
	if m := lastForm().FindStringSubmatch(low); m != nil {
		return "1 " + m[1] + " ago"
	}
	if m := agoForm().FindStringSubmatch(low); m != nil {
		return meantAgo(m[1], m[2])
	}
	if m := weekForm().FindStringSubmatch(s); m != nil {
		return meantWeek(m[1], m[2], m[3])
	}
	if m := hourForm().FindStringSubmatch(low); m != nil {
		return meantHour(m)
	}
	if _, rest := cutDigits(low); strings.HasPrefix(rest, ":") {
		return "today " + low
	}
	word, rest := cutWord(s)
	if day, clock, ok := strings.Cut(word, "T"); ok {
		word, rest = day, "T"+clock+rest
	}
	if _, next, ok := foreignDate(strings.ToLower(word)); ok && !strings.Contains(next, " or ") {
		return strings.TrimPrefix(next, "write ") + rest
	}
	return ""
}

// meantAgo returns a duration such as 5m or "a day ago" as Parse takes it.
func meantAgo(n, unit string) string {
	if long := shortUnits[unit]; long != "" {
		unit = long
	}
	if n[0] > '9' {
		n = "1"
	}
	if unit = strings.TrimSuffix(unit, "s"); n != "1" {
		unit += "s"
	}
	return n + " " + unit + " ago"
}

// meantWeek returns the date of a day of an ISO week; without a day, of its Monday.
func meantWeek(year, week, day string) string {
	w, d := number(week), 1
	if day != "" {
		d = number(day)
	}
	if w < 1 || w > 53 {
		return ""
	}
	fourth := time.Date(number(year), 1, 4, 0, 0, 0, 0, time.UTC) // always in week 1
	monday := fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7)
	return monday.AddDate(0, 0, (w-1)*7+d-1).Format(time.DateOnly)
}

// meantHour returns a day and a clock such as 14, 1400 or 2pm as Parse takes it.
func meantHour(m []string) string {
	hour, minute := number(m[2]), m[3]
	switch strings.TrimSpace(m[5]) {
	case "pm":
		hour = hour%12 + 12
	case "am":
		hour %= 12
	}
	if minute == "" {
		minute = "00"
	}
	s := fmt.Sprintf("%s %02d:%s", m[1], hour, minute)
	if m[4] != "" {
		s += ":" + m[4]
	}
	return s
}

// Unit returns what a time that Parse takes stands for if it is written as lists show it,
// with a space before the clock: a whole minute or a whole second; else 0.
func Unit(s string) time.Duration {
	switch m := asListed().FindStringSubmatch(s); {
	case m == nil:
		return 0
	case m[1] == "":
		return time.Minute
	}
	return time.Second
}
