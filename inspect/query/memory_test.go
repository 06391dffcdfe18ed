package query_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"asof/inspect/query"
	"asof/replay"
	"asof/replay/store/storetest"
)

// TestStatesAreBounded: what a question keeps is counted by its size, not by its number,
// and what it frees is not counted. States that do not fit are folded in shares, and
// rows that do not are kept in a file.
func TestStatesAreBounded(t *testing.T) {
	defer query.SetMostHeld(1 << 20)()
	var events []replay.Event
	for i := range 64 {
		data := fmt.Sprintf(`{"text":%q}`, strings.Repeat("x", 1<<16))
		events = append(events, event(fmt.Sprint("cart-", i%32), i/32+1, i+1, "Set", data))
	}
	for sql, rows := range map[string]int{ // -1: it says that it needs too much
		"SELECT version FROM cart":                                                   32,
		"SELECT * FROM cart":                                                         32,
		"SELECT count(*) FROM cart a JOIN cart b":                                    1,
		"SELECT state, until_position FROM cart_history":                             -1,
		"SELECT version FROM cart WHERE stream = 'cart-1'":                           1,
		"SELECT length(state) FROM cart_history":                                     64,
		"SELECT state, until_position FROM cart_history WHERE stream = 'cart-1'":     2,
		"SELECT count(*) FROM events a JOIN events b USING (stream)":                 1,
		"SELECT count(*), max(data) FROM events":                                     1,
		"SELECT a.data FROM events a JOIN events b ON b.position = a.position + 1":   63,
		"SELECT until_position FROM cart_history":                                    64,
		"SELECT count(*) FROM cart_history a JOIN cart b USING (stream) WHERE 1 = 0": 1,
	} {
		db := openDB(t, events, "", func(s *query.Source) { s.Reader = storetest.Memory(events) })
		got, err := rowsOf(db, sql)
		var large *query.SizeError
		if errors.As(err, &large) != (rows < 0) || err != nil && large == nil || err == nil && len(got) != rows {
			t.Errorf("%s: %d rows, %v", sql, len(got), err)
		}
		db.Close()
	}
	var many []replay.Event
	for i := range 4000 { // each row is let go when the next event of its stream comes
		many = append(many, event(fmt.Sprint("cart-", i%2), i/2+1, i+1, "Set", fmt.Sprintf(`{"text":"%d%s"}`, i, strings.Repeat("x", 1000))))
	}
	db := openDB(t, many, "")
	defer db.Close()
	if rows := mustRows(t, db, "SELECT count(state || until_position) FROM cart_history"); rows[0] != "3998" {
		t.Errorf("%s rows", rows)
	}
}
