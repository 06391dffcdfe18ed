package query_test

import (
	"fmt"
	"strings"
	"testing"

	"asof/inspect/query"
	"asof/replay/store/storetest"
)

// TestExplain: a plan says what the statement reads, and reads no event for it.
func TestExplain(t *testing.T) {
	counted := &countingReader{Reader: storetest.Memory(carts)}
	db := openDB(t, carts, "", func(s *query.Source) { s.Reader, s.Store.Reader = counted, counted })
	defer db.Close()
	for _, test := range []struct{ sql, want string }{
		{"SELECT total FROM cart WHERE stream = 'cart-1'", "cart 1/2 folds [stream = 'cart-1'] [stream total]"},
		{"SELECT id FROM events WHERE time >= '2026' AND 7 < position ORDER BY position LIMIT 2", "events 3/5 ordered [time >= '2026' position > 7] [position time id]; stops"},
		{"SELECT id FROM events WHERE category = 'none'", "events 0/0 [category = 'none'] [category id]"},
		{"SELECT h.op FROM cart_changes h LIMIT 1", "cart_changes AS h 3/5 folds [] [op]; stops"},
		{"SELECT stream FROM cart LIMIT 1", "cart 3/5 folds [] [stream]"},
		{"SELECT id FROM events ORDER BY id LIMIT 1", "events 3/5 [] [id]"},
		{"SELECT count(*) FROM events LIMIT 1", "events 3/5 [] []"},
		{"SELECT e.id, c.total FROM events e CROSS JOIN cart('pos:' || e.position) c ON c.stream = e.stream", "events AS e 3/5 [] [stream position id]; cart AS c -1/-1 folds each [stream = …] [stream total]"},
		{"SELECT b.stream FROM cart('pos:2') b", "cart AS b 3/5 folds @pos:2 [] [stream]"},
		{"SELECT * FROM cart", "cart 3/5 folds [] [stream category version position time error state total who version_2]; first cart"},
	} {
		counted.n = 0
		plan, err := db.Explain(test.sql)
		if err != nil {
			t.Fatal(test.sql, err)
		}
		var parts []string
		for _, one := range plan.Tables {
			text := one.Name
			for _, w := range []struct {
				is   bool
				text string
			}{
				{one.Alias != "", " AS " + one.Alias},
				{true, fmt.Sprintf(" %d/%d", one.Streams, one.Events)},
				{one.Folds, " folds"},
				{one.EachRow, " each"},
				{one.At != "", " @" + one.At},
				{one.Ordered, " ordered"},
			} {
				if w.is {
					text += w.text
				}
			}
			parts = append(parts, fmt.Sprint(text, " ", one.Conditions, " ", one.Columns))
		}
		if plan.Stops() {
			parts = append(parts, "stops")
		}
		for _, name := range plan.Members {
			parts = append(parts, "first "+name)
		}
		if got := strings.Join(parts, "; "); got != test.want {
			t.Errorf("%s\nis %s\nnot %s", test.sql, got, test.want)
		}
		if counted.n > 0 {
			t.Errorf("%s: %d events are read", test.sql, counted.n)
		}
	}
	if _, err := db.Explain("SELECT totl FROM carts"); err == nil {
		t.Error("a bad statement is explained")
	}
}
