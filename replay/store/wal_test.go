package store

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"asof/fixtures/testmain"
	"asof/replay"
	"asof/replay/store/testdb"
)

// TestDamagedWAL damages the -wal of a database anywhere, with and without a -shm: whatever
// SQLite then leaves out without an error, the store says.
func TestDamagedWAL(t *testing.T) {
	t.Parallel()
	const commits, header, frame = 12, 32, 24 + 4096
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole.db")
	var later []string
	for v := 2; v <= commits+1; v++ {
		later = append(later, fmt.Sprintf("INSERT INTO e VALUES (%d, 'a', %d, 'A', '{}')", v, v))
	}
	testdb.BuildWAL(t, whole, []string{"CREATE TABLE e(pos INTEGER PRIMARY KEY, s TEXT, v INTEGER, t TEXT, d TEXT)", "INSERT INTO e VALUES (1, 'a', 1, 'A', '{}')"}, later)
	db, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	wal, err := os.ReadFile(whole + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	if len(wal) != header+commits*frame {
		t.Fatalf("the -wal has %d bytes, and each commit should have one frame", len(wal))
	}
	n := 0
	read := func(wal []byte, shm bool) (events int, lost bool) {
		n++
		path := filepath.Join(dir, fmt.Sprintf("%d.db", n))
		files := map[string][]byte{"": db, "-wal": wal}
		if shm {
			files["-shm"] = make([]byte, 32768)
		}
		for suffix, data := range files {
			if err := os.WriteFile(path+suffix, data, 0o600); err != nil {
				t.Fatal(err)
			}
			testmain.Age(t, path+suffix)
		}
		r, err := Open(t.Context(), path, Options{Table: "e", Map: map[string]string{"position": "pos", "stream": "s", "version": "v", "type": "t", "data": "d"}})
		if err != nil {
			return 0, true
		}
		defer r.Close() //nolint:errcheck // only read
		for _, err := range r.Events(t.Context(), replay.Query{Order: replay.ByStream}) {
			if err != nil {
				return events, true
			}
			events++
		}
		all, err := r.Lost(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		one, err := r.Omitted(t.Context(), "a")
		if err != nil || !slices.Equal(all, one) {
			t.Errorf("lost are %q, and of the stream %q, %v", all, one, err)
		}
		return events, len(all) > 0
	}
	for _, shm := range []bool{false, true} {
		if events, lost := read(wal, shm); events != commits+1 || lost {
			t.Fatalf("%d events, lost: %v", events, lost)
		}
		// A writer that was killed within a transaction, and what an earlier use of the file left.
		open := slices.Concat(wal, wal[header:header+frame])
		copy(open[len(wal)+4:], []byte{0, 0, 0, 0})
		stale := slices.Concat(wal, wal[header:header+frame])
		copy(stale[len(wal)+8:], "its salts")
		for name, wal := range map[string][]byte{"open": open, "half of it": open[:len(open)-1000], "stale": stale} {
			if events, lost := read(wal, shm); events != commits+1 || lost {
				t.Errorf("%s: %d events, lost: %v", name, events, lost)
			}
		}
		rnd := rand.New(rand.NewPCG(testmain.Seed(t), 0))
		for range 25 {
			bad := slices.Clone(wal)
			at := rnd.IntN(len(wal))
			if rnd.IntN(2) == 0 { // in a header
				at = header + rnd.IntN(commits)*frame - rnd.IntN(header) + 24
			}
			what := "flipped"
			if rnd.IntN(2) == 0 {
				bad, what = bad[:at], "cut"
			} else {
				bad[at] ^= 1 << rnd.IntN(8)
			}
			// A frame that is missing, or whose mark of a commit is, is not told from one that
			// was never written.
			in := (at - header) % frame
			if at >= header && (what == "cut" && in < 24 || what == "flipped" && in >= 4 && in < 8) || at == 0 && what == "cut" {
				continue
			}
			if events, lost := read(bad, shm); events != commits+1 && !lost {
				t.Errorf("%s at %d of %d, shm %v: %d events of %d, and nothing is said", what, at, len(wal), shm, events, commits+1)
			}
		}
	}
}
