package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"asof/fixtures/testmain"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/store/testdb"
)

func TestNotAStore(t *testing.T) {
	random := make([]byte, 8192)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range random {
		random[i] = byte(rng.Uint32())
	}
	random[0] = 0xC3
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole, err := os.ReadFile(nativeStore(t, 2000, 10))
	if err != nil {
		t.Fatal(err)
	}
	plain := filepath.Join(dir, "plain.db")
	testdb.Build(t, plain, nil, "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT)")
	newer := filepath.Join(dir, "newer.db")
	testdb.Build(t, newer, nil, testdb.NativeDDL, "PRAGMA user_version = 9")
	for _, c := range []struct{ name, path, err, hint string }{
		{"no such file", filepath.Join(dir, "plan.db"), "not exist", "plain.db"},
		{"a folder", dir, "folder", "name a file in it"},
		{"an empty file", write("empty.db", nil), "empty", ""},
		{"blank", write("blank.db", []byte("\n \n")), "blank", ""},
		{"text", write("text.db", []byte("hello, world")), `"hello, world"`, "NDJSON"},
		{"a -wal", write("x.db-wal", []byte{0x37, 0x7f, 6, 0x82, 0, 0}), "-wal file", "the database itself"},
		{"zip", write("x.zip", []byte("PK\x03\x04aaaa")), "zip", "unpack"},
		{"encrypted", write("secret.db", random), "random", "SQLCipher"},
		{"header alone", write("short.db", whole[:60]), "shorter", ""},
		{"cut short", write("cut.db", whole[:len(whole)/2]), "cut short", "complete copy"},
		{"magic and garbage", write("garbage.db", append(append([]byte{}, whole[:16]...), random...)), "header", ""},
		{"no event table", plain, "table users: no column names the entity", "[map stream"},
		{"a newer layout", newer, "version 9", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Open(context.Background(), c.path, Options{})
			if err == nil {
				r.Close()
				t.Fatal("it was opened")
			}
			var se *replay.StoreError
			if !errors.As(err, &se) {
				t.Fatalf("not a *replay.StoreError: %T: %v", err, err)
			}
			if !strings.Contains(err.Error(), c.err) || !strings.Contains(fault.RemedyOf(se).String(), c.hint) {
				t.Errorf("error %q, hint %q; want %q and %q", err, fault.RemedyOf(se).String(), c.err, c.hint)
			}
			if strings.Contains(err.Error()+fault.RemedyOf(se).String(), "secret@") {
				t.Errorf("the password is in %q", err)
			}
		})
	}
}

// readAll runs every kind of query on a store that may be damaged.
func readAll(path string) (n int, err error) {
	ctx := context.Background()
	r, err := Open(ctx, path, Options{})
	if err != nil {
		return 0, err
	}
	defer r.Close()
	for _, err := range r.Events(ctx, replay.Query{}) {
		if err != nil {
			return n, err
		}
		n++
	}
	for _, err := range r.Streams(ctx, replay.StreamQuery{}) {
		if err != nil {
			return n, err
		}
	}
	_, err = r.Summary(ctx)
	return n, err
}

// TestDamagedBytes checks that no damaged byte loses events without an error.
func TestDamagedBytes(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile(nativeStore(t, 400, 7))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "damaged.db")
	rng := rand.New(rand.NewPCG(3, 4))
	reported := 0
	for i := range 300 {
		b := bytes.Clone(whole)
		at := rng.IntN(len(b))
		if i%2 == 0 { // in the header of a page, where damage has the most effect
			at = at/4096*4096 + rng.IntN(12)
		}
		b[at] ^= 1 << rng.IntN(8)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		testmain.Age(t, path)
		n, err := readAll(path)
		var se *replay.StoreError
		switch {
		case err != nil && !errors.As(err, &se):
			t.Fatalf("byte %d: %T: %v", at, err, err)
		case err != nil:
			reported++
		case n != 400:
			t.Fatalf("byte %d: %d events of 400, and no error", at, n)
		}
	}
	if reported < 50 {
		t.Errorf("only %d of 300 damages were detected", reported)
	}
}

func TestDamagedRows(t *testing.T) {
	for _, c := range []struct{ name, set, err string }{
		{"version of text", "version = 'two'", "version is text"},
		{"version of null", "version = NULL", "version is NULL"},
		{"stream of bytes", "stream = x'00'", "stream is a blob"},
		{"type of null", "type = NULL", "type is NULL"},
		{"revision of text", "revision = 'x'", "revision is text"},
		{"version twice", "version = 1, stream = 'cart-0'", "has two events with version 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "rows.db")
			ddl := strings.NewReplacer("NOT NULL", "", "UNIQUE(stream, version)", "CHECK(1)").Replace(testdb.NativeDDL)
			testdb.Build(t, path, func(tx *sql.Tx) error {
				if err := fillNative(20, 4)(tx); err != nil {
					return err
				}
				_, err := tx.Exec("UPDATE asof_events SET " + c.set + " WHERE position = 12")
				return err
			}, ddl)
			r := mustOpen(t, path, Options{})
			n := 0
			var last error
			for e, err := range r.Events(context.Background(), replay.Query{Order: replay.ByStream}) {
				if last != nil {
					t.Fatal("the iteration continues after an error")
				}
				if last = err; err == nil && e != nil {
					n++
				}
			}
			var se *replay.StoreError
			if !errors.As(last, &se) || !strings.Contains(last.Error(), c.err) {
				t.Errorf("%d events, then %v; want %q", n, last, c.err)
			}
		})
	}
}

func TestUnreadableTimesAreCounted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "times.db")
	testdb.Build(t, path, func(tx *sql.Tx) error {
		if err := fillNative(10, 2)(tx); err != nil {
			return err
		}
		_, err := tx.Exec("UPDATE asof_events SET time = 'soon', data = 'no JSON' WHERE position = 3")
		return err
	}, testdb.NativeDDL)
	r := mustOpen(t, path, Options{})
	if e := events(t, r, replay.Query{})[2]; !e.Time.IsZero() || e.Opaque == "" {
		t.Errorf("time %v, opaque %q", e.Time, e.Opaque)
	}
	s, err := r.Summary(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(s.LeftOut); !strings.Contains(got, "1 unreadable time") || !strings.Contains(got, "1 unreadable payload") {
		t.Errorf("left out: %s", got)
	}
}
