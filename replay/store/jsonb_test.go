package store

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/replay"
	"asof/replay/state"
)

// SQLite's own JSONB reads back as SQLite says, in JSON.
func TestJSONB(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	buildDB(t, path, func(tx *sql.Tx) error {
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

// No bytes make the reader of JSONB fail, and JSON itself is none.
func TestJSONBAnyBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r jsonbReader
		b := rapid.SliceOf(rapid.SampledFrom([]byte{0, 1, 3, 5, 7, 8, 9, 10, 11, 12, 0x13, 0x1B, 0x2C, 0x3B, 0x17, 'a', '1', '\\', 'x', 0xCB, 0xDB, 0xEC, 0xFC, 0xFF})).Draw(t, "bytes")
		if out, ok := r.jsonb(b); ok {
			_, _ = state.Parse(out)
		}
	})
	for _, in := range []string{`{"a":12}`, `[1,2]  `, `{"a": "b"}`, `["abc"]`, "{\t\"a\":1}", `{}`, `[]`} {
		var r jsonbReader
		if out, ok := r.jsonb([]byte(in)); ok {
			t.Errorf("%s is taken for JSONB: %s", in, out)
		}
	}
}
