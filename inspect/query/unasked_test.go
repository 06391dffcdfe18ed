package query_test

import (
	"errors"
	"strings"
	"testing"

	"asof/inspect/query"
	"asof/replay"
)

// TestParametersAreRefused: a parameter has no value, and an answer as if it were NULL would
// be a wrong one. What only looks like one is none.
func TestParametersAreRefused(t *testing.T) {
	db := openDB(t, nil, "")
	defer db.Close()
	for sql, at := range map[string]int{
		"SELECT 1 WHERE 1 = ?": 19, "SELECT ?2": 7, "SELECT ':a', :a": 13, "SELECT count(*) FROM cart WHERE stream = @s": 41,
		"SELECT '?' /* ? */ -- ?\n, $a": 26, "SELECT ':a', '$.b' AS \"@c\", json_extract('{\"?\":1}', '$.?')": -1,
	} {
		_, err := rowsOf(db, sql)
		var bad *query.Error
		switch {
		case at < 0 && err != nil, at >= 0 && !errors.As(err, &bad):
			t.Errorf("%s: %v", sql, err)
		case at >= 0 && (bad.Offset != at || !strings.Contains(bad.Msg, "parameter")):
			t.Errorf("%s: %q at %d, want %d", sql, bad.Msg, bad.Offset, at)
		}
	}
}

// TestTimesOfAnotherFormAreNoted: a condition on the time that SQL answers in the order of
// texts, and not of time, is noted, and no other.
func TestTimesOfAnotherFormAreNoted(t *testing.T) {
	events := []replay.Event{event("cart-1", 1, 1, "Set", `{"total":1}`)}
	for text, noted := range map[string]bool{
		"2026-01-01 00:01": true, "2026-01-01T00:01:00Z": true, "2026-01-01T00:01:00+02:00": true, "2026-01-01 ": true, "2026-01-01T00:01:00.000000000Z ": true,
		"2026": false, "2026-01": false, "2026-01-01": false, "2026-01-01T00": false, "2026-01-01T00:01:00.5": false, "2026-01-01T00:01:00.000000000Z": false, "": false, "x": false, "9": false,
	} {
		for _, tab := range []string{"events", "cart", "cart_history", "cart_changes"} {
			var notes []string
			db := openDB(t, events, "", func(s *query.Source) {
				s.Note = func(n replay.Notice) { notes = append(notes, string(n.Code)+" "+n.Text) }
			})
			for range 2 {
				mustRows(t, db, "SELECT version FROM "+tab+" WHERE time >= '"+text+"'")
			}
			mustRows(t, db, "SELECT version FROM "+tab+" WHERE time >= t('2026-01-01T00:01:00Z')")
			db.Close()
			if got := strings.Join(notes, "\n"); strings.HasPrefix(got, "time_text '"+text+"' ") != noted || len(notes) > 1 || !noted && got != "" {
				t.Errorf("%s, %q: %s", tab, text, got)
			}
		}
	}
}
