package store

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/state"
	"asof/replay/store/cell"
	"asof/replay/store/testdb"
)

// A carrier is a way to store a payload.
type carrier struct {
	name  string
	store func(t *testing.T, payload string) (path string, o Options)
}

var eventColumns = map[string]string{"stream": "s", "version": "v", "type": "t", "data": "d"}

// inColumn stores payloads in a column, in the form that kept produces.
func inColumn(name string, kept func(t *testing.T, payload string) any) carrier {
	return carrier{name, func(t *testing.T, payload string) (string, Options) {
		path := filepath.Join(t.TempDir(), "s.db")
		testdb.Build(t, path, func(tx *sql.Tx) error {
			_, err := tx.Exec("INSERT INTO ev VALUES('s', 1, 'T', ?), ('s', 2, 'T', ?)", kept(t, payload), kept(t, `{"x":1}`))
			return err
		}, "CREATE TABLE ev(s TEXT, v INT, t TEXT, d)")
		return path, Options{Table: "ev", Map: eventColumns}
	}}
}

// inLines stores payloads in a file, one event per line.
func inLines(name, line string, kept func(payload string) string) carrier {
	return carrier{name, func(t *testing.T, payload string) (string, Options) {
		return fileOf(t, fmt.Sprintf(line+"\n"+line+"\n", 1, kept(payload), 2, kept(`{"x":1}`))), Options{}
	}}
}

func quoted(payload string) string {
	b, _ := json.Marshal(payload)
	return string(b)
}

func deflated(t *testing.T, level int, payload string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zlib.NewWriterLevel(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte(payload)) //nolint:errcheck // into memory
	w.Close()                //nolint:errcheck // into memory
	return b.Bytes()
}

func gzipped(payload string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(payload)) //nolint:errcheck // into memory
	w.Close()                //nolint:errcheck // into memory
	return b.Bytes()
}

func carriers() []carrier {
	asIs := func(payload string) string { return payload }
	out := []carrier{
		inColumn("TEXT", func(_ *testing.T, p string) any { return p }),
		inColumn("BLOB", func(_ *testing.T, p string) any { return []byte(p) }),
		inColumn("a byte order mark", func(_ *testing.T, p string) any { return "\uFEFF" + p }),
		inColumn("gzip and padding", func(_ *testing.T, p string) any { return append(gzipped(p), make([]byte, 512)...) }),
		inColumn("gzip in two", func(_ *testing.T, p string) any { return append(gzipped(p[:1]), gzipped(p[1:])...) }),
		inColumn("JSON in a string", func(_ *testing.T, p string) any { return quoted(p) }),
		inColumn("JSON in a string in a string", func(_ *testing.T, p string) any { return quoted(quoted(p)) }),
		inLines("asof-ndjson", `{"stream":"s","version":%d,"type":"T","data":%s}`, asIs),
		inLines("asof-ndjson, a string", `{"stream":"s","version":%d,"type":"T","data":%s}`, quoted),
		inLines("cloudevents", `{"specversion":"1.0","id":"%d","source":"/s","subject":"s","type":"T","data":%s}`, asIs),
		inLines("cloudevents, base64", `{"specversion":"1.0","id":"%d","source":"/s","subject":"s","type":"T","data_base64":"%s"}`,
			func(p string) string { return base64.StdEncoding.EncodeToString([]byte(p)) }),
		{"python", func(t *testing.T, payload string) (string, Options) {
			path := filepath.Join(t.TempDir(), "s.db")
			testdb.Build(t, path, func(tx *sql.Tx) error {
				_, err := tx.Exec("INSERT INTO stored_events VALUES('s', 1, 'm:A.T', ?), ('s', 2, 'm:A.T', ?)", []byte(payload), []byte(`{"x":1}`))
				return err
			}, "CREATE TABLE stored_events(originator_id TEXT, originator_version INTEGER, topic TEXT, state BLOB)")
			return path, Options{}
		}},
	}
	for _, level := range []int{zlib.NoCompression, 3, zlib.BestCompression} {
		out = append(out, inColumn(fmt.Sprint("zlib ", level), func(t *testing.T, p string) any { return deflated(t, level, p) }))
	}
	return out
}

// TestPayloadOfEveryCarrier checks that a payload does not depend on its carrier, that an
// odd or unreadable one does not affect the next event, and that info counts the same
// payloads that reading finds.
func TestPayloadOfEveryCarrier(t *testing.T) {
	many := `{"k0":0`
	for i := range 40 {
		many += fmt.Sprintf(`,"k%d":%d`, i, i)
	}
	for _, test := range []struct {
		payload, want string // empty: unreadable
		told          string
	}{
		{`{"a":"b","a":"c"}`, `{"a":"c"}`, "1 event with a duplicate key"},
		{`{"o":{"\u0061":1,"a":{"a":2}},"l":[{"b":1,"b":2}]}`, `{"l":[{"b":2}],"o":{"a":{"a":2}}}`, "1 event with a duplicate key"},
		{many + `}`, ``, "1 event with a duplicate key"},
		{`{"t":NaN,"u":[-Infinity,Infinity]}`, `{"t":"NaN","u":["-Infinity","Infinity"]}`, "1 event with NaN or an infinity"},
		{`{"\ud800":1,"t":"\udc00"}`, `{"t":"\udc00","\ud800":1}`, ""},
		{`{"n":1.50,"s":"é"}`, `{"n":1.50,"s":"é"}`, ""},
		{`[1,{"a":null}]`, `[1,{"a":null}]`, ""},
	} {
		for _, c := range carriers() {
			t.Run(c.name+" "+test.payload[:min(len(test.payload), 30)], func(t *testing.T) {
				path, o := c.store(t, test.payload)
				r := mustOpen(t, path, o)
				got := events(t, r, replay.Query{Order: replay.ByStream})
				if len(got) != 2 {
					t.Fatalf("%d events", len(got))
				}
				v, err := got[0].Body()
				if s := string(state.AppendSorted(nil, v)); err != nil || test.want != "" && s != test.want {
					t.Errorf("%s, want %s: %v", s, test.want, err)
				}
				if v, err := got[1].Body(); err != nil || string(state.AppendJSON(nil, v)) != `{"x":1}` {
					t.Errorf("the next event: %v", err)
				}
				s, err := r.Summary(t.Context())
				if err != nil || strings.Contains(strings.Join(s.LeftOut, "\n"), "event with") != (test.told != "") ||
					!strings.Contains(strings.Join(s.LeftOut, "\n"), test.told) {
					t.Errorf("left out %q, want %q: %v", s.LeftOut, test.told, err)
				}
			})
		}
	}
}

// TestUnreadablePayloads checks that data that is not JSON is opaque in every column, that
// the next event is read, and that info counts it.
func TestUnreadablePayloads(t *testing.T) {
	for _, payload := range []string{"{broken", "[1,", "x", "{\"a\":\"\x01\"}", "{\"a\":\"\xff\"}", `{"a":1}{`, "{'a':1}", "\xff\x00"} {
		for _, c := range carriers() {
			if strings.HasPrefix(c.name, "JSON in") || strings.HasPrefix(c.name, "asof") || c.name == "cloudevents" {
				continue // the carrier itself is JSON
			}
			t.Run(fmt.Sprintf("%s %q", c.name, payload), func(t *testing.T) {
				path, o := c.store(t, payload)
				r := mustOpen(t, path, o)
				got := events(t, r, replay.Query{Order: replay.ByStream})
				var opaque *replay.OpaqueError
				if _, err := got[0].Body(); !errors.As(err, &opaque) || got[0].Opaque == "" || got[0].Data != nil {
					t.Errorf("%v, opaque %q, data %s", err, got[0].Opaque, got[0].Data)
				}
				if _, err := got[1].Body(); err != nil {
					t.Errorf("the next event: %v", err)
				}
				s, err := r.Summary(t.Context())
				if err != nil || !slices.Contains(s.LeftOut, "1 unreadable payload") {
					t.Errorf("left out %q: %v", s.LeftOut, err)
				}
			})
		}
	}
}

// TestStringsStayStrings checks that text in a string stays text unless it is JSON.
func TestStringsStayStrings(t *testing.T) {
	for _, payload := range []string{`"[draft] hello"`, `"{"`, `"12"`, `"null"`, `""`, `"\"a\""`, `"{\"a\":\"\ud800\"}x"`} {
		var d cell.PayloadDecoder
		v := cell.Value{Kind: cell.Text, B: []byte(payload)}
		if data, opaque := d.Decode(&v); opaque != "" || string(data) != payload {
			t.Errorf("%s: %s %s", payload, data, opaque)
		}
	}
}

// TestNoHeader checks that text that begins like a zlib header stays text.
func TestNoHeader(t *testing.T) {
	for _, in := range []string{"x\x5e", "hC is no zlib", "8O", "x\x9c"} {
		var d cell.PayloadDecoder
		v := cell.Value{Kind: cell.Text, B: []byte(in)}
		if data, opaque := d.Decode(&v); data != nil || opaque == "" {
			t.Errorf("%q: %s", in, data)
		}
	}
	for level := zlib.HuffmanOnly; level <= zlib.BestCompression; level++ {
		if form := cell.Compressed(deflated(t, level, "{}")); form != "zlib" {
			t.Errorf("level %d: %q", level, form)
		}
	}
	if cell.Compressed([]byte("hC")) == "" {
		t.Error("hC is not a header: choose another text")
	}
}
