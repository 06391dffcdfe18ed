package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"asof/replay"
	"asof/replay/store"
	"asof/replay/store/testdb"
)

// idLayouts are tables with and without an index that can step through ids.
var idLayouts = []struct {
	name, ddl string
	steps     bool
}{
	{"unique", "CREATE TABLE t(s TEXT, v INT, UNIQUE(s, v))", true},
	{"without rowid", "CREATE TABLE t(s TEXT, v INT, PRIMARY KEY(s, v)) WITHOUT ROWID", true},
	{"compared bytewise by its index alone", "CREATE TABLE t(s TEXT COLLATE NOCASE, v INT); CREATE INDEX i ON t(s COLLATE BINARY)", true},
	{"compared bytewise because it says so", "CREATE TABLE t(s TEXT COLLATE BINARY, v INT, UNIQUE(s, v))", true},
	{"no index", "CREATE TABLE t(s TEXT, v INT)", false},
	{"an index of something else", "CREATE TABLE t(s TEXT, v INT, UNIQUE(v, s))", false},
	{"an index in another order", "CREATE TABLE t(s TEXT COLLATE NOCASE, v INT); CREATE INDEX i ON t(s, v)", false},
	{"a partial index", "CREATE TABLE t(s TEXT, v INT); CREATE UNIQUE INDEX i ON t(s, v) WHERE v > 1", false},
}

// TestIDsByStepsAreAllIDs compares the ids found by stepping through an index with the ids
// found by reading everything.
func TestIDsByStepsAreAllIDs(t *testing.T) {
	id := rapid.OneOf(
		rapid.StringMatching(`[aAfF0-]{1,4}`),
		rapid.StringMatching(`(84bc0033-163c-4496|84BC0033163C4496|84bc0033)[-]?[0-9a-f]{0,17}`),
		rapid.StringOfN(rapid.SampledFrom([]rune("a%_'\x00\x7Fé\U0010FFFF")), 1, 3, -1),
		rapid.Just("a\xFF\xFF"), rapid.Just("\xFF"),
	)
	for _, l := range idLayouts {
		t.Run(l.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ids.db")
			testdb.Build(t, path, func(tx *sql.Tx) error {
				for i := range 400 {
					if _, err := tx.Exec("INSERT INTO t VALUES(?, ?)", id.Example(i/2), i); err != nil {
						return err
					}
				}
				return nil
			}, l.ddl)
			r := mustOpen(t, path, store.Options{Table: "t", Map: map[string]string{"stream": "s", "version": "v"}})
			rapid.Check(t, func(t *rapid.T) {
				q := replay.StreamQuery{
					IDsOnly: true,
					Prefix:  rapid.OneOf(rapid.Just(""), id).Draw(t, "prefix"),
					Limit:   rapid.IntRange(0, 4).Draw(t, "limit"),
				}
				r.SetSteps(nil)
				got := streamIDs(t, r, q)
				if steps := r.Steps(); steps == nil || *steps != l.steps {
					t.Fatalf("steps: %v", steps)
				}
				whole := false
				r.SetSteps(&whole)
				if want := streamIDs(t, r, q); !slices.Equal(got, want) {
					t.Fatalf("by steps %q, want %q", got, want)
				}
			})
		})
	}
}

func streamIDs(t rapid.TB, r replay.Reader, q replay.StreamQuery) []replay.StreamID {
	var out []replay.StreamID
	for s, err := range r.Streams(context.Background(), q) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s.ID)
	}
	return out
}

// TestIDsByStepsAreText checks that a stream id that is not text is an error for both methods,
// and that a row without a stream is left out by both.
func TestIDsByStepsAreText(t *testing.T) {
	for _, value := range []string{"NULL", "x'41'"} {
		for _, prefix := range []string{"", "a"} {
			path := filepath.Join(t.TempDir(), "ids.db")
			testdb.Build(t, path, nil, idLayouts[0].ddl, "INSERT INTO t VALUES('a', 1), ("+value+", 1)")
			r := mustOpen(t, path, store.Options{Table: "t", Map: map[string]string{"stream": "s", "version": "v"}})
			r.SetStream("s") // without the conversion of the mapping
			q := replay.StreamQuery{IDsOnly: true, Prefix: prefix}
			_, byStep := idsAndError(r, q)
			whole := false
			r.SetSteps(&whole)
			_, plain := idsAndError(r, q)
			if fmt.Sprint(byStep) != fmt.Sprint(plain) || prefix == "" && (plain == nil) != (value == "NULL") {
				t.Errorf("%s, prefix %q: by steps %v, else %v", value, prefix, byStep, plain)
			}
		}
	}
}

// TestClosedWhileStepping checks the error of a reader that is closed while stepping.
func TestClosedWhileStepping(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ids.db")
	testdb.Build(t, path, nil, idLayouts[0].ddl, "INSERT INTO t VALUES('a', 1), ('b', 1), ('c', 1)")
	r, err := store.Open(context.Background(), path, store.Options{Table: "t", Map: map[string]string{"stream": "s", "version": "v"}})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	var last error
	for _, err := range r.Streams(context.Background(), replay.StreamQuery{IDsOnly: true}) {
		if n++; n == 2 {
			r.Close() //nolint:errcheck // only read
		}
		last = err
	}
	if n != 3 || last == nil {
		t.Errorf("%d yields, the last with %v", n, last)
	}
}

func idsAndError(r replay.Reader, q replay.StreamQuery) (ids []replay.StreamID, err error) {
	for s, err := range r.Streams(context.Background(), q) {
		if err != nil {
			return ids, err
		}
		ids = append(ids, s.ID)
	}
	return ids, nil
}
