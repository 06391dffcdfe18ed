package when

import (
	"fmt"
	"strings"
	"time"
)

// A zoned is the zone that a time was written in.
type zoned struct {
	loc   *time.Location
	named *time.Location // the zone written after an offset, which must agree with it; else nil
}

const zoneForms = "a zone is Z, an offset such as +02:00, or a name such as Europe/Berlin after a space"

// parseZone parses the zone at the end of a time; the default is local.
func parseZone(s string, local *time.Location) (zoned, error) {
	if s == "" {
		return zoned{loc: local}, nil
	}
	s, spaced := strings.CutPrefix(s, " ")
	switch {
	case s == "":
		return zoned{}, bad("it ends in a space", "")
	case s == "Z", s == "z":
		return zoned{loc: time.UTC}, nil
	case s[0] == '[':
		loc, err := bracketed(s)
		return zoned{loc: loc}, err
	case s[0] == '+', s[0] == '-':
		offset, rest, err := parseOffset(s)
		if err != nil {
			return zoned{}, err
		}
		z := zoned{loc: time.FixedZone("", offset)}
		if rest != "" {
			z.named, err = bracketed(rest)
		}
		return z, err
	case spaced:
		loc, err := loadZone(s)
		return zoned{loc: loc}, err
	}
	return zoned{}, bad(fmt.Sprintf("%q is not recognized", s), "")
}

// check returns an error if the offset is not in force in the named zone at t.
func (z zoned) check(t time.Time) error {
	if z.named == nil {
		return nil
	}
	_, want := t.In(z.loc).Zone()
	_, have := t.In(z.named).Zone()
	if want == have {
		return nil
	}
	return bad(fmt.Sprintf("the offset is not that of %s at that time", z.named),
		"that instant is "+exactly(t.In(z.named))+" there: leave out the offset or the name")
}

// parseOffset parses +hh:mm, +hhmm or +hh as seconds east of UTC.
func parseOffset(s string) (int, string, error) {
	sign := 1
	if s[0] == '-' {
		sign = -1
	}
	hour, rest := cutDigits(s[1:])
	minute := "00"
	switch {
	case len(hour) == 2 && strings.HasPrefix(rest, ":"):
		minute, rest = cutDigits(rest[1:])
	case len(hour) == 4:
		hour, minute = hour[:2], hour[2:]
	}
	if len(hour) != 2 || len(minute) != 2 || number(hour) > 23 || number(minute) > 59 {
		return 0, "", bad("the offset is not one", zoneForms)
	}
	return sign * (number(hour)*3600 + number(minute)*60), rest, nil
}

func bracketed(s string) (*time.Location, error) {
	name, ok := strings.CutPrefix(s, "[")
	if ok {
		name, ok = strings.CutSuffix(name, "]")
	}
	if !ok {
		return nil, bad(fmt.Sprintf("%q is not a zone in brackets", s), zoneForms)
	}
	return loadZone(name)
}

// loadZone finds a zone by its IANA name.
func loadZone(name string) (*time.Location, error) {
	unknown := bad(fmt.Sprintf("there is no time zone %q", name), zoneForms)
	// Local, and text that is not a name, would depend on the machine.
	if name == "" || len(name) > 64 || strings.EqualFold(name, "local") || !isLetter(name[0]) {
		return nil, unknown
	}
	for i := range len(name) {
		if !isLetter(name[i]) && !isDigit(name[i]) && !strings.ContainsRune("/_+-", rune(name[i])) {
			return nil, unknown
		}
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, unknown
	}
	return loc, nil
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// instant returns the instant at which clocks in loc show a date and time. If they
// never do, or do twice, the error names the candidates.
func instant(date civil, at clock, loc *time.Location) (time.Time, error) {
	wall := time.Date(date.year, date.month, date.day, at.hour, at.min, at.sec, at.nsec, time.UTC)
	offsets := offsetsAround(wall, loc)
	var shown []time.Time
	for _, offset := range offsets {
		t := wall.Add(-time.Duration(offset) * time.Second).In(loc)
		if _, is := t.Zone(); is == offset && !holds(shown, t) {
			shown = append(shown, t)
		}
	}
	if len(shown) == 1 {
		return shown[0], nil
	}
	what := "occurred twice"
	if len(shown) == 0 {
		what, shown = "was skipped", aroundGap(wall, offsets, loc)
	}
	zone := loc.String()
	if zone == "Local" {
		zone = "the local time zone"
	}
	names := make([]string, len(shown))
	for i, t := range shown {
		names[i] = exactly(t)
	}
	return time.Time{}, bad(fmt.Sprintf("%s on %s %s in %s", at, date, what, zone),
		"write "+strings.Join(names, " or "))
}

// offsetsAround returns the offsets from UTC, in seconds, that are in force in
// loc from before the clocks can show wall until after, in order.
func offsetsAround(wall time.Time, loc *time.Location) []int {
	const farthest = 26 * time.Hour // more than any offset
	t, end := wall.Add(-farthest), wall.Add(farthest)
	var offsets []int
	for {
		_, offset := t.In(loc).Zone()
		offsets = append(offsets, offset)
		_, next := t.In(loc).ZoneBounds()
		if next.IsZero() || next.After(end) || !next.After(t) {
			return offsets
		}
		t = next
	}
}

// aroundGap returns the instants that a skipped wall clock could mean: with the
// offset after the change it is before the gap, and vice versa.
func aroundGap(wall time.Time, offsets []int, loc *time.Location) []time.Time {
	var around []time.Time
	for i := 1; i < len(offsets); i++ {
		early := wall.Add(-time.Duration(offsets[i]) * time.Second).In(loc)
		late := wall.Add(-time.Duration(offsets[i-1]) * time.Second).In(loc)
		_, before := early.Zone()
		_, after := late.Zone()
		if before == offsets[i-1] && after == offsets[i] {
			around = append(around, early, late)
		}
	}
	return around
}

// exactly formats t in its zone, or in UTC if the offset has seconds, which RFC 3339
// cannot express.
func exactly(t time.Time) string {
	if _, offset := t.Zone(); offset%60 != 0 {
		t = t.UTC()
	}
	return t.Format(time.RFC3339Nano)
}

func holds(ts []time.Time, t time.Time) bool {
	for _, have := range ts {
		if have.Equal(t) {
			return true
		}
	}
	return false
}
