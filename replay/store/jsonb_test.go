package store

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/state"
	"asof/replay/store/testdb"
)

// TestJSONB compares SQLite's own JSONB with SQLite's JSON of it.
func TestJSONB(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	testdb.Build(t, path, func(tx *sql.Tx) error {
		for i, in := range []string{
			`{}`, `[]`, `{"a":1}`, `{"n":-1.50e3,"l":[true,false,null,"é",""]}`, `{"esc":"a\"b\\\u00e9\ud83d\ude00"}`,
			`{a:0x1F,b:.5,c:5.,d:+1,e:-.5e2,f:'it\'s\x41 \v\
on'}`,
			`{"long":"` + strings.Repeat("x", 300) + `","longer":"` + strings.Repeat("y", 70_000) + `"}`,
			`[[[[[[{"a":[1,2,3]}]]]]]]`, `{"\n":1}`,
		} {
			if _, err := tx.Exec("INSERT INTO ev VALUES('s', ?, jsonb(?), json(?))", i+1, in, in); err != nil {
				return err
			}
		}
		return nil
	}, "CREATE TABLE ev(s TEXT, v INT, d BLOB, plain TEXT)")
	read := func(column string) []*replay.Event {
		o := Options{Table: "ev", Map: map[string]string{"stream": "s", "version": "v", "data": column}}
		return events(t, mustOpen(t, path, o), replay.Query{Order: replay.ByStream})
	}
	want := read("plain")
	for i, e := range read("d") {
		got, err := e.Body()
		plain, errPlain := want[i].Body()
		if err != nil || errPlain != nil || !state.Equal(got, plain) {
			t.Errorf("%.80s, want %.80s: %v %v", e.Data, want[i].Data, err, errPlain)
		}
	}
}
