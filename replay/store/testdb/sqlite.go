package testdb

import (
	"database/sql"
	"testing"

	_ "modernc.org/sqlite"
)

// Build creates a SQLite database with plain SQL and fills it in one transaction.
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
}
