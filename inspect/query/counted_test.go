package query_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/inspect/query"
	"asof/replay"
	"asof/replay/store/storetest"
)

// A tallied reader knows how many events of each type it has. It counts the reads of more
// than one event.
type tallied struct {
	replay.Reader
	types []replay.TypeCount
	reads int
}

func (r *tallied) Types() ([]replay.TypeCount, bool) { return r.types, r.types != nil }

func (r *tallied) Events(ctx context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
	if q.Limit != 1 {
		r.reads++
	}
	return r.Reader.Events(ctx, q)
}

// TestCountsAreThoseOfRows holds counts that need no event to the rows themselves.
func TestCountsAreThoseOfRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := history(t)
		r := &tallied{Reader: storetest.Memory(events)}
		if knows := rapid.Bool().Draw(t, "knows types"); knows {
			sum, err := r.Summary(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			r.types = sum.Types
		}
		db := openDB(t, events, "", func(s *query.Source) { s.Reader, s.Store.Reader = r, r })
		defer db.Close()
		table := "events"
		if at := rapid.IntRange(-1, len(events)).Draw(t, "at"); at >= 0 {
			table = fmt.Sprintf("events('pos:%d')", 10*at)
		}
		rows := fmt.Sprintf("(SELECT id, stream, type, category, position FROM %s LIMIT -1 OFFSET 0) e", table)
		what := rapid.SampledFrom([]string{
			"SELECT count(*) FROM TABLE", "SELECT count(*), max(stream) FROM TABLE WHERE stream = 's-1'", "SELECT count(*) FROM TABLE WHERE stream = 's-1' AND category = 't'",
			"SELECT count(*) FROM TABLE WHERE type = 'A'", "SELECT count(*), min(type) FROM TABLE WHERE 'C' = type", "SELECT count(*) FROM TABLE WHERE type = 'A' AND stream = 's-0'",
			"SELECT type, count(*) FROM TABLE GROUP BY type", "SELECT type FROM TABLE ORDER BY type", "SELECT type, count(*) FROM TABLE GROUP BY type ORDER BY type DESC", "SELECT DISTINCT type FROM TABLE ORDER BY 1",
			"SELECT type, count(*) FROM TABLE WHERE type > 'A' GROUP BY type", "SELECT count(*) FROM TABLE WHERE type = 'A' OR stream = 's-0'", "SELECT count(*) FROM TABLE WHERE type IN ('A', 'B')",
			"SELECT count(*) FROM TABLE WHERE position > 30", "SELECT count(*) FROM TABLE WHERE stream = 1", "SELECT count(*) FROM TABLE WHERE type IS NULL", "SELECT 7 FROM TABLE",
			"SELECT a.n, count(*) FROM (SELECT count(*) n FROM TABLE) a, TABLE GROUP BY 1", "SELECT type, stream FROM TABLE ORDER BY type, stream",
		}).Draw(t, "what")
		if got, want := mustRows(t, db, strings.ReplaceAll(what, "TABLE", table)), mustRows(t, db, strings.ReplaceAll(what, "TABLE", rows)); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%s of %s is %v, not %v", what, table, got, want)
		}
	})
}

// TestCountsReadNoEvent counts without reading events.
func TestCountsReadNoEvent(t *testing.T) {
	sum, err := storetest.Memory(carts).Summary(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for sql, alone := range map[string]bool{
		"SELECT count(*) FROM events": true, "SELECT count(*) FROM events('head') WHERE stream = 'cart-1'": true, "SELECT count(*) FROM events WHERE type = 'Opened'": true,
		"SELECT type, count(*) FROM events GROUP BY type": true, "SELECT count(*) FROM streams": true, "SELECT max(events) FROM streams": true,
		"SELECT count(id) FROM events": false, "SELECT count(*) FROM events('pos:2')": false,
	} {
		r := &tallied{Reader: storetest.Memory(carts), types: sum.Types}
		db := openDB(t, carts, "", func(s *query.Source) { s.Reader, s.Store.Reader = r, r })
		before := r.reads
		if rows := mustRows(t, db, sql); len(rows) == 0 || (r.reads == before) != alone {
			t.Errorf("%s: %v with %d reads", sql, rows, r.reads-before)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestOrderIsThatOfWhatIsNotKnown: the pages of an answer have one order, although what is
// known of a store comes and goes between them.
func TestOrderIsThatOfWhatIsNotKnown(t *testing.T) {
	events := slices.Clone(carts)
	for i := range events {
		if events[i].Type == "Opened" { // which comes first
			events[i].Type = "Started"
		}
	}
	sum, err := storetest.Memory(events).Summary(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{"SELECT DISTINCT type FROM events", "SELECT type, count(*) FROM events GROUP BY type", "SELECT DISTINCT type FROM events('head')"} {
		var answers []string
		for _, types := range [][]replay.TypeCount{nil, sum.Types} {
			r := &tallied{Reader: storetest.Memory(events), types: types}
			db := openDB(t, events, "", func(s *query.Source) { s.Reader, s.Store.Reader = r, r })
			answers = append(answers, fmt.Sprint(mustRows(t, db, sql)))
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		}
		if answers[0] != answers[1] || !strings.Contains(answers[0], "Paid") {
			t.Errorf("%s: %s, and %s where the types are known", sql, answers[0], answers[1])
		}
	}
}
