package cmd

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pagedStore is a store with lists of several lines in every verb.
func pagedStore(first, last int) string {
	var b strings.Builder
	for i := first; i <= last; i++ {
		stream, version := fmt.Sprintf("cart-%d", i%7), i/7+1
		fmt.Fprintf(&b, `{"stream":%q,"category":"cart","version":%d,"position":%d,"id":"e%d","type":"T%d","time":"2026-03-01T10:%02d:%02dZ",`+
			`"metadata":{"causation_id":"e%d"},"data":{"n":%d,"total":%d}}`+"\n", stream, version, i+1, i, i%3, i/60, i%60, i-7, i, 40-i)
	}
	return b.String()
}

// aPage is what a run printed: its lines without cursors, and the cursor.
func aPage(t *testing.T, dir string, args ...string) (lines []string, cursor string) {
	t.Helper()
	out, stderr, code := run(t, dir, nil, append(args, "--json")...)
	if code > exitFindings {
		t.Fatalf("%q: exit %d\n%s", args, code, stderr)
	}
	for line := range strings.Lines(out) {
		var x map[string]any
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			t.Fatalf("%q: %v in %s", args, err, line)
		}
		if cursor != "" {
			t.Fatalf("%q: a line follows the cursor", args)
		}
		if c, ok := x["cursor"]; ok {
			cursor = c.(string)
			delete(x, "cursor")
		}
		text, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(text))
	}
	return lines, cursor
}

// pages are the lines of all pages of a list. between runs after the first.
func pages(t *testing.T, dir string, size int, between func(), args ...string) (all []string) {
	t.Helper()
	cursor := ""
	for n := 0; ; n++ {
		page := append(slices.Clone(args), "--limit", fmt.Sprint(size))
		if cursor != "" {
			page = append(page, "--cursor", cursor)
		}
		lines, next := aPage(t, dir, page...)
		if len(lines) > size || next != "" && len(lines) != size {
			t.Fatalf("%q: %d lines", page, len(lines))
		}
		if all = append(all, lines...); next == "" {
			return all
		}
		if cursor = next; n == 0 {
			between()
		}
	}
}

// listVerbs are the lists with one line for each entry.
var listVerbs = [][]string{
	{"streams", "s.ndjson"},
	{"streams", "s.ndjson", "--reverse"},
	{"streams", "s.ndjson", "--sort", "events"},
	{"streams", "s.ndjson", "--sort", "events", "--reverse"},
	{"streams", "s.ndjson", "--sort", "first"},
	{"streams", "s.ndjson", "--sort", "last"},
	{"streams", "s.ndjson", "--sort", "last", "--reverse"},
	{"log", "s.ndjson", "cart-1"},
	{"log", "s.ndjson", "cart-1@2..5"},
	{"log", "s.ndjson", "cart-1", "--reverse"},
	{"log", "s.ndjson", "cart-1", "-p"},
	{"log", "s.ndjson", "cart-1", "-p", "--reverse"},
	{"log", "s.ndjson", "cart-1", "--path", "/total"},
	{"log", "s.ndjson", "cart-1", "--path", "/total", "--reverse"},
	{"log", "s.ndjson", "cart-1", "--type", "T1"},
	{"log", "s.ndjson", "--all"},
	{"log", "s.ndjson", "--all", "--reverse"},
	{"log", "s.ndjson", "--all", "-p"},
	{"log", "s.ndjson", "--all", "--where", "event.data.n % 2 === 0"},
	{"log", "s.ndjson", "--all", "--shard", "1/2", "--reverse"},
	{"blame", "s.ndjson", "cart-1", "/total", "--history"},
}

// TestPagesAreTheList reads every list page by page: the pages are the list, whatever
// their size, and what is appended in between neither hides a line nor repeats one.
func TestPagesAreTheList(t *testing.T) {
	t.Parallel()
	for _, args := range listVerbs {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			file := filepath.Join(dir, "s.ndjson")
			write := func(last int) {
				if err := os.WriteFile(file, []byte(pagedStore(0, last)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			const early, late = 39, 52
			write(late)
			grown, _ := aPage(t, dir, args...)
			write(early)
			whole, cursor := aPage(t, dir, args...)
			if cursor != "" || len(whole) < 2 {
				t.Fatalf("%d lines, cursor %q", len(whole), cursor)
			}
			for _, size := range []int{1, 2, 3, len(whole) - 1, len(whole), len(whole) + 1} {
				if got := pages(t, dir, size, func() {}, args...); !slices.Equal(got, whole) {
					t.Errorf("pages of %d:\n%s\nthe list:\n%s", size, strings.Join(got, "\n"), strings.Join(whole, "\n"))
				}
			}
			for _, size := range []int{1, 2, 3} {
				write(early)
				got := pages(t, dir, size, func() { write(late) }, args...)
				if slices.Equal(got, whole) || slices.Equal(got, grown) {
					continue
				}
				if args[0] != "streams" { // whose lines count events
					t.Errorf("pages of %d of a store that grows:\n%s\nthe list was:\n%s", size, strings.Join(got, "\n"), strings.Join(whole, "\n"))
					continue
				}
				if a, b := streamNames(t, got), streamNames(t, whole); !slices.Equal(a, b) {
					t.Errorf("pages of %d of a store that grows: %q, the list was %q", size, a, b)
				}
			}
		})
	}
}

func streamNames(t *testing.T, lines []string) (names []string) {
	for _, line := range lines {
		var x struct{ Stream string }
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			t.Fatal(err)
		}
		names = append(names, x.Stream)
	}
	return names
}

// TestCursorsOfOtherQuestions checks that a cursor is for the question that gave it.
func TestCursorsOfOtherQuestions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "s.ndjson"), []byte(pagedStore(0, 39)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, cursor := aPage(t, dir, "log", "s.ndjson", "cart-1", "--limit", "2")
	for _, args := range [][]string{
		{"log", "s.ndjson", "cart-2", "--cursor", cursor},
		{"log", "s.ndjson", "cart-1", "--reverse", "--cursor", cursor},
		{"log", "s.ndjson", "cart-1", "-p", "--cursor", cursor},
		{"log", "s.ndjson", "--all", "--cursor", cursor},
		{"streams", "s.ndjson", "--cursor", cursor},
		{"blame", "s.ndjson", "cart-1", "/total", "--history", "--cursor", cursor},
		{"log", "s.ndjson", "cart-1", "--cursor", "c1"},
		{"log", "s.ndjson", "cart-1", "--cursor", cursor[:len(cursor)-3]},
		{"log", "s.ndjson", "cart-1", "--cursor", "17"},
	} {
		_, stderr, code := run(t, dir, nil, append(args, "--json")...)
		if code != exitUsage || !strings.Contains(stderr, `"kind":"bad_cursor"`) {
			t.Errorf("%q: exit %d, %s", args, code, stderr)
		}
	}
	if lines, _ := aPage(t, dir, "log", "s.ndjson", "cart-1", "--limit", "9", "--cursor", cursor); len(lines) != 4 {
		t.Errorf("another limit: %d lines", len(lines))
	}
}
