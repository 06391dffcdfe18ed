package store

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/store/testdb"
)

// TestStorageClasses checks that ids, types and versions do not depend on SQLite's storage
// class.
func TestStorageClasses(t *testing.T) {
	for _, affinity := range []string{"TEXT", "UUID", "INTEGER", "BLOB", ""} {
		for _, index := range []string{"", ", UNIQUE(s, v)"} {
			t.Run(affinity+index, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "s.db")
				testdb.Build(t, path, func(tx *sql.Tx) error {
					for i, row := range [][]any{
						{"1001", 1, "T"},
						{[]byte("1001"), 2.0, []byte("T")},
						{"A-17", 1, "T"},
						{[]byte("A-17"), 2, "U"},
						{"01001", 1, []byte("U")},
						{[]byte("\xff\x00"), 1.0, "T"},
					} {
						if affinity != "TEXT" && affinity != "BLOB" && affinity != "" && row[0] == "01001" {
							row[0] = []byte("01001") // the column would convert text to a number
						}
						if _, err := tx.Exec("INSERT INTO ev VALUES(?, ?, ?, ?, NULL)", row[0], row[1], row[2], fmt.Sprintf(`{"i":%d}`, i)); err != nil {
							return err
						}
					}
					return nil
				}, "CREATE TABLE ev(s "+affinity+", v, t TEXT, d, r INT"+index+")")
				o := Options{Table: "ev", Map: map[string]string{"stream": "s", "version": "v", "type": "t", "data": "d", "revision": "r"}}
				r := mustOpen(t, path, o)
				var got []string
				for _, s := range listedStreams(t, r, replay.StreamQuery{}) {
					got = append(got, fmt.Sprintf("%s %d %d..%d", s.ID, s.Events, s.First, s.Last))
				}
				if want := []string{"01001 1 1..1", "1001 2 1..2", "A-17 2 1..2", "ff00 1 1..1"}; !slices.Equal(got, want) {
					t.Fatalf("%q, want %q", got, want)
				}
				for q, want := range map[string]int{"1001": 2, "01001": 1, "A-17": 2, "ff00": 1, "1": 0, "": 6} {
					query := replay.Query{Order: replay.ByStream}
					if q != "" {
						query.Streams = []replay.StreamID{replay.StreamID(q)}
					}
					es := events(t, r, query)
					if len(es) != want {
						t.Errorf("%s: %d events, want %d", q, len(es), want)
					}
					for _, e := range es {
						if e.Revision != 1 {
							t.Errorf("%s@%d has revision %d", e.Stream, e.Version, e.Revision)
						}
					}
				}
				if es := events(t, r, replay.Query{Order: replay.ByStream, Types: []string{"T"}}); len(es) != 4 {
					t.Errorf("%d events of type T", len(es))
				}
				if s := listedStreams(t, r, replay.StreamQuery{Prefix: "A"}); len(s) != 1 || s[0].Events != 2 {
					t.Errorf("streams with prefix A: %v", s)
				}
			})
		}
	}
}

// TestUTF16 checks that a UTF-16 database reads like the same one in UTF-8, including order,
// prefixes and look-ups.
func TestUTF16(t *testing.T) {
	names := []string{"a", "b", "é", "ÿ", "Ā", "ā-2", "\uFFFD", "😀", "😀b", "z", "a-1", "ab", "\u0100x"}
	var want []string
	for _, encoding := range []string{"UTF-8", "UTF-16le", "UTF-16be"} {
		path := filepath.Join(t.TempDir(), "s.db")
		testdb.Build(t, path, func(tx *sql.Tx) error {
			n := 0
			for _, s := range names {
				for v := range 3 {
					n++
					if _, err := tx.Exec("INSERT INTO asof_events VALUES(?,?,?,?,?,?,1,?,NULL,NULL,NULL,?,?)", n, s, "c"+s, v+1, s+fmt.Sprint(v),
						"T"+s, "2026-03-01T09:00:00Z", fmt.Sprintf(`{"s":"%s"}`, s), `{"user":"é"}`); err != nil {
						return err
					}
				}
			}
			return nil
		}, "PRAGMA encoding = '"+encoding+"'", testdb.NativeDDL, "PRAGMA application_id = 0x61736F66", "PRAGMA user_version = 1")
		r := mustOpen(t, path, Options{})
		var got []string
		tell := func(es []*replay.Event) {
			for _, e := range es {
				got = append(got, fmt.Sprintf("%s %s %d %s %s %s %s", e.Stream, e.Category, e.Version, e.ID, e.Type, e.Data, e.Meta.Raw))
			}
		}
		tell(events(t, r, replay.Query{}))
		tell(events(t, r, replay.Query{Order: replay.ByStream}))
		for _, s := range names {
			got = append(got, s)
			tell(events(t, r, replay.Query{Streams: []replay.StreamID{replay.StreamID(s)}}))
			tell(events(t, r, replay.Query{Types: []string{"T" + s}, Categories: []string{"c" + s}}))
			tell(events(t, r, replay.Query{IDPrefix: s}))
			for _, q := range []replay.StreamQuery{{Prefix: s}, {Prefix: s, IDsOnly: true}, {IDs: []replay.StreamID{replay.StreamID(s)}}} {
				for _, s := range listedStreams(t, r, q) {
					got = append(got, fmt.Sprint(s))
				}
			}
		}
		s, err := r.Summary(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(s))
		if want == nil {
			want = got
		} else if !slices.Equal(got, want) {
			t.Errorf("%s:\n%s\nwant\n%s", encoding, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}
