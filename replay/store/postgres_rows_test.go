package store

import (
	"slices"
	"testing"

	"asof/fixtures/write"
	"asof/replay"
)

// TestAuditTriggerKeys reads keys of several columns from the catalog, and the column id
// of rows whose table was dropped.
func TestAuditTriggerKeys(t *testing.T) {
	for _, d := range write.PgDialects() {
		if d.Name != "audit-trigger" {
			continue
		}
		db := newPgDatabase(t)
		if err := d.Write(t.Context(), db.Run, slices.Values(pgHistory(10))); err != nil {
			t.Fatal(err)
		}
		db.Must("CREATE TABLE line(nr int, order_id text, qty numeric, PRIMARY KEY(order_id, nr))")
		db.Must(`INSERT INTO audit.logged_actions SELECT 900, 'public', 'line', 'line'::regclass, 'ann', now(), now(), now(), 1, NULL, NULL, NULL, NULL, 'I',
			r.row_data, NULL, false FROM (SELECT * FROM audit.logged_actions WHERE event_id < 900 AND action = 'I' LIMIT 1) AS r`)
		one := `'{"order_id": "a/b", "nr": "2", "qty": "1.50"}'::jsonb`
		if d.Variant == "hstore" {
			one = `'order_id=>"a/b", nr=>2, qty=>1.50'::hstore`
		}
		db.Must("UPDATE audit.logged_actions SET row_data = " + one + " WHERE event_id = 900")
		db.Must("DROP TABLE shop_cart")
		r := db.open(Options{})
		lines := readPg(t, r, replay.Query{Streams: []replay.StreamID{"line/a~1b/2"}})
		carts := readPg(t, r, replay.Query{Streams: []replay.StreamID{"shop_cart/cart-10"}})
		if len(lines) != 1 || lines[0].Category != "line" || lines[0].Meta.Actor != "ann" || len(carts) == 0 {
			t.Errorf("%s: %+v, %d versions of a cart", d.Variant, lines, len(carts))
		}
	}
}
