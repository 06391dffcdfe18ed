package query_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"asof/inspect/query"
	"asof/replay"
	"asof/replay/store/storetest"
)

// A memoryKeeper keeps members in memory.
type memoryKeeper struct {
	names []string
	ok    bool
	saved int
}

func (k *memoryKeeper) Load() ([]string, bool) { return k.names, k.ok }

func (k *memoryKeeper) Save(names []string) { k.names, k.ok, k.saved = names, true, k.saved+1 }

// TestMembersAreKept: the columns of * are learned once, and then a question about one
// stream reads that stream and gives the same answer.
func TestMembersAreKept(t *testing.T) {
	var events []replay.Event
	for i := range 4000 {
		data := `{"total":1,"who":"ann"}`
		if i == 3999 {
			data = `{"rare":1,"Total":2}`
		}
		events = append(events, event(fmt.Sprint("cart-", i%100), i/100+1, i+1, "Set", data))
	}
	for _, sql := range []string{
		"SELECT * FROM cart WHERE stream = 'cart-7'", "SELECT rare FROM cart WHERE stream = 'cart-99'", "SELECT * FROM cart_history WHERE stream = 'cart-7'",
		"SELECT count(*) FROM cart NATURAL JOIN (SELECT 'cart-7' AS stream, 1 AS rare) WHERE stream = 'cart-7'",
		"SELECT who FROM cart JOIN (SELECT 'cart-99' AS stream, 1 AS rare) USING (stream, rare) WHERE stream = 'cart-99'",
	} {
		keeper := &memoryKeeper{}
		ask := func() (rows, columns []string, read int) {
			counted := &countingReader{Reader: storetest.Memory(events)}
			db := openDB(t, events, "", func(s *query.Source) {
				s.Reader, s.Store.Reader, s.Projections[0].Members = counted, counted, keeper
			})
			defer db.Close()
			counted.n = 0
			answer, err := db.Query(sql)
			if err != nil {
				t.Fatal(sql, err)
			}
			for row, err := range answer.Rows {
				if err != nil {
					t.Fatal(sql, err)
				}
				rows = append(rows, fmt.Sprint(row...))
			}
			return rows, answer.Columns, counted.n
		}
		first, columns, all := ask()
		again, same, few := ask()
		if !slices.Equal(first, again) || !slices.Equal(columns, same) {
			t.Errorf("%s\nis  %v %v\nnow %v %v", sql, columns, first, same, again)
		}
		if keeper.saved != 1 || all < len(events) || few > 200 {
			t.Errorf("%s: saved %d times, %d events read, then %d", sql, keeper.saved, all, few)
		}
		if strings.Contains(sql, "*") && strings.Contains(sql, "JOIN") && !slices.Equal(again, []string{"0"}) {
			t.Errorf("%s joins by too few columns: %v", sql, again)
		}
	}
}

// TestMembersOfFailedFolds: what was noted while all was folded is noted again, so the
// list is not kept.
func TestMembersOfFailedFolds(t *testing.T) {
	keeper := &memoryKeeper{}
	for range 2 {
		var notes []string
		db := openDB(t, carts, "", func(s *query.Source) {
			s.Projections[0].Members = keeper
			s.Note = func(n replay.Notice) { notes = append(notes, n.Text) }
		})
		mustRows(t, db, "SELECT * FROM cart WHERE stream = 'cart-1'")
		if len(notes) == 0 || !strings.Contains(notes[0], "boom") || keeper.saved != 0 {
			t.Errorf("the notes are %q, saved %d times", notes, keeper.saved)
		}
		db.Close()
	}
}

// TestMentioned: a table is one of a statement if a name is its own, not a part of one.
func TestMentioned(t *testing.T) {
	keeper := &memoryKeeper{}
	db := openDB(t, carts[:1], "", func(s *query.Source) {
		s.Projections[0].Name, s.Projections[0].Members = `my "cart"`, keeper
	})
	defer db.Close()
	mustRows(t, db, `SELECT *, 'my "cart"' FROM events`)
	if keeper.saved != 0 {
		t.Error("states are folded for a text")
	}
	mustRows(t, db, `SELECT * FROM "my ""cart"""`)
	if keeper.saved != 1 {
		t.Error("a quoted name is not found")
	}
}
