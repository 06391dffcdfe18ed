package cmd

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"asof/fixtures/sqlitefile"
	"asof/replay"
)

// longNames is a store with streams that are named by UUIDs, and with long types, actors
// and paths.
func longNames(t *testing.T, path string) {
	t.Helper()
	var events []replay.Event
	at := time.Date(2026, 1, 5, 13, 8, 53, 0, time.UTC)
	add := func(stream, typ, data string, version int) {
		at = at.Add(61 * time.Minute)
		n := len(events) + 1
		events = append(events, replay.Event{
			Stream: replay.StreamID(stream), Position: replay.Position(n), Category: "shopping_cart_of_the_european_shop", Version: replay.Version(version),
			ID: fmt.Sprintf("55b67d5e-0b58-57fe-a12a-%012d", n), Type: typ, Time: at, Data: []byte(data),
			Meta: replay.Meta{Actor: "pricing-service@europe.example.com", Correlation: "1f0c8a54-55b6-57fe-a12a-000000000001", Causation: fmt.Sprintf("55b67d5e-0b58-57fe-a12a-%012d", n-1)},
		})
	}
	for s := range 3 {
		stream := fmt.Sprintf("shopping-cart-39bd720d-0399-53bf-abf0-bc1a1d9c42a%d", s)
		for v := range 8 {
			add(stream, "ShoppingCartItemQuantityWasChanged", fmt.Sprintf(`{"total":%d.50,"items":[{"sku":"espresso-cups-of-porcelain","quantity_in_the_cart":%d}],"a_note_of_the_customer":"%s"}`,
				3-v, v+1, strings.Repeat("long words ", 12)), v+1)
		}
	}
	if err := sqlitefile.WriteNative(context.Background(), path, slices.Values(events)); err != nil {
		t.Fatal(err)
	}
}

// bareEvents is a store whose events have no more than an id, a stream, a version, a type and data.
func bareEvents(t *testing.T, path string) {
	t.Helper()
	var lines strings.Builder
	for v := 1; v <= 8; v++ {
		fmt.Fprintf(&lines, `{"id":"e%d","stream":"thing-1","version":%d,"type":"Changed","data":{"total":%d}}`+"\n", v, v, 3-v)
	}
	if err := os.WriteFile(path, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestWidths runs the verbs on a terminal of 80 columns: no line of an answer is wider,
// but for commands and values that are copied whole, and none ends with a space.
func TestWidths(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	demoIn(t, dir)
	longNames(t, filepath.Join(dir, "long.db"))
	bareEvents(t, filepath.Join(dir, "bare.ndjson"))
	const long, bad = "long.db shopping-cart-39bd720d-0399-53bf-abf0-bc1a1d9c42a1", " --bad 'state.total < 0'"
	for _, store := range []string{"shop cart-42", long, "bare.ndjson thing-1"} {
		name, _, _ := strings.Cut(store, " ")
		between := "2026-01-05 2026-03-01"
		if name == "bare.ndjson" {
			between = "2 7"
		}
		for _, line := range []string{
			"info " + name, "streams " + name, "log " + name + " --all -n 30", "log " + name + " --all -p -n 5",
			"log " + store, "log " + store + " -p", "log " + store + " --path /total -p", "show " + store + "@5",
			"replay " + store + "@5", "replay " + store + "@5 --path /total", "replay " + store + "@4..6 --step",
			"diff " + store + "@3..7", "diff " + store + "@3..7 --stat", "diff " + store + "@3..7 -o side-by-side", "diff " + name + " --all " + between,
			"blame " + store, "blame " + store + " /total --history", "blame " + store + " --reverse", "trace " + store + "@5", "why " + store + " /total", "trace " + store + "@5 --all",
			"bisect " + store + bad, "bisect " + name + " --all" + bad, "check " + name + bad, "check " + name + " --bad 'totl < 0'",
			"shrink " + store + bad, "whatif " + store + " --drop 5", "whatif " + store + " --drop 5 --path /total", "cache info --cache-dir kept", "demo",
			"help folds", "help points", "help paths", "help stores", "help json", "-h", "--help", "check -h", "check --help", "log --help",
		} {
			if name == "bare.ndjson" && strings.HasPrefix(line, "trace ") {
				continue // its events name no causes
			}
			out, errs, code := runAt(dir, 80, words(line))
			if code > exitFindings {
				t.Errorf("asof %s exits %d:\n%s", line, code, errs)
			}
			for text := range strings.SplitSeq(ansi.Strip(out+errs), "\n") {
				text = text[strings.LastIndexByte(text, '\r')+1:] // after the meter
				if w := ansi.StringWidth(text); w > 80 && !copied.MatchString(text) {
					t.Errorf("asof %s has %d columns:\n%s", line, w, text)
				}
				if strings.HasSuffix(text, " ") {
					t.Errorf("asof %s has a line that ends with a space:\n%q", line, text)
				}
			}
		}
	}
}

// TestWhyContinuesInItsColumn prints an event that is too wide for its line: the rest is below
// it, not in front of the tree.
func TestWhyContinuesInItsColumn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	demoIn(t, dir)
	out, errs, _ := runAt(dir, 80, words("why shop cart-42@28 /total"))
	lines := strings.Split(ansi.Strip(out), "\n")
	for i, line := range lines {
		before, _, ok := strings.Cut(line, "10 CouponApplied")
		if !ok || i+1 == len(lines) {
			continue
		}
		if want := strings.Repeat(" ", ansi.StringWidth(before)) + "pricing-service"; strings.TrimRight(lines[i+1], " \r") != want {
			t.Errorf("%q follows %q", lines[i+1], line)
		}
		return
	}
	t.Errorf("no such line:\n%s%s", out, errs)
}

// copied matches lines with commands, and values of states and events, which are copied
// whole.
var copied = regexp.MustCompile(`^(?:next: | {4,6}|hint: |note: read as | *\$ )asof |^ *(?:\d+ +[^│]*│ *)?"[^"]+": |^note: `)
