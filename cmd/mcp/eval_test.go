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
var evalBounds = map[string][2]int{"why": {8, 6000}, "value": {1, 500}, "who": {1, 700}, "which": {1, 2500}, "inputs": {1, 1500}}

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
	{
		Name: "cart-inputs", Stream: "cart-42", Kind: "inputs", At: "28", Path: "/total",
		Prompt: "What was the total of cart-42 computed from at its version 28? Name each event before it that set an input which matters.",
		Answer: map[string]any{"events": []string{"cart-42@10 CouponApplied", "cart-42@27 ItemRemoved", "cart-42@4 ItemAdded"}},
	},
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
	if task.Kind == "inputs" {
		return map[string]any{"events": i.inputs(task)}
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
// event, or else the event that set an input of the wrong value, if the state is good
// without it.
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
	} else if other := i.suspect(task.Stream, version, good, found); other != "" {
		cause = other
	}
	fleet := i.call("check", map[string]any{})
	return map[string]any{"culprit": culprit, "cause": cause, "streams": streamsOf(i.t, fleet, "/data/violations")}
}

// suspect is the event without which the state is good, of those that set the inputs of
// the wrong value: first the one that a search names, then the others.
func (i *investigator) suspect(stream, version, good string, found state.Value) string {
	if text(found, "/data/cause/path") == "" {
		return ""
	}
	const named = "/data/cause/input/set_by"
	if text(found, named+"/version") != "" && i.cures(stream, version, good, text(found, named+"/version")) {
		return eventName(found, named, stream)
	}
	from := i.call("blame", map[string]any{"stream": stream, "at": version, "path": text(found, "/data/cause/path"), "why": true})
	for n := range 50 {
		by := fmt.Sprintf("/data/rows/0/inputs/%d/set_by", n)
		if v := text(from, by+"/version"); v != "" && v != version && i.cures(stream, version, good, v) {
			return eventName(from, by, stream)
		}
	}
	return ""
}

// cures reports whether the state at a version would be good without an event.
func (i *investigator) cures(stream, version, good, without string) bool {
	drop := map[string]any{"kind": "drop", "version": json.RawMessage(without)}
	v := i.call("state_at", map[string]any{"stream": stream, "at": version, "edits": []any{drop}})
	would, err := state.Lookup(v, "/data/state")
	if err != nil {
		i.t.Fatal(err)
	}
	p, err := js.CompilePredicate(good, "good", js.Limits{})
	if err != nil {
		i.t.Fatal(err)
	}
	is, err := p.Test(would, &replay.Event{})
	return err == nil && is
}

// inputs are the other events that set what a value was computed from.
func (i *investigator) inputs(task evalTask) (events []string) {
	v := i.call("blame", map[string]any{"stream": task.Stream, "at": task.At, "path": task.Path, "why": true})
	var rows []struct {
		Event  struct{ Version int64 }
		Inputs []struct {
			SetBy *struct {
				Version int64
				Type    string
			} `json:"set_by"`
		}
	}
	if err := json.Unmarshal([]byte(text(v, "/data/rows")), &rows); err != nil {
		i.t.Fatal(err)
	}
	for _, in := range rows[0].Inputs {
		if by := in.SetBy; by != nil {
			events = append(events, fmt.Sprintf("%s@%d %s", task.Stream, by.Version, by.Type))
		}
	}
	slices.Sort(events)
	return slices.Compact(events)
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
