package store

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/fixtures/write"
	"asof/replay"
	"asof/replay/store/storetest"
)

// TestJSONFormsConform writes the history in every form that other stores print, and reads
// it back.
func TestJSONFormsConform(t *testing.T) {
	for _, d := range write.JSONForms() {
		t.Run(d.Name+d.Variant, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "events.json")
			h := history(150)
			if err := d.Write(t.Context(), path, slices.Values(h)); err != nil {
				t.Fatal(err)
			}
			var o Options
			if d.Variant == "mongoexport" {
				o.Map = write.MongoMap()
			}
			conform(t, path, d.Shown(slices.Values(h)), o, storetest.Sample)
			if got := mustOpen(t, path, o).Info().Dialect; got != d.Name {
				t.Errorf("detected as %s", got)
			}
		})
	}
}

func fileOf(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "events.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const (
	temporalStart = `{"eventId":"1","eventTime":"2026-03-01T09:00:00Z","eventType":"WorkflowExecutionStarted","workflowExecutionStartedEventAttributes":{"originalExecutionRunId":"run-1"}}`
	atomGone      = `{"title":"0@gone-1","id":"http://x/streams/gone-1/0","updated":"2026-01-01T10:00:00Z","author":{"name":"EventStore"},"summary":"$>","links":[]}`
	atomOne       = `{"eventId":"a","eventType":"Added","eventNumber":0,"streamId":"cart-1","isJson":true,"data":"{\"a\":1}","updated":"2026-03-01T09:00:00Z"}`
)

func TestForeignJSONForms(t *testing.T) {
	for _, c := range []struct{ name, text, shows string }{
		{"temporal, a run without an id", `{"events":[` + temporalStart + `]}`, `run-1@1 WorkflowExecutionStarted {"originalExecutionRunId":"run-1"}`},
		{"temporal, what comes before and after", `{"a":{"events":[{}]},"events":[` + temporalStart + `],"b":"]}"}`, "run-1@1 WorkflowExecutionStarted"},
		{"temporal, the end alone", `{"events":[{"eventId":"7","eventTime":"2026-03-01T09:00:00Z","eventType":"TimerFired"}]}`, "workflow@7 TimerFired null"},
		{"temporal, one a line", temporalStart + "\n", "run-1@1"},
		{"temporal, pages of the server", `{"history":{"events":[` + temporalWorkflow("w-7", "r1") + `]},"nextPageToken":"x"}{"history":{"events":[` + temporalEvent(2, "TimerFired") + `]}}`, "w-7@2 TimerFired"},
		{"temporal, newest first", `{"events":[` + temporalEvent(2, "TimerFired") + `,` + temporalWorkflow("w-7", "r1") + `]}`, "w-7@1 WorkflowExecutionStarted"},
		{"temporal, newest first, the later event", `{"events":[` + temporalEvent(2, "TimerFired") + `,` + temporalWorkflow("w-7", "r1") + `]}`, "w-7@2 TimerFired"},
		{"temporal, capitals", `{"events":[` + strings.Replace(temporalWorkflow("w-7", "r1"), "WorkflowExecutionStarted", "WORKFLOW_EXECUTION_STARTED", 1) + `,` + temporalEvent(2, "TIMER_FIRED") + `]}`, "w-7@2 TimerFired"},
		{"temporal, details", `{"events":[` + strings.Replace(temporalWorkflow("w-7", "r1"), "workflowExecutionStartedEventAttributes", "details", 1) + `]}`, `w-7@1 WorkflowExecutionStarted {"workflowId":"w-7"`},
		{"temporal, a list of histories", `[{"events":[` + temporalWorkflow("w-7", "r1") + `,` + temporalEvent(2, "A") + `]} , {"events":[` + temporalWorkflow("w-8", "r2") + `,` + temporalEvent(2, "B") + `]}]`, "w-8@2 B"},
		{"atom, one entry", `{"entries":[` + atomOne + `]}`, `cart-1@0 Added {"a":1}`},
		{"atom, two pages", `{"entries":[` + atomOne + `]} {"entries":[` + strings.ReplaceAll(atomOne, "cart-1", "cart-2") + `],"x":1}`, `cart-2@0 Added {"a":1}`},
		{"atom, an object for data", strings.Replace(`{"entries":[`+atomOne+`]}`, `"{\"a\":1}"`, `{"b":2}`, 1), `{"b":2}`},
		{"atom, binary", strings.Replace(`{"entries":[`+atomOne+`]}`, `"isJson":true`, `"isJson":false`, 1), "opaque: the server says that it is not JSON"},
		{"atom, binary without a body", strings.Replace(`{"entries":[`+atomOne+`]}`, `"isJson":true,"data":"{\"a\":1}"`, `"isJson":false`, 1), "opaque: the server says that it is not JSON, and the page does not hold it"},
		{"atom, a body that is text", strings.Replace(`{"entries":[`+atomOne+`]}`, `{\"a\":1}`, `plain words`, 1), "opaque: not JSON"},
		{"atom, no data", strings.Replace(`{"entries":[`+atomOne+`]}`, `{\"a\":1}`, ``, 1), "opaque: it has no data"},
		{"atom, a link first whose event is gone", `{"entries":[` + atomGone + `,` + atomOne + `]}`, `cart-1@0 Added {"a":1}`},
		{"atom, a gone link as later servers give it", `{"entries":[` + atomOne + `,{"eventId":"00000000-0000-0000-0000-000000000000","eventType":null,"eventNumber":0,"streamId":null,"linkMetaData":"{}","positionEventNumber":5,"positionStreamId":"$ce-x"}]}`, `cart-1@0 Added {"a":1}`},
		{"atom, a tombstone", `{"entries":[{"eventId":"d","eventType":"$streamDeleted","eventNumber":9223372036854775807,"streamId":"cart-1","isJson":false,"updated":"2026-03-01T09:00:00Z"},` + atomOne + `]}`, "cart-1@9223372036854775807 $streamDeleted null"},
		{"atom, metadata of a stream", `{"entries":[{"eventId":"m","eventType":"$metadata","eventNumber":0,"streamId":"$$cart-1","isJson":true,"data":"{\"$maxCount\":2}"},` + atomOne + `]}`, `$$cart-1@0 $metadata {"$maxCount":2}`},
		{"atom, a link that was not followed", `{"entries":[{"eventId":"l","eventType":"$>","eventNumber":7,"streamId":"$ce-cart","isJson":false,"data":"0@cart-1"},` + atomOne + `]}`, `$ce-cart@7 $> "0@cart-1"`},
		{"atom, an empty page last", `{"entries":[` + atomOne + `]} {"entries":[]}`, `cart-1@0 Added`},
		{"atom, without a body", strings.Replace(`{"entries":[`+atomOne+`]}`, `"data":"{\"a\":1}",`, ``, 1), "opaque: the page does not hold it"},
		{"atom, data that is no JSON", strings.Replace(`{"entries":[`+atomOne+`]}`, `{\"a\":1}`, `{`, 1), "opaque: not JSON"},
		{"cloudevents, printed to be read", "{\n  \"specversion\": \"1.0\",\n  \"type\": \"T\", \"subject\": \"s\",\n  \"data\": {\n    \"a\": 1\n  }\n}\n{\n  \"specversion\": \"1.0\", \"type\": \"U\", \"subject\": \"s\"\n}\n", "s@2 U null"},
		{"cloudevents, a sequence of texts", "\x1e{\"specversion\":\"1.0\",\"type\":\"T\",\"subject\":\"s\"}\n\x1e{\n\"specversion\":\"1.0\",\"type\":\"U\",\"subject\":\"s\"}\n", "s@2 U null"},
		{"cloudevents, a sequence of texts that are printed to be read", "\x1e{\n\"specversion\":\"1.0\",\"type\":\"T\",\"subject\":\"s\"}\n\x1e{\n\"specversion\":\"1.0\",\"type\":\"U\",\"subject\":\"s\"}\n", "s@2 U null"},
		{"eventsourcingdb, a heartbeat first", `{"type":"heartbeat","payload":{}}` + "\n" + esdbOne, `/books/42@1 T {"a":1}`},
	} {
		r, err := Open(t.Context(), fileOf(t, c.text), Options{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var got []string
		for _, e := range events(t, r, replay.Query{Order: replay.ByStream}) {
			s := string(e.Stream) + "@" + itoa(int64(e.Version)) + " " + e.Type + " " + string(e.Data)
			if e.Opaque != "" {
				s += "opaque: " + e.Opaque
			}
			got = append(got, s)
		}
		if all := strings.Join(got, "\n"); !strings.Contains(all, c.shows) {
			t.Errorf("%s: %s, want %s", c.name, all, c.shows)
		}
		r.Close()
	}
}

func temporalEvent(id int, typ string) string {
	return `{"eventId":"` + itoa(int64(id)) + `","eventTime":"2026-03-01T09:00:00Z","eventType":"` + typ + `"}`
}

func temporalWorkflow(id, run string) string {
	return `{"eventId":"1","eventTime":"2026-03-01T09:00:00Z","eventType":"WorkflowExecutionStarted",` +
		`"workflowExecutionStartedEventAttributes":{"workflowId":"` + id + `","originalExecutionRunId":"` + run + `","workflowType":{"name":"Shop"}}}`
}

// TestTemporalHistories separates the histories in a file, in any order and cut into any
// pages. A history is the events 1, 2, … of one run.
func TestTemporalHistories(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var pages []string
		want := map[string]string{}
		runs := map[string]int{}
		down := rapid.Bool().Draw(t, "newest first")
		several := false
		for range rapid.IntRange(1, 4).Draw(t, "histories") {
			id := rapid.SampledFrom([]string{"w-1", "w-2", "w-3"}).Draw(t, "workflow")
			runs[id]++
			several = several || runs[id] > 1
			run := "run-" + itoa(int64(runs[id]))
			n := rapid.IntRange(2, 5).Draw(t, "events")
			all := []string{temporalWorkflow(id, run)}
			for v := 2; v <= n; v++ {
				all = append(all, temporalEvent(v, id+"."+run))
			}
			if down {
				slices.Reverse(all)
			}
			cut := rapid.IntRange(2, n).Draw(t, "first page")
			pages = append(pages, `{"events":[`+strings.Join(all[:cut], ",")+`]}`)
			if cut < n {
				pages = append(pages, `{"events":[`+strings.Join(all[cut:], ",")+`]}`)
			}
			want[id+"/"+run] = strings.Repeat(id+"."+run+" ", n-1)
		}
		text := strings.Join(pages, "\n")
		if rapid.Bool().Draw(t, "as a list") {
			text = "[" + strings.Join(pages, ",") + "]"
		}
		r, err := Open(context.Background(), "-", Options{Stdin: strings.NewReader(text)})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		defer r.Close()
		got := map[string]string{}
		for e, err := range r.Events(context.Background(), replay.Query{Order: replay.ByStream}) {
			switch {
			case err != nil:
				t.Fatal(err)
			case e.Category != "Shop":
				t.Errorf("%s has category %q", e.Stream, e.Category)
			case e.Version > 1:
				got[string(e.Stream)] += e.Type + " "
			}
		}
		for name, types := range want {
			if !several {
				name, _, _ = strings.Cut(name, "/")
			}
			if got[name] != types {
				t.Errorf("%s\n%s has %q, want %q", text, name, got[name], types)
			}
		}
	})
}

// TestGoneLinksAreCounted checks that links to deleted events are counted as left out.
func TestGoneLinksAreCounted(t *testing.T) {
	s, err := mustOpen(t, fileOf(t, `{"entries":[`+atomGone+`,`+atomOne+`,`+atomGone+`]}`), Options{}).Summary(t.Context())
	if err != nil || s.Events != 1 || strings.Join(s.LeftOut, "; ") != "2 links whose events are gone" {
		t.Errorf("%d events, left out %q, %v", s.Events, s.LeftOut, err)
	}
}

const esdbOne = `{"type":"event","payload":{"specversion":"1.0","id":"0","time":"2026-03-01T09:00:00Z","source":"s","subject":"/books/42","type":"T","datacontenttype":"application/json","data":{"a":1}}}`

func TestJSONFormsReject(t *testing.T) {
	for _, c := range []struct{ name, text, says string }{
		{"temporal, cut", `{"events":[` + temporalStart, "found the end"},
		{"temporal, cut after the events", `{"events":[` + temporalStart + `]`, "'}' after the events"},
		{"temporal, damaged after the events", `{"events":[` + temporalStart + `],]}`, "the text after the events"},
		{"temporal, cut in the history", `{"history":{"events":[` + temporalStart + `]}`, "'}' after the events"},
		{"temporal, more behind", `{"events":[` + temporalStart + `]} x`, "another page"},
		{"temporal, an event twice", `{"events":[` + temporalStart + `,` + temporalStart + `]}`, "two events have position 1"},
		{"temporal, no id", `{"events":[` + temporalStart + `,{"eventTime":"2026-03-01T09:00:00Z","eventType":"T"}]}`, "no eventId"},
		{"atom, no number", `{"entries":[` + atomOne + `,{"eventId":"b","eventType":"T","streamId":"s"}]}`, "no eventNumber"},
		{"atom, links alone", `{"entries":[` + atomGone + `]}`, "no events"},
		{"atom, asked for without the events", strings.Replace(`{"entries":[`+atomGone+`]}`, "$>", "Added", 1), "?embed=body"},
		{"eventsourcingdb, an error", esdbOne + "\n" + `{"type":"error","payload":{"error":"boom"}}`, "boom"},
		{"eventsourcingdb, no payload", esdbOne + "\n" + `{"type":"event"}`, "no payload"},
		{"eventsourcingdb, another type", esdbOne + "\n" + `{"type":"row","payload":{}}`, "not event, heartbeat or error"},
		{"eventsourcingdb, no number", strings.Replace(esdbOne, `"id":"0"`, `"id":"x"`, 1), "no id that is a number"},
		{"eventsourcingdb, no event", `{"type":"heartbeat","payload":{}}`, "no events"},
	} {
		if _, err := Open(t.Context(), fileOf(t, c.text), Options{}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want an error with %q", c.name, err, c.says)
		}
	}
}

// TestAtomPagesOfSeveralStreams checks that pages of several streams have no common order.
func TestAtomPagesOfSeveralStreams(t *testing.T) {
	entry := func(stream string, n string) string {
		return `{"eventId":"` + stream + n + `","eventType":"T","eventNumber":` + n + `,"streamId":"` + stream + `","isJson":true,"data":"{}",` +
			`"positionEventNumber":` + n + `,"positionStreamId":"` + stream + `"}`
	}
	one := mustOpen(t, fileOf(t, `{"entries":[`+entry("a", "1")+`,`+entry("a", "0")+`]}`), Options{})
	if all := events(t, one, replay.Query{}); len(all) != 2 || all[0].Position != 0 || all[1].Version != 1 {
		t.Errorf("one stream: %+v", all)
	}
	two := mustOpen(t, fileOf(t, `{"entries":[`+entry("a", "1")+`,`+entry("a", "0")+`]}{"entries":[`+entry("b", "1")+`,`+entry("b", "0")+`]}`), Options{})
	if two.Info().Has("positions") || len(events(t, two, replay.Query{Order: replay.ByStream})) != 4 {
		t.Errorf("two streams: %+v", two.Info())
	}
}

func FuzzJSONForms(f *testing.F) {
	for _, d := range write.JSONForms() {
		path := filepath.Join(f.TempDir(), "events.json")
		if err := d.Write(f.Context(), path, slices.Values(history(4))); err != nil {
			f.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, s := range []string{
		`{"events":[` + temporalStart + `]}`, `{"entries":[` + atomOne + `]}{"entries":[` + atomOne + `]}`, esdbOne, ocelText,
		`[{"events":[` + temporalWorkflow("w", "r") + `]},{"events":[]}]`, "\x1e" + esdbOne + "\n\x1e{\n}",
		`{"events":[{"eventId":1,"eventType":"T","eventTime":1,"xEventAttributes":[{"payloads":[{"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":"e30="}]}]}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := Open(t.Context(), path, Options{})
		if err != nil {
			return
		}
		defer r.Close()
		s, err := r.Summary(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		n := int64(0)
		for e, err := range r.Events(t.Context(), replay.Query{Order: replay.ByStream}) {
			if err != nil {
				t.Fatal(err)
			}
			n++
			if _, err := e.Body(); e.Opaque == "" && err != nil {
				t.Fatalf("%s: %v", e.Data, err)
			}
		}
		if n != s.Events {
			t.Fatalf("%d events, and the summary says %d", n, s.Events)
		}
	})
}

// TestMongoIDs reads UUIDs in every notation of mongoexport.
func TestMongoIDs(t *testing.T) {
	const want = "6f9619ff-8b86-d011-b42d-00c04fc964ff"
	for text, id := range map[string]string{
		`{"$binary":{"base64":"b5YZ/4uG0BG0LQDAT8lk/w==","subType":"04"}}`: want,
		`{"$binary":"b5YZ/4uG0BG0LQDAT8lk/w==","$type":"04"}`:              want,
		`{"$binary":"b5YZ/4uG0BG0LQDAT8lk/w==","$type":4}`:                 want,
		`{"$uuid":"` + want + `"}`:                                         want,
		`{"$binary":{"base64":"b5YZ/4uG0BG0LQDAT8lk/w==","subType":"03"}}`: strings.ReplaceAll(want, "-", ""),
		`{"$binary":{"base64":"AAH/","subType":"00"}}`:                     "0001ff",
	} {
		r, err := Open(t.Context(), fileOf(t, `{"s":`+text+`,"_id":`+text+`,"v":1}`), Options{Map: map[string]string{"stream": "s", "id": "_id", "version": "v"}})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if e := events(t, r, replay.Query{})[0]; e.ID != id || string(e.Stream) != id {
			t.Errorf("%s is shown as %s, stream %s, want %s", text, e.ID, e.Stream, id)
		}
		r.Close()
	}
	if _, err := Open(t.Context(), fileOf(t, `{"s":{"$binary":{"base64":"?","subType":"04"}}}`), Options{Map: map[string]string{"stream": "s"}}); err == nil {
		t.Error("invalid base64 is accepted as an id")
	}
}
