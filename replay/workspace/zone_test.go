package workspace

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// What date(1) prints of noon on the 1st of January and of July 2026, in UTC.
func TestZonesOfTZ(t *testing.T) {
	file := filepath.Join(t.TempDir(), "zone")
	if err := os.WriteFile(file, ruleFile("JST-9"), 0o600); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][2]string{
		"Europe/Berlin":               {"01-01 13:00", "07-01 14:00"},
		":Europe/Berlin":              {"01-01 13:00", "07-01 14:00"},
		"UTC":                         {"01-01 12:00", "07-01 12:00"},
		"JST-9":                       {"01-01 21:00", "07-01 21:00"},
		":JST-9":                      {"01-01 21:00", "07-01 21:00"},
		"<+0330>-3:30":                {"01-01 15:30", "07-01 15:30"},
		"UTC+3":                       {"01-01 09:00", "07-01 09:00"},
		"CET-1CEST":                   {"01-01 13:00", "07-01 14:00"},
		"EST5EDT4,J60/3,300":          {"01-01 07:00", "07-01 08:00"},
		"CET-1CEST,M3.5.0,M10.5.0/3":  {"01-01 13:00", "07-01 14:00"},
		"NZST-12NZDT,M9.5.0,M4.1.0/3": {"01-02 01:00", "07-02 00:00"},
		file:                          {"01-01 21:00", "07-01 21:00"},
		":" + file:                    {"01-01 21:00", "07-01 21:00"},
	} {
		loc, err := LoadZone(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		for i, month := range []time.Month{time.January, time.July} {
			at := time.Date(2026, month, 1, 12, 0, 0, 0, time.UTC).In(loc)
			if got := at.Format("01-02 15:04"); got != want[i] {
				t.Errorf("%s shows %s, want %s", text, got, want[i])
			}
		}
	}
	for _, text := range []string{"Nowhere/Else", "XYZ", "JST-", "5", "/no/such/file", filepath.Dir(file), "JST-9,M3.5.0", "../etc/passwd", "JST-9\nX"} {
		if loc, err := LoadZone(text); err == nil {
			t.Errorf("%q is the zone %s", text, loc)
		}
	}
}

// A zone is printed, and stands in reports: it has a name that holds on other machines.
func TestZonesHaveNames(t *testing.T) {
	dir := t.TempDir()
	write := func(rule string) string {
		file := filepath.Join(dir, rule)
		if err := os.WriteFile(file, ruleFile(rule), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	cases := map[string]string{
		"UTC":                              "UTC",
		"Europe/Berlin":                    "Europe/Berlin",
		":Europe/Berlin":                   "Europe/Berlin",
		"JST-9":                            "JST-9",
		write("IST-5:30"):                  "UTC+05:30",
		write("GMT0"):                      "UTC",
		write("CET-1CEST"):                 "UTC+01:00/+02:00",
		write("NZST-12NZDT,M9.5.0,M4.1.0"): "UTC+12:00/+13:00",
	}
	for _, name := range []string{"Europe/Berlin", "Asia/Kolkata"} {
		file := "/usr/share/zoneinfo/" + name
		if _, err := os.Stat(file); err != nil {
			continue
		}
		link := filepath.Join(dir, filepath.Base(name))
		if err := os.Symlink(file, link); err != nil {
			t.Fatal(err)
		}
		cases[file], cases[":"+file], cases[link] = name, name, name
	}
	for text, want := range cases {
		if loc, err := LoadZone(text); err != nil || loc.String() != want {
			t.Errorf("%s is named %v, want %s: %v", text, loc, want, err)
		}
	}
	loc, err := LoadZone("Local")
	if err != nil || loc.String() == "Local" || !sameOffsets(loc, time.Local) {
		t.Errorf("Local is named %v: %v", loc, err)
	}
}
