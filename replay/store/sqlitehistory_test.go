package store

import (
	"maps"
	"path/filepath"
	"testing"

	"asof/inspect/live"
	"asof/replay"
	"asof/replay/store/testdb"
)

// TestSQLiteHistory reads a history that triggers write as the library's do, and finds
// what they miss: they compare with !=, so a column that becomes NULL has no version.
func TestSQLiteHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	at := "cast((julianday('now') - 2440587.5) * 86400 * 1000 as integer)"
	testdb.Build(t, path, nil,
		"CREATE TABLE cart(id INTEGER PRIMARY KEY, sku TEXT, qty REAL, raw BLOB)",
		"CREATE TABLE _cart_history(_rowid INTEGER, id INTEGER, sku TEXT, qty REAL, raw BLOB, _version INTEGER, _updated INTEGER, _mask INTEGER)",
		"CREATE TRIGGER a AFTER INSERT ON cart BEGIN INSERT INTO _cart_history VALUES(new.rowid, new.id, new.sku, new.qty, new.raw, 1, "+at+", 15); END",
		`CREATE TRIGGER b AFTER UPDATE ON cart BEGIN INSERT INTO _cart_history SELECT old.rowid, null, CASE WHEN old.sku != new.sku THEN new.sku END,
			CASE WHEN old.qty != new.qty THEN new.qty END, CASE WHEN old.raw != new.raw THEN new.raw END,
			(SELECT max(_version) FROM _cart_history WHERE _rowid = old.rowid) + 1, `+at+`,
			(CASE WHEN old.sku != new.sku THEN 2 ELSE 0 END) + (CASE WHEN old.qty != new.qty THEN 4 ELSE 0 END) + (CASE WHEN old.raw != new.raw THEN 8 ELSE 0 END)
			WHERE old.sku != new.sku OR old.qty != new.qty OR old.raw != new.raw; END`,
		`CREATE TRIGGER c AFTER DELETE ON cart BEGIN INSERT INTO _cart_history VALUES(old.rowid, old.id, old.sku, old.qty, old.raw,
			(SELECT max(_version) FROM _cart_history WHERE _rowid = old.rowid) + 1, `+at+`, -1); END`,
		"INSERT INTO cart VALUES(1, 'a,', 1.5, x'00ff'), (2, 'b', 2, NULL), (3, 'c', 3, NULL), (12, 'd', 4, NULL)",
		"UPDATE cart SET qty = 2.5 WHERE id = 1", "UPDATE cart SET sku = NULL WHERE id = 2", "DELETE FROM cart WHERE id = 3",
		"INSERT INTO cart VALUES(3, 'again', 3, NULL)", "DROP TRIGGER b", "UPDATE cart SET sku = 'x' WHERE id = 12",
	)
	r := mustOpen(t, path, Options{})
	var got []string
	for _, e := range events(t, r, replay.Query{Streams: []replay.StreamID{"cart/1", "cart/3"}, Order: replay.ByStream}) {
		got = append(got, string(e.Stream)+" "+e.Type+" "+string(e.Data))
	}
	want := []string{
		`cart/1 insert {"id":1,"sku":"a,","qty":1.5,"raw":"AP8="}`, `cart/1 update {"qty":2.5}`,
		`cart/3 insert {"id":3,"sku":"c","qty":3,"raw":null}`, `cart/3 delete {"id":3,"sku":"c","qty":3,"raw":null}`, `cart/3 insert {"id":3,"sku":"again","qty":3,"raw":null}`,
	}
	if len(got) != len(want) {
		t.Fatalf("%q", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%s, want %s", got[i], want[i])
		}
	}
	result, err := live.Run(t.Context(), r, nil)
	if err != nil {
		t.Fatal(err)
	}
	found := map[replay.StreamID]live.Verdict{}
	for _, f := range result.Found {
		found[f.Stream] = f.Verdict
	}
	if !maps.Equal(found, map[replay.StreamID]live.Verdict{"cart/2": live.Changed, "cart/12": live.Changed}) {
		t.Errorf("found %v", found)
	}
}
