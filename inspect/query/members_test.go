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

// TestNamesMeanMembers: a name means the same before and after all members are known, also if
// it is an alias, or a column of another table, and only a late stream has the member.
func TestNamesMeanMembers(t *testing.T) {
	var events []replay.Event
	for i := range 300 {
		data := `{"total":1}`
		if i == 299 {
			data = `{"net":7,"type":"late"}`
		}
		events = append(events, event(fmt.Sprint("cart-", i), 1, i+1, "Set", data))
	}
	answer := func(db *query.DB, sql string) (out []string) {
		r, err := db.Query(sql)
		if err != nil {
			return []string{err.Error()}
		}
		for row, err := range r.Rows {
			if err != nil {
				return []string{err.Error()}
			}
			out = append(out, fmt.Sprint(row...))
		}
		return append(out, strings.Join(r.Columns, ","))
	}
	for _, sql := range []string{
		"SELECT total + 1 AS net FROM cart WHERE net > 1",
		"SELECT total + 1 AS net, count(*) FROM cart GROUP BY net",
		"SELECT total + 1 net FROM cart GROUP BY stream HAVING net > 1",
		"SELECT total + 1 AS net FROM cart ORDER BY net LIMIT 2",
		"SELECT total + 1 AS net FROM cart ORDER BY net + 0, stream LIMIT 2",
		`SELECT total + 1 AS "net" FROM cart WHERE [net] > 1`,
		"SELECT stream FROM events e WHERE EXISTS (SELECT 1 FROM cart c WHERE c.stream = e.stream AND type = 'late')",
		"SELECT count(*) FROM cart JOIN events USING (stream) WHERE type = 'Set'",
		"SELECT count(*) FROM cart JOIN (SELECT 2 AS net) WHERE net = 2",
		"SELECT net FROM cart_history WHERE net > 1",
		"SELECT type FROM cart_history LIMIT 1",
	} {
		db := openDB(t, events, "", func(*query.Source) {})
		first := answer(db, sql)
		answer(db, "SELECT * FROM cart")
		if again := answer(db, sql); !slices.Equal(first, again) {
			t.Errorf("%s\nis  %v\nnow %v", sql, first, again)
		}
		db.Close()
	}
	cheap := &countingReader{Reader: storetest.Memory(events)}
	db := openDB(t, events, "", func(s *query.Source) { s.Reader, s.Store.Reader = cheap, cheap })
	defer db.Close()
	cheap.n = 0
	for _, sql := range []string{
		"SELECT total AS t FROM cart WHERE stream = 'cart-7' ORDER BY t DESC",
		"SELECT c.total, count(*) AS n FROM cart AS c WHERE c.stream LIKE 'cart-7' AND c.stream = 'cart-7' AND c.total LIKE '1' GROUP BY c.total ORDER BY n",
	} {
		answer(db, sql)
	}
	if cheap.n > 10 {
		t.Errorf("%d events are read for one stream", cheap.n)
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
