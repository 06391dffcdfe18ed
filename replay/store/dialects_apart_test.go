package store

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"asof/fixtures/write"
	"asof/replay/store/dialect"
	"asof/replay/store/table"
)

// TestDialectsAreApart opens a store of every layout with every dialect. Only its own may
// fit.
func TestDialectsAreApart(t *testing.T) {
	for _, d := range write.Dialects() {
		t.Run(strings.TrimSpace(d.Name+" "+d.Variant), func(t *testing.T) {
			t.Parallel()
			path := writtenBy(t, d, history(30))
			for _, other := range dialect.SQLite() {
				r, err := Open(t.Context(), path, Options{Dialect: other.Name})
				if err == nil {
					r.Close()
				}
				if fits := err == nil; fits != (other.Name == d.Name) {
					t.Errorf("%s: %v", other.Name, err)
				}
			}
			checkOnly(t, path, d.Name, "")
		})
	}
}

// checkOnly opens a database without a dialect, which tries all of them on one connection, and
// finds a second one that fits, be it of events or of rows.
func checkOnly(t *testing.T, dsn, name, context string) {
	t.Helper()
	r, err := Open(t.Context(), dsn, Options{Context: context})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if info := r.Info(); info.Dialect != name || strings.Contains(info.Recognised, "a separate store") {
		t.Errorf("%s: %s", info.Dialect, info.Recognised)
	}
}

// TestPgDialectsAreApart is TestDialectsAreApart in PostgreSQL.
func TestPgDialectsAreApart(t *testing.T) {
	for _, d := range write.PgDialects() {
		t.Run(strings.TrimSpace(d.Name+" "+d.Variant), func(t *testing.T) {
			db := newPgDatabase(t)
			if err := d.Write(t.Context(), db.Run, slices.Values(pgHistory(10))); err != nil {
				t.Fatal(err)
			}
			checkOnly(t, db.DSN, d.Name, d.Context)
		})
	}
}

// TestMyDialectsAreApart is TestDialectsAreApart in MySQL.
func TestMyDialectsAreApart(t *testing.T) {
	for _, d := range write.MyDialects() {
		t.Run(strings.TrimSpace(d.Name+" "+d.Variant), func(t *testing.T) {
			db := newMyDatabase(t)
			if err := d.Write(t.Context(), db.Run, slices.Values(pgHistory(10))); err != nil {
				t.Fatal(err)
			}
			checkOnly(t, db.DSN, d.Name, d.Context)
		})
	}
}

// TestDialectsAreNamed checks that the help on stores names every dialect.
func TestDialectsAreNamed(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "cmd", "topics", "stores.txt"))
	if err != nil {
		t.Fatal(err)
	}
	named := strings.Fields(strings.ReplaceAll(string(text), ",", " "))
	names := slices.Concat(table.Names(dialect.SQLite()), table.Names(dialect.Postgres()), table.Names(dialect.MySQL()))
	for _, name := range names {
		if !slices.Contains(named, name) {
			t.Errorf("%s is not named", name)
		}
	}
}
