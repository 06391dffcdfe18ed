package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"asof/replay"
	"asof/replay/place"
	"asof/replay/store/jsonfile"
	"asof/replay/store/source"
	"asof/replay/store/storetest"
)

// jsonHistory is a history of n events in five streams with JSON's awkward cases: numbers
// beyond a double, escapes, other scripts, brackets in strings.
func jsonHistory(n int) []replay.Event {
	streams := []replay.StreamID{"cart-1", "cart-2", "order-é", "6f9619ff-8b86-d011-b42d-00c04fc964ff", "plain"}
	categories := []string{"cart", "cart", "order", "", ""}
	data := []string{
		`{"n":9007199254740993,"price":0.10}`, `{ "a" : [1, {"b":"}]\"{"}] }`, `"Grüße 🎉"`, `[]`, `null`, `-1.5e+300`,
		`{"q":"\u00e9\ud83c\udf89\n","deep":{"x":[[[[]]]]}}`,
	}
	next := map[replay.StreamID]replay.Version{}
	var out []replay.Event
	for i := range n {
		s := (i*7 + i/3) % len(streams)
		next[streams[s]]++
		out = append(out, replay.Event{
			Stream: streams[s], Category: categories[s], Version: next[streams[s]],
			Position: replay.Position(10 + 3*i), ID: fmt.Sprintf("6f%06d-0000-4000-8000-0000000000aa", i),
			Type: []string{"Opened", "ItemAdded", "Zażółć", `Quo"ted`}[i%4], Revision: i % 3,
			Time: time.Date(2026, 3, 1, 9, 0, i, 123456789*(i%2), time.UTC),
			Data: []byte(data[i%len(data)]),
			Meta: replay.Meta{
				Actor: fmt.Sprintf("user-%d", i%3), Correlation: fmt.Sprintf("c-%d", i/5),
				Causation: fmt.Sprintf("k-%d", i), Raw: fmt.Appendf(nil, `{"ip":"10.0.0.%d"}`, i),
			},
		})
	}
	return out
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// nativeLine formats an event like `log --json`.
func nativeLine(e *replay.Event) string {
	return fmt.Sprintf(`{"actor":%s,"category":%s,"causation_id":%s,"changes":[{"x":1}],"correlation_id":%s,"data":%s,`+
		`"id":%s,"metadata":%s,"position":%d,"revision":%d,"stream":%s,"time":%s,"type":%s,"version":%d}`,
		quote(e.Meta.Actor), quote(e.Category), quote(e.Meta.Causation), quote(e.Meta.Correlation), e.Data,
		quote(e.ID), e.Meta.Raw, e.Position, e.Revision, quote(string(e.Stream)),
		quote(e.Time.Format(time.RFC3339Nano)), quote(e.Type), e.Version)
}

// cloudLine formats an event as a CloudEvent.
func cloudLine(e *replay.Event) string {
	data := `"data":` + string(e.Data)
	if e.Version%2 == 0 {
		data = `"data_base64":` + quote(base64.StdEncoding.EncodeToString(e.Data))
	}
	return fmt.Sprintf(`{"specversion":"1.0","id":%s,"source":"/shop","subject":%s,"sequence":"%d","type":%s,`+
		`"time":"2020-01-01T00:00:00Z","recordedtime":%s,"authid":%s,"correlationid":%s,"causationid":%s,"category":%s,`+
		`"position":%d,"revision":%d,"x":null,%s}`,
		quote(e.ID), quote(string(e.Stream)), e.Version, quote(e.Type), quote(e.Time.Format(time.RFC3339Nano)),
		quote(e.Meta.Actor), quote(e.Meta.Correlation), quote(e.Meta.Causation), quote(e.Category),
		e.Position, e.Revision, data)
}

func lines(events []replay.Event, line func(*replay.Event) string) string {
	var b strings.Builder
	for i := range events {
		b.WriteString(line(&events[i]) + "\n")
	}
	return b.String()
}

func array(text string) string {
	return "[" + strings.ReplaceAll(strings.TrimSpace(text), "\n", ",\n ") + "]"
}

func zipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func jsonPath(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "events")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// cutOff removes the end of the file, in the middle of a line.
func cutOff(t testing.TB, path string) {
	info, err := os.Stat(path)
	if err == nil {
		err = os.Truncate(path, info.Size()*2/3)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestJSONForms(t *testing.T) {
	want := jsonHistory(60)
	native, cloud := lines(want, nativeLine), lines(want, cloudLine)
	clouds := jsonHistory(60)
	for i := range clouds {
		clouds[i].Meta.Raw = []byte(`{"source":"/shop","time":"2020-01-01T00:00:00Z"}`)
	}
	backwards := strings.Split(strings.TrimSpace(native), "\n")
	for i, j := 0, len(backwards)-1; i < j; i, j = i+1, j-1 {
		backwards[i], backwards[j] = backwards[j], backwards[i]
	}
	odd := "\xEF\xBB\xBF\r\n \r\n" + strings.ReplaceAll(strings.TrimSpace(native), "\n", "\r\n\t\r\n")
	half := len(want) / 2
	for _, c := range []struct {
		name, text string
		want       []replay.Event
	}{
		{"ndjson", native, want},
		{"ndjson without a last newline", strings.TrimSpace(native), want},
		{"ndjson with a mark, blank lines and carriage returns", odd, want},
		{"ndjson in gzip", zipped(t, native), want},
		{"ndjson in two gzip members", zipped(t, native[:999]) + zipped(t, native[999:]), want},
		{"ndjson backwards", strings.Join(backwards, "\n"), want},
		{"array", array(native), want},
		{"array, indented", strings.ReplaceAll(array(native), `,"stream"`, ",\n\t\"stream\""), want},
		{"arrays", array(lines(want[:half], nativeLine)) + " []\n" + array(lines(want[half:], nativeLine)), want},
		{"cloudevents", cloud, clouds},
		{"cloudevents batch", array(cloud), clouds},
		{"cloudevents batch in gzip", zipped(t, array(cloud)), clouds},
	} {
		questions := storetest.Sample
		if c.name == "ndjson" {
			questions = 0
		}
		storetest.Run(t, storetest.Config{
			Name: c.name, Sample: questions, Path: jsonPath(t, c.text), Want: c.want, Truncate: cutOff,
			Open: func(ctx context.Context, path string) (replay.Reader, error) {
				return openJSON(ctx, path, Options{TempDir: t.TempDir()})
			},
		})
	}
}

func TestJSONFromStandardInput(t *testing.T) {
	want := jsonHistory(30)
	for name, text := range map[string]string{
		"plain": lines(want, nativeLine), "gzip": zipped(t, lines(want, nativeLine)),
	} {
		temp := t.TempDir()
		storetest.Run(t, storetest.Config{
			Name: name, Want: want, Sample: storetest.Sample,
			Open: func(ctx context.Context, _ string) (replay.Reader, error) {
				return openJSON(ctx, "-", Options{Stdin: strings.NewReader(text), TempDir: temp})
			},
		})
		if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
			t.Errorf("%s: left behind: %v, %v", name, left, err)
		}
	}
}

// TestJSONInputThatNeverEnds reads a pipe without a writer.
func TestJSONInputThatNeverEnds(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	ctx, cancel := context.WithCancel(context.Background())
	go cancel()
	temp := t.TempDir()
	if _, err := openJSON(ctx, "-", Options{Stdin: r, TempDir: temp}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A text that may be a form is a key if an event has it.
func TestMappedJSONTakesKeys(t *testing.T) {
	path := jsonPath(t, `{"a":"x","b":1,"later+":null,"at:ms":5}`+"\n"+`{"a":"x","b":2,"c+d":2,"/e+f":3,"g":{"h+i":4,"h":5}}`+"\n")
	for to, want := range map[string]string{
		"c+d": "2", "b+a": `{"b":2,"a":"x"}`, `"c+d"`: "2", `"/e+f"`: "3", "/g/h+i": "4", "/g": `{"h+i":4,"h":5}`, "g:/h": "5", `g:"/h+i"`: "4",
		"'[1]'": "[1]", "*": `{"c+d":2,"/e+f":3,"g":{"h+i":4,"h":5}}`,
	} {
		r := mustOpen(t, path, Options{Map: map[string]string{"stream": "a", "version": "b", "data": to}})
		if all := events(t, r, replay.Query{}); len(all) != 2 || string(all[1].Data) != want {
			t.Errorf("data=%s: %+v", to, all)
		}
	}
	for to, want := range map[string]string{
		"a+x": `none of the 2 events has a member "x"`, "bb": `did you mean "b"?`, "/g/nix": `a member "/g/nix"`, "'open": "does not end",
	} {
		if _, err := openJSON(t.Context(), path, Options{Map: map[string]string{"stream": to}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("stream=%s: %v, want %s", to, err, want)
		}
	}
	for field, to := range map[string]string{"type": "a+b", "data": "a+'x'", "version": "'1'", "time": "b:years", "id": "/"} {
		_, err := openJSON(t.Context(), path, Options{Map: map[string]string{"stream": "a", field: to}})
		if (err == nil) != (field == "id") {
			t.Errorf("%s=%s: %v", field, to, err)
		}
	}
}

func TestMappedJSON(t *testing.T) {
	text := `{"order_id":7,"at":1772355600,"kind":"Placed","seq":"0","body":"{\"n\": 9007199254740993}","ctx":{"who":["x",{"name":"ann"}]}}
{"order_id":7,"at":"2026-03-01 10:00:00.5","kind":"Paid","seq":1,"body":{"b":2},"ctx":{}}
{"order_id":"8","at":"soon","kind":"Placed","seq":0,"body":"text","ctx":null}
`
	fields := map[string]string{
		"stream": "order_id", "version": "seq", "type": "/kind", "data": "body", "time": "at",
		"actor": "/ctx/who/1/name", "meta": "ctx",
	}
	ev := func(stream replay.StreamID, version, position int, typ, data string) replay.Event {
		return replay.Event{
			Stream: stream, Version: replay.Version(version), Position: replay.Position(position), Type: typ,
			Data: []byte(data),
		}
	}
	want := []replay.Event{
		ev("7", 0, 1, "Placed", `{"n":9007199254740993}`), ev("7", 1, 2, "Paid", `{"b":2}`), ev("8", 0, 3, "Placed", `"text"`),
	}
	want[0].Time = time.Unix(1772355600, 0)
	want[1].Time = time.Date(2026, 3, 1, 10, 0, 0, 5e8, time.UTC)
	want[0].Meta = replay.Meta{Actor: "ann", Raw: []byte(`{"who":["x",{"name":"ann"}]}`)}
	want[1].Meta.Raw = []byte("{}")
	path := jsonPath(t, text)
	open := func(ctx context.Context, path string) (replay.Reader, error) {
		return openJSON(ctx, path, Options{Map: fields})
	}
	storetest.Run(t, storetest.Config{Name: "orders", Path: path, Want: want, Open: open})
	r, err := open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	info := r.Info()
	for _, s := range []string{"stream=order_id", "a string are read as JSON (1 event)"} {
		if !strings.Contains(info.Recognised, s) {
			t.Errorf("%q is missing: %s", s, info.Recognised)
		}
	}
	if sum, err := r.Summary(context.Background()); err != nil || !strings.Contains(sum.Times, "without a zone") {
		t.Errorf("times: %s (%v)", sum.Times, err)
	}
	if fmt.Sprint(info.LeftOut) != "[1 unreadable time]" {
		t.Errorf("left out: %v", info.LeftOut)
	}

	// Without the optional fields.
	want = []replay.Event{ev("7", 1, 1, "", ""), ev("7", 2, 2, "", ""), ev("8", 1, 3, "", "")}
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		want[i].Data = []byte(line)
	}
	storetest.Run(t, storetest.Config{
		Name: "the stream alone", Path: path, Want: want, Sample: storetest.Sample,
		Open: func(ctx context.Context, path string) (replay.Reader, error) {
			return openJSON(ctx, path, Options{Map: map[string]string{"stream": "order_id"}})
		},
	})
}

func openText(t testing.TB, text string, o Options) (replay.Reader, error) {
	t.Helper()
	r, err := openJSON(context.Background(), jsonPath(t, text), o)
	if err == nil {
		t.Cleanup(func() { r.Close() })
	}
	return r, err
}

func allEvents(t testing.TB, r replay.Reader, q replay.Query) []replay.Event {
	t.Helper()
	var out []replay.Event
	for e, err := range r.Events(context.Background(), q) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, *e.Clone())
	}
	return out
}

func TestJSONMetadataPointers(t *testing.T) {
	text := `{"stream":"a","version":1,"type":"T","actor":"envelope","metadata":{"user":{"id":17},"c~/d":"corr"}}
{"stream":"a","version":2,"type":"T","actor":"envelope","metadata":{"who":"bob"}}
{"stream":"a","version":3,"type":"T","actor":"envelope"}`
	r, err := openText(t, text, Options{Metadata: Metadata{
		Actor: []string{"/user/id", "/who"}, Correlation: []string{"/c~0~1d"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range allEvents(t, r, replay.Query{}) {
		got = append(got, e.Meta.Actor+"/"+e.Meta.Correlation)
	}
	if s := strings.Join(got, " "); s != "17/corr bob/ envelope/" {
		t.Errorf("got %s", s)
	}
	if _, err := openText(t, text, Options{Metadata: Metadata{Actor: []string{"user"}}}); err == nil {
		t.Error("an invalid pointer is accepted")
	}
}

// openJSON opens the file as JSON, however it begins.
func openJSON(ctx context.Context, path string, o Options) (replay.Reader, error) {
	return jsonfile.Source(nil).Open(ctx, &source.Candidate{At: place.Parse(path)}, o)
}
