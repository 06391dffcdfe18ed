package cmd

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"iter"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"asof/fixtures/demo"
	"asof/fixtures/write"
	"asof/inspect/wire"
	"asof/replay"
)

// initialize runs init in a new folder and returns the folder and the answer.
func initialize(t *testing.T, env map[string]string, store string, args ...string) (dir string, d wire.Init) {
	t.Helper()
	dir = t.TempDir()
	out, errs, code := run(t, dir, env, append([]string{"init", store, "--json"}, args...)...)
	if code != 0 {
		t.Fatalf("init: exit %d\n%s%s", code, out, errs)
	}
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatal(err)
	}
	for i, next := range d.Next {
		d.Next[i] = next[1:] // without the program
	}
	return dir, d
}

// runsAtOnce checks that a new project folds its store: its invariants hold, and its
// commands meet no type without a handler.
func runsAtOnce(t *testing.T, env map[string]string, store string, args ...string) {
	t.Helper()
	dir, d := initialize(t, env, store, args...)
	for _, next := range d.Next {
		if next[0] == "replay" {
			next = append(next, "--strict")
		}
		out, errs, code := run(t, dir, env, next...)
		lost := next[0] == "check" && code == exitFindings && strings.Contains(out, "not known in ") && strings.Contains(out, "left out of every stream") // as in some fixtures
		if code != 0 && !lost || strings.Contains(errs, "warning") {
			t.Errorf("asof %s: exit %d\n%s%s", strings.Join(next, " "), code, out, errs)
		}
	}
	for _, p := range d.Projections {
		if len(p.Invariants) == 0 {
			t.Errorf("%s has no invariant", p.Name)
		}
	}
	streams, _, _ := run(t, dir, env, "streams", d.Next[0][1], "--json")
	for i, line := range strings.Split(strings.TrimSpace(streams), "\n") {
		var s struct{ Stream string }
		if err := json.Unmarshal([]byte(line), &s); err != nil || i%29 != 0 {
			continue
		}
		if out, errs, code := run(t, dir, env, "replay", d.Next[0][1], s.Stream, "--strict"); code != 0 || strings.Contains(out, "merge") {
			t.Errorf("replay %s: exit %d\n%s%s", s.Stream, code, out, errs)
		}
	}
}

// TestInitOnFixtures writes a project for a store of each dialect.
func TestInitOnFixtures(t *testing.T) {
	t.Parallel()
	for _, d := range write.Dialects() {
		t.Run(d.Name+d.Variant, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "shop.db")
			if err := d.Write(t.Context(), path, demo.Shop(200)); err != nil {
				t.Fatal(err)
			}
			runsAtOnce(t, nil, path)
		})
	}
}

func bankKey() map[string]string {
	key := make([]byte, 32)
	for i := range key {
		key[i] = byte(i)
	}
	return map[string]string{"CIPHER_KEY": base64.StdEncoding.EncodeToString(key)}
}

// TestInitOnRealStores writes a project for each store that a real library wrote.
func TestInitOnRealStores(t *testing.T) {
	t.Parallel()
	dir := filepath.Dir(realStore(t, "py_bank.sqlite"))
	files, err := filepath.Glob(filepath.Join(dir, "*.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			if _, _, code := run(t, t.TempDir(), bankKey(), "info", path); code != 0 {
				t.Skip("not an event store")
			}
			runsAtOnce(t, bankKey(), path)
		})
	}
}

// TestInitBalancesAreExact compares the balances of a new project with exact sums.
func TestInitBalancesAreExact(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"py_bank.sqlite", "py_bank_zlib.sqlite", "py_bank_aes.sqlite"} {
		path := realStore(t, name)
		dir, d := initialize(t, bankKey(), path)
		want := map[string]*big.Rat{}
		log, _, _ := run(t, dir, bankKey(), "log", path, "--all", "--json")
		for line := range strings.Lines(log) {
			var e struct {
				Stream, Type string
				Data         struct{ Amount json.Number }
			}
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatal(err)
			}
			if want[e.Stream] == nil {
				want[e.Stream] = new(big.Rat)
			}
			amount, ok := new(big.Rat).SetString(e.Data.Amount.String())
			switch {
			case ok && e.Type == "Credited":
				want[e.Stream].Add(want[e.Stream], amount)
			case ok && e.Type == "Debited":
				want[e.Stream].Sub(want[e.Stream], amount)
			}
		}
		for stream, sum := range want {
			out, errs, code := run(t, dir, bankKey(), "replay", d.Next[0][1], stream, "--json")
			var got struct{ State struct{ Balance json.Number } }
			if err := json.Unmarshal([]byte(out), &got); err != nil || code != 0 {
				t.Fatalf("%v %s", err, errs)
			}
			if have, ok := new(big.Rat).SetString(got.State.Balance.String()); !ok || have.Cmp(sum) != 0 {
				t.Errorf("%s %s: balance %s, want %s", name, stream, got.State.Balance, sum.FloatString(2))
			}
		}
		if len(want) != 12 {
			t.Errorf("%s: %d accounts", name, len(want))
		}
	}
}

// TestInitTakesHostileNames writes a project for types, fields and payloads that would
// end a comment or a string, or are no names.
func TestInitTakesHostileNames(t *testing.T) {
	t.Parallel()
	events := []string{
		`{"stream":"a*/b","version":1,"type":"*/ });\nprocess.exit() //","data":{"a b":"\n*/ throw 1 //","x\u2028y":1,"__proto__":{"a":1},"constructor":"c"}}`,
		`{"stream":"a*/b","version":2,"type":"__proto__","data":{"status":"s","counts":3,"'\"` + "`" + `${1}":"\u001b[31m"}}`,
		`{"stream":"a*/b","version":3,"type":"$init","data":[1,2]}`,
		`{"stream":"a*/b","version":4,"type":"delete","data":"text"}`,
		`{"stream":"a*/b","version":5,"type":"Credited","data":{"amount":"x","value":null}}`,
		`{"stream":"a*/b","version":6,"type":"Credited","data":{"amount":"1.50"}}`,
		`{"stream":"a*/b","version":7,"type":"Item Added","data":{"sku":{"a":1},"qty":"many"}}`,
		`{"stream":"a*/b","version":8,"type":"ItemAdded","data":null}`,
		`{"stream":"a*/b","version":9,"type":"Long","data":{"t":"` + strings.Repeat("é*/", 3000) + `"}}`,
	}
	path := filepath.Join(t.TempDir(), "events.ndjson")
	if err := os.WriteFile(path, []byte(strings.Join(events, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir, d := initialize(t, nil, path, "--map", "stream=stream,version=version,type=type,data=data")
	for _, next := range d.Next {
		if out, errs, code := run(t, dir, nil, next...); code != 0 {
			t.Errorf("asof %s: exit %d\n%s%s", strings.Join(next, " "), code, out, errs)
		}
	}
	for _, f := range d.Files {
		for line := range strings.Lines(f.Text) {
			if len(line) > 600 || strings.ContainsAny(line, "\x1b\u2028") {
				t.Errorf("%s: %q", f.Name, line)
			}
		}
	}
}

// TestInitNeverOverwrites leaves a folder alone that has a file of the project.
func TestInitNeverOverwrites(t *testing.T) {
	t.Parallel()
	store := filepath.Join(t.TempDir(), "shop.db")
	if err := write.Dialects()[0].Write(t.Context(), store, demo.Shop(50)); err != nil {
		t.Fatal(err)
	}
	_, d := initialize(t, nil, store)
	for _, f := range d.Files {
		dir := t.TempDir()
		path := filepath.Join(dir, f.Name)
		if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, errs, code := run(t, dir, map[string]string{"ASOF_CONFIG": filepath.Join(dir, "none.toml")}, "init", store)
		if code == 0 {
			t.Errorf("%s: exit 0", f.Name)
		}
		if f.Name != "asof.toml" {
			_, errs, code = run(t, dir, nil, "init", store)
		}
		if f.Name != "asof.toml" && (code != exitUsage || !strings.Contains(errs, f.Name+" already exists")) {
			t.Errorf("%s: exit %d\n%s", f.Name, code, errs)
		}
		if have, _ := os.ReadFile(path); string(have) != "mine" {
			t.Errorf("%s was overwritten", f.Name)
		}
		if all, _ := os.ReadDir(dir); len(all) != 1 {
			t.Errorf("%s: left %v", f.Name, all)
		}
	}
}

// TestInitToAnotherFolder writes a project whose paths are seen from its own folder.
func TestInitToAnotherFolder(t *testing.T) {
	t.Parallel()
	store, dir := realStore(t, "py_bank_aes.sqlite"), t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "key.txt"), []byte(bankKey()["CIPHER_KEY"]), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, code := run(t, dir, nil, "init", store, "--key-file", "key.txt", "--dir", "new")
	if code != 0 || strings.Contains(out, "no such file") || !strings.Contains(out, "every invariant holds") {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	if out, errs, code = run(t, filepath.Join(dir, "new"), nil, "check", "py_bank_aes"); code != 0 {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
}

// TestInitKeepsTheQuery writes a project that opens the store by the query it was given.
func TestInitKeepsTheQuery(t *testing.T) {
	t.Parallel()
	const query = `SELECT 'q-' || originator_id AS stream, originator_version AS version, topic AS type, '{}' AS data FROM stored_events`
	dir, d := initialize(t, nil, realStore(t, "py_bank.sqlite"), "--query", query)
	if out, errs, code := run(t, dir, nil, d.Next[0]...); code != 0 {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
}

// TestInitOnWriters writes a project for each store and file that has a writer of its
// own.
func TestInitOnWriters(t *testing.T) {
	t.Parallel()
	type writer = func(path string, events iter.Seq[replay.Event]) error
	python := func(o write.PythonOptions) writer {
		return func(path string, events iter.Seq[replay.Event]) error {
			return write.Python(t.Context(), path, o, events)
		}
	}
	key, err := base64.StdEncoding.DecodeString(bankKey()["CIPHER_KEY"])
	if err != nil {
		t.Fatal(err)
	}
	writers := map[string]writer{
		"python":               python(write.PythonOptions{}),
		"python plain":         python(write.PythonOptions{Plain: true}),
		"python compressed":    python(write.PythonOptions{Compress: true}),
		"python encrypted":     python(write.PythonOptions{Key: key, Compress: true, Snapshots: 5}),
		"python without rowid": python(write.PythonOptions{WithoutRowID: true}),
		"python text ids":      python(write.PythonOptions{TextIDs: true}),
		"emmett": func(path string, events iter.Seq[replay.Event]) error {
			return write.Emmett(t.Context(), path, write.EmmettOptions{}, events)
		},
	}
	for name, f := range map[string]func(context.Context, string, iter.Seq[replay.Event]) error{
		"ndjson": write.NDJSON, "cloudevents": write.CloudEvents, "cloudevents batch": write.CloudEventsBatch,
	} {
		writers[name] = func(path string, events iter.Seq[replay.Event]) error { return f(t.Context(), path, events) }
	}
	for _, d := range write.JSONForms() {
		if d.Name != "mapped-json" { // it needs a mapping to be read
			writers[d.Name] = func(path string, events iter.Seq[replay.Event]) error { return d.Write(t.Context(), path, events) }
		}
	}
	for name, f := range writers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "shop")
			if err := f(path, demo.Shop(200)); err != nil {
				t.Fatal(err)
			}
			runsAtOnce(t, bankKey(), path)
		})
	}
}

// TestInitOnPostgres writes a project for each library's tables on PostgreSQL.
func TestInitOnPostgres(t *testing.T) {
	server, err := url.Parse(os.Getenv("ASOF_TEST_POSTGRES"))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := server.User.Password()
	t.Setenv("PGPASSWORD", password) // asof.toml does not get it
	for _, d := range write.PgDialects() {
		t.Run(d.Name+d.Variant, func(t *testing.T) {
			var args []string
			if d.Name == "disintegrate" { // an event is about several things
				args = []string{"--context", "cart_id"}
			}
			runsAtOnce(t, nil, postgresShop(t, d.Name, d.Variant), args...)
		})
	}
}
