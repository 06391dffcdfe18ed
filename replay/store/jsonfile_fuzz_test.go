package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/storetest"
)

func FuzzNDJSON(f *testing.F) {
	events := jsonHistory(3)
	f.Add([]byte(lines(events, nativeLine)))
	f.Add([]byte(array(lines(events, nativeLine))))
	f.Add([]byte(zipped(f, lines(events, nativeLine))))
	f.Add([]byte("\xEF\xBB\xBF" + goodLine + "\r\n"))
	f.Add([]byte(goodLine + `{"stream":"a","ver`))
	f.Fuzz(func(t *testing.T, file []byte) { readWhole(t, file, Options{}) })
}

func FuzzCloudEvents(f *testing.F) {
	events := jsonHistory(3)
	f.Add([]byte(lines(events, cloudLine)))
	f.Add([]byte(array(lines(events, cloudLine))))
	f.Add([]byte(`{"specversion":"1.0","source":"s","type":"t","data_base64":"e30=","datacontenttype":"a/b+json"}`))
	f.Add([]byte(`{"specversion":"1.0","subject":"s","type":"t","sequence":"x","time":17}`))
	f.Fuzz(func(t *testing.T, file []byte) { readWhole(t, file, Options{Dialect: "cloudevents"}) })
}

func FuzzMappedJSON(f *testing.F) {
	f.Add([]byte(`{"s":1,"v":"2","d":"{\"a\":[1,{}]}","m":{"a":["x"]}}`), "/s", "v", "/d", "/m/a/0")
	f.Add([]byte(`{"s":1,"d":[{"e":1}]}`), "s", "/d/0/e", "", "~")
	f.Add([]byte(`{"rows":[{"s":1,"n":null,"d":"{\"e\":1}","a+b":2},{"s":"x/~","n":9.5,"d":"no"}],"next":2}`), "s+d:/e", "#n", "s+n", "'me'")
	f.Add([]byte(`{"s":1,"n":"10"}`+"\n"+`{"s":1,"n":9}`), `'it''s'+"s"`, "#rowid", "*", `"a+b"`)
	f.Fuzz(func(t *testing.T, file []byte, stream, version, data, actor string) {
		readWhole(t, file, Options{Map: map[string]string{
			"stream": stream, "version": version, "data": data, "actor": actor, "time": version, "meta": data,
		}})
	})
}

// readWhole opens any input. Opening may fail with a StoreError; otherwise everything that
// the index promises must be readable.
func readWhole(t *testing.T, file []byte, o Options) {
	o.Stdin, o.TempDir = bytes.NewReader(file), t.TempDir()
	r, err := openJSON(context.Background(), "-", o)
	if err != nil {
		var store *replay.StoreError
		if !errors.As(err, &store) {
			t.Fatalf("%T: %v", err, err)
		}
		return
	}
	defer r.Close()
	sum, err := r.Summary(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	n, last := int64(0), replay.Event{}
	for e, err := range r.Events(context.Background(), replay.Query{Order: replay.ByStream}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Stream == "" || !utf8.ValidString(string(e.Stream)) || n > 0 &&
			(e.Stream < last.Stream || e.Stream == last.Stream && e.Version <= last.Version) {
			t.Fatalf("%s follows %s", e.Moment().Label(), last.Moment().Label())
		}
		if (e.Opaque == "") != json.Valid(e.Data) || e.Meta.Raw != nil && !json.Valid(e.Meta.Raw) {
			t.Fatalf("data %q (%s), metadata %q", e.Data, e.Opaque, e.Meta.Raw)
		}
		n++
		last = *e.Clone()
	}
	if n != sum.Events || n == 0 {
		t.Fatalf("%d events, want %d", n, sum.Events)
	}
}

// FuzzJSONScanner compares with the standard library, which accepts some input that the
// scanner rejects: invalid UTF-8, duplicate keys, and half surrogate pairs in keys.
func FuzzJSONScanner(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,-0.5e+7,true,false,null,"\u00e9\"x"]}`, ` [ ] `, `"\ud800"`, `01`, `{"a":1,"a":2}`, `[[[`, `{"\u0061":1,"a":2}`, "\"\xff\"", "1 2",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var s cell.Scanner
		fault := s.Document(text)
		switch {
		case fault == nil && !json.Valid(text):
			t.Fatalf("%q is accepted", text)
		case fault == nil:
			if end, ok := cell.SkipJSON(text, cell.SkipSpaces(text, 0)); !ok || len(bytes.TrimSpace(text[end:])) > 0 {
				t.Fatalf("%q: the value ends at %d, %v", text, end, ok)
			}
		case fault.At > len(text):
			t.Fatalf("%q: an error at %d", text, fault.At)
		case json.Valid(text) && utf8.Valid(text) &&
			!strings.Contains(fault.Msg, "twice") && !strings.Contains(fault.Msg, "surrogate") &&
			!strings.Contains(fault.Msg, "deeper"):
			t.Fatalf("%q is rejected: %s", text, fault.Msg)
		}
	})
}

// TestJSONProperty writes histories in any order and reads them back.
func TestJSONProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		ids := rapid.SliceOfNDistinct(rapid.StringN(1, 8, 40), 1, 4, rapid.ID[string]).Draw(rt, "streams")
		own := rapid.Bool().Draw(rt, "own positions")
		next := map[string]int64{}
		var want []replay.Event
		for i := range rapid.IntRange(1, 20).Draw(rt, "events") {
			id := rapid.SampledFrom(ids).Draw(rt, "stream")
			next[id] += rapid.Int64Range(1, 3).Draw(rt, "gap")
			e := replay.Event{
				Stream: replay.StreamID(id), Version: replay.Version(next[id]), Position: replay.Position(i + 1),
				Type: rapid.StringN(1, 5, -1).Draw(rt, "type"), ID: rapid.String().Draw(rt, "id"),
				Time: time.Unix(rapid.Int64Range(-62135596799, 253402300799).Draw(rt, "time"), 0).UTC(),
				Data: []byte(quote(rapid.String().Draw(rt, "data"))),
			}
			e.Meta.Raw = []byte(`{}`)
			if own {
				e.Position = replay.Position(i*5 - 50)
			}
			want = append(want, e)
		}
		order := want
		if own {
			order = rapid.Permutation(want).Draw(rt, "order")
		}
		text := lines(order, nativeLine)
		if !own {
			for i := range want {
				text = strings.Replace(text, fmt.Sprintf(`"position":%d,`, want[i].Position), "", 1)
			}
		}
		r, err := openJSON(context.Background(), "-", Options{Stdin: strings.NewReader(text)})
		if err != nil {
			rt.Fatal(err)
		}
		defer r.Close()
		memory := storetest.Memory(want)
		for _, q := range []replay.Query{{}, {Reverse: true}, {Order: replay.ByStream}} {
			got, want := allEvents(t, r, q), allEvents(t, memory, q)
			if !slices.EqualFunc(got, want, sameEvent) {
				rt.Fatalf("%+v\ngot  %+v\nwant %+v", q, got, want)
			}
		}
		got, err := r.Summary(context.Background())
		if err != nil {
			rt.Fatal(err)
		}
		sum, _ := memory.Summary(context.Background())
		sum.LeftOut, sum.Times = got.LeftOut, got.Times
		if fmt.Sprint(got) != fmt.Sprint(sum) {
			rt.Fatalf("got  %+v\nwant %+v", got, sum)
		}
	})
}

func sameEvent(a, b replay.Event) bool {
	return a.Stream == b.Stream && a.Version == b.Version && a.Position == b.Position && a.Type == b.Type &&
		a.ID == b.ID && a.Time.Equal(b.Time) && string(a.Data) == string(b.Data)
}

func BenchmarkJSON(b *testing.B) {
	const n = 100_000
	text := lines(jsonHistory(n), nativeLine)
	path := jsonPath(b, text)
	ctx := context.Background()
	b.Run("open", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			r, err := openJSON(ctx, path, Options{})
			if err != nil {
				b.Fatal(err)
			}
			r.Close()
		}
	})
	r, err := openJSON(ctx, path, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	for name, q := range map[string]replay.Query{
		"events": {}, "stream": {Streams: []replay.StreamID{"cart-1"}},
		"envelopes": {Skip: replay.FieldData | replay.FieldMeta | replay.FieldID | replay.FieldTime},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			events := 0
			for b.Loop() {
				for _, err := range r.Events(ctx, q) {
					if err != nil {
						b.Fatal(err)
					}
					events++
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/event")
		})
	}
}
