package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/fault"
)

const goodLine = `{"stream":"a","version":1,"type":"T","data":{}}` + "\n"

// TestBadJSON checks the message and the place of each error, as ":line:column" in the path.
func TestBadJSON(t *testing.T) {
	for _, c := range []struct{ name, text, place, want string }{
		{"nothing", "", "", "it holds no events"},
		{"white space", "\n \n", "", "it holds no events"},
		{"an empty array", "[ ]", "", "it holds no events"},
		{"no JSON", "hello", "", "not a SQLite database or JSON: it begins with \"hello\""},
		{"a number", "17", "", "not a SQLite database or JSON"},
		{"a database", "SQLite format 3\x00", "", "a SQLite database can be read only from a regular, uncompressed file"},
		{"UTF-16", "\xFF\xFE{\x00", "", "it is UTF-16"},
		{"an unknown form", `{"order_id":1,"seq":1,"kind":"x"}`, "", "not asof-ndjson: no stream, version and type in the first event; not cloudevents: no specversion"},

		{"cut off", goodLine + `{"stream":"a","ver`, ":2:19", "found the end"},
		{"cut off in an escape", goodLine + `{"stream":"\`, ":2:12", "ends inside a string"},
		{"cut off in a character", goodLine + "{\"stream\":\"\xC3", ":2:12", "not valid UTF-8"},
		{"cut off after a comma", "[" + goodLine + ",", ":2:2", "expected an event, which is an object, found the end"},
		{"an array cut off", "[" + goodLine, ":2:1", "expected ',' or ']' after an event, found the end"},
		{"an element cut off", "[" + goodLine + `,{"stream":`, ":2:12", "expected a value, found the end"},
		{"an array twice closed", "[" + goodLine + "]]", ":2:2", `expected the end of the file, found "]"`},
		{"a comma at the end", "[" + goodLine + ",]", ":2:2", `expected an event, which is an object, found "]"`},
		{"a comma too many", "[," + goodLine + "]", ":1:2", `expected an event, which is an object, found ","`},
		{"no comma", "[" + goodLine + goodLine + "]", ":2:1", `expected ',' or ']' after an event, found "{"`},
		{"an element that is none", "[" + goodLine + ",1]", ":2:2", `expected an event, which is an object, found "1"`},
		{"a line that is none", goodLine + "null", ":2:1", `expected an event, which is an object, found "n"`},

		{"a line in the middle", goodLine + "{oops}\n" + goodLine, ":2:2", `expected a key in quotes, found "o"`},
		{"two on a line", strings.TrimSpace(goodLine) + goodLine, ":1:48", `expected the end of the line, found "{"`},
		{"over several lines", "[{\"stream\":\n\t\"a\",\n x}]", ":3:2", `expected a key in quotes, found "x"`},
		{"no UTF-8", "{\"stream\":\"a\x80\"}", ":1:13", "byte 0x80 is not valid UTF-8"},
		{"a surrogate half", `{"stream":"a\ud800b","version":1,"type":"T"}`, ":1:13", "half of a surrogate pair"},
		{"a control character", "{\"stream\":\"a\x01\"}", ":1:13", `found "\x01"`},
		{"a tab in a key", "{\"str\team\":1}", ":1:6", `found "\t"`},
		{"a zero byte", goodLine + "\x00", ":2:1", `found "\x00"`},
		{"an escape", `{"a":"\x"}`, ":1:7", `unknown escape "\\x"`},
		{"a short escape", `{"a":"\u12"}`, ":1:7", "four hex digits"},
		{"a number", `{"a":01}`, ":1:6", "a number begins with 0"},
		{"a number's end", `{"a":1.}`, ":1:8", "expected a digit after '.'"},
		{"an exponent", `{"a":1e}`, ":1:8", "expected a digit in an exponent"},
		{"a minus", `{"a":-}`, ":1:7", "expected a digit"},
		{"a word", `{"a":nul}`, ":1:9", "expected the rest of null"},
		{"a colon", `{"a" 1}`, ":1:6", "expected ':' after a key"},
		{"too deep", `{"a":` + strings.Repeat("[", 10_001), "", "nested deeper than"},

		{"no stream", goodLine + `{"version":2,"type":"T"}`, ":2:1", "the event has no stream"},
		{"a stream that is null", goodLine + `{"stream":null,"version":2,"type":"T"}`, ":2:1", "the event has no stream"},
		{"a stream that is a number", `{"stream":1,"version":2,"type":"T"}`, ":1:11", "stream is 1, which is not a string"},
		{"no version", goodLine + `{"stream":"a","type":"T"}`, ":2:1", "the event has no version"},
		{"a version in quotes", `{"stream":"a","version":"1","type":"T"}`, ":1:25", `version is "1", which is not an integer`},
		{"a version with a fraction", `{"stream":"a","version":1.5,"type":"T"}`, ":1:25", "version is 1.5, which is not an integer"},
		{"a version too large", `{"stream":"a","version":9223372036854775808,"type":"T"}`, ":1:25", "is not an integer of 64 bits"},
		{"no type", goodLine + `{"stream":"a","version":2}`, ":2:1", "the event has no type"},
		{"a time without a zone", `{"stream":"a","version":1,"type":"T","time":"2026-03-01T09:00:00"}`, ":1:45", "which is not a time"},
		{"a day that is none", `{"stream":"a","version":1,"type":"T","time":"2026-02-30T09:00:00Z"}`, ":1:45", "which is not a time"},
		{"a revision below zero", `{"stream":"a","version":1,"type":"T","revision":-1}`, ":1:49", "revision is -1"},
		{"metadata that is none", `{"stream":"a","version":1,"type":"T","metadata":[]}`, ":1:49", "metadata is [], which is not an object"},

		{"a version twice", goodLine + "\n" + goodLine, ":3:1", `stream "a" has two events with version 1 (lines 1 and 3)`},
		{
			"a position twice", `{"stream":"b","version":1,"type":"T","position":4}` + "\n" + `{"stream":"a","version":1,"type":"T","position":4}`,
			":2:1", "two events have position 4 (lines 1 and 2)",
		},

		{"CloudEvents 0.3", `{"specversion":"0.3","subject":"a","type":"T"}`, ":1:16", `specversion is "0.3", which is not CloudEvents 1.0`},
		{"a form that changes", `{"specversion":"1.0","subject":"a","type":"T"}` + "\n" + goodLine, ":2:1", "the event has no specversion"},
		{"an event of nobody", `{"specversion":"1.0","type":"T"}`, ":1:1", "the event has no subject, nor a source"},
		{"base64", `{"specversion":"1.0","subject":"a","type":"T","data_base64":"?"}`, ":1:61", "not base64"},
		{"two payloads", `{"specversion":"1.0","subject":"a","type":"T","data":1,"data_base64":""}`, ":1:70", "both data and data_base64"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := openText(t, c.text, Options{})
			var store *replay.StoreError
			if !errors.As(err, &store) {
				t.Fatalf("got %v, %v, want a *replay.StoreError", r, err)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			if _, at, _ := strings.Cut(store.Path, "events"); c.place != "" && at != c.place {
				t.Errorf("got  %v\nat %s, want %s", err, at, c.place)
			}
		})
	}
}

func TestBadJSONHints(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{
			`{"order_id":1,"seq":1,"event":"x","body":{},"at":"2026-03-01"}` + "\n" + `{"order_id":1,"seq":2,"event":"y","body":{},"at":"2026-03-02"}`,
			"perhaps [map stream=order_id,version=seq,type=event,time=at,data=body]",
		},
		{`{"AggregateId":1,"Sequence-Number":1,"EventID":1}`, "[map stream=KEY,version=KEY"},
		{`{"x":1}`, "[map stream=KEY,version=KEY"},
		{goodLine + `{"stream"`, "the file seems to be cut off"},
		{zipped(t, goodLine)[:30], "get the file again"},
	} {
		_, err := openText(t, c.text, Options{})
		var store *replay.StoreError
		if !errors.As(err, &store) || !strings.Contains(fault.RemedyOf(store).String(), c.want) {
			t.Errorf("%s: got %v, want a hint with %q", c.text, err, c.want)
		}
	}
}

func TestBadJSONOptions(t *testing.T) {
	for want, o := range map[string]Options{
		"has no field stream":          {Map: map[string]string{"version": "v"}},
		`names the field "strem"`:      {Map: map[string]string{"strem": "v"}},
		"the mapping of id is empty":   {Map: map[string]string{"stream": "/a", "id": ""}},
		"does not have a member \"x\"": {Map: map[string]string{"stream": "x"}},
		"have a member \"/data/v\"":    {Map: map[string]string{"stream": "type", "version": "/data/v"}},
		"there is no JSON dialect":     {Dialect: "emmett-sqlite"},
		"specversion":                  {Dialect: "cloudevents"},
	} {
		_, err := openText(t, goodLine, o)
		var store *replay.StoreError
		if !errors.As(err, &store) || !strings.Contains(err.Error(), strings.TrimSuffix(want, "/")) {
			t.Errorf("%+v: got %v, want %q", o, err, want)
		}
	}
	for _, path := range []string{t.TempDir(), filepath.Join(t.TempDir(), "none"), "-"} {
		var store *replay.StoreError
		if _, err := openJSON(context.Background(), path, Options{}); !errors.As(err, &store) {
			t.Errorf("%s: got %v", path, err)
		}
	}
}

// TestTruncatedJSON cuts files at every byte. Lines before the cut may be complete; any
// other result must be an error.
func TestTruncatedJSON(t *testing.T) {
	events := jsonHistory(4)
	native, cloud := lines(events, nativeLine), lines(events, cloudLine)
	for name, text := range map[string]string{
		"ndjson": native, "cloudevents": cloud, "array": array(native), "gzip": zipped(t, native),
	} {
		byLine := name == "ndjson" || name == "cloudevents"
		path := jsonPath(t, text)
		for n := len(text) - 1; n >= 0; n-- {
			if err := os.Truncate(path, int64(n)); err != nil {
				t.Fatal(err)
			}
			r, err := openJSON(context.Background(), path, Options{})
			whole := byLine && n > 0 && (text[n] == '\n' || text[n-1] == '\n')
			if whole != (err == nil) {
				t.Fatalf("%s cut at %d of %d: %v", name, n, len(text), err)
			}
			if !whole {
				continue
			}
			if got, want := len(allEvents(t, r, replay.Query{})), strings.Count(text[:n]+"\n", "}\n"); got != want {
				t.Fatalf("%s cut at %d: %d events, want %d", name, n, got, want)
			}
			r.Close()
		}
	}
}

// TestJSONThatChanges writes to an open file: appended events are not visible, and
// overwritten ones are an error.
func TestJSONThatChanges(t *testing.T) {
	want := jsonHistory(20)
	text := lines(want, nativeLine)
	for _, c := range []struct {
		name   string
		change func(path string) error
		moved  bool
	}{
		{"appended", func(path string) error {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = f.WriteString(goodLine)
			return err
		}, false},
		{"cut", func(path string) error { return os.Truncate(path, int64(len(text)/2)) }, true},
		{"replaced", func(path string) error {
			return os.WriteFile(path, []byte(strings.Replace(text, "10.0.0.1", "10.0.0.2", 1)), 0o600)
		}, true},
		{"rewritten and longer", func(path string) error { return os.WriteFile(path, []byte(goodLine+text), 0o600) }, true},
		{"another in its place", func(path string) error {
			if err := os.Remove(path); err != nil {
				return err
			}
			return os.WriteFile(path, []byte(goodLine), 0o600)
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := jsonPath(t, text)
			old := replay.Event{}.Time.AddDate(2000, 0, 0)
			if err := os.Chtimes(path, old, old); err != nil {
				t.Fatal(err)
			}
			r, err := openJSON(context.Background(), path, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if err := c.change(path); err != nil {
				t.Fatal(err)
			}
			n := 0
			err = nil
			for _, e := range r.Events(context.Background(), replay.Query{}) {
				if err = e; err == nil {
					n++
				}
			}
			if errors.Is(err, ErrMoved) != c.moved || !c.moved && (err != nil || n != len(want)) {
				t.Errorf("%d events, %v", n, err)
			}
		})
	}
}
