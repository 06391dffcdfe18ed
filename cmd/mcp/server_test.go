package mcp

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

var update = flag.Bool("update", false, "write the golden files")

// maxTools bounds what a client reads of the tools before it asks anything: 5,000 tokens
// of 4 bytes.
const maxTools = 20_000

// TestTools holds what clients see of the tools to the golden file. A change of it is a
// decision: prompts and programs rely on names and arguments.
func TestTools(t *testing.T) {
	client := connect(t, newServer(t, Options{}, "shop.db", "odd.ndjson"))
	list, err := client.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	small, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	if len(small) > maxTools {
		t.Errorf("the tools take %d bytes, and %d at most are allowed", len(small), maxTools)
	}
	for _, tool := range list.Tools {
		a := tool.Annotations
		if a == nil || !a.ReadOnlyHint || !a.IdempotentHint || a.OpenWorldHint == nil || *a.OpenWorldHint {
			t.Errorf("%s is not annotated as read-only, idempotent and of a closed world", tool.Name)
		}
	}
	if n := len(list.Tools); n < 8 || n > 10 {
		t.Errorf("there are %d tools", n)
	}
	golden(t, "tools.json", indented(t, small))
	golden(t, "instructions.txt", []byte(client.InitializeResult().Instructions))
}

func indented(t *testing.T, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		t.Fatal(err)
	}
	b.WriteByte('\n')
	return b.Bytes()
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what it was; if that was decided, run the test with -update:\n%s", path, cmp.Diff(string(want), string(got)))
	}
}

// TestInvestigation asks by every tool, through a client, what the demo store has.
func TestInvestigation(t *testing.T) {
	s := newServer(t, Options{}, "shop.db")
	client := connect(t, s)
	valid := schemas(t)
	for _, tt := range []struct{ tool, arguments, at, want string }{
		{"describe_store", `{}`, "/data/store/events", "3500"},
		{"describe_store", `{}`, "/data/invariants/0/good", `"state.total >= 0"`},
		{"describe_store", `{"categories":["cart"]}`, "/data/categories/0/category", `"cart"`},
		{"describe_store", `{"categories":["carts"]}`, "/data/notes/0/message", `"no category \"carts\"; the categories are cart, order"`},
		{"find_streams", `{"pattern":"cart-4"}`, "/about/total", "11"},
		{"find_streams", `{"categories":["order"],"sort":"events","newest_first":true,"limit":1}`, "/about/shown", "1"},
		{"find_streams", `{"where_state":"state.total < 0"}`, "/about/total", "6"},
		{"find_streams", `{"where_state":"state.total < 0","at":"2026-01-23"}`, "/data/streams/0/stream", `"cart-44"`},
		{"read_events", `{"stream":"cart-42","limit":3}`, "/about/left", "28"},
		{"read_events", `{"limit":3}`, "/about/total", "3500"},
		{"read_events", `{"types":["CouponApplied"],"limit":3}`, "/about/total", "null"},
		{"read_events", `{"stream":"cart-42","at":"27..28","changes":true}`, "/data/events/0/changes/0/to", "-2.40"},
		{"read_events", `{"types":["CouponApplied"],"where":"event.data.percent > 0"}`, "/data/events/0/type", `"CouponApplied"`},
		{"state_at", `{"stream":"cart-42"}`, "/data/state/total", "-6.60"},
		{"state_at", `{"stream":"cart-42","at":"start"}`, "/data/moment/before_first_event", "true"},
		{"state_at", `{"stream":"cart-42","at":"27","path":"/items/0"}`, "/data/state/qty", "6"},
		{"diff_states", `{"stream":"cart-42","to":"28"}`, "/data/changes/1/to", "-2.40"},
		{"diff_states", `{"stream":"cart-42","from":"27","to":"28","path":"/total"}`, "/about/total", "1"},
		{"diff_states", `{"stream":"cart-42","other_stream":"cart-44"}`, "/data/to/stream", `"cart-44"`},
		{"find_change", `{"stream":"cart-42","bad":"state.total < 0"}`, "/data/culprit/version", "28"},
		{"find_change", `{"stream":"cart-42","good":"state.total >= 0","to":"20"}`, "/data/verdict", `"never_bad"`},
		{"blame", `{"stream":"cart-42","path":"/total"}`, "/data/rows/0/event/version", "30"},
		{"blame", `{"stream":"cart-42","path":"/total","history":true}`, "/data/rows/1/changes/0/to", "-2.40"},
		{"blame", `{"stream":"cart-42","path":"/total","history":true,"limit":3}`, "/about/left", "22"},
		{"blame", `{"stream":"cart-42","removed":true}`, "/about/left", "0"},
		{"find_change", `{"stream":"cart-42","bad":"state.total < 0"}`, "/data/cause/path", `"/total"`},
		{"find_change", `{"stream":"cart-42","bad":"state.total < 0"}`, "/data/cause/input/set_by/version", "10"},
		{"find_change", `{"stream":"cart-42","bad":"state.total < 0"}`, "/about/next/0/arguments/why", "true"},
		{"blame", `{"stream":"cart-42","at":"28","path":"/total","why":true}`, "/data/rows/0/value", "-2.40"},
		{"blame", `{"stream":"cart-42","at":"28","path":"/total","why":true}`, "/data/rows/0/inputs/4/set_by/type", `"CouponApplied"`},
		{"blame", `{"stream":"cart-42","at":"28","path":"/total","why":true}`, "/data/rows/0/inputs/4/would", "12.60"},
		{"blame", `{"stream":"cart-42","at":"28","path":"/total","why":true}`, "/about/next/0/arguments/path", `"/discount"`},
		{"check", `{}`, "/about/total", "7"},
		{"check", `{"bad":"state.total < 0","limit":2}`, "/about/left", "5"},
		{"trace", `{"stream":"cart-42","at":"28"}`, "/data/asked/version", "28"},
		{"state_at", `{"stream":"cart-42","edits":[{"kind":"set","version":17,"path":"/data/qty","value":1}]}`, "/data/simulated", "true"},
		{"state_at", `{"stream":"cart-42","edits":[{"kind":"drop","events":"type:CouponApplied"}],"path":"/total"}`, "/data/state", "8.40"},
		{"query", `{"sql":"SELECT stream, total FROM cart WHERE total < 0 ORDER BY total","limit":2}`, "/data/rows/0/total", "-6.6"},
		{"query", `{"sql":"SELECT count(*) AS n, total(total) AS sum FROM cart","at":"2026-03-01"}`, "/data/rows/0/n", "142"},
		{"query", `{"sql":"SELECT n FROM state WHERE stream = 'cart-42'","fold":"s.n = (s.n ?? 0) + 1"}`, "/data/rows/0/n", "31"},
		{"query", `{"tables":true}`, "/data/rows/2/table", `"cart"`},
		{"query", `{"tables":true,"at":"pos:1"}`, "/data/rows/2/example/version", "1"},
	} {
		result, err := client.CallTool(t.Context(), &sdk.CallToolParams{Name: tt.tool, Arguments: json.RawMessage(tt.arguments)})
		if err != nil {
			t.Fatalf("%s %s: %v", tt.tool, tt.arguments, err)
		}
		text := result.Content[0].(*sdk.TextContent).Text
		if result.IsError {
			t.Errorf("%s %s: %s", tt.tool, tt.arguments, text)
			continue
		}
		if err := valid[tt.tool].Validate(result.StructuredContent); err != nil {
			t.Errorf("%s %s: %v", tt.tool, tt.arguments, err)
		}
		if got := asked(t, s, tt.tool, tt.arguments).at(tt.at); got != tt.want {
			t.Errorf("%s %s: %s is %s, and %s is expected in\n%v", tt.tool, tt.arguments, tt.at, got, tt.want, result.StructuredContent)
		}
	}
}

// TestFaultsAreToldTogether gives arguments that are wrong in several ways.
func TestFaultsAreToldTogether(t *testing.T) {
	s := newServer(t, Options{}, "shop.db")
	for _, tt := range []struct {
		tool, arguments string
		want            []string
	}{
		{"state_at", `{"strem":"cart-42","at":"17x","path":"items","offset":-1}`, []string{
			`"argument":"at","message":"bad point`, `"argument":"offset","message":"write a number from 0 on"`, `"argument":"stream","message":"it is missing"`,
			`"argument":"strem","message":"the tool has no such argument"`, `"near":["stream"]`,
		}},
		{"read_events", `{"stream":"cart-42","where":"event.data.text === '\ud83d'"}`, []string{`"argument":"where","message":"leave out half of a surrogate pair`}},
		{"find_change", `{"stream":7,"bad":"state.total <","good":"1"}`, []string{`"argument":"bad"`, `"argument":"stream","message":"write a string"`}},
		{"find_change", `{"stream":"cart-42"}`, []string{"bad and good are both missing"}},
		{"state_at", `{"stream":"cart-42","fold":"exec:rm -rf /"}`, []string{"files and commands cannot be named here"}},
		{"state_at", `{"stream":"cart-42","fold":"/etc/passwd.js"}`, []string{"files and commands cannot be named here"}},
		{"state_at", `{"stream":"cart-4222"}`, []string{`"error":"no_stream"`, `"near":["cart-222"`}},
		{"state_at", `{"stream":"cart-42","at":"99"}`, []string{`"error":"no_version"`, "its versions are 1 to 31"}},
		{"state_at", `{"stream":"cart-42","path":"/itms"}`, []string{`"error":"no_path"`, `/items`}},
		{"state_at", `{"stream":"cart-42","edits":[{"kind":"drop"},{"kind":"set","version":3,"file":"/etc/passwd"}]}`, []string{`edits[0]`, `edits[1]`}},
		{"blame", `{"stream":"cart-42","history":true}`, []string{"history needs a path"}},
		{"blame", `{"stream":"cart-42","why":true,"history":true,"at":"2..5"}`, []string{"history needs a path", "why needs a path", "different questions", `"argument":"why"`}},
		{"blame", `{"stream":"cart-42","why":true,"path":"/total","at":"2..5"}`, []string{"why is about one state"}},
		{"blame", `{"stream":"cart-42","why":true,"path":"/total","cursor":"x"}`, []string{"only a history has a cursor"}},
		{"blame", `{"stream":"cart-42","why":true,"path":"/nothing"}`, []string{`"error":"no_path"`}},
		{"check", `[]`, []string{"not a JSON object"}},
		{"query", `{}`, []string{`"argument":"sql","message":"it is missing"`}},
		{"query", `{"sql":"SELECT 1","tables":true,"at":"17x"}`, []string{`bad point`}},
		{"query", `{"sql":"SELECT totl FROM cart"}`, []string{"there is no column totl", `"near":["total"]`, `"advice":"correct the expression:`}},
		{"query", `{"sql":"DELETE FROM events"}`, []string{"does more than read"}},
		{"query", `{"sql":"ATTACH '/etc/passwd' AS x"}`, []string{"does more than read"}},
		{"nothing", `{}`, []string{"unknown_tool"}},
	} {
		a := asked(t, s, tt.tool, tt.arguments)
		if !a.Failed || a.Structured != nil {
			t.Errorf("%s %s is answered: %s", tt.tool, tt.arguments, a.Text)
		}
		for _, want := range tt.want {
			if !strings.Contains(a.Text, want) {
				t.Errorf("%s %s: %q is not in\n%s", tt.tool, tt.arguments, want, a.Text)
			}
		}
	}
}

// TestNextCallsGoOn follows the first call of about.next until there is none, and
// compares the rows with those of one large reply.
func TestNextCallsGoOn(t *testing.T) {
	small := newServer(t, Options{MaxBytes: leastBytes}, "shop.db")
	large := newServer(t, Options{MaxBytes: 10 << 20, MaxRows: 10_000}, "shop.db")
	for _, tt := range []struct{ tool, arguments, rows string }{
		{"find_streams", `{"categories":["cart"],"limit":50}`, "streams"},
		{"find_streams", `{"where_state":"state.total > 100","limit":20}`, "streams"},
		{"read_events", `{"stream":"cart-42","changes":true}`, "events"},
		{"read_events", `{"categories":["cart"]}`, ""},
		{"read_events", `{"since":"2026-03-28","newest_first":true}`, "events"},
		{"check", `{"bad":"state.total > 100","limit":30}`, "violations"},
		{"check", `{"bad":"state.total > 300","at":"2026-02-10","limit":7}`, "violations"},
		{"blame", `{"stream":"cart-42","limit":4}`, "rows"},
		{"blame", `{"stream":"cart-42","path":"/total","history":true,"limit":4}`, "rows"},
		{"blame", `{"stream":"cart-42","removed":true,"limit":2}`, "rows"},
		{"diff_states", `{"stream":"cart-42","from":"2","limit":3}`, "changes"},
		{"trace", `{"stream":"cart-42","at":"28","limit":5}`, "events"},
		{"describe_store", `{}`, "types"},
		{"query", `{"tables":true}`, "rows"},
		{"query", `{"sql":"SELECT stream, version, data FROM events WHERE position < 700","limit":90}`, "rows"},
		{"query", `{"sql":"SELECT c.stream, c.total, b.total AS before FROM cart c LEFT JOIN cart('2026-03-01') b USING (stream) WHERE c.total > 300","at":"2026-03-20"}`, "rows"},
	} {
		if tt.rows == "" { // not an argument of it
			if a := asked(t, small, tt.tool, tt.arguments); !a.Failed {
				t.Errorf("%s %s is answered", tt.tool, tt.arguments)
			}
			continue
		}
		var got []string
		pages, arguments := 0, tt.arguments
		for pages < 500 {
			a := asked(t, small, tt.tool, arguments)
			if a.Failed {
				t.Fatalf("%s %s: %s", tt.tool, arguments, a.Text)
			}
			pages++
			got = append(got, rowsOf(t, a, tt.rows)...)
			if a.at("/about/left") == "0" {
				break
			}
			if a.at("/about/next/0/tool") != `"`+tt.tool+`"` {
				t.Fatalf("%s %s: no next call in %s", tt.tool, arguments, a.Structured)
			}
			arguments = a.at("/about/next/0/arguments")
		}
		var all map[string]any
		if err := json.Unmarshal([]byte(tt.arguments), &all); err != nil {
			t.Fatal(err)
		}
		delete(all, "limit")
		want := rowsOf(t, asked(t, large, tt.tool, string(mustJSON(all))), tt.rows)
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s %s: %d rows on %d pages, and %d at once", tt.tool, tt.arguments, len(got), pages, len(want))
		}
	}
}

func rowsOf(t *testing.T, a answered, name string) []string {
	t.Helper()
	var rows []json.RawMessage
	if err := json.Unmarshal([]byte(a.at("/data/"+name)), &rows); err != nil {
		t.Fatalf("%s: %v", a.Text, err)
	}
	all := make([]string, len(rows))
	for i, one := range rows {
		all[i] = string(one)
	}
	return all
}

// TestDescriptionIsOfTheStore describes a store again after it has grown.
func TestDescriptionIsOfTheStore(t *testing.T) {
	s := newServer(t, Options{}, "odd.ndjson")
	first := asked(t, s, "describe_store", `{}`)
	if again := asked(t, s, "describe_store", `{}`); string(again.Structured) != string(first.Structured) {
		t.Errorf("the same call is answered\n%s\nand\n%s", first.Structured, again.Structured)
	}
	f, err := os.OpenFile(s.space.Path("odd.ndjson"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"stream":"new-1","version":1,"type":"New","data":{"n":1}}` + "\n"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if grown := asked(t, s, "describe_store", `{}`); !strings.Contains(string(grown.Structured), `"type":"New"`) {
		t.Errorf("the event that was added is not in %s", grown.Structured)
	}
}

// TestCallsAtOnce asks from many goroutines. Each gets what it gets alone.
func TestCallsAtOnce(t *testing.T) {
	s := newServer(t, Options{}, "shop.db")
	calls := [][2]string{
		{"state_at", `{"stream":"cart-42"}`},
		{"state_at", `{"stream":"cart-42","at":"20","fold":"s.n = (s.n ?? 0) + 1"}`},
		{"find_change", `{"stream":"cart-44","bad":"state.total < 0"}`},
		{"find_streams", `{"where_state":"state.total < 0"}`},
		{"read_events", `{"stream":"cart-42","changes":true}`},
		{"state_at", `{"stream":"nobody"}`},
	}
	want := make([]string, len(calls))
	for i, c := range calls {
		a := asked(t, s, c[0], c[1])
		want[i] = a.Text + string(a.Structured)
	}
	var all sync.WaitGroup
	for i, c := range calls {
		for range 4 {
			all.Go(func() {
				a := s.Call(t.Context(), c[0], json.RawMessage(c[1]), nil)
				if got := a.Text + string(a.Structured); got != want[i] {
					t.Errorf("%s %s is answered\n%s\nalone\n%s", c[0], c[1], got, want[i])
				}
			})
		}
	}
	all.Wait()
}

// TestTimeAndProgress asks what takes longer than a call may: it is told meanwhile that
// the call is at work, and in the end why it has no answer.
func TestTimeAndProgress(t *testing.T) {
	s := newServer(t, Options{Timeout: 600 * time.Millisecond, Pulse: 100 * time.Millisecond}, "shop.db")
	var mu sync.Mutex
	var told []float64
	a := s.Call(t.Context(), "check", json.RawMessage(`{"bad":"(() => { for (let i = 0; i < 3e5; i++) {} return false })()","fold":"for (let i = 0; i < 1e5; i++) s.n = i"}`),
		func(at float64, _ string) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, at)
		})
	if !a.Failed || !strings.Contains(a.Text, `"error":"timeout"`) {
		t.Errorf("it is answered %s", a.Text)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(told) < 2 || told[0] >= told[1] {
		t.Errorf("it told %v", told)
	}
}

// TestTextOnly gives all of a reply as text, and promises no structured content.
func TestTextOnly(t *testing.T) {
	s := newServer(t, Options{TextOnly: true}, "shop.db")
	a := asked(t, s, "state_at", `{"stream":"cart-42"}`)
	if a.Structured != nil || !strings.Contains(a.Text, `"total":-6.60`) || !json.Valid([]byte(a.Text)) {
		t.Errorf("the text is %s", a.Text)
	}
	list, err := connect(t, s).ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range list.Tools {
		if tool.OutputSchema != nil {
			t.Errorf("%s has an output schema", tool.Name)
		}
	}
}
