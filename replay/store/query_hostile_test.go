package store

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/store/testdb"
)

// readQuery opens a store with a query and reads all that it gives.
func readQuery(open func(Options) (replay.Reader, error), sql string) error {
	r, err := open(Options{Query: sql})
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // it was read
	if _, err := r.Summary(context.Background()); err != nil {
		return err
	}
	for _, err := range r.Events(context.Background(), replay.Query{Order: replay.ByStream}) {
		if err != nil {
			return err
		}
	}
	return nil
}

// TestHostileQueries runs queries that would write, or reach another file: each is
// refused, and nothing has changed.
func TestHostileQueries(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "e.db")
	testdb.Build(t, path, nil, "CREATE TABLE e(s TEXT, v INTEGER, d TEXT)", "INSERT INTO e VALUES ('a', 1, '{}')")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	open := func(o Options) (replay.Reader, error) { return Open(context.Background(), path, o) }
	const rows = "SELECT s AS stream, v AS version, d AS data FROM e"
	if err := readQuery(open, rows); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"DELETE FROM e RETURNING s AS stream, v AS version", "INSERT INTO e VALUES ('b', 1, '') RETURNING s AS stream, v AS version",
		"UPDATE e SET v = 2 RETURNING s AS stream, v AS version", "DROP TABLE e", "CREATE TABLE f AS " + rows, "CREATE TEMP TABLE f AS " + rows,
		"ATTACH 'other.db' AS other", "ATTACH '" + filepath.Join(dir, "other.db") + "' AS other", "DETACH main", "VACUUM", "VACUUM INTO '" + filepath.Join(dir, "copy.db") + "'",
		"REINDEX", "ANALYZE", "BEGIN IMMEDIATE", "COMMIT", "SAVEPOINT x", "PRAGMA journal_mode = WAL", "PRAGMA query_only = OFF", "PRAGMA writable_schema = ON", "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA temp_store_directory = '/tmp'",
		"CREATE VIRTUAL TABLE f USING fts5(x)", rows + "; DELETE FROM e", rows + "); DELETE FROM e; --",
		"SELECT load_extension('x.so') AS stream, 1 AS version", "SELECT writefile('" + filepath.Join(dir, "f") + "', 'x') AS stream, 1 AS version",
		"SELECT readfile('" + path + "') AS stream, 1 AS version", "SELECT edit('x') AS stream, 1 AS version", "SELECT fts3_tokenizer('simple') AS stream, 1 AS version",
		"SELECT name AS stream, 1 AS version FROM fsdir('/')", "SELECT s AS stream, v AS version FROM other.e", "WITH x AS (DELETE FROM e RETURNING s) SELECT s AS stream, 1 AS version FROM x",
	} {
		if err := readQuery(open, sql); err == nil {
			t.Errorf("%s: not refused", sql)
		}
		after, err := os.ReadFile(path)
		if err != nil || string(after) != string(before) {
			t.Fatalf("%s: the store has changed, %v", sql, err)
		}
		if names, _ := os.ReadDir(dir); len(names) != 1 {
			t.Fatalf("%s: left %v", sql, names)
		}
	}
}

// TestPgHostileQueries does the same on PostgreSQL, whose transaction is READ ONLY.
func TestPgHostileQueries(t *testing.T) {
	db := newPgDatabase(t)
	for _, sql := range []string{"CREATE TABLE e(s text, v int, d text)", "INSERT INTO e VALUES ('a', 1, '{}')", "CREATE SEQUENCE q"} {
		db.Must(sql)
	}
	open := func(o Options) (replay.Reader, error) { return Open(context.Background(), db.DSN, o) }
	const rows = "SELECT s AS stream, v AS version, d AS data FROM e"
	if err := readQuery(open, rows); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"DELETE FROM e RETURNING s AS stream, v AS version", "DROP TABLE e", "CREATE TABLE f AS " + rows, "COPY e TO PROGRAM 'cat'", "COPY e TO '/tmp/asof-never'",
		"WITH x AS (DELETE FROM e RETURNING s) SELECT s AS stream, 1 AS version FROM x", "SELECT s AS stream, v AS version INTO f FROM e", rows + " FOR UPDATE",
		"SELECT nextval('q')::text AS stream, 1 AS version", "SELECT setval('q', 9)::text AS stream, 1 AS version",
		"SELECT set_config('transaction_read_only', 'off', true) AS stream, 1 AS version", "SET TRANSACTION READ WRITE", "SET transaction_read_only = off", "COMMIT", "LISTEN x", "DO 'BEGIN END'",
		rows + "; DELETE FROM e", rows + "); DELETE FROM e; --",
	} {
		if err := readQuery(open, sql); err == nil {
			t.Errorf("%s: not refused", sql)
		}
	}
	if err := readQuery(open, strings.Replace(rows, "FROM e", "FROM e WHERE (SELECT count(*) FROM e) = 1", 1)); err != nil {
		t.Error(err)
	} // Before PostgreSQL 16 a READ ONLY transaction takes these; it is rolled back.
	for _, sql := range []string{"SELECT lo_create(0)::text AS stream, 1 AS version", "SELECT lo_from_bytea(0, 'x')::text AS stream, 1 AS version"} {
		_ = readQuery(open, sql)
	}
	r := db.open(Options{Query: "SELECT oid::text AS stream, 1 AS version FROM pg_largeobject_metadata"})
	if s, err := r.Summary(context.Background()); err != nil || s.Events != 0 {
		t.Errorf("a query made %d large objects, %v", s.Events, err)
	}
}
