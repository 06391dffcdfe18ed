package query

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"asof/replay"
	"asof/replay/fold"
	"asof/replay/store/storetest"
)

// TestSourcesOf finds the names in a statement that may be those of tables.
func TestSourcesOf(t *testing.T) {
	for sql, want := range map[string]string{
		`SELECT stream, state FROM state_history WHERE state > 1`:                               "[state_history]",
		`SELECT "state" FROM "State_History" h, [state] AS s JOIN events USING (stream)`:        "[events state state_history stream]",
		`SELECT * FROM (SELECT 1 FROM a WHERE b) q, state`:                                      "[a select state]", // a name may be quoted
		`SELECT (SELECT 1 FROM a WHERE b), state FROM c WHERE (d, state) IN state ORDER BY e`:   "[a c state]",
		`SELECT 1 FROM a JOIN b ON f(a.x), state UNION SELECT state FROM d`:                     "[a b d state x]",
		`SELECT 1 FROM (state JOIN b), main.c WHERE 1`:                                          "[b c main state]",
		`WITH x AS (SELECT state FROM y) SELECT state FROM x, cart('pos:1') WHERE state IN (z)`: "[cart x y]",
		`"state"`: "[state]",
	} {
		if got := fmt.Sprint(slices.Sorted(maps.Keys(sourcesOf(sql)))); got != want {
			t.Errorf("%s: %s, want %s", sql, got, want)
		}
	}
}

// TestKnownTablesReadNoState lists tables, and asks one for its column state, without
// folding every stream to know the members of states.
func TestKnownTablesReadNoState(t *testing.T) {
	r := storetest.Memory([]replay.Event{{Stream: "a-1", Category: "a", Version: 1, Position: 1, Type: "T", Data: []byte(`{"n":1}`)}})
	f := replay.Fold{Reducer: fold.Merge()}
	db, err := Open(context.Background(), Source{
		Reader: r, Store: &replay.Timeline{Name: "store", Reader: r, Many: true}, Note: func(replay.Notice) {},
		Projections: []Projection{{Name: "state", Fold: func(replay.StreamID, string) (replay.Fold, error) { return f, nil }}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // it has nothing to lose
	known, err := db.Known()
	if err != nil || len(known.Tables) != 5 || len(known.Tables[3].Row) == 0 {
		t.Fatal(known, err)
	}
	if row, err := db.first("SELECT stream, since_time, state FROM state_history WHERE stream = 'a-1'"); err != nil || fmt.Sprint(row) != `[a-1 <nil> {"n":1}]` {
		t.Error(row, err)
	}
	if len(db.discovered) > 0 {
		t.Error("every state was read")
	}
	if row, err := db.first("SELECT * FROM state"); err != nil || len(row) == 0 || !db.discovered["state"] {
		t.Error(row, err, db.discovered)
	}
}
