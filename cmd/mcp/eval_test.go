package mcp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/state"
	"asof/replay/workspace"
)

// An evalTask is a question to an agent, with its answer.
type evalTask struct {
	Name      string         `json:"name"`
	Store     string         `json:"store"`
	Prompt    string         `json:"prompt"`
	Kind      string         `json:"kind"`
	Stream    string         `json:"stream,omitempty"`
	At        string         `json:"at,omitempty"`
	Path      string         `json:"path,omitempty"`
	Condition string         `json:"condition,omitempty"`
	Answer    map[string]any `json:"answer"`
	MaxCalls  int            `json:"max_calls"`
	MaxTokens int            `json:"max_tokens"`
}

const evalDir = "../../testdata/eval"

// evalBounds are the most calls and tokens that the investigator may take, by the kind of
// task.
var evalBounds = map[string][2]int{"why": {14, 12_000}, "value": {1, 500}, "who": {1, 700}, "which": {1, 2500}}

// cartTasks are about the demo store, which everyone can write.
var cartTasks = []evalTask{
	{
		Name: "cart-why", Stream: "cart-42", Kind: "why", Prompt: "A customer says that the shop owes them money: cart-42. Which event did that, which event is to blame, and which other carts have it?",
		Answer: map[string]any{
			"culprit": "cart-42@28 ItemQuantityChanged", "cause": "cart-42@10 CouponApplied",
			"streams": []string{"cart-35", "cart-38", "cart-40", "cart-42", "cart-43", "cart-44", "cart-45"},
		},
	},
	{Name: "cart-value", Stream: "cart-42", Kind: "value", At: "27", Path: "/total", Prompt: "What was the total of cart-42 after its version 27?", Answer: map[string]any{"value": 10.2}},
	{Name: "cart-who", Stream: "cart-42", Kind: "who", Path: "/discount", Prompt: "Who set the discount of cart-42, and with which event?", Answer: map[string]any{"event": "cart-42@10 CouponApplied", "actor": "pricing-service"}},
}

// TestEvalStores holds the stores and tasks of testdata/eval to their generator.
func TestEvalStores(t *testing.T) {
	var tasks []evalTask
	add := func(store string, all []evalTask) {
		for _, one := range all {
			one.Store, one.MaxCalls, one.MaxTokens = store, evalBounds[one.Kind][0], evalBounds[one.Kind][1]
			tasks = append(tasks, one)
		}
	}
	add("demo", cartTasks)
	files := map[string]string{}
	for _, s := range evalStores {
		h := newHistory(s.seed)
		s.history(h)
		add(s.name, h.tasks)
		files[s.name+"/store.ndjson"], files[s.name+"/asof.toml"], files[s.name+"/fold.js"] = h.lines.String(), s.toml, s.fold
	}
	text, err := json.MarshalIndent(tasks, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	files["tasks.json"] = string(text) + "\n"
	for name, want := range files {
		path := filepath.Join(evalDir, name)
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s is not what the generator makes; run the test with -update: %v", path, err)
		}
	}
}

// An investigator answers tasks with the tools alone, by a fixed policy and without a
// model. It counts what it reads and writes: 4 bytes are a token.
type investigator struct {
	t             *testing.T
	server        *Server
	store         string
	calls, tokens int
}

// call asks a tool, and checks that nothing of the store stands outside of data.
func (i *investigator) call(tool string, arguments map[string]any) state.Value {
	i.t.Helper()
	raw := mustJSON(arguments)
	a := i.server.Call(context.WithoutCancel(i.t.Context()), tool, raw, nil)
	i.calls++
	i.tokens += (len(tool) + len(raw) + len(a.Text) + len(a.Structured) + 3) / 4
	if a.Failed {
		i.t.Fatalf("%s %s: %s", tool, raw, a.Text)
	}
	var x any
	if err := json.Unmarshal(a.Structured, &x); err != nil {
		i.t.Fatal(err)
	}
	if texts := append(outside(x, ""), a.Text); strings.Contains(strings.Join(texts, "\n"), injection) {
		i.t.Errorf("%s %s: text of the store stands outside of data", tool, raw)
	}
	v, err := state.Parse(a.Structured)
	if err != nil {
		i.t.Fatal(err)
	}
	return v
}

// text is a part of a reply.
func text(v state.Value, pointer string) string {
	part, err := state.Lookup(v, pointer)
	if err != nil || part.IsAbsent() {
		return ""
	}
	if part.Kind() == state.String {
		return part.Text()
	}
	return string(state.AppendJSON(nil, part))
}

// event names an event of a reply.
func eventName(v state.Value, pointer, stream string) string {
	if own := text(v, pointer+"/stream"); own != "" {
		stream = own
	}
	return fmt.Sprintf("%s@%s %s", stream, text(v, pointer+"/version"), text(v, pointer+"/type"))
}

func (i *investigator) answer(task evalTask) map[string]any {
	switch task.Kind {
	case "value":
		v := i.call("state_at", map[string]any{"stream": task.Stream, "at": task.At, "path": task.Path})
		var number float64
		if err := json.Unmarshal([]byte(text(v, "/data/state")), &number); err != nil {
			i.t.Fatal(err)
		}
		return map[string]any{"value": number}
	case "who":
		v := i.call("blame", map[string]any{"stream": task.Stream, "path": task.Path})
		return map[string]any{"event": eventName(v, "/data/rows/0/event", task.Stream), "actor": text(v, "/data/rows/0/event/actor")}
	case "which":
		v := i.call("find_streams", map[string]any{"where_state": task.Condition})
		return map[string]any{"streams": streamsOf(i.t, v, "/data/streams")}
	}
	return i.why(task)
}

func streamsOf(t *testing.T, v state.Value, rows string) []string {
	t.Helper()
	var all []struct{ Stream string }
	if err := json.Unmarshal([]byte(text(v, rows)), &all); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, one := range all {
		ids = append(ids, one.Stream)
	}
	slices.Sort(ids)
	return ids
}

// why finds the event that turned a state bad, and the one to blame: what caused the
// event, or else the latest event of another actor without which the state is good.
func (i *investigator) why(task evalTask) map[string]any {
	store := i.call("describe_store", map[string]any{})
	good := text(store, "/data/invariants/0/good")
	found := i.call("find_change", map[string]any{"stream": task.Stream, "good": good})
	culprit, version := eventName(found, "/data/culprit", task.Stream), text(found, "/data/culprit/version")
	cause, root := culprit, ""
	if !strings.Contains(text(store, "/data/store/lacks"), "causation ids") {
		chain := i.call("trace", map[string]any{"stream": task.Stream, "at": version, "limit": 1})
		root = eventName(chain, "/data/events/0", task.Stream)
	}
	if root != "" && root != culprit {
		cause = root
	} else if other := i.suspect(task.Stream, version, good, text(found, "/data/culprit/actor")); other != "" {
		cause = other
	}
	fleet := i.call("check", map[string]any{})
	return map[string]any{"culprit": culprit, "cause": cause, "streams": streamsOf(i.t, fleet, "/data/violations")}
}

// suspect is the latest event of another actor without which the state is good.
func (i *investigator) suspect(stream, version, good, actor string) string {
	log := i.call("read_events", map[string]any{"stream": stream, "at": version, "newest_first": true, "where": fmt.Sprintf("event.actor !== %q", actor)})
	var events []struct {
		Version int64
		Type    string
	}
	if err := json.Unmarshal([]byte(text(log, "/data/events")), &events); err != nil {
		i.t.Fatal(err)
	}
	p, err := js.CompilePredicate(good, "good", js.Limits{})
	if err != nil {
		i.t.Fatal(err)
	}
	for _, e := range events {
		v := i.call("state_at", map[string]any{"stream": stream, "at": version, "edits": []any{map[string]any{"kind": "drop", "version": e.Version}}})
		would, err := state.Lookup(v, "/data/state")
		if err != nil {
			i.t.Fatal(err)
		}
		if is, err := p.Test(would, &replay.Event{}); err == nil && is {
			return fmt.Sprintf("%s@%d %s", stream, e.Version, e.Type)
		}
	}
	return ""
}

// TestEval has the investigator answer all tasks: exactly, and within their bounds. The
// README has the figures.
func TestEval(t *testing.T) {
	var figures strings.Builder
	for _, task := range evalTasks(t) {
		i := &investigator{t: t, server: evalServer(t, task.Store), store: task.Store}
		got := i.answer(task)
		var plain map[string]any
		if err := json.Unmarshal(mustJSON(got), &plain); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(plain, task.Answer) {
			t.Errorf("%s: the answer is %s, and %s is right", task.Name, mustJSON(got), mustJSON(task.Answer))
		}
		if i.calls > task.MaxCalls || i.tokens > task.MaxTokens {
			t.Errorf("%s: %d calls and %d tokens, and %d and %d are allowed", task.Name, i.calls, i.tokens, task.MaxCalls, task.MaxTokens)
		}
		fmt.Fprintf(&figures, "| `%s` | %d | %d |\n", task.Name, i.calls, i.tokens)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(readme, []byte(figures.String())) {
		t.Errorf("the README does not have these figures:\n%s", figures.String())
	}
}

// evalServer serves one store of the tasks.
func evalServer(t *testing.T, name string) *Server {
	t.Helper()
	if name == "demo" {
		return newServer(t, Options{}, "shop.db")
	}
	dir := t.TempDir()
	w := workspace.New(workspace.Host{Dir: filepath.Join(evalDir, name), NoCommands: true}, workspace.Options{CacheDir: dir, Release: "test"})
	t.Cleanup(w.Close)
	return New(w, Options{Stores: []Store{{Name: "store.ndjson", Ref: workspace.StoreRef{Store: "store.ndjson"}, Args: []string{"store.ndjson"}}}})
}
