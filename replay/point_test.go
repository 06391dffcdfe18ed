package replay

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the tests name zones, whatever the machine has

	"asof/replay/fault"
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

// friday is 2026-11-20, a Friday, 15:04:05.5 in Berlin.
func friday(t testing.TB) Env {
	t.Helper()
	berlin := zone(t, "Europe/Berlin")
	return Env{Now: time.Date(2026, 11, 20, 15, 4, 5, 500_000_000, berlin), Zone: berlin}
}

func TestParsePoint(t *testing.T) {
	env := friday(t)
	tests := []struct{ in, want string }{
		{"17", "17"},
		{"0", "0"},
		{"-1", "-1"},
		{"007", "7"},
		{"20261120", "20261120"},
		{"9223372036854775807", "9223372036854775807"},
		{"head", "head"},
		{"HEAD", "head"},
		{"start", "start"},
		{"start~0", "start"},
		{"head~0", "head"},
		{"head~3", "head~3"},
		{"17~1", "17~1"},
		{"pos:48210", "pos:48210"},
		{"pos:48210~2", "pos:48210~2"},
		{"id:3f2a", "id:3f2a"},
		{"id:3f2a~1", "id:3f2a~1"},
		{`id:"3f2a"`, "id:3f2a"},
		{"type:OrderPaid", "type:OrderPaid"},
		{"type:OrderPaid~2", "type:OrderPaid~2"},
		{"type:order paid", "type:order paid"},
		{"type:bank:Account.Opened", "type:bank:Account.Opened"},
		{"type:a~b", "type:a~b"},
		{`type:"a~1"`, `type:"a~1"`},
		{`type:"a~1"~2`, `type:"a~1"~2`},
		{`type:"a..b"`, `type:"a..b"`},
		{`type:""`, `type:""`},
		{"type:Größe", "type:Größe"},
		{"2026-11-20T14:00:00Z", "2026-11-20T14:00:00Z"},
		{"2026-11-20t14:00:00z", "2026-11-20T14:00:00Z"},
		{"2026-11-20T14:00:00.123456789+02:00", "2026-11-20T12:00:00.123456789Z"},
		{"2026-11-20T14:00:00-00:00", "2026-11-20T14:00:00Z"},
		{"2026-11-20T14:00:00-03:30", "2026-11-20T17:30:00Z"},
		{"2026-11-20", "2026-11-19T23:00:00Z"},
		{"2026-07-01", "2026-06-30T22:00:00Z"},
		{"2026-11-20Z", "2026-11-20T00:00:00Z"},
		{"2026-11-20 Z", "2026-11-20T00:00:00Z"},
		{"2026-11-20 America/New_York", "2026-11-20T05:00:00Z"},
		{"2026-11-20 14:00", "2026-11-20 13:00Z"},
		{"2026-11-20T14:00", "2026-11-20T13:00:00Z"},
		{"2026-11-20 9:30", "2026-11-20 08:30Z"},
		{"2026-11-20 14:00:05", "2026-11-20 13:00:05Z"},
		{"2026-11-20 14:00:05.123", "2026-11-20T13:00:05.123Z"},
		{"2026-11-20 14:00:05.100", "2026-11-20T13:00:05.1Z"},
		{"2026-11-20 14:00 Z", "2026-11-20 14:00Z"},
		{"2026-11-20 14:00Z", "2026-11-20 14:00Z"},
		{"2026-11-20 14:00 UTC", "2026-11-20 14:00Z"},
		{"2026-11-20 14:00 +02:00", "2026-11-20 12:00Z"},
		{"2026-11-20 14:00+02:00", "2026-11-20 12:00Z"},
		{"2026-11-20 14:00:05.5+02", "2026-11-20T12:00:05.5Z"},
		{"2026-11-20 14:00+0530", "2026-11-20 08:30Z"},
		{"2026-11-20 14:00 Asia/Kolkata", "2026-11-20 08:30Z"},
		{"2026-11-20 14:00[Asia/Kolkata]", "2026-11-20 08:30Z"},
		{"2026-11-20 14:00 [Asia/Kolkata]", "2026-11-20 08:30Z"},
		{"2026-11-20T14:00:00+05:30[Asia/Kolkata]", "2026-11-20T08:30:00Z"},
		{"2026-11-20~1", "2026-11-19T23:00:00Z~1"},
		{"2028-02-29", "2028-02-28T23:00:00Z"},
		{"now", "2026-11-20T14:04:05.5Z"},
		{"NOW~1", "2026-11-20T14:04:05.5Z~1"},
		{"today", "2026-11-19T23:00:00Z"},
		{"today 9:30", "2026-11-20 08:30Z"},
		{"yesterday", "2026-11-18T23:00:00Z"},
		{"Yesterday 14:00", "2026-11-19 13:00Z"},
		{"yesterday 14:00 Z", "2026-11-19 14:00Z"},
		{"yesterday 14:00 +02:00", "2026-11-19 12:00Z"},
		{"today Pacific/Auckland", "2026-11-20T11:00:00Z"}, // there it is the 21st
		{"yesterday 14:00 Pacific/Auckland", "2026-11-20 01:00Z"},
		{"90 seconds ago", "2026-11-20T14:02:35.5Z"},
		{"1 minute ago", "2026-11-20T14:03:05.5Z"},
		{"3 hours ago", "2026-11-20T11:04:05.5Z"},
		{"0 days ago", "2026-11-20T14:04:05.5Z"},
		{"2 days ago", "2026-11-18T14:04:05.5Z"},
		{"2 Days Ago 14:00", "2026-11-18 13:00Z"},
		{"2 days ago 14:00 Z", "2026-11-18 14:00Z"},
		{"1 week ago", "2026-11-13T14:04:05.5Z"},
		{"4 weeks ago", "2026-10-23T13:04:05.5Z"}, // before the clocks went back
		{"1 month ago", "2026-10-20T13:04:05.5Z"},
		{"11 months ago", "2025-12-20T14:04:05.5Z"},
		{"2 years ago", "2024-11-20T14:04:05.5Z"},
		{"last friday", "2026-11-12T23:00:00Z"},
		{"last Thursday", "2026-11-18T23:00:00Z"},
		{"last saturday 9:30", "2026-11-14 08:30Z"},
		{"0001-01-02Z", "0001-01-02T00:00:00Z"},
		{"9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"},
	}
	for _, tt := range tests {
		p, err := ParsePoint(tt.in, env)
		if err != nil {
			t.Errorf("%q: %v", tt.in, err)
			continue
		}
		if got := p.String(); got != tt.want {
			t.Errorf("%q is %s, want %s", tt.in, got, tt.want)
		}
		if again, err := ParsePoint(p.String(), Env{}); err != nil || again != p {
			t.Errorf("%q: %s reads as %v, %v", tt.in, p, again, err)
		}
	}
}

func TestParsePointRejects(t *testing.T) {
	env := friday(t)
	tests := []struct{ in, reason, hint string }{
		{"", "empty", "head~3"},
		{strings.Repeat("1", 5000), "too long", ""},
		{"9223372036854775808", "too large", ""},
		{"+5", "not recognized", "a point is"},
		{"1.5", "not recognized", "a point is"},
		{"1e3", "not recognized", "a point is"},
		{"haed", "not recognized", "did you mean head?"},
		{"yesterdy", "not recognized", "did you mean yesterday?"},
		{"head^", "not recognized", "head~1"},
		{"HEAD@{1}", "not recognized", "head~1"},
		{"head~", "number of events", "head~3"},
		{"head~~", "number of events", "head~3"},
		{"head~-1", "number of events", "head~3"},
		{"head~1~1", "number of events", "head~3"},
		{"head~99999999999", "too large", "head~3"},
		{"head~2147483647", "too large", "head~3"},
		{"start~1", "before the start", "start"},
		{" head", "space", ""},
		{"head ", "space", ""},
		{"17 ", "not a unit", ""},
		{"17 apples", "not a unit", "weeks"},
		{"pos:", "whole number", "pos:48210"},
		{"pos:+1", "whole number", "pos:48210"},
		{"pos:1_0", "whole number", "pos:48210"},
		{"pos:99999999999999999999", "whole number", "pos:48210"},
		{"pos:-9223372036854775808", "whole number", "pos:48210"},
		{"id:", "follows the colon", "id:3f2a"},
		{`id:""`, "empty", "first characters"},
		{`id:"3f`, "quotes", ""},
		{`type:"a\q"`, "quotes", ""},
		{`type:"a"b`, "after the closing quote", ""},
		{`type:"a"~`, "number of events", ""},
		{"type:", "follows the colon", ""},
		{"type:~1", "follows the colon", ""},
		{"type:a..b", "ambiguous", `type:"a..b"`},
		{"type:a.", "ambiguous", `type:"a."`},
		{"type: a", "ambiguous", `type:" a"`},
		{"type:a~1~2", "ambiguous", `type:"a~1"~2`},
		{"type:a\xff", "ambiguous", `type:"a\xff"`},
		{"2026-02-30", "no 2026-02-30", "February 2026 has 28 days"},
		{"2026-04-31", "no 2026-04-31", "April 2026 has 30 days"},
		{"2026-11-00", "no 2026-11-00", "November 2026 has 30 days"},
		{"2026-13-01", "no month 13", "2026-01-13"},
		{"2026-00-10", "no month 0", "01 to 12"},
		{"2026-13-32", "no month 13", "01 to 12"},
		{"0000-01-01", "year", ""},
		{"0001-01-01T00:00:00+02:00", "years 1 to 9999", ""},
		{"9999-12-31T23:00:00-02:00", "years 1 to 9999", ""},
		{"03/04/2026", "month or the day", "write 2026-03-04 or 2026-04-03"},
		{"03-04-2026", "month or the day", "write 2026-03-04 or 2026-04-03"},
		{"25/12/2026", "year-month-day", "write 2026-12-25"},
		{"12/25/2026", "year-month-day", "write 2026-12-25"},
		{"05/05/2026", "year-month-day", "write 2026-05-05"},
		{"3.4.2026", "year-month-day", "write 2026-04-03"},
		{"2026/11/20", "year-month-day", "write 2026-11-20"},
		{"2026/11/20T14:00", "year-month-day", "write 2026-11-20"},
		{"2026-1-5", "year-month-day", "write 2026-01-05"},
		{"2026-11", "needs a day", "write 2026-11-01"},
		{"2026-99-99999", "not recognized", ""},
		{"30/30/2026", "not recognized", ""},
		{"1/2/3/4", "not recognized", ""},
		{"14:00", "needs a day", `"today 14:00"`},
		{"2pm", "24-hour", `"today 14:00"`},
		{"friday", "any Friday", `"last friday"`},
		{"last", "weekday", "last friday"},
		{"last week", "weekday", "2 weeks ago"},
		{"last  friday", "weekday", "last friday"},
		{"a day ago", "digits", "1 day ago"},
		{"2 days", "ago is missing", `"2 days ago"`},
		{"2 day from now", "ago is missing", `"2 days ago"`},
		{"2 fortnights ago", "not a unit", "weeks"},
		{"2  days ago", "not a unit", ""},
		{"-2 days ago", "digits", ""},
		{"2 days ago ", "space", ""},
		{"2 days ago garbage", "no time zone", ""},
		{"3 hours ago 14:00", "exact duration", "2 days ago 14:00"},
		{"9999999999 days ago", "too long ago", ""},
		{"999999999 days ago", "too long ago", ""},
		{"999999999 months ago", "year", ""},
		{"999999999 years ago", "year", ""},
		{"9223372036854775807 hours ago", "too long ago", ""},
		{"999999999 hours ago", "years 1 to 9999", ""},
		{"now 14:00", "not recognized", "did you mean now?"},
		{"2026-11-20 14", "incomplete", "14:00"},
		{"2026-11-20T9:30", "incomplete", "14:00"},
		{"2026-11-20T", "incomplete", "14:00"},
		{"2026-11-20 14:0", "incomplete", "14:00"},
		{"2026-11-20 14:00:5", "two digits", ""},
		{"2026-11-20 14:00:05.", "1 to 9 digits", ""},
		{"2026-11-20 14:00:05.1234567890", "1 to 9 digits", ""},
		{"2026-11-20 14:00:05,5", "not recognized", ""},
		{"2026-11-20 24:00", "hour 24", "next day"},
		{"2026-11-20 25:00", "hour 25", "00 to 23"},
		{"2026-11-20 14:60", "minute 60", "00 to 59"},
		{"2026-11-20 23:59:60", "leap", "59.999999999"},
		{"2026-11-20 23:59:61", "second 61", "00 to 59"},
		{"2026-11-20 2:00pm", "not recognized", ""},
		{"2026-11-20 ", "space", ""},
		{"2026-11-20  14:00", "no time zone", ""},
		{"2026-11-20\t14:00", "character", ""},
		{"2026-11-20\n", "character", ""},
		{"２０２６-11-20", "character", ""},
		{"2026-11-201", "not recognized", ""},
		{"2026-11-20garbage", "not recognized", ""},
		{"2026-11-20 14:00 Berlin", `no time zone "Berlin"`, "Europe/Berlin"},
		{"2026-11-20 14:00 local", "no time zone", ""},
		{"2026-11-20 14:00 Local", "no time zone", ""},
		{"2026-11-20 14:00 ../../etc/passwd", "no time zone", ""},
		{"2026-11-20 14:00 Europe", "no time zone", ""},
		{"2026-11-20 14:00 []", "no time zone", ""},
		{"2026-11-20 14:00 [Europe/Berlin", "brackets", ""},
		{"2026-11-20 14:00+01:00Europe/Berlin", "brackets", ""},
		{"2026-11-20 14:00+1", "offset", "+02:00"},
		{"2026-11-20 14:00+1:00", "offset", "+02:00"},
		{"2026-11-20 14:00+24:00", "offset", "+02:00"},
		{"2026-11-20 14:00+01:60", "offset", "+02:00"},
		{"2026-11-20 14:00+01:", "offset", "+02:00"},
		{"2026-11-20 14:00+02:00[Europe/Berlin]", "not that of Europe/Berlin", "2026-11-20T13:00:00+01:00"},
	}
	for _, tt := range tests {
		p, err := ParsePoint(tt.in, env)
		var pe *PointError
		if !errors.As(err, &pe) {
			t.Errorf("%q is %v (%v), want a PointError", tt.in, p, err)
			continue
		}
		if pe.Point != tt.in || !strings.Contains(pe.Reason, tt.reason) || !strings.Contains(fault.RemedyOf(pe).String()+" "+pe.Next, tt.hint) || fault.RemedyOf(pe).IsZero() {
			t.Errorf("%q: %v\nhint: %s\nwant %q, %q", tt.in, err, pe.Next, tt.reason, tt.hint)
		}
		if p != (Point{}) {
			t.Errorf("%q: a point comes with the error: %v", tt.in, p)
		}
	}
}

// drawPoint draws any point that can be made.
func drawPoint(t *rapid.T, label string) Point {
	p := Point{kind: pointKind(rapid.IntRange(0, int(byTime)).Draw(t, label))}
	switch p.kind {
	case byVersion:
		p.n = rapid.Int64().Draw(t, "version")
	case byPosition:
		p.n = rapid.Int64Range(math.MinInt64+1, math.MaxInt64).Draw(t, "position")
	case byID:
		p.text = rapid.OneOf(rapid.StringN(1, 20, -1), rapid.StringMatching(`[a."~0-9 \xff]{1,9}`)).Draw(t, "id")
	case byType:
		p.text = rapid.OneOf(rapid.StringN(0, 20, -1), rapid.StringMatching(`[a."~0-9 \xff]{0,9}`)).Draw(t, "type")
	case byTime:
		sec := rapid.Int64Range(-62135596800, 253402300799).Draw(t, "unix")
		if rapid.Bool().Draw(t, "whole second") {
			p = AtTime(time.Unix(sec, 999_999_999))
			p.unit = time.Second
			break
		}
		p = AtTime(time.Unix(sec, rapid.SampledFrom([]int64{0, 1, 500_000_000, 999_999_999}).Draw(t, "nanoseconds")))
	}
	if p.kind != byStart {
		p.back = rapid.SampledFrom([]int32{0, 1, 2, 50, maxBack}).Draw(t, "back")
	}
	return p
}

func TestPointRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPoint(t, "kind")
		got, err := ParsePoint(p.String(), Env{Zone: time.FixedZone("", 3600)})
		if err != nil || got != p {
			t.Fatalf("%s reads as %v, %v", p, got, err)
		}
	})
}

func FuzzParsePoint(f *testing.F) {
	for _, s := range []string{
		"17", "head~3", "pos:48210", "id:3f2a~1", `type:"a..b"~2`, "2026-11-20T14:00:00Z",
		"2026-11-20 9:30:05.5+02:00[Europe/Berlin]", "2 days ago 14:00 Z", "last friday", "03/04/2026",
		"2026-03-29 02:30", "999999999 years ago", "type:a~99999999999",
	} {
		f.Add(s, int64(1795183445))
	}
	berlin := zone(f, "Europe/Berlin")
	f.Fuzz(func(t *testing.T, s string, now int64) {
		env := Env{Now: time.Unix(now, 5), Zone: berlin}
		p, err := ParsePoint(s, env)
		again, err2 := ParsePoint(s, env)
		if p != again || (err == nil) != (err2 == nil) || err != nil && err.Error() != err2.Error() {
			t.Fatalf("%q is %v (%v), then %v (%v)", s, p, err, again, err2)
		}
		if err != nil {
			var pe *PointError
			if !errors.As(err, &pe) || pe.Point != s || pe.Reason == "" || fault.RemedyOf(pe).Text == "" {
				t.Fatalf("%q: %#v", s, err)
			}
			return
		}
		if back, err := ParsePoint(p.String(), Env{}); err != nil || back != p {
			t.Fatalf("%q is %s, which reads as %v (%v)", s, p, back, err)
		}
		if r, err := ParseRange(s, env); err != nil || !r.Single || r.To != p {
			t.Fatalf("%q is a point, and the range %v (%v)", s, r, err)
		}
		if day := strings.TrimLeft(s, "0123456789-: TZ."); p.kind == byTime && day == "" && len(s) == 20 {
			if want, err := time.Parse(time.RFC3339, s); err == nil && !want.Equal(p.time) {
				t.Fatalf("%q is %s, and by the standard library %s", s, p, want)
			}
		}
	})
}
