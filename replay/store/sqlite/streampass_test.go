package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"asof/replay"
	"asof/replay/store"
	"asof/replay/store/testdb"
)

// passLayouts are mapped tables, and whether looking up a stream scans the table.
var passLayouts = []struct {
	name, ddl, stream string
	slow              bool
}{
	{"no index", "CREATE TABLE t(s TEXT, k TEXT, v INT, at TEXT)", "s", true},
	{"an index of streams", "CREATE TABLE t(s TEXT, k TEXT, v INT, at TEXT, UNIQUE(s, v))", "s", false},
	{"two columns, no index", "CREATE TABLE t(s TEXT, k TEXT, v INT, at TEXT)", "s+k", true},
	{"two columns, an index", "CREATE TABLE t(s TEXT, k TEXT, v INT, at TEXT, UNIQUE(s, k, v))", "s+k", false},
	{"a constant before", "CREATE TABLE t(s TEXT, k TEXT, v INT, at TEXT)", "'x'+s+k", true},
	{"bytes, no index", "CREATE TABLE t(s BLOB, k TEXT, v INT, at TEXT)", "s", true},
}

// TestStreamsByPass compares the streams found in one pass over the events with the streams
// found by looking up the ends of each, and checks which way is chosen.
func TestStreamsByPass(t *testing.T) {
	for _, l := range passLayouts {
		t.Run(l.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "streams.db")
			testdb.Build(t, path, func(tx *sql.Tx) error {
				versions := map[string]int{}
				for i := range 300 {
					s, k := fmt.Sprintf("%04x-%d", i*7919%31*911, i%3), []string{"a", "b/c", "~"}[i*i%3]
					id := any(s)
					if l.name == "bytes, no index" {
						k, id = "a", fmt.Appendf(nil, "%016x", i*7919%31)
					}
					of := fmt.Sprint(id, k)
					if l.stream == "s" {
						of = fmt.Sprint(id)
					}
					versions[of]++
					at := fmt.Sprintf("2026-01-01T00:%02d:%02dZ", i/60, i%60)
					if _, err := tx.Exec("INSERT INTO t VALUES(?, ?, ?, ?)", id, k, versions[of], at); err != nil {
						return err
					}
				}
				return nil
			}, l.ddl)
			r := mustOpen(t, path, store.Options{Table: "t", Map: map[string]string{"stream": l.stream, "version": "v", "time": "at", "type": "k"}})
			rapid.Check(t, func(t *rapid.T) {
				q := replay.StreamQuery{
					Prefix: rapid.SampledFrom([]string{"", "0", "x/", "1", "zz"}).Draw(t, "prefix"),
					Limit:  rapid.IntRange(0, 4).Draw(t, "limit"),

					Reverse: rapid.Bool().Draw(t, "reverse"),
					After:   rapid.SampledFrom([]replay.StreamID{"", "", "1000-1", "x"}).Draw(t, "after"),
				}
				if rapid.Bool().Draw(t, "by category") {
					q.Categories = rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b/c", "0000", "nobody"}), 0, 2).Draw(t, "categories")
				}
				r.SetSlow(nil)
				got := listed(t, r, q)
				if slow := r.Slow(); slow == nil || *slow != l.slow {
					t.Fatalf("slow: %v, want %v", slow, l.slow)
				}
				no := !l.slow
				r.SetSlow(&no)
				if diff := cmp.Diff(listed(t, r, q), got); diff != "" {
					t.Fatal(diff)
				}
			})
		})
	}
}

func listed(t rapid.TB, r replay.Reader, q replay.StreamQuery) []replay.Stream {
	var out []replay.Stream
	for s, err := range r.Streams(context.Background(), q) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}
