package workspace

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"asof/replay/fault"
)

// ZoneHint lists the ways to write a zone for [LoadZone].
const ZoneHint = "write UTC, Local, an IANA name such as Europe/Berlin, the path of a zone file, or a rule such as EST5EDT,M3.2.0,M11.1.0"

// regions are the first parts of names of zones.
var regions = []string{"Europe", "America", "Asia", "Africa", "Australia", "Pacific", "Atlantic", "Indian", "America/Argentina", "America/Indiana", "Etc"}

// usualZones are the zones that a misspelt name is compared with.
var usualZones = []string{
	"UTC", "Local", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/New_York", "America/Sao_Paulo", "America/Toronto",
	"Asia/Dubai", "Asia/Hong_Kong", "Asia/Kolkata", "Asia/Shanghai", "Asia/Singapore", "Asia/Tokyo", "Australia/Sydney",
	"Europe/Amsterdam", "Europe/Berlin", "Europe/London", "Europe/Madrid", "Europe/Paris", "Europe/Rome", "Europe/Vienna", "Europe/Zurich",
}

// ZoneRemedy says how to write a zone that is not known: as that of its city, where that
// has one.
func ZoneRemedy(text string) fault.Remedy {
	name := zoneWord(strings.TrimSpace(text))
	for _, region := range append([]string{""}, regions...) {
		full := strings.TrimPrefix(region+"/"+name, "/")
		if _, err := time.LoadLocation(full); name != "" && full != text && err == nil {
			return fault.Remedy{For: text, Near: []string{full}}
		}
	}
	cities := make([]string, len(usualZones))
	for i, zone := range usualZones {
		cities[i] = zone[strings.LastIndexByte(zone, '/')+1:]
	}
	if near := fault.Near(text, cities, 1); near != nil {
		return fault.Remedy{For: text, Near: []string{usualZones[slices.Index(cities, near[0])]}}
	}
	return fault.Remedy{For: text, Near: fault.Near(text, usualZones, 1), Text: ZoneHint}
}

// zoneWord writes a name as zones are: new york as New_York.
func zoneWord(text string) string {
	b := []byte(strings.ReplaceAll(text, " ", "_"))
	begins := true
	for i, c := range b {
		if begins && c >= 'a' && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
		begins = c == '/' || c == '_' || c == '-'
	}
	return string(b)
}

// LoadZone loads a time zone from the value of a TZ variable: a name, the path of a
// zone file or a POSIX rule, each after an optional colon. Names take precedence over
// rules. The zone's name is never "Local" and never a path, so that it can be printed
// (see [LocalZone] for where that is not possible).
func LoadZone(text string) (*time.Location, error) {
	name := strings.TrimPrefix(text, ":")
	switch {
	case strings.HasPrefix(name, "/"):
		return zoneFile(name)
	case name == "Local":
		return LocalZone(), nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil && posixRule().MatchString(name) {
		return time.LoadLocationFromTZData(name, ruleFile(name))
	}
	return loc, err
}

// maxZone bounds a zone file, in bytes.
const maxZone = 1 << 20

func zoneFile(path string) (*time.Location, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // a pipe would never end
		return nil, errors.New("not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	data, err := io.ReadAll(io.LimitReader(f, maxZone))
	if err != nil {
		return nil, err
	}
	loc, err := time.LoadLocationFromTZData(path, data)
	if err != nil {
		return nil, err
	}
	if named := zoneOfPath(path); named != nil && sameOffsets(loc, named) {
		return named, nil
	}
	return time.LoadLocationFromTZData(offsetsOf(loc), data)
}

// localZoneFile is the file with the zone of a Unix machine.
const localZoneFile = "/etc/localtime"

// LocalZone returns the zone of the machine under its own name, such as Europe/Berlin,
// or under its offsets from UTC if the machine does not record a name. It is
// [time.Local] if the system keeps no zone file and the offset changes over the year.
func LocalZone() *time.Location {
	if time.Local.String() != "Local" { // the TZ variable names it
		if loc, err := LoadZone(time.Local.String()); err == nil && sameOffsets(loc, time.Local) {
			return loc
		}
		return time.Local
	}
	if loc, err := zoneFile(localZoneFile); err == nil && sameOffsets(loc, time.Local) {
		return loc
	}
	if standard, summer := yearOffsets(time.Local); standard == summer {
		return time.FixedZone(offsetsOf(time.Local), standard)
	}
	return time.Local
}

// zoneOfPath returns the zone that a path in a zone database names, following links.
// It is nil if there is none.
func zoneOfPath(path string) *time.Location {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	_, name, ok := strings.Cut(filepath.ToSlash(path), "/zoneinfo/")
	if !ok {
		return nil
	}
	if name == "UTC" || name == "Etc/UTC" {
		return time.UTC
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return loc
}

// sameOffsets reports whether two zones have the same offsets this year.
func sameOffsets(a, b *time.Location) bool {
	for t := range daysOfYear {
		_, x := t.In(a).Zone()
		_, y := t.In(b).Zone()
		if x != y {
			return false
		}
	}
	return true
}

// yearOffsets returns the lowest and the highest offset of a zone this year, in
// seconds: standard time and summer time.
func yearOffsets(loc *time.Location) (standard, summer int) {
	_, standard = time.Now().In(loc).Zone()
	summer = standard
	for t := range daysOfYear {
		_, offset := t.In(loc).Zone()
		standard, summer = min(standard, offset), max(summer, offset)
	}
	return standard, summer
}

// daysOfYear yields noon of each day of this year.
func daysOfYear(yield func(time.Time) bool) {
	first := time.Date(time.Now().Year(), time.January, 1, 12, 0, 0, 0, time.UTC)
	for t := first; t.Year() == first.Year(); t = t.AddDate(0, 0, 1) {
		if !yield(t) {
			return
		}
	}
}

// offsetsOf returns a name for a zone without one: UTC+05:30, or UTC+01:00/+02:00 if it
// has summer time.
func offsetsOf(loc *time.Location) string {
	form := func(offset int) string { return time.Time{}.In(time.FixedZone("", offset)).Format("-07:00") }
	standard, summer := yearOffsets(loc)
	switch {
	case standard == summer && standard == 0:
		return "UTC"
	case standard == summer:
		return "UTC" + form(standard)
	}
	return "UTC" + form(standard) + "/" + form(summer)
}

// posixRule matches a zone in POSIX form: a name and an offset west of UTC, optionally
// followed by the name, offset, start and end of summer time.
var posixRule = sync.OnceValue(func() *regexp.Regexp {
	const (
		name   = `(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)`
		offset = `[+-]?\d{1,3}(?::[0-5]\d(?::[0-5]\d)?)?`
		day    = `,(?:M(?:[1-9]|1[0-2])\.[1-5]\.[0-6]|J?\d{1,3})(?:/` + offset + `)?`
	)
	return regexp.MustCompile(`^` + name + offset + `(?:` + name + `(?:` + offset + `)?(?:` + day + day + `)?)?$`)
})

// ruleFile returns a zone file (RFC 9636) that contains only a rule, in its last line.
// Package time accepts rules in no other form.
func ruleFile(rule string) []byte {
	header := append([]byte("TZif2"), make([]byte, 15)...)
	for _, n := range []uint32{0, 0, 0, 0, 1, 4} { // one type of time, with a name of 4 bytes
		header = binary.BigEndian.AppendUint32(header, n)
	}
	content := append(make([]byte, 6), "UTC\x00"...)
	data := append(header, content...)
	data = append(append(data, header...), content...)
	return append(data, "\n"+rule+"\n"...)
}
