package cmd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"asof/fixtures/kit"
	"asof/fixtures/sqlitefile"
	"asof/replay"
)

// runAt runs asof on terminals of this many columns, without colour.
func runAt(dir string, columns int, args []string) (out, errs string, code int) {
	var o, e bytes.Buffer
	code = Run(context.Background(), args, IO{
		In: strings.NewReader(""), Out: &o, Err: &e, Dir: dir,
		Env:      func(k string) string { return map[string]string{"TZ": "UTC", "NO_COLOR": "1"}[k] },
		Now:      func() time.Time { return time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC) },
		Terminal: func(io.Writer) (int, bool) { return columns, true },
		Exit:     func(code int) { panic(fmt.Sprintf("exit %d", code)) },
	})
	return o.String(), e.String(), code
}

// rowsOf returns how many rows of a terminal a text takes.
func rowsOf(text string, columns int) (n int) {
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		n += 1 + max(0, ansi.StringWidth(line)-1)/columns
	}
	return n
}

// TestUnknownScreen asks about stores that no dialect fits: the answer fits a screen, its
// lines open the store, and --verbose has the rest.
func TestUnknownScreen(t *testing.T) {
	t.Parallel()
	table := func(name string) []string {
		long := strings.Repeat("x", 200)
		return []string{
			"CREATE TABLE " + name + "(the_position_in_the_log INTEGER PRIMARY KEY, aggregate_id TEXT, aggregate_version INTEGER, event_type TEXT, occurred_at TEXT, payload TEXT, metadata TEXT, UNIQUE(aggregate_id, aggregate_version))",
			"INSERT INTO " + name + " VALUES (1,'x',1,'Made','2026-03-01 10:00:00','{\"n\":\"" + long + "\"}','{\"by\":\"me\"}'), (2,'x',2,'Sent','2026-03-01 10:00:01','{\"n\":2}',NULL), (3,'y',1,'Made','2026-03-01 10:00:02','{\"n\":3}',NULL)",
		}
	}
	many := table("a_log")
	for i := range 30 {
		many = slices.Concat(many, table(fmt.Sprintf("old_events_of_a_service_%d", i)))
	}
	for name, c := range map[string]struct {
		schema []string
		opens  int
	}{
		"one.db":  {table("things_that_happened"), 1},
		"many.db": {many, 2},
		"none.db": {[]string{"CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT)", "CREATE TABLE settings(key TEXT, value TEXT)"}, 0},
	} {
		dir := t.TempDir()
		schema := sqlitefile.Table{Schema: c.schema, Insert: "SELECT ?", Row: func(*replay.Event) ([]any, error) { return []any{1}, nil }}
		if err := sqlitefile.Write(t.Context(), kit.File{Path: filepath.Join(dir, name)}, schema, slices.Values([]replay.Event{})); err != nil {
			t.Fatal(err)
		}
		for _, line := range [][]string{{"info", name}, {name}, {"streams", name, "-n", "3"}, {"log", name, "--all"}, {"check", name, "--bad", "state.n < 0"}} {
			_, out, code := runAt(dir, 80, line)
			if n := rowsOf(out, 80); code != exitStore || n > 22 {
				t.Errorf("asof %q exits %d on %d rows:\n%s", line, code, n, out)
			}
			lines := shown(out)
			opens := 0
			for _, right := range lines {
				if !strings.Contains(right, " --table ") {
					continue
				}
				opens++
				if _, out, code := runAt(dir, 80, words(strings.TrimPrefix(right, "asof "))); code > exitFindings {
					t.Errorf("asof %q is answered with %s, which exits %d:\n%s", line, right, code, out)
				}
			}
			if opens != c.opens {
				t.Errorf("asof %q is answered with %d lines that open %s:\n%s", line, opens, name, out)
			}
		}
		_, out, _ := runAt(dir, 80, []string{"info", name, "--verbose"})
		if strings.Count(out, "\nnot ") < 10 {
			t.Errorf("--verbose leaves out dialects:\n%s", out)
		}
	}
}

// TestUnknownStoreOfReadModel asks verbs whose --table and --map are those of a read model
// about a store that no dialect fits. What the answer says to write in asof.toml opens it.
func TestUnknownStoreOfReadModel(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	schema := sqlitefile.Table{Insert: "SELECT ?", Row: func(*replay.Event) ([]any, error) { return []any{1}, nil }, Schema: []string{
		"CREATE TABLE \"what's new\"(pos INTEGER PRIMARY KEY, aggregate_id TEXT, aggregate_version INTEGER, event_type TEXT, occurred_at TEXT, payload TEXT)",
		"INSERT INTO \"what's new\" VALUES (1,'x',1,'Made','2026-03-01 10:00:00','{\"n\":1}'), (2,'x',2,'Sent','2026-03-01 10:00:01','{\"n\":2}'), (3,'y',1,'Made','2026-03-01 10:00:02','{\"n\":3}')",
	}}
	if err := sqlitefile.Write(t.Context(), kit.File{Path: filepath.Join(dir, "my shop.db")}, schema, slices.Values([]replay.Event{})); err != nil {
		t.Fatal(err)
	}
	for _, line := range [][]string{
		{"materialize", "my shop.db", "--to", "read.sqlite"},
		{"drift", "my shop.db", "--against", "read.sqlite", "--table", "state", "--key", "stream", "--map", "n=/n"},
	} {
		_, out, code := runAt(dir, 80, line)
		_, hint, _ := strings.Cut(out, "hint: ")
		lines := strings.Split(strings.TrimSpace(hint), "\n")
		toml, again := lines[1:len(lines)-1], strings.TrimPrefix(strings.TrimSpace(lines[len(lines)-1]), "asof ")
		if code != exitStore || len(toml) != 4 {
			t.Fatalf("asof %q exits %d:\n%s", line, code, out)
		}
		if err := os.WriteFile(filepath.Join(dir, "asof.toml"), []byte(strings.Join(toml, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, out, code := runAt(dir, 80, words(again)); code != 0 {
			t.Errorf("asof %s exits %d:\n%s", again, code, out)
		}
		if err := os.Remove(filepath.Join(dir, "asof.toml")); err != nil {
			t.Fatal(err)
		}
	}
}
