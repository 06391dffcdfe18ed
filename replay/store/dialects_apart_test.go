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
			path := filepath.Join(t.TempDir(), "store.db")
			if err := d.Write(t.Context(), path, slices.Values(history(30))); err != nil {
				t.Fatal(err)
			}
			for _, other := range dialect.SQLite() {
				r, err := Open(t.Context(), path, Options{Dialect: other.Name})
				if err == nil {
					r.Close()
				}
				if fits := err == nil; fits != (other.Name == d.Name) {
					t.Errorf("%s: %v", other.Name, err)
				}
			}
		})
	}
}

// TestPgDialectsAreApart is TestDialectsAreApart in PostgreSQL, where one connection tries
// all dialects. It finds a second one that fits, be it of events or of rows.
func TestPgDialectsAreApart(t *testing.T) {
	for _, d := range write.PgDialects() {
		t.Run(strings.TrimSpace(d.Name+" "+d.Variant), func(t *testing.T) {
			db := newPgDatabase(t)
			if err := d.Write(t.Context(), db.Run, slices.Values(pgHistory(10))); err != nil {
				t.Fatal(err)
			}
			info := db.open(Options{Context: d.Context}).Info()
			if info.Dialect != d.Name || strings.Contains(info.Recognised, "are another store") {
				t.Errorf("%s: %s", info.Dialect, info.Recognised)
			}
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
	names := append(table.Names(dialect.SQLite()), table.Names(dialect.Postgres())...)
	for _, name := range names {
		if !slices.Contains(named, name) {
			t.Errorf("%s is not named", name)
		}
	}
}
