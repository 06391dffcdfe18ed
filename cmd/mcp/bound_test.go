package mcp

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"asof/replay/workspace"
)

// writeHuge writes a store with 5,000 streams, values of some 240 kB and payloads that
// are nearly 10,000 levels deep, which is the limit.
func writeHuge(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // checked by Flush
	b := bufio.NewWriter(f)
	position := 0
	line := func(stream string, version int, data string) {
		position++
		fmt.Fprintf(b, `{"stream":%q,"category":"c","version":%d,"position":%d,"type":"T","id":"e%d","data":%s}`+"\n", stream, version, position, position, data)
	}
	text := strings.Repeat("a\\\"é", 60_000)
	line("big", 1, `{"text":"`+text+`","n":1}`)
	line("big", 2, `{"text":"`+text+`x","n":2}`)
	line("deep", 1, `{"deep":`+strings.Repeat("[", 9_900)+strings.Repeat("]", 9_900)+`}`)
	line("deep", 2, `{"under":`+strings.Repeat(`{"a":`, 9_000)+"1"+strings.Repeat("}", 9_000)+`}`)
	for i := range 5_000 {
		line(fmt.Sprintf("s-%06d", i), 1, `{"n":3}`)
	}
	if err := b.Flush(); err != nil {
		t.Fatal(err)
	}
}

// TestBoundHolds asks every tool about values, depths and numbers of streams that are far
// larger than a reply.
func TestBoundHolds(t *testing.T) {
	dir := t.TempDir()
	writeHuge(t, dir+"/huge.ndjson")
	w := workspace.New(workspace.Host{Dir: dir, NoCommands: true}, workspace.Options{NoCache: true})
	t.Cleanup(w.Close)
	s := New(w, Options{Stores: []Store{{Name: "huge", Ref: workspace.StoreRef{Store: "huge.ndjson"}, Args: []string{"huge.ndjson"}}}})
	valid := schemas(t)
	asked := map[string]bool{}
	for _, call := range [][2]string{
		{"describe_store", `{}`},
		{"find_streams", `{}`},
		{"find_streams", `{"where_state":"state.n > 2"}`},
		{"read_events", `{}`},
		{"read_events", `{"stream":"big","changes":true}`},
		{"read_events", `{"stream":"deep","payload_path":"/deep/0/0/0"}`},
		{"state_at", `{"stream":"big"}`},
		{"state_at", `{"stream":"big","path":"/text","offset":150000}`},
		{"state_at", `{"stream":"deep"}`},
		{"state_at", `{"stream":"deep","path":"/under/a/a/a"}`},
		{"state_at", `{"stream":"big","edits":[{"kind":"drop","version":2}]}`},
		{"diff_states", `{"stream":"big"}`},
		{"diff_states", `{"stream":"deep","other_stream":"big"}`},
		{"find_change", `{"stream":"big","bad":"state.n > 1"}`},
		{"find_change", `{"stream":"deep","bad":"'under' in state"}`},
		{"blame", `{"stream":"big"}`},
		{"blame", `{"stream":"deep"}`},
		{"blame", `{"stream":"big","path":"/text","why":true}`},
		{"blame", `{"stream":"big","path":"/text","why":true,"fold":"s.text = (s.text ?? '') + e.data.text + e.data.n"}`},
		{"blame", `{"stream":"deep","path":"/under","why":true}`},
		{"blame", `{"stream":"big","path":"/text","history":true}`},
		{"check", `{"bad":"state.n > 2"}`},
		{"trace", `{"stream":"big"}`},
		{"query", `{"sql":"SELECT * FROM state"}`},
		{"query", `{"sql":"SELECT data FROM events WHERE stream IN ('big', 'deep')"}`},
		{"query", `{"tables":true}`},
	} {
		a := s.Call(t.Context(), call[0], json.RawMessage(call[1]), nil)
		asked[call[0]] = true
		if size := len(a.Text) + len(a.Structured); size > DefaultBytes {
			t.Errorf("%s %s: a reply of %d bytes", call[0], call[1], size)
		}
		if a.Failed {
			if !strings.Contains(a.Text, `"unsupported"`) { // a trace without ids
				t.Errorf("%s %s: %s", call[0], call[1], a.Text)
			}
			continue
		}
		var x any
		if err := json.Unmarshal(a.Structured, &x); err != nil {
			t.Errorf("%s %s: %v", call[0], call[1], err)
		} else if err := valid[call[0]].Validate(x); err != nil {
			t.Errorf("%s %s: %v", call[0], call[1], err)
		}
	}
	for _, one := range tools {
		if !asked[one.name] {
			t.Errorf("%s is not asked", one.name)
		}
	}
}

// TestAnswersAreOfTheStore asks a session again after its store has grown, and after
// another one has taken its place.
func TestAnswersAreOfTheStore(t *testing.T) {
	dir := t.TempDir()
	write := func(events int, add string) {
		var b strings.Builder
		for v := 1; v <= events; v++ {
			fmt.Fprintf(&b, `{"stream":"a-1","category":"a","version":%d,"position":%d,"type":"T","id":"e%d","causation_id":"e%d","data":{"n":%d,%q:1}}`+"\n", v, v, v, v-1, v, add)
		}
		if err := os.WriteFile(dir+"/new", []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(dir+"/new", dir+"/s.ndjson"); err != nil {
			t.Fatal(err)
		}
	}
	write(3, "x")
	w := workspace.New(workspace.Host{Dir: dir, NoCommands: true}, workspace.Options{CacheDir: dir + "/cache"})
	t.Cleanup(w.Close)
	s := New(w, Options{Stores: []Store{{Name: "s", Ref: workspace.StoreRef{Store: "s.ndjson"}, Args: []string{"s.ndjson"}}}})
	for _, now := range []struct {
		events int
		member string
	}{{3, "x"}, {3, "x"}, {5, "x"}, {5, "y"}, {2, "z"}} {
		write(now.events, now.member)
		n := fmt.Sprint(now.events)
		for _, tt := range [][3]string{
			{"query", `{"sql":"SELECT max(version) AS n FROM events"}`, "/data/rows/0/n"},
			{"query", `{"sql":"SELECT n FROM state"}`, "/data/rows/0/n"},
			{"query", `{"sql":"SELECT count(` + now.member + `) AS n FROM state_history"}`, "/data/rows/0/n"},
			{"describe_store", `{}`, "/data/store/events"},
			{"find_streams", `{"where_state":"state.` + now.member + ` === 1"}`, "/data/as_of/position"},
			{"check", `{"bad":"state.n > 99"}`, "/data/events"},
			{"state_at", `{"stream":"a-1"}`, "/data/state/n"},
			{"trace", `{"stream":"a-1","at":"1"}`, "/about/total"},
			{"read_events", `{}`, "/data/as_of/position"},
			{"find_streams", `{}`, "/data/as_of/position"},
			{"find_streams", `{"sort":"events"}`, "/data/streams/0/events"},
			{"query", `{"sql":"SELECT count(*) AS n FROM events"}`, "/data/rows/0/n"},
			{"query", `{"sql":"SELECT type, count(*) AS n FROM events GROUP BY type"}`, "/data/rows/0/n"},
			{"query", `{"sql":"SELECT count(*) AS n FROM events WHERE stream = 'a-1'"}`, "/data/rows/0/n"},
		} {
			if got := asked(t, s, tt[0], tt[1]); got.at(tt[2]) != n {
				t.Errorf("%d events with %s: %s %s has %s: %s", now.events, now.member, tt[0], tt[1], got.at(tt[2]), got.Text)
			}
		}
		tables := asked(t, s, "query", `{"tables":true}`)
		if !strings.Contains(tables.at("/data/rows/2/columns"), `"`+now.member+`"`) {
			t.Errorf("%d events with %s: the columns are %s", now.events, now.member, tables.at("/data/rows/2/columns"))
		}
	}
}
