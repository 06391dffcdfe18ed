package sqlite_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/fixtures"
	"asof/fixtures/write"
	"asof/replay"
	"asof/replay/store"
)

// datesInOrder are times in their order, of which those with the same number are the same. The
// last ones are not all in the order of their texts.
var datesInOrder = []struct {
	sql   string
	at    int
	plain bool
}{
	{"'2026-01-01 00:00:00'", 1, true},
	{"'2026-01-01 00:00:00.000000'", 1, true},
	{"'2026-01-01 00:00:00.5'", 2, true},
	{"'2026-01-01 00:00:00.500000'", 2, true},
	{"'2026-01-01 00:00:01'", 3, true},
	{"'2026-01-01 02:00:00+01:00'", 4, false},
	{"'2026-01-01T01:30:00Z'", 5, false},
}

// TestRowsInOrder reads versions whose times go forward, stay, go back or are none, with and
// without an index of times, and without some of them.
func TestRowsInOrder(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "store.db")
	const rows = 12
	for _, d := range write.Dialects() {
		if d.Name == "simple-history" {
			if err := d.Write(t.Context(), path, fixtures.Streams(rows, 3)); err != nil {
				t.Fatal(err)
			}
		}
	}
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	read := map[bool]int{} // straight
	rapid.Check(t, func(t *rapid.T) {
		if err := os.WriteFile(path, written, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := sql.Open("sqlite", "file:"+path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		dates := rapid.SliceOfN(rapid.IntRange(0, len(datesInOrder)-1), rows, rows).Draw(t, "dates")
		if rapid.Bool().Draw(t, "in order") {
			slices.Sort(dates)
		}
		ordered, plain := true, true
		edits := []string{}
		if rapid.Bool().Draw(t, "no index") {
			edits = append(edits, `DROP INDEX "shop_historicalcart_history_date"`)
		}
		gone := rapid.SliceOfN(rapid.IntRange(0, 3), rows, rows).Draw(t, "gone")
		last := 0
		for i, n := range dates {
			date := datesInOrder[n]
			edits = append(edits, fmt.Sprintf("UPDATE shop_historicalcart SET history_date = %s WHERE history_id = %d", date.sql, i+1))
			if gone[i] == 0 {
				edits = append(edits, fmt.Sprintf("DELETE FROM shop_historicalcart WHERE history_id = %d", i+1))
				continue
			}
			ordered, plain = ordered && date.at >= last, plain && date.plain
			last = date.at
		}
		if odd := rapid.SampledFrom([]string{"", "", "5", "''", "'x'", "x'00'"}).Draw(t, "odd"); odd != "" {
			edits = append(edits, fmt.Sprintf("UPDATE shop_historicalcart SET history_date = %s WHERE history_id = %d", odd, rapid.IntRange(1, rows).Draw(t, "where")))
			plain = false
		}
		for _, e := range edits {
			if _, err := db.Exec(e); err != nil {
				t.Fatalf("%s: %v", e, err)
			}
		}
		first, straight := both(t, path, "simple-history")
		defer first.Close()    //nolint:errcheck // only read
		defer straight.Close() //nolint:errcheck // only read
		if is := straight.Straight(); plain && is && !ordered || plain && !is && ordered && len(edits) > 0 && edits[0][0] == 'D' {
			t.Errorf("read where they are: %v; in order: %v", is, ordered)
		}
		read[straight.Straight()]++
		ids := streamsOf(t, first)
		for range 12 {
			q := straightQuery(t, ids)
			if got, want := answer(straight, q), answer(first, q); got != want {
				t.Fatalf("%+v\n%s\nwant\n%s", q, got, want)
			}
		}
		sameOmissions(t, straight, first, ids)
	})
	if read[true] == 0 || read[false] == 0 {
		t.Errorf("read where they are: %v", read)
	}
}

// TestAppendedOutOfOrder appends a version with an earlier time, which a reader that is opened
// after it has in its place.
func TestAppendedOutOfOrder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	for _, d := range write.Dialects() {
		if d.Name == "simple-history" {
			if err := d.Write(t.Context(), path, fixtures.Streams(20, 1)); err != nil {
				t.Fatal(err)
			}
		}
	}
	one := replay.Query{Streams: []replay.StreamID{"shop_cart/cart-1"}}
	before := mustOpen(t, path, store.Options{})
	want := answer(before, one)
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("INSERT INTO shop_historicalcart(id, n, data, history_date, history_type) VALUES('cart-1', 77, '{}', '2000-01-01 00:00:00', '+')"); err != nil {
		t.Fatal(err)
	}
	after := mustOpen(t, path, store.Options{})
	if !before.Straight() || after.Straight() {
		t.Error("the times go back only after the append")
	}
	if got := answer(before, one); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	q := one
	q.Limit = 1
	if got := answer(after, q); !strings.Contains(got, "cart-1@1 at 1,") || !strings.Contains(got, `"n":77`) {
		t.Errorf("the first version is %s", got)
	}
}
