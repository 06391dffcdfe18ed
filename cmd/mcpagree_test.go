package cmd

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"asof/cmd/mcp"
	"asof/fixtures/testmain"
	"asof/replay/workspace"
)

// An agreement compares the answers of a server with those of the command line.
type agreement struct {
	t       *testing.T
	dir     string
	server  *mcp.Server
	dice    *rand.Rand
	streams []string
	types   []string // that are asked for
	member  string   // of most states
	calls   int

	password string // of the server that the store is on
}

// agree serves a store of a folder with limits that cut nothing.
func agree(t *testing.T, dir string, ref workspace.StoreRef, options []string, member string, dice *rand.Rand) *agreement {
	w := workspace.New(workspace.Host{Dir: dir, NoCommands: true, Zone: time.UTC}, workspace.Options{CacheDir: filepath.Join(t.TempDir(), "cache")})
	t.Cleanup(w.Close)
	name, password := ref.Store, ""
	if u, err := url.Parse(ref.Store); err == nil && u.User != nil {
		password, _ = u.User.Password()
		u.User = url.User(u.User.Username())
		name = u.String()
	}
	args := append([]string{name}, options...)
	if _, err := os.Stat(filepath.Join(dir, "asof.toml")); err == nil {
		args = append(args, "--config", "asof.toml")
	}
	one := mcp.Store{Name: "store", Ref: ref, Args: args}
	a := &agreement{t: t, dir: dir, password: password, dice: dice, member: member, server: mcp.New(w, mcp.Options{Stores: []mcp.Store{one}, MaxRows: 100_000, MaxBytes: 64 << 20})}
	for _, line := range a.command("asof streams " + strings.Join(append([]string{workspace.Quoted(name)}, options...), " ") + " --json") {
		a.streams = append(a.streams, line["stream"].(string))
	}
	return a
}

// command runs a command of a reply and returns its lines of JSON.
func (a *agreement) command(line string) (lines []map[string]any) {
	a.t.Helper()
	args := a.words(line)
	args = slices.Insert(args, 1, "--no-cache")
	out, stderr, code := run(a.t, a.dir, map[string]string{"TZ": "UTC"}, args...)
	if code > exitFindings {
		a.t.Fatalf("$ %s\nexits %d: %s", line, code, stderr)
	}
	d := json.NewDecoder(strings.NewReader(out))
	for d.UseNumber(); d.More(); {
		var x map[string]any
		if err := d.Decode(&x); err != nil {
			a.t.Fatal(err)
		}
		lines = append(lines, x)
	}
	return lines
}

// words are the arguments of a command after asof, as a shell reads them.
func (a *agreement) words(line string) []string {
	a.t.Helper()
	out, err := exec.CommandContext(a.t.Context(), "sh", "-c", "asof() { printf '%s\\0' \"$@\"; }; "+line).Output()
	if err != nil {
		a.t.Fatalf("$ %s: %v", line, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

// ask asks a tool, and the command line what the reply says is the same question. A call
// may ask for what is not there.
func (a *agreement) ask(tool string, arguments map[string]any) (data map[string]any, lines []map[string]any, ok bool) {
	a.t.Helper()
	a.calls++
	raw, err := json.Marshal(arguments)
	if err != nil {
		a.t.Fatal(err)
	}
	answer := a.server.Call(a.t.Context(), tool, raw, nil)
	if a.password != "" && strings.Contains(answer.Text+string(answer.Structured), a.password) {
		a.t.Errorf("%s %s tells the password: %s%s", tool, raw, answer.Text, answer.Structured)
	}
	if answer.Failed {
		var fault struct{ Error string }
		if err := json.Unmarshal([]byte(answer.Text), &fault); err != nil || !slices.Contains([]string{"no_path", "no_point", "no_version", "unsupported"}, fault.Error) {
			a.t.Errorf("%s %s: %s", tool, raw, answer.Text)
		}
		return nil, nil, false
	}
	var x struct {
		About struct{ Command string }
		Data  map[string]any
	}
	d := json.NewDecoder(bytes.NewReader(answer.Structured))
	d.UseNumber()
	if err := d.Decode(&x); err != nil {
		a.t.Fatal(err)
	}
	if x.Data["cut"] != nil {
		a.t.Errorf("%s %s: %v is cut", tool, raw, x.Data["cut"])
	}
	return x.Data, a.command(x.About.Command), true
}

// same compares a part of both answers. A member that is null in one may be absent in
// the other.
func (a *agreement) same(tool string, arguments map[string]any, got, want any) {
	a.t.Helper()
	if diff := gocmp.Diff(present(want), present(got)); diff != "" {
		a.t.Errorf("%s %v differs from the command:\n%s", tool, arguments, diff)
	}
}

func present(x any) any {
	switch x := x.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, one := range x {
			if one != nil {
				out[name] = present(one)
			}
		}
		return out
	case []any:
		out := []any{}
		for _, one := range x {
			out = append(out, present(one))
		}
		return out
	}
	return x
}

// pick leaves some members of an object, by their paths.
func pick(x any, names ...string) any {
	of, _ := x.(map[string]any)
	out := map[string]any{}
	for _, name := range names {
		first, rest, deep := strings.Cut(name, ".")
		if part := of[first]; deep && part != nil {
			out[name] = pick(part, rest).(map[string]any)[rest]
		} else if !deep {
			out[name] = part
		}
	}
	return out
}

func picks(list any, names ...string) []any {
	out := []any{}
	all, _ := list.([]any)
	for _, one := range all {
		out = append(out, pick(one, names...))
	}
	return out
}

func anys(lines []map[string]any) (all []any) {
	for _, one := range lines {
		all = append(all, one)
	}
	return all
}

func (a *agreement) oneOf(texts ...string) string { return texts[a.dice.IntN(len(texts))] }

// round asks every tool once, at random.
func (a *agreement) round() {
	stream := a.oneOf(a.streams...)
	point := a.oneOf("head", "start", "2", "head~1", "1")
	path := a.oneOf("", "/"+a.member)
	bad := fmt.Sprintf("JSON.stringify(state).length > %d", 40+a.dice.IntN(200))
	if a.dice.IntN(2) == 0 {
		bad = "state." + a.member + " > 100"
	}
	given := func(pairs ...string) map[string]any {
		out := map[string]any{}
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i+1] != "" {
				out[pairs[i]] = pairs[i+1]
			}
		}
		return out
	}
	event := []string{"stream", "version", "type", "id", "data", "metadata", "actor", "position", "time", "revision"}
	change := []string{"op", "path", "label", "from", "to"}

	q := given("stream", stream, "at", point, "path", path)
	if got, want, ok := a.ask("state_at", q); ok {
		a.same("state_at", q, pick(got, "state", "moment.version", "account.events"), map[string]any{
			"state": want[0]["state"], "moment.version": want[0]["moment"].(map[string]any)["version"], "account.events": want[0]["events"],
		})
	}
	q = given("stream", stream, "at", a.oneOf("", "head"))
	q["edits"] = []any{map[string]any{"kind": "drop", "version": 1 + a.dice.IntN(2)}}
	if got, want, ok := a.ask("state_at", q); ok {
		a.same("state_at", q, []any{got["state"], picks(got["changes"], change...)}, []any{want[0]["state"], picks(want[0]["changes"], change...)})
	}
	q = given("stream", stream, "to", a.oneOf("head", "2", "head~1"), "from", a.oneOf("", "start", "1"))
	if got, want, ok := a.ask("diff_states", q); ok {
		a.same("diff_states", q, picks(got["changes"], change...), picks(want[0]["changes"], change...))
	}
	q = given("stream", stream, "bad", bad)
	if got, want, ok := a.ask("find_change", q); ok {
		a.same("find_change", q, []any{pick(got, "verdict", "culprit.version", "culprit.id", "flips", "cause.path", "cause.value", "cause.input.path", "cause.input.earlier"), picks(got["changes"], change...)},
			[]any{pick(want[0], "verdict", "culprit.version", "culprit.id", "flips", "cause.path", "cause.value", "cause.input.path", "cause.input.earlier"), picks(want[0]["changes"], change...)})
	}
	q = given("stream", stream, "at", a.oneOf("", "head", "2"), "path", path)
	if got, want, ok := a.ask("blame", q); ok {
		a.same("blame", q, picks(got["rows"], "path", "value", "event.version", "event.actor"), picks(want[0]["paths"], "path", "value", "event.version", "event.actor"))
	}
	q = given("stream", stream)
	q["removed"] = true
	if got, want, ok := a.ask("blame", q); ok {
		a.same("blame", q, picks(got["rows"], "path", "value", "event.version"), picks(want[0]["removed"], "path", "value", "event.version"))
	}
	q = given("stream", stream, "path", "/"+a.member)
	q["history"] = true
	if got, want, ok := a.ask("blame", q); ok {
		rows := []any{}
		for _, one := range got["rows"].([]any) {
			row := one.(map[string]any)
			rows = append(rows, map[string]any{"version": row["event"].(map[string]any)["version"], "changes": row["changes"]})
		}
		a.same("blame", q, rows, picks(anys(want), "version", "changes"))
	}
	q = given("stream", stream, "path", "/"+a.member, "at", a.oneOf("", "head", "2"))
	q["why"] = true
	if got, want, ok := a.ask("blame", q); ok {
		rows := []any{}
		for _, one := range got["rows"].([]any) {
			row := one.(map[string]any)
			rows = append(rows, []any{pick(row, "path", "value", "event.version"), picks(row["inputs"], "path", "value", "set_by.version", "earlier", "would")})
		}
		a.same("blame", q, rows, chain(want[0]))
	}
	q = given("stream", a.oneOf(stream, ""), "at", a.oneOf("", "", "start..head"))
	if len(a.types) > 0 && a.dice.IntN(2) == 0 {
		q["types"] = a.types
	}
	q["changes"], q["newest_first"] = q["stream"] != nil && a.dice.IntN(2) == 0, a.dice.IntN(2) == 0
	if got, want, ok := a.ask("read_events", q); ok {
		a.same("read_events", q, picks(got["events"], append(event, "changes")...), picks(anys(want), append(event, "changes")...))
	}
	q = given("stream", stream)
	if got, want, ok := a.ask("trace", q); ok {
		a.same("trace", q, len(got["events"].([]any)), strings.Count(fmt.Sprint(want[0]["tree"], want[0]["other"]), "looped:"))
	}
	a.whole(bad)
}

// chain is the graph of a why as the rows that agents read: each value with the inputs
// that matter or are not known to.
func chain(why map[string]any) []any {
	nodes := why["nodes"].([]any)
	node := func(id any) map[string]any {
		at, _ := id.(json.Number).Int64()
		return nodes[at-1].(map[string]any)
	}
	rows := []any{}
	for i, one := range nodes {
		n := one.(map[string]any)
		if n["kind"] != "state" || n["open"] != true || n["event"] == nil && i > 0 {
			continue
		}
		inputs := []any{}
		for _, verdict := range []string{"matters", "unknown"} {
			for _, one := range why["edges"].([]any) {
				e := one.(map[string]any)
				if e["output"] != n["id"] || e["verdict"] != verdict {
					continue
				}
				in := node(e["input"])
				row := map[string]any{"path": in["path"], "value": in["value"], "earlier": e["earlier"], "would": e["would"]}
				if in["kind"] == "state" {
					row["set_by.version"] = pick(in, "event.version").(map[string]any)["event.version"]
				}
				inputs = append(inputs, row)
			}
		}
		rows = append(rows, []any{pick(n, "path", "value", "event.version"), inputs})
	}
	return rows
}

// whole asks the tools that are about all streams.
func (a *agreement) whole(bad string) {
	q := map[string]any{"bad": bad}
	violations := func(x map[string]any) (all []any) {
		for _, one := range x["invariants"].([]any) {
			all = append(all, picks(one.(map[string]any)["violations"], "stream", "culprit.version", "turns", "recovered")...)
		}
		return all
	}
	if got, want, ok := a.ask("check", q); ok {
		a.same("check", q, picks(got["violations"], "stream", "culprit.version", "turns", "recovered"), violations(want[0]))
	}
	q = map[string]any{"where_state": bad}
	if got, want, ok := a.ask("find_streams", q); ok {
		now := []any{}
		for _, one := range violations(want[0]) {
			if one.(map[string]any)["recovered"] == false {
				now = append(now, pick(one, "stream"))
			}
		}
		a.same("find_streams", q, picks(got["streams"], "stream"), now)
	}
	q = map[string]any{"sort": a.oneOf("id", "events"), "newest_first": a.dice.IntN(2) == 0, "pattern": a.oneOf("", "*1*")}
	if got, want, ok := a.ask("find_streams", q); ok {
		names := []string{"stream", "category", "events", "first_version", "last_version", "first_time", "last_time"}
		a.same("find_streams", q, picks(got["streams"], names...), picks(anys(want), names...))
	}
	table := "state"
	if got, want, ok := a.ask("query", map[string]any{"tables": true}); ok {
		a.same("query", q, len(got["rows"].([]any)), len(want[0]["tables"].([]any)))
		table = got["rows"].([]any)[2].(map[string]any)["table"].(string)
	}
	q = map[string]any{"sql": a.oneOf(
		"SELECT stream, version, state FROM "+table, "SELECT type, count(*) AS n, max(version) FROM events GROUP BY 1", "SELECT * FROM streams ORDER BY stream LIMIT 7",
		"SELECT stream, version, path, op FROM "+table+"_changes LIMIT 300", "SELECT stream, version, since_time, until_time FROM "+table+"_history LIMIT 300",
	)}
	if a.dice.IntN(2) == 0 {
		q["at"] = a.oneOf("head", "head~5", "2026-03-01")
	}
	if got, want, ok := a.ask("query", q); ok {
		rows := []any{}
		for _, one := range want {
			rows = append(rows, cmp.Or(one["row"], any(one)))
		}
		a.same("query", q, got["rows"], rows)
	}
	if got, want, ok := a.ask("describe_store", map[string]any{}); ok {
		info := []string{"events", "streams", "dialect", "first_time", "last_time"}
		a.same("describe_store", nil, []any{pick(got["store"], info...), picks(got["types"], "type", "revision", "events")},
			[]any{pick(want[0], info...), picks(want[0]["types"], "type", "revision", "events")})
	}
}

// TestToolsAgreeWithVerbs asks tools at random, and the command that each reply names as
// the same question. The answers are the same.
func TestToolsAgreeWithVerbs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, member string
		ref          workspace.StoreRef
		options      []string
	}{
		{name: "demo", member: "total"},
		{
			name: "mapped.ndjson", member: "n", ref: workspace.StoreRef{Map: map[string]string{"stream": "entity", "version": "seq", "type": "kind", "data": "body"}},
			options: []string{"--map", "stream=entity,version=seq,type=kind,data=body"},
		},
		{name: "odd.ndjson", member: "n"},
		{name: "py_bank.sqlite", member: "balance"},
		{name: "py_upcast.sqlite", member: "name"},
		{name: "row_paper_trail.sqlite", member: "id"},
		{name: "row_simple_history.sqlite", member: "id", ref: workspace.StoreRef{Dialect: "simple-history"}, options: []string{"--dialect", "simple-history"}},
		{name: "emmett_carts.sqlite", member: "total"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			store := tt.name
			switch store {
			case "demo":
				store = "asof-demo.db"
				demoIn(t, dir, "--events", "400")
			case "odd.ndjson":
				writeOddNames(t, filepath.Join(dir, store))
			case "mapped.ndjson":
				var b strings.Builder
				for i := range 60 {
					fmt.Fprintf(&b, `{"entity":"a-%d","seq":%d,"kind":"T%d","body":{"n":%d,"at":{"%d":[%d,null]}}}`+"\n", i%4, i/4+1, i%3, i*7, i%5, i)
				}
				if err := os.WriteFile(filepath.Join(dir, store), []byte(b.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			default:
				from, err := filepath.Glob(realStore(t, store) + "*")
				if err != nil {
					t.Fatal(err)
				}
				for _, one := range from {
					data, err := os.ReadFile(one)
					if err == nil {
						err = os.WriteFile(filepath.Join(dir, filepath.Base(one)), data, 0o600)
					}
					if err != nil {
						t.Fatal(err)
					}
				}
			}
			seed := testmain.Seed(t)
			tt.ref.Store = store
			a := agree(t, dir, tt.ref, tt.options, tt.member, rand.New(rand.NewPCG(seed, 5)))
			if store == "odd.ndjson" {
				a.types = oddTypes[:2]
			}
			if len(a.streams) == 0 {
				t.Fatal("there are no streams")
			}
			for range 4 {
				a.round()
			}
			if t.Failed() {
				t.Logf("seed %d, %d calls", seed, a.calls)
			}
		})
	}
}

// oddTypes are names that a list of flags, or a shell, reads as something else.
var oddTypes = []string{"a,b", "it's \"x\"", "$(exit 9)"}

// writeOddNames writes a store whose streams have such names, too.
func writeOddNames(t *testing.T, path string) {
	t.Helper()
	var b strings.Builder
	for i, stream := range []string{"--all", "-n", "--", "a,b", "it's", `say "x"`, "$(exit 9)", "a b", "x@head", "@", "@y", "*", "new\nline", "~", "#1"} {
		for v := 1; v <= 4; v++ {
			one := map[string]any{"stream": stream, "version": v, "type": oddTypes[(i+v)%3], "data": map[string]any{"n": i*40*v - 200, stream: v % 2}}
			line, err := json.Marshal(one)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(append(line, '\n'))
		}
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestToolsAgreeOnPostgres is TestToolsAgreeWithVerbs on a server, whose password no
// reply has.
func TestToolsAgreeOnPostgres(t *testing.T) {
	dsn := postgresShop(t, "marten", "text")
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	t.Setenv("PGPASSWORD", password)
	seed := testmain.Seed(t)
	a := agree(t, t.TempDir(), workspace.StoreRef{Store: dsn}, nil, "total", rand.New(rand.NewPCG(seed, 6)))
	if a.password == "" {
		t.Fatal("the server needs no password")
	}
	for range 3 {
		a.round()
	}
	for _, arguments := range []string{`{"stream":"nobody"}`, `{"stream":"cart-1","at":"999"}`} {
		if answer := a.server.Call(t.Context(), "state_at", json.RawMessage(arguments), nil); !answer.Failed || strings.Contains(answer.Text, a.password) {
			t.Errorf("%s is answered %s", arguments, answer.Text)
		}
	}
	if t.Failed() {
		t.Logf("seed %d", seed)
	}
}
