package ask_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"asof/fixtures/testmain"
	"asof/inspect/ask"
	"asof/replay/store/testdb"
	"asof/replay/workspace"
)

// keyedStore writes a store with a stream of each id, and returns the question that compares it
// with a table of keys. more adds a stream.
func keyedStore(t *testing.T, ids []string, column string, keys ...string) (w *workspace.Workspace, q ask.Drift, more func(id string)) {
	t.Helper()
	dir, n := t.TempDir(), 0
	more = func(id string) {
		f, err := os.OpenFile(filepath.Join(dir, "s.ndjson"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close() //nolint:errcheck // the next read finds what is missing
		n++
		fmt.Fprintf(f, `{"stream":%q,"version":1,"position":%d,"type":"T","data":{"v":1}}`+"\n", id, n)
	}
	for _, id := range ids {
		more(id)
	}
	statements := []string{"CREATE TABLE m(id " + column + ", v INT)"}
	for _, key := range keys {
		statements = append(statements, "INSERT INTO m VALUES ("+key+", 2)")
	}
	testdb.Build(t, filepath.Join(dir, "read.sqlite"), nil, statements...)
	w = workspace.New(workspace.Host{Dir: dir}, workspace.Options{NoCache: true})
	t.Cleanup(func() { w.Close() }) //nolint:errcheck // only read
	return w, ask.Drift{
		StoreRef: workspace.StoreRef{Store: "s.ndjson"}, Folding: workspace.Folding{Fold: "merge"},
		Against: "read.sqlite", Model: "m", Key: "id", Columns: map[string]string{"v": "/v"},
	}, more
}

func driftItems(t *testing.T, w *workspace.Workspace, q ask.Drift) (items []string, d *ask.Drifted) {
	t.Helper()
	d, err := q.Ask(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range d.Cells {
		items = append(items, c.Key+" "+c.Column.Name)
	}
	return slices.Concat(items, d.Lacks, d.Surplus, d.Twice), d
}

// TestLaterStreamsChangeNoKey adds a stream that is written in another way than the others,
// between two pages or after a moment. The keys still meet the streams that there were.
func TestLaterStreamsChangeNoKey(t *testing.T) {
	const uuid = "550e8400-e29b-41d4-a716-44665544000"
	for _, tt := range []struct {
		name, column string
		id, key      func(i int) string
		later        []string
	}{
		{"bytes", "BLOB", func(i int) string { return fmt.Sprint(uuid, i) }, func(i int) string { return fmt.Sprintf("x'%s%d'", strings.ReplaceAll(uuid, "-", ""), i) }, []string{"plain"}},
		{"case", "TEXT", func(i int) string { return fmt.Sprint(uuid, i) }, func(i int) string { return fmt.Sprintf("'%s%d'", strings.ToUpper(uuid), i) }, []string{strings.ToUpper(uuid) + "9"}},
		{"scale", "REAL", func(i int) string { return fmt.Sprint(i, ".00") }, func(i int) string { return fmt.Sprint(i) }, []string{"99.5"}},
		{"number", "REAL", func(i int) string { return fmt.Sprint(i) }, func(i int) string { return fmt.Sprint(i) }, []string{"98.00", "99.5"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for limit := 1; limit < 4; limit++ {
				var ids, keys []string
				for i := range 6 {
					ids, keys = append(ids, tt.id(i)), append(keys, tt.key(i))
				}
				w, q, more := keyedStore(t, ids, tt.column, keys...)
				want, d := driftItems(t, w, q)
				if d.Modified != 6 || len(want) != 6 {
					t.Fatalf("%d of 6 rows are wrong: %q", d.Modified, want)
				}
				var got []string
				page, later := q, tt.later
				for page.Limit = limit; ; {
					items, d := driftItems(t, w, page)
					if got, page.Cursor = append(got, items...), d.Cursor; page.Cursor == "" {
						break
					}
					for _, id := range later {
						more(id)
					}
					later = nil
				}
				if !slices.Equal(got, want) {
					t.Errorf("pages of %d are %q, want %q", limit, got, want)
				}
				q.At = "pos:6"
				if got, _ := driftItems(t, w, q); !slices.Equal(got, want) {
					t.Errorf("at that moment it is %q, want %q", got, want)
				}
			}
		})
	}
}

// TestKeysOfSeveralTypes compares a column of a file that holds one key as values of several
// types. The row of a stream is compared, and each other one of its key is repeated.
func TestKeysOfSeveralTypes(t *testing.T) {
	seed := testmain.Seed(t)
	r := rand.New(rand.NewPCG(seed, 1))
	for range 10 {
		var ids, keys []string
		rows := 0
		for i := 3; i < 8; i++ {
			ids = append(ids, fmt.Sprint(i))
			all := []string{fmt.Sprint(i), fmt.Sprintf("'%d'", i), fmt.Sprintf("%d.0", i), fmt.Sprintf("x'3%d'", i)}
			r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			keys = append(keys, all[:1+r.IntN(4)]...)
			rows++
		}
		r.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		w, q, _ := keyedStore(t, ids, "", keys...)
		want, d := driftItems(t, w, q)
		if d.Modified != int64(rows) || d.Repeated != int64(len(keys)-rows) || d.Missing+d.Extra != 0 {
			t.Errorf("RAPID_SEED=%d: of %q, %d rows are wrong, %d repeated, %d missing, %d extra", seed, keys, d.Modified, d.Repeated, d.Missing, d.Extra)
		}
		for q.Limit = 1; q.Limit < 4; q.Limit++ {
			var got []string
			for q.Cursor = ""; ; {
				items, d := driftItems(t, w, q)
				if got, q.Cursor = append(got, items...), d.Cursor; q.Cursor == "" {
					break
				}
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("RAPID_SEED=%d: pages of %d are %q, want %q", seed, q.Limit, got, want)
			}
		}
	}
}

// TestEmptyKeyHasNoBeginning compares with one row whose key is empty: it is the end of any
// stream, which says nothing of how the keys are written.
func TestEmptyKeyHasNoBeginning(t *testing.T) {
	w, q, _ := keyedStore(t, []string{"cart-1", "cart-2"}, "TEXT", "''")
	if _, d := driftItems(t, w, q); d.Prefix != "" || d.Extra != 1 {
		t.Errorf("of %d extra rows, the keys seem to lack %q", d.Extra, d.Prefix)
	}
	w, q, _ = keyedStore(t, []string{"cart-1", "cart-2"}, "TEXT", "'1'")
	if _, d := driftItems(t, w, q); d.Prefix != "cart-" {
		t.Errorf("the keys seem to lack %q", d.Prefix)
	}
}
