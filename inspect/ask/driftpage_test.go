package ask_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"asof/inspect/ask"
	"asof/replay/store/testdb"
	"asof/replay/workspace"
)

// TestPagesOfADrift asks for the differences page by page while the store grows. The pages
// together are those that there were at first.
func TestPagesOfADrift(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "s.ndjson")
	n := 0
	grow := func(most int) {
		f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close() //nolint:errcheck // the next read finds what is missing
		for range most {
			fmt.Fprintf(f, `{"stream":"cart-%d","version":%d,"position":%d,"type":"Added","time":"2026-01-01T00:%02d:%02dZ","data":{"qty":%d,"n":1}}`+"\n", n%9, n/9+1, n+1, n/120, n/2%60, n)
			n++
		}
	}
	grow(30)
	testdb.Build(t, filepath.Join(dir, "read.sqlite"), nil, "CREATE TABLE carts(id TEXT, qty TEXT, n TEXT)",
		"INSERT INTO carts VALUES ('cart-0', 27, 1), ('cart-1', 0, 0), ('cart-2', 0, 0), ('cart-2', 0, 0), ('cart-2', 0, 0), ('cart-4', 0, 1), ('cart-x', 0, 0), ('cart-y', 0, 0)")
	w := workspace.New(workspace.Host{Dir: dir}, workspace.Options{NoCache: true})
	defer w.Close()
	model := ask.Drift{Against: "read.sqlite", Model: "carts", Key: "id", Columns: map[string]string{"qty": "/qty", "n": "/n"}}
	folds := ask.Drift{OtherFold: "s.qty = e.data.qty; s.sum = (s.sum ?? 0) + 1", Folding: workspace.Folding{Fold: "merge"}}
	for name, q := range map[string]ask.Drift{"model": model, "folds": folds} {
		for _, at := range []string{"", "pos:20", "2026-01-01T00:00:09Z"} {
			q.At, q.StoreRef = at, workspace.StoreRef{Store: "s.ndjson"}
			page := func(q ask.Drift) (items []string, cursor string) {
				d, err := q.Ask(t.Context(), w)
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range d.Cells {
					items = append(items, fmt.Sprint(c.Key, c.Column, c.Want.Text(), c.Got.Text()))
				}
				return slices.Concat(items, d.Lacks, d.Surplus, d.Twice), d.Cursor
			}
			want, cursor := page(q)
			if len(want) < 5 || cursor != "" {
				t.Fatalf("%s at %s: %q, then %s", name, at, want, cursor)
			}
			for limit := 1; limit < 4; limit++ {
				var got []string
				q.Page = ask.Page{Limit: limit}
				for {
					var items []string
					items, q.Cursor = page(q)
					if got = append(got, items...); q.Cursor == "" {
						break
					}
					grow(1)
				}
				slices.Sort(got)
				slices.Sort(want)
				if !slices.Equal(got, want) {
					t.Errorf("%s at %s: pages of %d are\n%q, want\n%q", name, at, limit, got, want)
				}
				if q.Page = (ask.Page{}); at == "" { // the head is another one now
					want, _ = page(q)
				}
			}
		}
	}
}
