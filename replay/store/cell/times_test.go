package cell

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestTimeForms lists each form of text with its time in UTC and its kind of zone.
func TestTimeForms(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		in, want string
		mark     TimeMark
	}{
		{"2026-03-01T09:00:00.123Z", "2026-03-01T09:00:00.123Z", TimeZoned},
		{"2026-03-01t09:00:00z", "2026-03-01T09:00:00Z", TimeZoned},
		{"2026-03-01T09:00:00+01:30", "2026-03-01T07:30:00Z", TimeZoned},
		{"2026-03-01T09:00:00-0230", "2026-03-01T11:30:00Z", TimeZoned},
		{"2026-03-01T09:00:00+02", "2026-03-01T07:00:00Z", TimeZoned},
		{"1890-03-01 09:00:00+00:53:28", "1890-03-01T08:06:32Z", TimeZoned}, // PostgreSQL, before standard time
		{"2026-03-01 09:00:00 UTC", "2026-03-01T09:00:00Z", TimeZoned},
		{"2026-03-01 09:00:00 GMT", "2026-03-01T09:00:00Z", TimeZoned},
		{"2026-03-01 09:00:00.000 +00:00", "2026-03-01T09:00:00Z", TimeZoned}, // Sequelize
		{"2026-03-01 09:00:00 +0100", "2026-03-01T08:00:00Z", TimeZoned},      // Ruby
		{"2026-03-01T09:00:00.1234567899Z", "2026-03-01T09:00:00.123456789Z", TimeZoned},
		{"2026-03-01 09:00:00,5", "2026-03-01T09:00:00.5Z", timeZoneless}, // Python's logging
		{"2026-03-01 09:00:00", "2026-03-01T09:00:00Z", timeZoneless},
		{"2026-03-01 09:00", "2026-03-01T09:00:00Z", timeZoneless}, // SQLite
		{"2026-03-01T09:00Z", "2026-03-01T09:00:00Z", TimeZoned},   // java.time leaves out seconds that are zero
		{"2026-03-01T09:00+01:00", "2026-03-01T08:00:00Z", TimeZoned},
		{"2026-03-01T09:00:00+01:00[Europe/Berlin]", "2026-03-01T08:00:00Z", TimeZoned},
		{"2026-03-01T09:00+01:00[Europe/Berlin]", "2026-03-01T08:00:00Z", TimeZoned},
		{"2026-03-01T09:00:00Z[UTC]", "2026-03-01T09:00:00Z", TimeZoned},
		{"2026-03-01T09:00:00[Europe/Berlin]", "2026-03-01T08:00:00Z", TimeZoned},
		{"2026-07-01T09:00:00[Europe/Berlin]", "2026-07-01T07:00:00Z", TimeZoned},
		{"2026-03-01", "2026-03-01T00:00:00Z", timeZoneless},
		{" 2026-03-01 09:00:00 ", "2026-03-01T09:00:00Z", timeZoneless}, // CHAR(n)
		{"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", TimeZoned},
		{"2026-03-01 09:00:00 +0000 UTC", "2026-03-01T09:00:00Z", TimeZoned}, // Go's time.Time.String
		{"2026-03-01 09:00:00.5 +0100 CET m=+0.001234", "2026-03-01T08:00:00.5Z", TimeZoned},
		{"2026-03-01 09:00:00 -0300 -03", "2026-03-01T12:00:00Z", TimeZoned},
		{"2026-03-01 09:00:00 +0545 +0545", "2026-03-01T03:15:00Z", TimeZoned},
		{"20260301T090000Z", "2026-03-01T09:00:00Z", TimeZoned},
		{"20260301T090000.25+0100", "2026-03-01T08:00:00.25Z", TimeZoned},
		{"20260301T0900", "2026-03-01T09:00:00Z", timeZoneless},
		{"20260301", "2026-03-01T00:00:00Z", timeZoneless},
		{"20260301090000", "2026-03-01T09:00:00Z", timeZoneless},
		{"Sun, 01 Mar 2026 09:00:00 +0100", "2026-03-01T08:00:00Z", TimeZoned},
		{"Sun, 1 Mar 2026 09:00 GMT", "2026-03-01T09:00:00Z", TimeZoned},
		{"1 Mar 2026 09:00:00 EST", "2026-03-01T14:00:00Z", TimeZoned},
		{"01 Mar 2026 09:00:00", "2026-03-01T09:00:00Z", timeZoneless},
		{"Sun Mar 01 2026 09:00:00 GMT+0100 (Central European Standard Time)", "2026-03-01T08:00:00Z", TimeZoned},
		{"Sun Mar 01 2026 09:00:00 GMT+0000", "2026-03-01T09:00:00Z", TimeZoned},
	} {
		col := NewTimes(nil, "", nil)
		got, mark, why := col.Text([]byte(c.in))
		if mark != c.mark || got.Format(time.RFC3339Nano) != c.want {
			t.Errorf("%s is %s, mark %d (%s); want %s, %d", c.in, got.Format(time.RFC3339Nano), mark, why, c.want, c.mark)
		}
		if mark != timeZoneless {
			continue
		}
		local := NewTimes(berlin, "", nil)
		if at, _, _ := local.Text([]byte(c.in)); at.Sub(got) != -time.Hour {
			t.Errorf("%s is %s in Berlin, and %s in UTC", c.in, at, got)
		}
	}
}

func TestNoTimes(t *testing.T) {
	none := []Value{{}, {Kind: Int}, {Kind: Real}}
	for _, s := range []string{
		"", " ", "0", "0.0", "0001-01-01", "0001-01-01T00:00:00", "0001-01-01T00:00:00Z", "0001-01-01 00:00:00 +0000 UTC",
		"0001-01-01T00:00:00+01:00", "0000-00-00", "0000-00-00 00:00:00",
	} {
		none = append(none, Value{Kind: Text, B: []byte(s)})
	}
	for i := range none {
		col := NewTimes(nil, "", nil)
		if got, mark, why := col.Read(&none[i]); mark != TimeNone || !got.IsZero() || why != "" {
			t.Errorf("%s is %v, mark %d (%s)", none[i].Describe(), got, mark, why)
		}
	}
	for _, s := range []string{
		"x", "2026-13-01", "2025-02-29", "2026-03-01T", "2026-03-01T25:00:00Z", "2026-03-01T09:60:00Z", "2026-03-01T09",
		"2026-03-01T09:00:00.Z", "2026-03-01T09:00:00Zx", "2026-03-01T09:00:00+25:00", "2026-03-01X09:00:00", "2026-03-01 09:00 ",
		"20261301", "20260230", "2026030109000", "20260301T09", "infinity", "2026-03-01 09:00:00 BC", "2026-03-01 09:00:00 CET",
		"Sun, 01 Mrz 2026 09:00:00 +0100", "Sun, 01 Mar 26 09:00:00 +0100", "01/03/2026", "3 days ago", "2026-03-01T09:00:00[Nowhere/Else]",
		"2026-03-01T09:00:00[", "2026-03-01T09:00:00[]", "2026-03-01T09:00:00+01:00[x", "Sun Mar 01 2026 09:00:00", "0x1p3", "1_767_225_600",
	} {
		col := NewTimes(nil, "", nil)
		col.Ends = func(context.Context, bool) (NumberRange, error) { return NumberRange{}, nil }
		if strings.HasSuffix(s, " ") {
			continue
		}
		if got, mark, why := col.Text([]byte(s)); mark != TimeUnread || why == "" {
			t.Errorf("%q is %v, mark %d", s, got, mark)
		}
	}
}

func TestTimesInTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(-6e10, 2e11).Draw(t, "s"), rapid.Int64Range(0, 999999999).Draw(t, "ns")).UTC()
		layout := rapid.SampledFrom([]string{
			time.RFC3339Nano, "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999-07:00",
			"2006-01-02 15:04:05.999999999 -0700 MST", "20060102T150405.999999999Z0700",
		}).Draw(t, "layout")
		zone := time.UTC
		if strings.Contains(layout, "07") {
			zone = time.FixedZone("", 60*rapid.IntRange(-23*60, 23*60).Draw(t, "zone"))
		}
		s := at.In(zone).Format(layout)
		if year := at.In(zone).Year(); year > 9999 || year < 1 {
			t.Skip()
		}
		got, mark, why := NewTimes(nil, "", nil).Text([]byte(s))
		if mark == TimeUnread || !got.Equal(at) {
			t.Fatalf("%s is %v (%s), want %v", s, got, why, at)
		}
	})
}

// counted formats a time as an integer in the unit.
func (u *TimeUnit) counted(t time.Time) int64 {
	sec := t.Unix() - u.epoch
	if u.nanos >= 1e9 {
		return sec / (u.nanos / 1e9)
	}
	return sec*(1e9/u.nanos) + int64(t.Nanosecond())/u.nanos
}

// TestUnitsOfColumns checks that a column of plausible times in a detectable unit gets that
// unit, and that its times are exact to the unit.
func TestUnitsOfColumns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := &timeUnits[rapid.IntRange(0, len(timeUnits)-1).Draw(t, "unit")]
		if !u.found {
			t.Skip()
		}
		var r NumberRange
		var all []time.Time
		for i := range rapid.IntRange(1, 20).Draw(t, "times") {
			from := earliestTime.Unix() + 86400
			if i == 0 {
				from = earliestNewest.Unix() + 86400
			}
			at := time.Unix(rapid.Int64Range(from, latestTime.Unix()-86400).Draw(t, "s"), rapid.Int64Range(0, 999999999).Draw(t, "ns")).UTC()
			all = append(all, at)
			r.Add(TimeNumber{whole: u.counted(at)})
		}
		found, why := r.Unit()
		if found != u {
			t.Fatalf("%v is read as %v (%s), not %s", r, found, why, u.label)
		}
		for _, at := range all {
			got, ok := u.at(TimeNumber{whole: u.counted(at)})
			if d := at.Sub(got); !ok || d < 0 || d >= time.Duration(u.nanos) {
				t.Fatalf("%v in %s is read as %v", at, u.label, got)
			}
		}
	})
}

func TestNumbersAreTimes(t *testing.T) {
	for _, c := range []struct{ in, unit, want string }{
		{"1767225600", "", "2026-01-01T00:00:00Z"},
		{"1767225600.25", "", "2026-01-01T00:00:00.25Z"},
		{"1767225600123", "", "2026-01-01T00:00:00.123Z"},
		{"1767225600123.0", "", "2026-01-01T00:00:00.123Z"},
		{"1767225600123.5", "", "2026-01-01T00:00:00.1235Z"},
		{"1.767225600123e12", "", "2026-01-01T00:00:00.123Z"},
		{"1767225600123456", "", "2026-01-01T00:00:00.123456Z"},
		{"1767225600123456789", "", "2026-01-01T00:00:00.123456789Z"},
		{"637586784000000000", "", "2021-06-07T16:00:00Z"},
		{"639028584000000000", "", "2026-01-01T10:00:00Z"}, // .NET
		{"134116992000000000", "", "2026-01-01T00:00:00Z"}, // FILETIME
		{"13411699200000000", "", "2026-01-01T00:00:00Z"},  // WebKit
		{"2461041.5", "", "2026-01-01T00:00:00Z"},          // SQLite's julianday
		{"788918400", "cocoa", "2026-01-01T00:00:00Z"},
		{"788918400", "s", "1995-01-01T00:00:00Z"},
		{"-86400", "s", "1969-12-31T00:00:00Z"},
		{"20260101", "s", "1970-08-23T11:48:21Z"},
		{"788918400", "", "fits no unit with certainty: as Unix seconds that is 1995-01-01, as Cocoa seconds that is 2026-01-01"},
		{"-86400", "", "fits no unit with certainty: as Cocoa seconds that is 2000-12-31"},
		{"-1000000000", "", "in no single unit"},
		{"1e30", "", "is not a time"},
		{"9223372036854775807", "s", "outside the years 1 to 9999"},
	} {
		var read []string
		for _, v := range []Value{{Kind: Text, B: []byte(c.in)}, numeric(t, c.in)} {
			col := NewTimes(nil, "", UnitNamed(c.unit))
			col.Ends = func(context.Context, bool) (r NumberRange, _ error) {
				if n, ok := col.NumberOf(&v); ok {
					r.Add(n)
				}
				return r, nil
			}
			at, mark, why := col.Read(&v)
			if mark == TimeUnread {
				read = append(read, why)
			} else {
				read = append(read, at.Format(time.RFC3339Nano))
			}
		}
		for _, got := range read {
			if !strings.Contains(got, c.want) {
				t.Errorf("%s in %q is %s, want %s", c.in, c.unit, got, c.want)
			}
		}
	}
}

// numeric returns a number as a database stores it.
func numeric(t *testing.T, s string) Value {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return Value{Kind: Int, Num: n}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return Value{Kind: Real, Real: f}
}

// TestWallClocks checks that every wall clock of a zone is read as a time at which the zone
// shows it, except for skipped hours. Repeated hours are the earlier one.
func TestWallClocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom([]string{
			"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns",
		}).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(rapid.Int64Range(1e9, 2e9).Draw(t, "s"), 0).In(loc)
		if _, end := at.ZoneBounds(); rapid.Bool().Draw(t, "near a change") && !end.IsZero() {
			at = end.Add(time.Duration(rapid.IntRange(-7200, 7200).Draw(t, "from it")) * time.Second).In(loc)
		}
		wall := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
		got, odd := inZone(wall, loc)
		if got.In(loc).Format(time.DateTime) != wall.Format(time.DateTime) || got.After(at) || !odd && !got.Equal(at) {
			t.Fatalf("%s in %s is %s, odd %v, want %s", wall.Format(time.DateTime), loc, got, odd, at.UTC())
		}
	})
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	skipped := time.Date(2026, 3, 29, 2, 30, 0, 0, time.UTC)
	if got, odd := inZone(skipped, berlin); !odd || got.Format(time.RFC3339) != "2026-03-29T01:30:00Z" {
		t.Errorf("a skipped hour is read as %s, odd %v", got, odd)
	}
}

func FuzzTimes(f *testing.F) {
	for _, s := range []string{"2026-03-01T09:00:00+01:00[Europe/Berlin]", "Sun, 01 Mar 2026 09:00:00 GMT", "1767225600123.5", "Sun Mar 01 2026 09:00:00 GMT+0100 (x)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		col := NewTimes(nil, "", UnitNamed("ms"))
		at, mark, why := col.Text([]byte(s))
		if (mark == TimeNone || mark == TimeUnread) != at.IsZero() || (mark == TimeUnread) != (why != "") {
			t.Errorf("%q is %v, mark %d (%s)", s, at, mark, why)
		}
	})
}
