package mcp

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"asof/replay/state"
)

// nextOf is the suggested call with a reason.
func nextOf(t *testing.T, a answered, why string) (tool, arguments string) {
	t.Helper()
	var all []struct {
		Tool, Why string
		Arguments json.RawMessage
	}
	if err := json.Unmarshal([]byte(a.at("/about/next")), &all); err != nil {
		t.Fatalf("%s: %v", a.Text, err)
	}
	for _, n := range all {
		if n.Why == why {
			return n.Tool, string(n.Arguments)
		}
	}
	return "", ""
}

// TestFlipsGoOn follows the calls for the flips that a reply leaves out.
func TestFlipsGoOn(t *testing.T) {
	s := newServer(t, Options{}, "odd.ndjson")
	tool, arguments := "find_change", `{"stream":"long","bad":"state.n === 0"}`
	var got []string
	for tool != "" {
		a := asked(t, s, tool, arguments)
		if a.Failed {
			t.Fatal(a.Text)
		}
		got = append(got, rowsOf(t, a, "flips")...)
		tool, arguments = nextOf(t, a, "the flips after these")
	}
	var want []string
	for v := 7; v <= 300; v++ {
		if v%7 < 2 {
			want = append(want, fmt.Sprintf(`{"bad":%t,"version":%d}`, v%7 == 0, v))
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the flips are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestLongHistoryIsTestedInParts asks about a history of which a call tests only a part. Each
// reply says up to where, and the calls that follow find every flip.
func TestLongHistoryIsTestedInParts(t *testing.T) {
	s := newServer(t, Options{}, "odd.ndjson")
	const events, every = 4 * maxAfter, 3000
	var b strings.Builder
	var want []string
	for v := 1; v <= events; v++ {
		fmt.Fprintf(&b, `{"stream":"s","version":%d,"type":"T","data":{"n":%d}}`+"\n", v, v%every)
		if v >= every && v%every < 2 {
			want = append(want, fmt.Sprintf(`{"bad":%t,"version":%d}`, v%every == 0, v))
		}
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(s.space.Path("x")), "odd.ndjson"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	first := asked(t, s, "find_change", `{"stream":"s","bad":"state.n === 0"}`)
	if got, tested := first.at("/data/tested_to/version"), every+maxAfter; got != fmt.Sprint(tested) || !strings.Contains(first.Text, fmt.Sprintf("version %d are not tested", tested)) {
		t.Errorf("it is tested to %s: %s", got, first.Text)
	}
	if first.at("/data/culprit/version") != fmt.Sprint(every) || first.at("/data/account/events") != fmt.Sprint(events) || first.at("/data/to_bad") != "false" ||
		first.at("/data/without/to_bad") != "none" || first.at("/data/without/tested_to") == "none" {
		t.Errorf("the answer is %s", first.Structured)
	}
	var got []string
	for a := first; ; {
		got = append(got, rowsOf(t, a, "flips")...)
		tool, arguments := nextOf(t, a, "the states after these")
		if tool == "" {
			break
		}
		if a = asked(t, s, tool, arguments); a.Failed {
			t.Fatal(a.Text)
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the flips are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestLongNamesGoOn asks with long arguments and of long names. Each reply has the call for
// the rest, and its command in full or none.
func TestLongNamesGoOn(t *testing.T) {
	s := newServer(t, Options{}, "odd.ndjson")
	var b strings.Builder
	for i := range 60 {
		fmt.Fprintf(&b, `{"stream":"%s%d","version":1,"type":"T","data":{"n":%d}}`+"\n", strings.Repeat("x", 100+i*50), i, i)
	}
	for i := range 5 {
		fmt.Fprintf(&b, `{"stream":"%s%d","version":1,"type":"T","data":{"n":%d}}`+"\n", strings.Repeat("x", 9000), i, i)
	}
	fmt.Fprintf(&b, `{"stream":"with\u0000","version":1,"type":"T","data":{%q:1,%q:2,"c":%q}}`+"\n",
		strings.Repeat("k", 5000)+"a", strings.Repeat("k", 5000)+"b", strings.Repeat("c", 30_000))
	if err := os.WriteFile(filepath.Join(filepath.Dir(s.space.Path("x")), "odd.ndjson"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("1 + ", 900) + "1"
	for _, tt := range []struct {
		tool, arguments, rows string
		want                  int
	}{
		{"find_streams", `{}`, "streams", 66},
		{"find_streams", `{"newest_first":true,"limit":7}`, "streams", 66},
		{"query", fmt.Sprintf(`{"sql":"SELECT stream, %s FROM streams","limit":9}`, long), "rows", 66},
		{"check", fmt.Sprintf(`{"bad":"state.n < %s && state.n > -1","limit":9}`, long), "violations", 65},
	} {
		rows, arguments := 0, tt.arguments
		for range 200 {
			a := asked(t, s, tt.tool, arguments)
			if a.Failed {
				t.Fatal(a.Text)
			}
			rows += len(rowsOf(t, a, tt.rows))
			if line := a.at("/about/command"); line != "null" && !strings.Contains(line, "--json") {
				t.Errorf("the command is cut: %s", line)
			}
			if a.at("/about/left") == "0" {
				break
			}
			_, arguments = nextOf(t, a, "the rest")
			if arguments == "" {
				t.Fatalf("%.80s: no call gives the rest: %.3000s", tt.arguments, a.Structured)
			}
		}
		if rows != tt.want {
			t.Errorf("%.80s: %d rows, want %d", tt.arguments, rows, tt.want)
		}
	}
	a := asked(t, s, "state_at", `{"stream":"with\u0000"}`)
	if v, err := state.Lookup(a.value, "/data/state"); err != nil || v.Node().Len() != 3 || a.at("/about/command") != "null" {
		t.Errorf("a state with keys that look alike is %.3000s", a.Structured)
	}
}

// TestPointInStreamGoesOn asks about streams whose name has a point, or looks as if it had.
// The next calls are about the same ones.
func TestPointInStreamGoesOn(t *testing.T) {
	s := newServer(t, Options{}, "odd.ndjson")
	var b strings.Builder
	for _, stream := range []string{"@", "x@head", "x"} {
		for v := range 4 {
			fmt.Fprintf(&b, `{"stream":%q,"version":%d,"type":"T","id":"%s-%d","data":{%q:%d,"n":%d}}`+"\n", stream, v+1, stream, v, stream, v, v)
		}
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(s.space.Path("x")), "odd.ndjson"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ tool, arguments, rows, want string }{
		{"diff_states", `{"stream":"@","other_stream":"x","limit":1}`, "changes", `"path":"/x"`},
		{"diff_states", `{"stream":"x@head","other_stream":"@","limit":1}`, "changes", `"path":"/@"`},
		{"blame", `{"stream":"x@2","limit":1}`, "rows", `"path":"/n","value":1`},
		{"blame", `{"stream":"id:x-1","limit":1}`, "rows", `"path":"/n","value":1`},
		{"blame", `{"stream":"x@head@2","limit":1}`, "rows", `"path":"/n","value":1`},
	} {
		first := asked(t, s, tt.tool, tt.arguments)
		_, arguments := nextOf(t, first, "the rest")
		all := rowsOf(t, first, tt.rows)
		if arguments != "" {
			all = append(all, rowsOf(t, asked(t, s, tt.tool, arguments), tt.rows)...)
		}
		if got := strings.Join(all, "\n"); len(all) != 2 || !strings.Contains(got, tt.want) {
			t.Errorf("%s %s, then %s: %s", tt.tool, tt.arguments, arguments, got)
		}
	}
}

// TestDeepValuesAreOutlined shows a value of thousands of levels, which the parsers of clients
// refuse. What is cut can be asked for by its path.
func TestDeepValuesAreOutlined(t *testing.T) {
	s := newServer(t, Options{}, "odd.ndjson")
	const levels = 3000
	text := fmt.Sprintf(`{"stream":"d","version":1,"type":"T","id":"d1","data":%s7%s}`+"\n", strings.Repeat(`{"a":[`, levels/2), strings.Repeat("]}", levels/2))
	if err := os.WriteFile(filepath.Join(filepath.Dir(s.space.Path("x")), "odd.ndjson"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range [][2]string{
		{"describe_store", `{}`},
		{"read_events", `{}`},
		{"read_events", `{"stream":"d","changes":true,"limit":1}`},
		{"state_at", `{"stream":"d","path":"/a/0"}`},
		{"state_at", `{"stream":"d","edits":[{"kind":"drop","version":1}]}`},
		{"diff_states", `{"stream":"d"}`},
		{"blame", `{"stream":"d"}`},
		{"find_change", `{"stream":"d","bad":"state?.a != null"}`},
		{"query", `{"sql":"SELECT state FROM state"}`},
	} {
		a := asked(t, s, tt[0], tt[1])
		if a.Failed {
			t.Errorf("%s %s: %s", tt[0], tt[1], a.Text)
		}
		if isDeeper(a.value, 2*maxDepth) {
			t.Errorf("%s %s has more than %d levels", tt[0], tt[1], 2*maxDepth)
		}
	}
	a := asked(t, s, "state_at", `{"stream":"d"}`)
	_, arguments := nextOf(t, a, "what is cut")
	b := asked(t, s, "state_at", arguments)
	if want := strings.Repeat("/a/0", maxDepth/2); arguments == "" || b.Failed || b.at("/data/path") != `"`+want+`"` {
		t.Errorf("state_at %s is %.300s", arguments, b.Structured)
	}
}

// TestCheckIsNotSuggestedForProjections finds a change in a stream and in a projection. Only
// streams can be checked.
func TestCheckIsNotSuggestedForProjections(t *testing.T) {
	s := newServer(t, Options{}, "shop.db")
	for arguments, want := range map[string]string{
		`{"stream":"cart-42","bad":"state.total < 0"}`:           "check",
		`{"stream":"proj:sales/eu","bad":"state.revenue > 500"}`: "",
	} {
		a := asked(t, s, "find_change", arguments)
		if a.Failed {
			t.Fatal(a.Text)
		}
		if tool, _ := nextOf(t, a, "which other streams it happened to"); tool != want {
			t.Errorf("after %s it suggests %q, want %q", arguments, tool, want)
		}
	}
}
