package when

import (
	"errors"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the tests name zones, whatever the machine has

	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestGapsAndOverlaps(t *testing.T) {
	tests := []struct{ in, zone, reason, hint string }{
		{
			"2026-03-29 02:30", "Europe/Berlin", "02:30 on 2026-03-29 was skipped in Europe/Berlin",
			"write 2026-03-29T01:30:00+01:00 or 2026-03-29T03:30:00+02:00",
		},
		{
			"2026-03-29 02:00", "Europe/Berlin", "skipped",
			"write 2026-03-29T01:00:00+01:00 or 2026-03-29T03:00:00+02:00",
		},
		{
			"2026-10-25 02:30:00.5", "Europe/Berlin", "02:30:00.5 on 2026-10-25 occurred twice in Europe/Berlin",
			"write 2026-10-25T02:30:00.5+02:00 or 2026-10-25T02:30:00.5+01:00",
		},
		{
			"2026-10-25 02:30 Europe/Berlin", "UTC", "occurred twice in Europe/Berlin",
			"write 2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00",
		},
		{ // midnight itself
			"2018-11-04", "America/Sao_Paulo", "00:00 on 2018-11-04 was skipped",
			"write 2018-11-03T23:00:00-03:00 or 2018-11-04T01:00:00-02:00",
		},
		{ // half an hour
			"2026-10-04 02:15", "Australia/Lord_Howe", "skipped",
			"write 2026-10-04T01:45:00+10:30 or 2026-10-04T02:45:00+11:00",
		},
		{ // a whole day
			"2011-12-30 12:00", "Pacific/Apia", "skipped",
			"write 2011-12-29T12:00:00-10:00 or 2011-12-31T12:00:00+14:00",
		},
		{ // offsets with seconds, which RFC 3339 can't say
			"1893-04-01 00:03", "Europe/Berlin", "skipped",
			"write 1893-03-31T23:03:00Z or 1893-04-01T00:09:32+01:00",
		},
	}
	for _, tt := range tests {
		_, err := Parse(tt.in, time.Time{}, zone(t, tt.zone))
		var fault *Error
		if !errors.As(err, &fault) || !strings.Contains(fault.Reason, tt.reason) || fault.Next != tt.hint {
			t.Errorf("%s in %s: %+v", tt.in, tt.zone, err)
			continue
		}
		for _, way := range strings.Split(strings.TrimPrefix(fault.Next, "write "), " or ") {
			if _, err := Parse(way, time.Time{}, time.UTC); err != nil {
				t.Errorf("%s: hint %v", tt.in, err)
			}
		}
	}
	berlin := zone(t, "Europe/Berlin")
	now := time.Date(2026, 3, 31, 2, 30, 0, 0, berlin)
	for _, in := range []string{"2 days ago", "last sunday 2:30"} {
		if p, err := Parse(in, now, berlin); err == nil {
			t.Errorf("%q fell into a gap and is %v", in, p)
		}
	}
	if p, err := Parse("1 month ago", now, berlin); err == nil {
		t.Errorf("a month before 31 March is %v", p)
	}
	for in, want := range map[string]string{
		"2026-03-29 01:59:59.999999999":            "2026-03-29T00:59:59.999999999Z",
		"2026-03-29 03:00":                         "2026-03-29T01:00:00Z",
		"2026-10-25 01:59:59.999999999":            "2026-10-24T23:59:59.999999999Z",
		"2026-10-25 03:00":                         "2026-10-25T02:00:00Z",
		"2026-10-25T02:30:00+01:00[Europe/Berlin]": "2026-10-25T01:30:00Z",
		"2026-10-25T02:30:00+02:00[Europe/Berlin]": "2026-10-25T00:30:00Z",
		"48 hours ago":                             "2026-03-29T00:30:00Z",
	} {
		if p, err := Parse(in, now, berlin); err != nil || p.UTC().Format(time.RFC3339Nano) != want {
			t.Errorf("%q is %v (%v), want %s", in, p, err, want)
		}
	}
}

// Around every change of a zone's clocks, a wall clock reads back as the instant
// that showed it, and is refused only when it is not the only one.
func TestInstantAgreesWithTheClocks(t *testing.T) {
	zones := []string{
		"Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe",
		"Pacific/Apia", "Africa/Casablanca", "Asia/Tehran", "Antarctica/Troll", "UTC",
	}
	rapid.Check(t, func(t *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(rapid.Int64Range(-2e9, 4e9).Draw(t, "unix"), 0).In(loc)
		if _, end := at.ZoneBounds(); rapid.Bool().Draw(t, "near a change") && !end.IsZero() {
			at = end.Add(time.Duration(rapid.Int64Range(-8000, 8000).Draw(t, "beside")) * time.Second).In(loc)
		}
		_, offset := at.Zone()
		if offset%60 != 0 {
			t.Skip("an offset that can't be written")
		}
		got, err := instant(civilOf(at), clockOf(at), loc)
		others := 0
		start, end := at.ZoneBounds()
		for _, beside := range []time.Time{start.Add(-time.Second), end} {
			// The offset on the other side of a change shows the same clock at another time.
			_, o := beside.In(loc).Zone()
			other := at.Add(time.Duration(offset-o) * time.Second)
			if o != offset && civilOf(other) == civilOf(at) && clockOf(other) == clockOf(at) {
				others++
			}
		}
		switch {
		case others == 0 && (err != nil || !got.Equal(at)):
			t.Fatalf("%v reads back as %v, %v", at, got, err)
		case others > 0 && err == nil:
			t.Fatalf("%v occurred twice, and reads as %v", at, got)
		case err != nil && !strings.Contains(err.(*Error).Next, at.Format(time.RFC3339)):
			t.Fatalf("%v is not among the candidates: %s", at, err.(*Error).Next)
		}
	})
}
