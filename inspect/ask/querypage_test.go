package ask_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"asof/inspect/ask"
	"asof/replay/workspace"
)

// TestPagesOfAQuery asks for an answer page by page while the store grows. The pages
// together are the whole answer as it was at first.
func TestPagesOfAQuery(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "s.ndjson")
	n := 0
	grow := func(most int) {
		f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()  //nolint:errcheck // the next read finds what is missing
		for range most { // the first stream is the last by id
			fmt.Fprintf(f, `{"stream":"cart-%d","version":%d,"position":%d,"type":"Added","time":"2026-01-01T00:%02d:%02dZ","data":{"qty":%d}}`+"\n", 2-n%3, n/3+1, n+1, n/120, n/2%60, n)
			n++
		}
	}
	grow(30)
	w := workspace.New(workspace.Host{Dir: dir}, workspace.Options{NoCache: true})
	defer w.Close()
	ref := workspace.StoreRef{Store: "s.ndjson"}
	page := func(q ask.Query) (rows []string, cursor string) {
		q.StoreRef = ref
		columns := false
		for row, err := range q.Ask(t.Context(), w) {
			switch {
			case err != nil:
				t.Fatalf("%+v: %v", q, err)
			case row.Values == nil:
				columns = true
			default:
				rows, cursor = append(rows, fmt.Sprint(row.Values...)), row.Cursor
			}
		}
		if !columns {
			t.Errorf("%+v: no columns", q)
		}
		return rows, cursor
	}
	for _, sql := range []string{
		"SELECT position, (SELECT count(*) FROM events) FROM events ORDER BY position DESC",
		"SELECT stream, qty, (SELECT sum(events) FROM streams) FROM state", "SELECT type FROM events WHERE type = 'none'",
		"SELECT stream, events FROM streams", "SELECT a.stream, b.stream FROM streams a, streams b",
	} {
		for _, at := range []string{"", "pos:20", "head~3", "2026-01-01T00:00:09Z"} {
			for _, limit := range []int{1, 3, 7, 30} {
				q := ask.Query{SQL: sql, At: at}
				want, none := page(q)
				q.Limit = limit
				var got []string
				for pages := 0; pages == 0 || q.Cursor != ""; pages++ {
					rows, cursor := page(q)
					if cursor != "" && len(rows) != limit || pages > len(want) {
						t.Fatalf("%s at %q: a page of %d rows, limit %d", sql, at, len(rows), limit)
					}
					got, q.Cursor = append(got, rows...), cursor
					if pages < 2 {
						grow(1)
					}
				}
				if none != "" || !slices.Equal(got, want) {
					t.Errorf("%s at %q by %d:\n%q, not\n%q", sql, at, limit, got, want)
				}
			}
		}
	}
	var bad *ask.CursorError
	q := ask.Query{StoreRef: ref, SQL: "SELECT type FROM events", Page: ask.Page{Limit: 2}}
	_, q.Cursor = page(q)
	q.SQL += " "
	for _, err := range q.Ask(t.Context(), w) {
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), "another question") {
			t.Error(err)
		}
	}
	if bad == nil {
		t.Error("the cursor of another question is taken")
	}
}
