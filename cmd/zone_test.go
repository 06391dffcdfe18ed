package cmd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"asof/replay/workspace"
)

// zoneLines are lines of every verb that prints times, and of those that may. $D is a
// folder of the run.
var zoneLines = []string{
	"info asof-demo.db",
	"init asof-demo.db --print",
	"streams asof-demo.db --limit 3",
	"log asof-demo.db cart-42@26..28",
	"log asof-demo.db cart-42@2 -p",
	"log asof-demo.db --all --limit 2",
	"show asof-demo.db cart-42@28",
	"replay asof-demo.db cart-42",
	"replay asof-demo.db cart-42@26..28 --step",
	"diff asof-demo.db cart-42@27..28",
	"diff asof-demo.db cart-42@27..28 --stat",
	"diff asof-demo.db cart-42@28 --fold merge --fold asof-demo/cart.js",
	"diff asof-demo.db --all 2026-01-20..2026-01-27",
	"blame asof-demo.db cart-42",
	"blame asof-demo.db cart-42 /total --history",
	"blame asof-demo.db cart-42 --reverse",
	"why asof-demo.db cart-42@28 /total",
	"trace asof-demo.db cart-42@31",
	"trace asof-demo.db cart-42@31 --all",
	"bisect asof-demo.db cart-42 --bad state.total<0",
	"bisect asof-demo.db --all --bad state.total<0",
	"check asof-demo.db",
	"merge-reports $D/check.json",
	"mine asof-demo.db",
	"whatif asof-demo.db cart-42 --drop 10",
	"report asof-demo.db cart-42 -o $D/page.html",
	"shrink asof-demo.db cart-42 --bad state.total<0",
	"drift asof-demo.db cart --against asof-demo.db --table asof_events --key stream --map category=/total -n 3",
	"materialize asof-demo.db cart --to $D/read.sqlite --at 2026-03-01",
	"cache info",
	"audit export asof-demo.db --stream cart-42 -o csv",
	"audit export asof-demo.db --stream cart-42 -o md",
	"audit export asof-demo.db --stream cart-42 -o html",
	"audit export asof-demo.db --stream cart-42 -o ndjson",
	"audit keygen --name shop --out $D/a.key",
	"audit export asof-demo.db --stream cart-42 --key $D/a.key --out $D/q1",
	"audit sample $D/q1 --n 1 --seed x",
}

// Every answer with times names their zone once, by a name that other machines know, and
// nothing that is printed or written calls it Local.
func TestZoneIsNamedOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("runs every verb in several zones")
	}
	t.Parallel()
	dir := t.TempDir()
	run := func(zone string, width int, args ...string) (answer, notes string) {
		var out, errs bytes.Buffer
		env := map[string]string{"TZ": zone, "ASOF_CEILING": filepath.Dir(dir), "XDG_CACHE_HOME": filepath.Join(dir, "cache")}
		Run(context.Background(), args, IO{
			In: strings.NewReader(""), Out: &out, Err: &errs, Dir: dir,
			Env:      func(k string) string { return env[k] },
			Now:      func() time.Time { return time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC) },
			Terminal: func(io.Writer) (int, bool) { return width, width > 0 },
			Exit:     func(code int) { panic(fmt.Sprintf("exit %d", code)) },
		})
		return out.String(), errs.String()
	}
	run("UTC", 0, "demo", "--events", "600")
	zones := map[string]string{
		"UTC": "UTC", "Europe/Berlin": "Europe/Berlin", "Asia/Kolkata": "Asia/Kolkata",
		"": workspace.LocalZone().String(),
	}
	if file := "/usr/share/zoneinfo/Asia/Kolkata"; exists(file) {
		zones[":"+file] = "Asia/Kolkata"
	}
	for tz, name := range zones {
		own := t.TempDir()
		report, _ := run(tz, 0, "check", "asof-demo.db", "--json")
		if err := os.WriteFile(filepath.Join(own, "check.json"), []byte(report), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, line := range zoneLines {
			for _, width := range []int{0, 80} {
				if width > 0 && (strings.HasPrefix(line, "audit") || tz != "Europe/Berlin" && tz != "UTC") {
					continue // files do not depend on it, and a table is laid out alike in every zone
				}
				args := strings.Fields(strings.ReplaceAll(line, "$D", own))
				answer, notes := run(tz, width, args...)
				mustNameZone(t, fmt.Sprintf("TZ=%s asof %s, %d columns", tz, line, width), answer+notes, name)
			}
		}
		written(t, own, func(file string, text []byte) { mustNotBeLocal(t, "TZ="+tz+" "+file, string(text)) })
	}
	root := (&app{IO: IO{Env: func(string) string { return "" }}}).command(nil)
	for _, c := range root.Commands() {
		switch c.Name() {
		case "demo", "help", "completion": // print no time
			continue
		case "browse": // needs a terminal; its screens are tested there
			continue
		case "query", "mcp": // their times are data, in UTC with a Z
			continue
		}
		if !strings.Contains("\n"+strings.Join(zoneLines, "\n"), "\n"+c.Name()+" ") {
			t.Errorf("no line of %s is tested", c.Name())
		}
	}
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// written calls f with each file below a folder.
func written(t *testing.T, dir string, f func(file string, text []byte)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(file string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		f(file, text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

var (
	aClock    = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d`)
	anOffset  = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [+-]\d\d:\d\d`)
	localName = regexp.MustCompile(`\bLocal\b`)
)

func mustNotBeLocal(t *testing.T, what, text string) {
	t.Helper()
	if localName.MatchString(text) {
		t.Errorf("%s says Local:\n%s", what, text)
	}
}

func mustNameZone(t *testing.T, what, text, zone string) {
	t.Helper()
	mustNotBeLocal(t, what, text)
	if strings.Contains(text, "hint:") {
		t.Fatalf("%s fails:\n%s", what, text)
	}
	named := len(regexp.MustCompile(`\b`+regexp.QuoteMeta(zone)+`\b`).FindAllString(text, -1)) + len(anOffset.FindAllString(text, -1))
	if clocks := aClock.MatchString(text); clocks && named != 1 || named > 1 {
		t.Errorf("%s names the zone %d times:\n%s", what, named, text)
	}
}
