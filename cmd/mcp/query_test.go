package mcp

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"asof/fixtures/testmain"
	"asof/inspect/audit"
	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/workspace"
)

// TestQueryShowsLargeValues reads a text that is larger than a reply, part by part.
func TestQueryShowsLargeValues(t *testing.T) {
	s := newServer(t, Options{MaxBytes: leastBytes}, "shop.db")
	const sql = "SELECT group_concat(type) AS \"all \"\"types\"\"\" FROM events -- of the store"
	large := newServer(t, Options{MaxBytes: 10 << 20}, "shop.db")
	var whole []map[string]string
	if err := json.Unmarshal([]byte(asked(t, large, "query", string(mustJSON(map[string]any{"sql": sql}))).at("/data/rows")), &whole); err != nil {
		t.Fatal(err)
	}
	want := whole[0][`all "types"`]
	got := ""
	arguments := string(mustJSON(map[string]any{"sql": sql, "limit": 1}))
	for range 100 {
		a := asked(t, s, "query", arguments)
		if a.Failed {
			t.Fatal(a.Text)
		}
		var rows []map[string]string
		if err := json.Unmarshal([]byte(a.at("/data/rows")), &rows); err != nil {
			t.Fatal(err)
		}
		part := rows[0][`all "types"`]
		if a.at("/about/next") == "[]" {
			got += part
			break
		}
		got += part[:strings.LastIndex(part, "…")]
		arguments = a.at("/about/next/0/arguments")
	}
	if got != want || len(want) < leastBytes {
		t.Errorf("%d bytes in parts, and %d at once", len(got), len(want))
	}
}

// TestQueryStops ends statements that would never end: by the time of a call, and by its
// client. The next call is answered.
func TestQueryStops(t *testing.T) {
	s := newServer(t, Options{Timeout: 250 * time.Millisecond}, "shop.db")
	patient := newServer(t, Options{}, "shop.db") // a busy machine may cancel late
	for _, sql := range []string{
		"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c",
		"SELECT count(*) FROM events a, events b, events c",
		"SELECT count(*) FROM cart_history a, cart_history b WHERE a.state = b.state",
		"SELECT blame(cart_history, '/total') FROM cart_history, streams",
	} {
		arguments := mustJSON(map[string]any{"sql": sql})
		if a := asked(t, s, "query", string(arguments)); !strings.Contains(a.Text, `"error":"timeout"`) {
			t.Errorf("%s is answered %s", sql, a.Text)
		}
		ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
		time.AfterFunc(50*time.Millisecond, cancel)
		if a := patient.Call(ctx, "query", arguments, nil); !strings.Contains(a.Text, `"error":"interrupted"`) {
			t.Errorf("%s is cancelled and answered %s", sql, a.Text)
		}
	}
	for range 80 { // a busy machine may take as long for it
		a := asked(t, s, "query", `{"sql":"SELECT 1 AS one"}`)
		if a.at("/data/rows/0/one") == "1" {
			return
		}
		if !strings.Contains(a.Text, `"error":"timeout"`) {
			t.Fatalf("the next call is answered %s", a.Text)
		}
	}
	t.Error("no call is answered after one that was stopped")
}

// withheld serves a store whose events have a secret, which is withheld.
func withheld(t *testing.T, secret string) *Server {
	t.Helper()
	dir := t.TempDir()
	var b strings.Builder
	for v := 1; v <= 6; v++ {
		fmt.Fprintf(&b, `{"stream":"a-%d","category":"a","version":%d,"position":%d,"type":"T","id":"%s-%d","actor":%q,"data":{"n":%d,"card":%q,"deep":{"pins":[%q,{"pin":%q}]}},"metadata":{"ip":%q}}`+"\n",
			v%2, (v+1)/2, v, secret, v, "someone", v, secret, secret, secret, secret)
	}
	if err := os.WriteFile(filepath.Join(dir, "s.ndjson"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	paths := []string{"/id", "/data/card", "/data/deep/**", "/metadata/ip"}
	r, err := audit.NewRedaction(paths, "", "")
	if err != nil {
		t.Fatal(err)
	}
	h := workspace.Host{Dir: dir, NoCommands: true, Scripts: js.Limits{Time: 300 * time.Millisecond, Memory: 64 << 20}, Reader: func(from replay.Reader) replay.Reader { return r.Reader(from) }}
	w := workspace.New(h, workspace.Options{NoCache: true})
	t.Cleanup(w.Close)
	return New(w, Options{Withheld: paths, Stores: []Store{{Name: "s", Ref: workspace.StoreRef{Store: "s.ndjson"}, Args: []string{"s.ndjson"}}}})
}

// TestWithheldIsNowhere asks two stores that differ in what is withheld alone. No answer
// differs: neither the values nor anything made of them can be had.
func TestWithheldIsNowhere(t *testing.T) {
	one, two := withheld(t, "4111-1111"), withheld(t, "a much longer secret, é")
	calls := [][2]string{
		{"describe_store", `{}`},
		{"find_streams", `{"where_state":"JSON.stringify(state).length > 20"}`},
		{"find_streams", `{"where_state":"state.card.length === 9"}`},
		{"read_events", `{"changes":true}`},
		{"read_events", `{"grep":"4111"}`},
		{"read_events", `{"stream":"a-1","where":"JSON.stringify(event).includes('secret')"}`},
		{"state_at", `{"stream":"a-1"}`},
		{"state_at", `{"stream":"a-1","path":"/card"}`},
		{"state_at", `{"stream":"a-1","fold":"s.all = JSON.stringify(e)"}`},
		{"state_at", `{"stream":"a-1","fold":"throw new Error(JSON.stringify(e))"}`},
		{"state_at", `{"stream":"a-1","edits":[{"kind":"drop","version":2}]}`},
		{"state_at", `{"stream":"a-1","edits":[{"kind":"set","version":2,"path":"/data/n","value":7}],"fold":"s.all = JSON.stringify(e)"}`},
		{"diff_states", `{"stream":"a-1"}`},
		{"find_change", `{"stream":"a-1","bad":"state.card === '4111-1111'"}`},
		{"blame", `{"stream":"a-1"}`},
		{"blame", `{"stream":"a-1","path":"/deep","history":true}`},
		{"check", `{"bad":"state.deep.pins[0].startsWith('4')"}`},
		{"query", `{"tables":true}`},
		{"trace", `{"stream":"a-1"}`},
		{"trace", `{"stream":"a-1","at":"id:4111-1111-3"}`},
		{"state_at", `{"stream":"a-1","at":"id:4111"}`},
		{"state_at", `{"stream":"4111-1111-3"}`},
		{"check", `{"bad":"state.n > 0","at":"id:4111-1111-3"}`},
		{"read_events", `{"at":"id:4..head"}`},
	}
	for _, sql := range []string{
		"SELECT * FROM events", "SELECT * FROM state", "SELECT * FROM state_history", "SELECT * FROM state_changes", "SELECT * FROM streams",
		"SELECT length(data), hex(metadata) FROM events", "SELECT json_extract(data, '$.card'), data ->> '$.deep.pins[1].pin' FROM events",
		"SELECT j.fullkey, j.value FROM events, json_tree(events.data) j", "SELECT j.value FROM events, json_each(events.metadata) j",
		"SELECT member(state, '/card'), member(state, '/deep/pins/1/pin'), blame(this, '/card') FROM state", "SELECT card, deep FROM state('pos:3')",
		"SELECT t(data) FROM events", "SELECT dec_add(json_extract(data, '$.card'), 1) FROM events", "SELECT json_extract(data, '$.' || data) FROM events",
		"SELECT count(*) FROM events WHERE data LIKE '%4111%' OR metadata GLOB '*secret*'", "SELECT min(data), max(metadata), group_concat(data) FROM events",
		"SELECT count(*) FROM events WHERE id LIKE '4%'", "SELECT stream FROM events WHERE id = '4111-1111-3'", "SELECT stream FROM state WHERE card < 'b'", "SELECT * FROM state(json_extract('{}', '$.x') || (SELECT data FROM events))", "SELECT * FROM state_changes WHERE path LIKE '%pin%'",
	} {
		calls = append(calls, [2]string{"query", string(mustJSON(map[string]any{"sql": sql}))})
	}
	seed := testmain.Seed(t)
	dice := rand.New(rand.NewPCG(seed, 2))
	for range 150 {
		name, arguments := randomCall(dice)
		arguments = regexp.MustCompile(`"stream":"[^"]*"`).ReplaceAllString(arguments, `"stream":"a-1"`)
		arguments = regexp.MustCompile(`"store":"[^"]*",?`).ReplaceAllString(arguments, "")
		calls = append(calls, [2]string{name, arguments})
	}
	answered := 0
	for _, c := range calls {
		a, b := asked(t, one, c[0], c[1]), asked(t, two, c[0], c[1])
		if slow := "did not return within"; strings.Contains(a.Text, slow) || strings.Contains(b.Text, slow) {
			continue // a busy machine may stop one of the two
		}
		if a.Text != b.Text || string(a.Structured) != string(b.Structured) {
			t.Errorf("seed %d: %s %s is answered\n%s%s\nand\n%s%s", seed, c[0], c[1], a.Text, a.Structured, b.Text, b.Structured)
		}
		if !a.Failed {
			answered++
		}
	}
	if answered < 30 {
		t.Errorf("seed %d: only %d calls were answered", seed, answered)
	}
}
