package query_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"asof/inspect/query"
	"asof/replay"
	"asof/replay/store/storetest"
)

// TestConditionsLoseNoRow holds every table with conditions to the same table filtered by
// SQLite alone. Times do not rise with positions, nor positions with versions.
func TestConditionsLoseNoRow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := history(t)
		for i := range events {
			if rapid.IntRange(0, 3).Draw(t, "time") == 0 {
				events[i].Time = time.Date(2026, 1, 1, 0, rapid.IntRange(0, 25).Draw(t, "minute"), 0, 0, time.UTC)
			}
			if j := rapid.IntRange(0, len(events)-1).Draw(t, "swap"); j < len(events)/4 {
				events[i].Position, events[j].Position = events[j].Position, events[i].Position
			}
			if rapid.IntRange(0, 30).Draw(t, "boom") == 0 {
				events[i].Data = []byte(`{"boom":1}`)
			}
		}
		slices.SortFunc(events, func(a, b replay.Event) int { return int(a.Position - b.Position) })
		db := openDB(t, events, "")
		defer db.Close()
		tab := rapid.SampledFrom([]string{"events", "cart", "cart_history", "cart_changes"}).Draw(t, "table")
		op := rapid.SampledFrom([]string{"=", "<", "<=", ">", ">="})
		var conditions []string
		for range rapid.IntRange(1, 3).Draw(t, "conditions") {
			column := rapid.SampledFrom([]string{"time", "position", "version", "stream", "category"}).Draw(t, "column")
			value := fmt.Sprint(rapid.SampledFrom([]int{0, 1, 2, 3, 10, 100, 200}).Draw(t, "number"))
			switch column {
			case "time":
				value = fmt.Sprintf("'2026-01-01T00:%02d:00.000000000Z'", rapid.IntRange(0, 25).Draw(t, "minute"))
			case "stream", "category":
				value = rapid.SampledFrom([]string{"'s-0'", "'s-1'", "'s'", "'t'"}).Draw(t, "name")
			}
			conditions = append(conditions, column+" "+op.Draw(t, "op")+" "+value)
		}
		if tab != "cart" && rapid.Bool().Draw(t, "typed") {
			conditions = append(conditions, "type = 'A'")
		}
		columns := map[string]string{"events": "id", "cart": "stream, state", "cart_history": "id, state, since_time, until_position, changed", "cart_changes": "id, op, path"}[tab]
		if tab == "cart_history" && rapid.Bool().Draw(t, "early") {
			columns = "id, state"
		}
		pushed := fmt.Sprintf("SELECT %s FROM %s WHERE %s ORDER BY %s", columns, tab, strings.Join(conditions, " AND "), columns)
		inner := "category, version, position, time, " + columns
		if tab != "cart" {
			inner += ", stream, type"
		}
		plain := fmt.Sprintf("SELECT %s FROM (SELECT %s FROM %s LIMIT -1 OFFSET 0) WHERE %s ORDER BY %s", columns, inner, tab, strings.Join(conditions, " AND "), columns)
		if got, want := mustRows(t, db, pushed), mustRows(t, db, plain); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%s\nis  %v\nnot %v", pushed, got, want)
		}
		streams := map[replay.StreamID]bool{}
		for _, e := range events {
			streams[e.Stream] = true
		}
		if got := mustRows(t, db, "SELECT count(*) FROM cart")[0]; got != fmt.Sprint(len(streams)) {
			t.Fatalf("after %s: %s streams, want %d", pushed, got, len(streams))
		}
	})
}

// TestStreamsHaveOneCategory: a projection of a category folds all events of the streams
// whose first event is of the category, and no other.
func TestStreamsHaveOneCategory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := history(t)
		for i := range events {
			if j := rapid.IntRange(0, len(events)-1).Draw(t, "swap"); j < len(events)/4 {
				events[i].Position, events[j].Position = events[j].Position, events[i].Position
			}
		}
		slices.SortFunc(events, func(a, b replay.Event) int { return int(a.Position - b.Position) })
		all := openDB(t, events, "")
		defer all.Close()
		some := openDB(t, events, "", func(s *query.Source) {
			s.Projections[0].Categories = []string{"s"}
			s.Projections[0].Takes = func(_ replay.StreamID, category string) bool { return category == "s" }
		})
		defer some.Close()
		of := map[replay.StreamID]replay.Event{} // the first events
		for _, e := range events {
			if first, ok := of[e.Stream]; !ok || e.Version < first.Version {
				of[e.Stream] = e
			}
		}
		for _, tab := range []string{"cart", "cart_history", "cart_changes"} {
			var want []string
			for _, row := range mustRows(t, all, "SELECT stream, category, version, position FROM "+tab) {
				if of[replay.StreamID(row[:len("s-0")])].Category == "s" {
					want = append(want, row)
				}
			}
			for db, condition := range map[*query.DB]string{all: " WHERE category = 's'", some: ""} {
				sql := "SELECT stream, category, version, position FROM " + tab + condition
				if got := mustRows(t, db, sql); !slices.Equal(got, want) {
					t.Fatalf("%s is\n%s\nwant\n%s", sql, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
		}
	})
}

// TestRanges: a table over a range has the rows of its end without those of its start.
func TestRanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := history(t)
		for i := range events {
			if j := rapid.IntRange(0, len(events)-1).Draw(t, "swap"); j < len(events)/4 {
				events[i].Position, events[j].Position = events[j].Position, events[i].Position
			}
		}
		slices.SortFunc(events, func(a, b replay.Event) int { return int(a.Position - b.Position) })
		db := openDB(t, events, "")
		defer db.Close()
		point := func(name string) string {
			i := rapid.IntRange(0, len(events)-1).Draw(t, name)
			return rapid.SampledFrom([]string{"pos:" + fmt.Sprint(events[i].Position), events[i].Time.Format(time.RFC3339), "start", "head"}).Draw(t, name+" form")
		}
		from, to := point("from"), point("to")
		for tab, columns := range map[string]string{"events": "id", "cart_history": "id, state", "cart_changes": "id, op, path"} {
			ranged := fmt.Sprintf("SELECT %s FROM %s('%s..%s') ORDER BY %s", columns, tab, from, to, columns)
			want := fmt.Sprintf("SELECT %s FROM %s('%s') WHERE id NOT IN (SELECT id FROM events('%s')) ORDER BY %s", columns, tab, to, from, columns)
			if got, want := mustRows(t, db, ranged), mustRows(t, db, want); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("%s\nis  %v\nnot %v", ranged, got, want)
			}
		}
	})
}

// TestHeadByPosition: the position of the last event is the head. Every table is the same
// at both, also where positions do not rise with versions, and neither is searched for.
func TestHeadByPosition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := history(t)
		for i := range events {
			if j := rapid.IntRange(0, len(events)-1).Draw(t, "swap"); j < len(events)/3 {
				events[i].Position, events[j].Position = events[j].Position, events[i].Position
			}
		}
		slices.SortFunc(events, func(a, b replay.Event) int { return int(a.Position - b.Position) })
		last := fmt.Sprintf("pos:%d", events[len(events)-1].Position)
		head, same := openDB(t, events, ""), openDB(t, events, last)
		defer head.Close()
		defer same.Close()
		condition := rapid.SampledFrom([]string{"", " WHERE stream = 's-1'", " WHERE category = 's'"}).Draw(t, "condition")
		for tab, columns := range map[string]string{
			"events": "stream, version, id", "streams": "stream, events, first_version, last_version, first_time, last_time",
			"cart": "stream, version, state", "cart_history": "id, state, until_position", "cart_changes": "id, op, path",
		} {
			sql := fmt.Sprintf("SELECT %s FROM %s%s ORDER BY %s", columns, tab, condition, columns)
			if got, want := mustRows(t, same, sql), mustRows(t, head, sql); !slices.Equal(got, want) {
				t.Fatalf("%s\nat %s is %v\nnot %v", sql, last, got, want)
			}
		}
	})
	var events []replay.Event
	for i := range 20_000 {
		events = append(events, event(fmt.Sprint("cart-", i%100), i/100+1, i+1, "Set", `{"total":1}`))
	}
	counted := &countingReader{Reader: storetest.Memory(events)}
	db := openDB(t, events, "pos:20000", func(s *query.Source) { s.Reader, s.Store.Reader = counted, counted })
	defer db.Close()
	mustRows(t, db, "SELECT total FROM cart WHERE stream = 'cart-7'")
	if counted.n > 10_000 {
		t.Errorf("one state of the head reads %d events of %d", counted.n, len(events))
	}
}

// TestRowsAreRead: a statement reads what it answers with, and no more.
func TestRowsAreRead(t *testing.T) {
	for sql, most := range map[string]int{
		"SELECT id FROM events ORDER BY position LIMIT 20":                       40,
		"SELECT id FROM events ORDER BY position DESC LIMIT 20":                  40,
		"SELECT id FROM events WHERE position > 990":                             20,
		"SELECT total FROM cart WHERE stream = 'cart-7'":                         40,
		"SELECT count(*) FROM cart_history WHERE stream = 'cart-7'":              40,
		"SELECT id FROM events WHERE stream = 'cart-7' AND version > 8":          4,
		"SELECT state FROM cart_history WHERE stream = 'cart-7' AND version = 2": 30,
		"SELECT state FROM cart_history WHERE position = 8":                      1020,
		"SELECT state FROM cart WHERE time >= '2028-09-26'":                      1030,
	} {
		var events []replay.Event
		for i := range 1000 {
			e := event(fmt.Sprint("cart-", i%100), i/100+1, i+1, "Set", fmt.Sprintf(`{"total":%d}`, i))
			events = append(events, e)
		}
		counted := &countingReader{Reader: storetest.Memory(events)}
		db := openDB(t, events, "", func(s *query.Source) { s.Reader, s.Store.Reader = counted, counted })
		counted.n = 0 // members of states were looked for
		mustRows(t, db, sql)
		if counted.n > most {
			t.Errorf("%s reads %d events, want at most %d", sql, counted.n, most)
		}
		db.Close()
	}
}
