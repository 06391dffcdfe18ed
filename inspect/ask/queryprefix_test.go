package ask_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"asof/fixtures/demo"
	"asof/fixtures/sqlitefile"
	"asof/inspect/ask"
	"asof/replay/workspace"
)

// counts are how many rows each table has, asked again for every event.
const counts = `SELECT position, (SELECT count(*) FROM events), (SELECT sum(events) FROM streams), (SELECT count(*) FROM state_history), (SELECT count(*) FROM state WHERE version > 0)
FROM events ORDER BY position LIMIT 4`

// TestQueryOfOnePrefix appends to a store while its rows are read: every table of the
// question still has the events of its beginning.
func TestQueryOfOnePrefix(t *testing.T) {
	dir := t.TempDir()
	db := filepath.Join(dir, "shop.db")
	if err := sqlitefile.WriteNative(context.Background(), db, demo.Shop(200)); err != nil {
		t.Fatal(err)
	}
	conn, err := sqlite.OpenConn(db, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // the test is over
	if err := sqlitex.ExecuteTransient(conn, "PRAGMA journal_mode = wal", nil); err != nil {
		t.Fatal(err)
	}
	lines := filepath.Join(dir, "shop.ndjson")
	line := func(n int) string {
		return fmt.Sprintf(`{"stream":"cart-%d","version":%d,"position":%d,"type":"Added","time":"2026-01-01T00:00:00Z","data":{"qty":1}}`+"\n", n%3, n/3+1, n+1)
	}
	var text []byte
	for n := range 30 {
		text = append(text, line(n)...)
	}
	if err := os.WriteFile(lines, text, 0o600); err != nil {
		t.Fatal(err)
	}
	n := 1000
	for store, grow := range map[string]func() error{
		"shop.db": func() error {
			n++
			return sqlitex.ExecuteTransient(conn, `INSERT INTO asof_events(position, stream, category, version, id, type, time, data)
				SELECT max(position) + 1, 'new', 'new', ?1, 'id' || ?1, 'Added', '2026-12-01T00:00:00Z', '{}' FROM asof_events`, &sqlitex.ExecOptions{Args: []any{n}})
		},
		"shop.ndjson": func() error {
			f, err := os.OpenFile(lines, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			defer f.Close() //nolint:errcheck // the next read finds what is missing
			_, err = f.WriteString(line(30))
			return err
		},
	} {
		w := workspace.New(workspace.Host{Dir: dir}, workspace.Options{NoCache: true})
		first, rows := "", 0
		for row, err := range (ask.Query{StoreRef: workspace.StoreRef{Store: store}, SQL: counts}).Ask(t.Context(), w) {
			if err != nil {
				t.Fatal(store, err)
			}
			if row.Values == nil {
				continue
			}
			if rows++; rows == 1 {
				first = fmt.Sprint(row.Values[1:]...)
				if err := grow(); err != nil {
					t.Fatal(err)
				}
			}
			if got := fmt.Sprint(row.Values[1:]...); got != first {
				t.Errorf("%s: row %d has %s events, the first had %s", store, rows, got, first)
			}
		}
		for row, err := range (ask.Query{StoreRef: workspace.StoreRef{Store: store}, SQL: counts}).Ask(t.Context(), w) {
			if err != nil || row.Values != nil && fmt.Sprint(row.Values[1:]...) == first {
				t.Errorf("%s has not grown: %v, %v", store, row.Values, err)
			}
		}
		if rows != 4 {
			t.Errorf("%s: %d rows", store, rows)
		}
	}
}
