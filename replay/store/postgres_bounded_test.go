package store

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"asof/fixtures/write"
)

// pgReadsAll are the dialects that read every row to open a store, because no index of the
// library's answers what must be known.
var pgReadsAll = map[string]string{
	"zitadel":                    "positions may be there twice",
	"rails-event-store-postgres": "events of their own stream may have no position in it",
	"pghistory":                  "labels have no index",
}

// TestPgOpeningReadsLittle opens stores with ten times the events of each other. By the
// server's own count of rows, that does not read ten times as many.
func TestPgOpeningReadsLittle(t *testing.T) {
	for _, d := range write.PgDialects() {
		t.Run(strings.TrimSpace(d.Name+" "+d.Variant), func(t *testing.T) {
			if why := pgReadsAll[d.Name]; why != "" {
				t.Skip(why)
			}
			few, many := pgRowsToOpen(t, d, 40), pgRowsToOpen(t, d, 400)
			if many > 3*few+20 {
				t.Errorf("opening reads %d rows of 40 events, and %d of 400", few, many)
			}
		})
	}
}

// pgRowsToOpen returns the number of rows that opening a store of n events reads, where the
// planner uses the library's indexes if there are any.
func pgRowsToOpen(t *testing.T, d write.PgDialect, n int) int {
	t.Helper()
	db := newPgDatabase(t)
	if err := d.Write(t.Context(), db.Run, slices.Values(pgHistory(n))); err != nil {
		t.Fatal(err)
	}
	db.Must("ANALYZE")
	db.Must("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET enable_seqscan = off', current_database()); END $$")
	rows := func() int {
		for range 100 { // until the statistics of other sessions are written
			others := pgTexts(t, db, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
			if others[0] == "0" {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		db.Must("SELECT pg_stat_clear_snapshot()")
		all := pgTexts(t, db, "SELECT coalesce((SELECT sum(seq_tup_read) FROM pg_stat_user_tables), 0) + coalesce((SELECT sum(idx_tup_read) FROM pg_stat_user_indexes), 0)")
		sum, err := strconv.Atoi(all[0])
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	db.Must("SELECT pg_stat_force_next_flush()")
	before := rows()
	r, err := Open(t.Context(), db.DSN, Options{Context: d.Context})
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	return rows() - before
}
