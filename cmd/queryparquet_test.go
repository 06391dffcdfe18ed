package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"asof/inspect/parquetfile"
)

// outputOf runs a command and returns its standard output alone.
func outputOf(t *testing.T, dir string, terminal bool, args ...string) (out []byte, errs string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	code = Run(context.Background(), args, IO{
		In: strings.NewReader(""), Out: &o, Err: &e, Dir: dir,
		Env:      func(k string) string { return map[string]string{"TZ": "UTC"}[k] },
		Now:      func() time.Time { return time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC) },
		Terminal: func(io.Writer) (int, bool) { return 120, terminal },
		Exit:     func(code int) { panic(fmt.Sprintf("exit %d", code)) },
	})
	return o.Bytes(), e.String(), code
}

// TestQueryParquet: the rows of a Parquet file are those that --json prints.
func TestQueryParquet(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeTestFile(t, filepath.Join(dir, "shop.ndjson"), cartEvents(120))
	for _, sql := range []string{
		"SELECT * FROM state", "SELECT * FROM state_history", "SELECT * FROM state_changes", "SELECT * FROM events",
		"SELECT stream, total FROM state WHERE total < 0", "SELECT 1 AS a, 2 AS A_2, NULL AS n, 'x' AS \"a,b\", 9007199254740993 AS big",
	} {
		file, errs, code := outputOf(t, dir, false, "query", "shop.ndjson", sql, "--fold", "merge", "-o", "parquet")
		if code != exitOK {
			t.Fatal(sql, errs)
		}
		lines, _, _ := outputOf(t, dir, false, "query", "shop.ndjson", sql, "--fold", "merge", "-o", "ndjson")
		f, err := parquetfile.Open(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(sql, err)
		}
		n := 0
		want := strings.Split(strings.TrimSuffix(string(lines), "\n"), "\n")
		for row, err := range f.Rows() {
			if err != nil || n >= len(want) {
				t.Fatal(sql, err, n)
			}
			cells := map[string]any{}
			for i, name := range f.Columns {
				cells[name] = row[i]
			}
			var wanted map[string]any
			d := json.NewDecoder(strings.NewReader(want[n]))
			d.UseNumber()
			if err := d.Decode(&wanted); err != nil {
				t.Fatal(err)
			}
			if got, want := fmt.Sprint(cells), fmt.Sprint(wanted); got != want {
				t.Fatalf("%s: row %d is\n%s\nwant\n%s", sql, n, got, want)
			}
			n++
		}
		if want[0] != "" && n != len(want) {
			t.Errorf("%s: %d rows, want %d", sql, n, len(want))
		}
	}
}

// TestQueryParquetRefused: nothing is written for a terminal, or of an answer that fails.
func TestQueryParquetRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeTestFile(t, filepath.Join(dir, "shop.ndjson"), cartEvents(20))
	for sql, terminal := range map[string]bool{"SELECT * FROM state": true, "SELECT abs(-9223372036854775807 - version) FROM events": false} {
		out, errs, code := outputOf(t, dir, terminal, "query", "shop.ndjson", sql, "--fold", "merge", "-o", "parquet")
		if len(out) > 0 || code != exitUsage {
			t.Errorf("%s: exit code %d, %d bytes, %s", sql, code, len(out), errs)
		}
	}
}
