package store

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/store/storetest"
	"asof/replay/store/testdb"
)

// queries read the table of formsDDL, joined with the streams' owners.
var queries = []struct {
	name, sql string
	mapping   map[string]string
	want      func(*replay.Event)
	ordered   bool
}{
	{
		"by the names of columns", `SELECT s.name AS stream, v AS version, pos AS position, 'all' AS category, eid AS id, t AS type, rev AS revision, at AS time, payload AS data,
			meta AS metadata, actor, corr AS correlation_id, caus AS causation_id FROM ev JOIN s ON s.no = ev.s; -- all of them`,
		nil, func(e *replay.Event) { e.Category = "all" }, true,
	},
	{
		"versions are counted, and the rest is the payload", `WITH all_of_them AS (SELECT s.name AS who, pos AS position, at AS "when", rev, t AS type FROM s JOIN ev ON s.no = ev.s)
			SELECT * FROM all_of_them`,
		map[string]string{"stream": "who", "time": "when", "category": "'c'"},
		func(e *replay.Event) {
			*e = replay.Event{
				Stream: e.Stream, Category: "c", Version: e.Version, Position: e.Position, Type: e.Type, Time: e.Time,
				Data: fmt.Appendf(nil, `{"rev":%d}`, e.Revision),
			}
		}, true,
	},
}

const (
	queryStreams = "CREATE TABLE s(no INTEGER PRIMARY KEY, name TEXT)"
	queryEvents  = `CREATE TABLE ev(pos INTEGER PRIMARY KEY, s INTEGER, v INTEGER, eid TEXT, t TEXT, rev INTEGER, at TEXT, payload TEXT, actor TEXT, corr TEXT, caus TEXT, meta TEXT)`
)

// queryRows gives the rows of both tables.
func queryRows(all []replay.Event, stream func(args ...any) error, event func(args ...any) error) error {
	numbers := map[replay.StreamID]int{}
	for i := range all {
		e := &all[i]
		if numbers[e.Stream] == 0 {
			numbers[e.Stream] = len(numbers) + 1
			if err := stream(numbers[e.Stream], string(e.Stream)); err != nil {
				return err
			}
		}
		if err := event(int64(e.Position), numbers[e.Stream], int64(e.Version), e.ID, e.Type, e.Revision, e.Time.Format("2006-01-02T15:04:05Z"), string(e.Data),
			orNil(e.Meta.Actor), orNil(e.Meta.Correlation), orNil(e.Meta.Causation), string(e.Meta.Raw)); err != nil {
			return err
		}
	}
	return nil
}

func queryWant(all []replay.Event, change func(*replay.Event)) []replay.Event {
	want := make([]replay.Event, len(all))
	for i := range all {
		want[i] = *all[i].Clone()
		change(&want[i])
	}
	return want
}

func queryStore(t *testing.T, all []replay.Event) string {
	path := filepath.Join(t.TempDir(), "query.db")
	testdb.Build(t, path, func(tx *sql.Tx) error {
		run := func(table string) func(...any) error {
			return func(args ...any) error {
				_, err := tx.Exec("INSERT INTO "+table+" VALUES("+strings.Repeat("?,", len(args)-1)+"?)", args...)
				return err
			}
		}
		return queryRows(all, run("s"), run("ev"))
	}, queryStreams, queryEvents)
	return path
}

// The rows of a query are events, for every question of the suite.
func TestQueriesConform(t *testing.T) {
	all := formsHistory(60)
	path := queryStore(t, all)
	for _, q := range queries {
		t.Run(q.name, func(t *testing.T) {
			conform(t, path, sortedFor(queryWant(all, q.want), q.ordered), Options{Query: q.sql, Map: q.mapping}, storetest.Sample)
		})
	}
}

func TestPgQueriesConform(t *testing.T) {
	db := newPgDatabase(t)
	db.Must(queryStreams)
	db.Must(queryEvents)
	all := formsHistory(60)
	run := func(table string) func(...any) error {
		return func(args ...any) error {
			var marks []string
			for n := range args {
				marks = append(marks, fmt.Sprintf("$%d", n+1))
			}
			return db.Run(t.Context(), "INSERT INTO "+table+" VALUES("+strings.Join(marks, ",")+")", args...)
		}
	}
	if err := queryRows(all, run("s"), run("ev")); err != nil {
		t.Fatal(err)
	}
	for _, q := range queries {
		t.Run(q.name, func(t *testing.T) {
			o := Options{Query: q.sql, Map: q.mapping}
			storetest.Run(t, storetest.Config{
				Name: "conformance", Want: sortedFor(queryWant(all, q.want), q.ordered), Sample: storetest.Sample,
				Open: func(ctx context.Context, _ string) (replay.Reader, error) { return Open(ctx, db.DSN, o) },
			})
		})
	}
}

// An error in a query is reported as SQL reports it, with its place. Nothing is written.
var badQueries = []struct{ sql, sqlite, postgres string }{
	{"SELECT s AS stream,\n  nix AS version FROM ev", `at line 2, column 3: no such column: nix`, `at line 2, column 3: column "nix" does not exist`},
	{"SELECT 1; SELECT 2", "must be a single statement", "must be a single statement"},
	{"SELECT 1) AS x; DROP TABLE ev; --", `near ")": syntax error`, `syntax error at or near ")"`},
	{"DELETE FROM ev", "write a SELECT", "write a SELECT"},
	{"INSERT INTO s VALUES (99, 'x') RETURNING no AS stream, no AS version", "write a SELECT", "write a SELECT"},
	{"SELECT no AS stream FROM s", "names no column for version", "names no column for version"},
	{"SELECT name AS version FROM s", "names no column for stream", "names no column for stream"},
	{"SELECT 'a' AS stream, s.*, no AS version, 2 AS Version FROM s", "has two columns \"version\"", "has two columns \"version\""},
}

func TestBadQueries(t *testing.T) {
	path := queryStore(t, formsHistory(9))
	before := testdb.Folder(t, filepath.Dir(path))
	for _, q := range badQueries {
		r, err := Open(t.Context(), path, Options{Query: q.sql})
		if err == nil {
			r.Close() //nolint:errcheck // it should not be there
		}
		if err == nil || !strings.Contains(err.Error(), q.sqlite) {
			t.Errorf("%s: %v, want %s", q.sql, err, q.sqlite)
		}
	}
	if _, err := Open(t.Context(), path, Options{Query: "SELECT ?1 AS stream, 1 AS version"}); err == nil || !strings.Contains(err.Error(), "has parameters") {
		t.Errorf("parameters: %v", err)
	}
	if after := testdb.Folder(t, filepath.Dir(path)); after != before {
		t.Errorf("the store was\n%snow\n%s", before, after)
	}
}

func TestPgBadQueries(t *testing.T) {
	db := newPgDatabase(t)
	db.Must(queryStreams)
	db.Must(queryEvents)
	for _, q := range append(badQueries, struct{ sql, sqlite, postgres string }{"SELECT $1 AS stream, 1 AS version", "", "has parameters"}) {
		r, err := Open(t.Context(), db.DSN, Options{Query: q.sql})
		if err == nil {
			r.Close() //nolint:errcheck // it should not be there
		}
		if err == nil || !strings.Contains(err.Error(), q.postgres) {
			t.Errorf("%s: %v, want %s", q.sql, err, q.postgres)
		}
	}
	db.Must("CREATE SEQUENCE n")
	r, err := Open(t.Context(), db.DSN, Options{Query: "SELECT 'a' AS stream, nextval('n') AS version, 'T' AS type"})
	if err == nil {
		_, err = r.Summary(t.Context())
		r.Close() //nolint:errcheck // only read
	}
	if err == nil || !strings.Contains(err.Error(), "read-only transaction") {
		t.Errorf("a query that writes: %v", err)
	}
}
