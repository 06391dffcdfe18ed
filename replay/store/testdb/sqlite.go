package testdb

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite"

	"asof/fixtures/testmain"
)

// Build creates a SQLite database with plain SQL and fills it in one transaction. Readers
// need not wait until the file is old enough.
func Build(t testing.TB, path string, fill func(*sql.Tx) error, ddl ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the data is committed
	for _, s := range append([]string{"PRAGMA synchronous = OFF"}, ddl...) {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if fill != nil {
		if err := fill(tx); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	testmain.Age(t, path)
}

// BuildWAL creates a SQLite database as a killed writer leaves it, without a -shm: with stored
// in its file, and each statement of later as a transaction of its own in its -wal.
func BuildWAL(t testing.TB, path string, stored, later []string) {
	t.Helper()
	live := filepath.Join(t.TempDir(), "live.db")
	Build(t, live, nil, stored...)
	db, err := sql.Open("sqlite", live)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the files are copied
	db.SetMaxOpenConns(1)
	for _, s := range append([]string{"PRAGMA journal_mode = WAL", "PRAGMA wal_autocheckpoint = 0"}, later...) {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(live + suffix)
		if err == nil {
			err = os.WriteFile(path+suffix, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		testmain.Age(t, path+suffix)
	}
}
