package workspace

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"
)

// ZoneHint lists the ways to write a zone for [LoadZone].
const ZoneHint = "write UTC, Local, an IANA name such as Europe/Berlin, the path of a zone file, or a rule such as EST5EDT,M3.2.0,M11.1.0"

// LoadZone loads a time zone from the value of a TZ variable: a name, the path of a
// zone file or a POSIX rule, each after an optional colon. Names take precedence over
// rules.
func LoadZone(text string) (*time.Location, error) {
	name := strings.TrimPrefix(text, ":")
	if strings.HasPrefix(name, "/") {
		return zoneFile(name)
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
	return time.LoadLocationFromTZData(path, data)
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
