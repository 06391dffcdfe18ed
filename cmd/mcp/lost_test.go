package mcp

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"asof/replay/workspace"
)

// lostCalls are calls whose answers are about all of a store, or about a stream that it may
// hold and does not show, by tool.
var lostCalls = map[string][]string{
	"describe_store": {`{}`},
	"find_streams":   {`{}`, `{"where_state":"state.n > 0"}`},
	"read_events":    {`{}`, `{"limit":1}`, `{"changes":true}`, `{"stream":"gone"}`},
	"state_at":       {`{"stream":"proj:total"}`, `{"stream":"gone"}`, `{"stream":"id:gone"}`},
	"diff_states":    {`{"stream":"proj:total","from":"1"}`, `{"stream":"gone"}`},
	"find_change":    {`{"stream":"proj:total","bad":"state.n > 100"}`, `{"stream":"gone","bad":"state.n > 100"}`},
	"blame":          {`{"stream":"proj:total"}`, `{"stream":"proj:total","path":"/n","why":true}`, `{"stream":"gone"}`},
	"check":          {`{}`, `{"bad":"state.n > 100"}`},
	"trace":          {`{"stream":"a"}`, `{"stream":"gone"}`},
	"query":          {`{"sql":"SELECT count(*) FROM events"}`, `{"sql":"SELECT * FROM total"}`, `{"tables":true}`},
}

// tallied serves a file of events that is folded by two projections over all streams, of which
// one has an invariant. mapping is how the file is read, as a line of asof.toml.
func tallied(t *testing.T, events, mapping string) *Server {
	t.Helper()
	project := `[stores.d]
path = "s.ndjson"
` + mapping + `
[[projection]]
name = "total"
fold = "total.js"
[[projection]]
name = "tally"
streams = "*"
fold = "merge"
[[invariant]]
name = "n"
projection = "tally"
good = "state.n > 0"
`
	dir := t.TempDir()
	for name, text := range map[string]string{"s.ndjson": events, "asof.toml": project, "total.js": "fromAll().when({ $any(s, e) { s.n = (s.n ?? 0) + e.data.n } })"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w := workspace.New(workspace.Host{Dir: dir, NoCommands: true}, workspace.Options{CacheDir: filepath.Join(dir, "cache"), Release: "test"})
	t.Cleanup(w.Close)
	return New(w, Options{Stores: []Store{{Name: "d", Ref: workspace.StoreRef{Store: "d"}, Args: []string{"d"}}}, Release: "test"})
}

// TestRepliesSayWhatIsLost checks that a reply about all of a store says which of its rows may
// be events of any stream and were not read, and that none says that all is well.
func TestRepliesSayWhatIsLost(t *testing.T) {
	const lost = `{"pos":1,"id":"x1","s":"a","v":1,"t":"A","d":{"n":1},"c":"none"}
{"pos":2,"id":"x2","s":"b","v":1,"t":"A","d":{"n":2},"c":"none"}
{"pos":3,"id":"x3","v":3,"t":"A","d":{"n":-1},"c":"none"}
`
	s := tallied(t, lost, `map = {position = "pos", id = "id", causation = "c", stream = "s", version = "v", type = "t", data = "d"}`)
	for _, tool := range tools {
		if lostCalls[tool.name] == nil {
			t.Errorf("what does %s say of lost rows?", tool.name)
		}
		for _, call := range lostCalls[tool.name] {
			a := asked(t, s, tool.name, call)
			all := a.Text + string(a.Structured)
			if !strings.Contains(all, "left out") || !strings.Contains(all, "1 row without a stream or a version") || strings.Contains(a.Text, "holds") || a.Failed != strings.Contains(call, "gone") {
				t.Errorf("%s %s: failed %v\n%s\n%s", tool.name, call, a.Failed, a.Text, a.Structured)
			}
		}
	}
}

// TestRepliesSayWhichStreamsAreIncomplete checks that a reply from folding many streams says
// that events are missing from some of them.
func TestRepliesSayWhichStreamsAreIncomplete(t *testing.T) {
	const text = `{"position":1,"id":"x1","stream":"a","version":1,"type":"A","data":{"n":1}}
{"position":2,"id":"x2","stream":"b","version":3,"type":"A","data":{"n":2}}
{"position":3,"id":"x3","stream":"a","version":3,"type":"A","data":{"n":3}}
`
	s := tallied(t, text, "")
	for tool, calls := range map[string][]string{
		"find_streams": {`{"where_state":"state.n > 0"}`},
		"read_events":  {`{"changes":true}`},
		"state_at":     {`{"stream":"proj:total"}`},
		"diff_states":  {`{"stream":"proj:total","from":"1"}`},
		"find_change":  {`{"stream":"proj:total","bad":"state.n > 100"}`},
		"blame":        {`{"stream":"proj:total"}`},
		"check":        {`{}`, `{"bad":"state.n > 100"}`},
		"query":        {`{"sql":"SELECT * FROM tally"}`, `{"sql":"SELECT * FROM tally LIMIT 1"}`, `{"sql":"SELECT * FROM total"}`},
	} {
		for _, call := range calls {
			a := asked(t, s, tool, call)
			if all := a.Text + string(a.Structured); !strings.Contains(all, "2 streams are incomplete, such as a") {
				t.Errorf("%s %s: failed %v\n%s\n%s", tool, call, a.Failed, a.Text, a.Structured)
			}
		}
	}
}
