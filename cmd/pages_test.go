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
			`"causation_id":"e%d","correlation_id":"all","data":{"n":%d,"total":%d}}`+"\n", stream, version, i+1, i, i%3, i/60, i%60, i-7, i, 40-i)
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
	{"replay", "s.ndjson", "cart-1", "--step"},
	{"replay", "s.ndjson", "cart-1@2..5", "--step", "--path", "/total"},
	{"replay", "s.ndjson", "cart-1", "--effects", "--fold", "fromAll().when({$any(s, e) { emit('o', 'A', {v: e.version}); linkTo('l', e) }});"},
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
		{"log", "s.ndjson", "cart-1", "--cursor", "c2"},
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

// foundVerbs are the answers with a list in them. Without a limit they list all.
var foundVerbs = [][]string{
	{"check", "s.ndjson", "--bad", "large=state.n > 20", "--good", "few=state.total > 5", "--bad", "never=false"},
	{"check", "s.ndjson", "--bad", "large=state.n > 20", "--bad", "fails=state.no.such", "--shard", "1/1"},
	{"bisect", "s.ndjson", "--all", "--bad", "state.n > 10"},
	{"diff", "s.ndjson", "--all", "pos:10", "now"},
	{"trace", "s.ndjson", "cart-1@2"},
}

// aFoundPage is what a run printed: the entries of its lists, the rest of the answer, and
// the cursor.
func aFoundPage(t *testing.T, dir string, env map[string]string, args ...string) (entries []string, rest, cursor string) {
	t.Helper()
	out, stderr, code := run(t, dir, env, append(args, "--json")...)
	if code > exitFindings {
		t.Fatalf("%q: exit %d\n%s", args, code, stderr)
	}
	var x map[string]any
	if err := json.Unmarshal([]byte(out), &x); err != nil {
		t.Fatalf("%q: %v in %s", args, err, out)
	}
	cursor, _ = x["cursor"].(string)
	delete(x, "cursor")
	delete(x, "more") // that follow
	take := func(of map[string]any, name, label string) {
		list, _ := of[name].([]any)
		for _, entry := range list {
			text, err := json.Marshal(entry)
			if err != nil {
				t.Fatal(err)
			}
			entries = append(entries, label+name+" "+string(text))
		}
		delete(of, name)
	}
	for _, name := range []string{"largest", "other", "kept", "scans"} {
		take(x, name, "")
	}
	invariants, _ := x["invariants"].([]any)
	for _, one := range invariants {
		inv := one.(map[string]any)
		for _, name := range []string{"violations", "errors", "unknown"} {
			take(inv, name, inv["name"].(string)+" ")
		}
	}
	text, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	return entries, string(text), cursor
}

// foundPages are the entries of all pages of an answer, the rest of which must be the same
// on each. between runs after the first.
func foundPages(t *testing.T, dir string, env map[string]string, size int, between func(), args ...string) (all []string) {
	t.Helper()
	cursor, first := "", ""
	for n := 0; ; n++ {
		page := append(slices.Clone(args), "--limit", fmt.Sprint(size))
		if cursor != "" {
			page = append(page, "--cursor", cursor)
		}
		entries, rest, next := aFoundPage(t, dir, env, page...)
		if len(entries) > size || next != "" && len(entries) != size {
			t.Fatalf("%q: %d entries", page, len(entries))
		}
		if n == 0 {
			first = rest
		} else if rest != first {
			t.Errorf("%q: the answer is\n%s\non the first page it was\n%s", page, rest, first)
		}
		if all = append(all, entries...); next == "" {
			return all
		}
		if cursor = next; n == 0 {
			between()
		}
	}
}

// TestPagesAreTheFindings is TestPagesAreTheList for answers with a list in them: all but
// the list is the same on every page, and what is appended in between changes nothing.
func TestPagesAreTheFindings(t *testing.T) {
	t.Parallel()
	for _, args := range foundVerbs {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write := func(last int) {
				if err := os.WriteFile(filepath.Join(dir, "s.ndjson"), []byte(pagedStore(0, last)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			const early, late = 39, 52
			write(early)
			whole, _, cursor := aFoundPage(t, dir, nil, args...)
			if cursor != "" || len(whole) < 4 {
				t.Fatalf("%d entries, cursor %q", len(whole), cursor)
			}
			for _, size := range []int{1, 2, 3, len(whole) - 1, len(whole), len(whole) + 1} {
				if got := foundPages(t, dir, nil, size, func() {}, args...); !slices.Equal(got, whole) {
					t.Errorf("pages of %d:\n%s\nthe list:\n%s", size, strings.Join(got, "\n"), strings.Join(whole, "\n"))
				}
			}
			if args[0] == "trace" { // which tells what came of an event since
				return
			}
			for _, size := range []int{1, 3} {
				write(early)
				if got := foundPages(t, dir, nil, size, func() { write(late) }, args...); !slices.Equal(got, whole) {
					t.Errorf("pages of %d of a store that grows:\n%s\nthe list was:\n%s", size, strings.Join(got, "\n"), strings.Join(whole, "\n"))
				}
			}
		})
	}
}

// TestPagesOfTheCache reads what is cached page by page, while a page uses an entry.
func TestPagesOfTheCache(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := map[string]string{"TZ": "UTC", "HOME": filepath.Join(dir, "home")}
	demoIn(t, dir, "--events", "600")
	check := func(limit int) {
		if _, stderr, code := run(t, dir, env, "check", "asof-demo.db", "--bad", fmt.Sprintf("x=state.total > %d", limit)); code > exitFindings {
			t.Fatal(stderr)
		}
	}
	for limit := range 5 {
		check(limit)
	}
	whole, _, _ := aFoundPage(t, dir, env, "cache", "info")
	if len(whole) != 5 {
		t.Fatalf("%d entries", len(whole))
	}
	for size := 1; size < 7; size++ {
		if got := foundPages(t, dir, env, size, func() {}, "cache", "info"); !slices.Equal(got, whole) {
			t.Errorf("pages of %d:\n%s\nthe list:\n%s", size, strings.Join(got, "\n"), strings.Join(whole, "\n"))
		}
	}
	if got := foundPages(t, dir, env, 2, func() { check(0) }, "cache", "info"); len(got) != len(whole) {
		t.Errorf("%d entries with one that was used in between", len(got))
	}
}

// TestPagesAreNotMerged checks that a page of findings is not taken for a report of all.
func TestPagesAreNotMerged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "s.ndjson"), []byte(pagedStore(0, 39)), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"check", "s.ndjson", "--bad", "large=state.n > 20", "--limit", "4", "--json"}
	first, _, _ := run(t, dir, nil, args...)
	_, _, cursor := aFoundPage(t, dir, nil, args...)
	last, _, _ := run(t, dir, nil, append(args, "--cursor", cursor)...)
	for _, report := range []string{first, last} {
		if err := os.WriteFile(filepath.Join(dir, "part.json"), []byte(report), 0o600); err != nil {
			t.Fatal(err)
		}
		_, stderr, code := run(t, dir, nil, "merge-reports", "part.json", "--json")
		if code != exitUsage || !strings.Contains(stderr, "a part of the findings") {
			t.Errorf("exit %d: %s", code, stderr)
		}
	}
}
