package store

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"asof/replay"
	"asof/replay/store/source"
)

// settled waits until a later write to the files is certain to be visible.
func settled() { time.Sleep(2 * source.RacyAge) }

// aged sets the time of a -wal back, so that its commits count as seen.
func aged(t *testing.T, wal string) {
	t.Helper()
	if err := os.Chtimes(wal, longAgo, longAgo); err != nil {
		t.Fatal(err)
	}
}

var longAgo = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func printOf(t *testing.T, path string, o Options) replay.Fingerprint {
	t.Helper()
	r := mustOpen(t, path, o)
	defer r.Close()
	p, ok := r.(replay.Fingerprinter).Fingerprint()
	if !ok {
		t.Fatalf("%s has no fingerprint", path)
	}
	return p
}

// TestFingerprintSeesChanges checks that an unchanged store keeps its fingerprint, and that
// every change is detected, even if size and time stay the same.
func TestFingerprintSeesChanges(t *testing.T) {
	path := nativeStore(t, 20, 2)
	settled()
	was := printOf(t, path, Options{})
	if again := printOf(t, path, Options{}); was.Content == "" || again != was {
		t.Fatalf("an untouched store: %+v, then %+v", was, again)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	var before replay.Fingerprint
	var inWAL *sql.DB // holds the -wal open
	updateOf := func(n int) string {
		return fmt.Sprintf("UPDATE asof_events SET data = '{\"n\":%d}' WHERE position = 3", n)
	}
	for _, tt := range []struct {
		name string
		do   func(t *testing.T)
	}{
		{"an event changed, time put back", func(t *testing.T) {
			execSQL(t, path, "UPDATE asof_events SET data = replace(data, 'sku', 'uks') WHERE position = 3")
			if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
				t.Fatal(err)
			}
		}},
		{"the same bytes restored", func(t *testing.T) {
			b, err := os.ReadFile(path)
			if err == nil {
				err = os.Remove(path)
			}
			if err == nil {
				err = os.WriteFile(path, b, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}},
		{"an event that is only in the -wal", func(t *testing.T) {
			db, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			db.SetMaxOpenConns(1)
			t.Cleanup(func() { db.Close() })
			inWAL = db
			for _, q := range []string{"PRAGMA journal_mode = WAL", "DELETE FROM asof_events WHERE position = 20"} {
				if _, err := db.Exec(q); err != nil {
					t.Fatal(err)
				}
			}
		}},
		{"an event that was in the -wal changed there, its time put back", func(t *testing.T) {
			wal := path + "-wal"
			var was os.FileInfo
			// The next write restarts the -wal and leaves old pages after it.
			for _, q := range []string{"PRAGMA wal_autocheckpoint = 0", "PRAGMA wal_checkpoint", updateOf(1), updateOf(2)} {
				if _, err := inWAL.Exec(q); err != nil {
					t.Fatal(err)
				}
				if q == updateOf(1) {
					aged(t, wal)
					before = printOf(t, path, Options{})
					var err error
					if was, err = os.Stat(wal); err != nil {
						t.Fatal(err)
					}
				}
			}
			if now, err := os.Stat(wal); err != nil || now.Size() != was.Size() {
				t.Fatalf("the -wal has grown: %v, %v", now, err)
			}
		}},
	} {
		before = printOf(t, path, Options{})
		tt.do(t)
		settled()
		if inWAL != nil {
			aged(t, path+"-wal")
		}
		after := printOf(t, path, Options{})
		if after.Content == before.Content || after.Content == "" {
			t.Errorf("%s: content %q, before %q", tt.name, after.Content, before.Content)
		}
		if after.Store != before.Store {
			t.Errorf("%s: it counts as another store", tt.name)
		}
	}
}

func execSQL(t *testing.T, path string, stmts ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range stmts {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFingerprintCoversOptions checks that options are part of the fingerprint, and that
// decrypted stores have none.
func TestFingerprintCoversOptions(t *testing.T) {
	path := nativeStore(t, 3, 1)
	settled()
	plain := printOf(t, path, Options{})
	other := printOf(t, path, Options{Metadata: Metadata{Actor: []string{"/user"}}})
	if plain.Store == other.Store {
		t.Error("another location of actors gives the same fingerprint")
	}
	r := mustOpen(t, path, Options{CipherKey: make([]byte, 16)})
	defer r.Close()
	if p, ok := r.(replay.Fingerprinter).Fingerprint(); ok {
		t.Errorf("with a key: %+v", p)
	}
}

func TestFingerprintOfJSON(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.ndjson")
	line := `{"stream":"a","version":1,"type":"T","data":{"n":1}}` + "\n"
	if err := os.WriteFile(path, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	settled()
	was := printOf(t, path, Options{})
	if was.Content == "" || printOf(t, path, Options{}) != was {
		t.Fatalf("an unchanged file has another fingerprint: %+v", was)
	}
	r := mustOpen(t, path, Options{})
	defer r.Close()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"stream":"a","version":2,"type":"T","data":{"n":2}}` + "\n"); err != nil {
		t.Fatal(err)
	}
	f.Close()
	settled()
	if p, _ := r.(replay.Fingerprinter).Fingerprint(); p.Content != "" {
		t.Errorf("a file that grew after indexing: %+v", p)
	}
	if now := printOf(t, path, Options{}); now.Content == was.Content {
		t.Error("a file that grew has the same fingerprint")
	}
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	s, err := Open(context.Background(), "-", Options{Stdin: in})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if p, ok := s.(replay.Fingerprinter).Fingerprint(); ok {
		t.Errorf("standard input: %+v", p)
	}
}
