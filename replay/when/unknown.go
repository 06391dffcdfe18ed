package when

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// unknown returns the error of a text that is not a time, with the likeliest
// correction.
func unknown(s string) error {
	word, rest := cutWord(strings.ToLower(s))
	if strings.TrimSpace(s) != s {
		return bad("it begins or ends with a space", "write it without the space")
	}
	if rest == " ago" || strings.HasPrefix(rest, " day") || strings.HasPrefix(rest, " hour") {
		return bad("the number must be in digits", `write "1 day ago" or "3 hours ago"`)
	}
	for day := time.Sunday; day <= time.Saturday; day++ {
		if word == strings.ToLower(day.String()) {
			return bad("it could be any "+day.String(), fmt.Sprintf(`write "last %s" for the latest before today, or a date`, word))
		}
	}
	if reason, next, ok := foreignDate(word); ok {
		return bad(reason, next)
	}
	if hour, after := cutDigits(word); len(hour) == 1 || len(hour) == 2 {
		switch {
		case strings.HasPrefix(after, ":"):
			return bad("a time of day needs a day", fmt.Sprintf(`write "today %s" or "yesterday %s"`, word, word))
		case after == "am", after == "pm":
			return bad("times use the 24-hour clock", `write "today 14:00"`)
		}
	}
	return &Error{Reason: "not recognized", Unknown: true}
}

// foreignDate explains a date that is not in year-month-day order.
func foreignDate(s string) (reason, next string, ok bool) {
	if i := strings.IndexByte(s, 't'); i > 0 {
		s = s[:i]
	}
	i := strings.IndexAny(s, "-/.")
	if i <= 0 {
		return "", "", false
	}
	parts := strings.Split(s, s[i:i+1])
	if slices.ContainsFunc(parts, func(p string) bool { return !isDigits(p) || len(p) > 4 }) {
		return "", "", false
	}
	if len(parts) == 2 && len(parts[0]) == 4 {
		c := civil{number(parts[0]), time.Month(number(parts[1])), 1}
		return "a date needs a day", "write " + c.String(), c.check() == nil
	}
	if len(parts) != 3 {
		return "", "", false
	}
	a, b, c := number(parts[0]), number(parts[1]), number(parts[2])
	var dates []civil
	switch {
	case len(parts[0]) == 4:
		dates = []civil{{a, time.Month(b), c}}
	case len(parts[2]) == 4 && s[i] == '.':
		dates = []civil{{c, time.Month(b), a}}
	case len(parts[2]) == 4:
		dates = []civil{{c, time.Month(a), b}, {c, time.Month(b), a}}
	}
	dates = slices.DeleteFunc(slices.Compact(dates), func(d civil) bool { return d.check() != nil })
	switch len(dates) {
	case 1:
		return "dates are year-month-day, in 4, 2 and 2 digits", "write " + dates[0].String(), true
	case 2:
		return "its first number could be the month or the day", fmt.Sprintf("write %s or %s", dates[0], dates[1]), true
	}
	return "", "", false
}
