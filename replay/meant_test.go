package replay

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestMeant has the points of other tools, and slips, with the point that the error
// suggests. An empty one suggests none.
func TestMeant(t *testing.T) {
	for in, want := range map[string]string{
		"latest": "head", "Last": "head", "tip": "head", "@": "head", "end": "head", "haed": "head", "heads": "head",
		"beginning": "start", "oldest": "start", "strat": "start",
		"v5": "5", "V5": "5", "#5": "5", "{5}": "5", "r5": "5", "version 5": "5", "version=5": "5", "'5'": "5", "5/": "5",
		"head^": "head~1", "head^^": "head~2", "HEAD^": "HEAD~1", "^": "head~1", "17^": "17~1", "head~": "head~1",
		"~3": "head~3", "head-3": "head~3", "@~1": "head~1", "HEAD@{3}": "head~3",
		"pos=860": "pos:860", "position:860": "pos:860", "pos 860": "pos:860", "type=A": "type:A", "event:3f": "id:3f",
		"{yesterday}": "yesterday", "@{yesterday}": "yesterday", "yestarday": "yesterday",
		"2026-W04": "2026-01-19", "2026W04": "2026-01-19", "2026-W04-3": "2026-01-21", "2026-W53-5": "2027-01-01", "2026-W00": "",
		"5m": "5 minutes ago", "2h ago": "2 hours ago", "-2d": "2 days ago", "1w": "1 week ago", "3 mins ago": "3 minutes ago",
		"a day ago": "1 day ago", "an hour ago": "1 hour ago", "2 days": "2 days ago", "last week": "1 week ago",
		"friday": "last friday", "Fri": "last friday", "noon": "today 12:00", "midnight": "today",
		"11:00": "today 11:00", "2026-01-26 11": "2026-01-26 11:00", "2026-01-26T11": "2026-01-26 11:00",
		"2026-01-26 2pm": "2026-01-26 14:00", "2026-01-26 2:30pm": "2026-01-26 14:30", "2026-01-26 12am": "2026-01-26 00:00",
		"26.01.2026": "2026-01-26", "2026/01/26": "2026-01-26", "01/26/2026": "2026-01-26", "2026-01": "2026-01-01",
		"2026/01/26 11:00": "2026-01-26 11:00", " 17": "17", "now ": "now",
		"01/02/2026": "", "garbage": "", "tomorrow": "", "": "", "2026-02-30": "",
		"24...28": "24..28", "24-28": "24..28", "24:28": "24..28", "v24..v28": "24..28", "latest..": "head..",
		"head^..head": "head~1..head", "24 .. 28": "24..28",
	} {
		_, err := ParseRange(in, friday(t))
		var pe *PointError
		if !errors.As(err, &pe) || strings.Join(pe.Near, " or ") != want {
			t.Errorf("%q: %v suggests %q, want %q", in, err, pe.Near, want)
		}
	}
}

// What is suggested is a range, whatever was written, and is not what was written.
func TestMeantIsAPoint(t *testing.T) {
	env := friday(t)
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[vV#@{~^h0-9 ]{0,3}(head|last|2026|5|W0|yesterday|a|:|d)?[-.~^}@: 0-9]{0,8}`).Draw(t, "s")
		_, err := ParseRange(s, env)
		var pe *PointError
		if !errors.As(err, &pe) || pe.Near == nil {
			return
		}
		if _, err := ParseRange(pe.Near[0], env); err != nil || pe.Near[0] == s {
			t.Fatalf("%q suggests %q for %q: %v", s, pe.Near, pe.For, err)
		}
	})
}
