package cmd

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"asof/replay/store/testdb"
)

// demoCarts writes the demo store to a folder, and returns the statements that make a table
// of its carts, as replay gives them.
func demoCarts(t *testing.T, dir string) []string {
	t.Helper()
	demoIn(t, dir)
	out, code := runHere(dir, []string{"query", "asof-demo.db", "SELECT stream, status, items, total FROM cart", "--json"})
	if code != exitOK {
		t.Fatal(out)
	}
	quoted := func(v any) string {
		switch v := v.(type) {
		case nil:
			return "NULL"
		case string:
			return "'" + strings.ReplaceAll(v, "'", "''") + "'"
		default:
			return fmt.Sprint(v)
		}
	}
	statements := []string{"CREATE TABLE carts(id TEXT, status TEXT, items TEXT, total NUMERIC)", "CREATE TABLE reached(position TEXT)", "INSERT INTO reached VALUES('3500')"}
	for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
		if strings.HasPrefix(line, `{"note":`) {
			continue
		}
		var r struct{ Row map[string]any }
		d := json.NewDecoder(strings.NewReader(line))
		d.UseNumber()
		if err := d.Decode(&r); err != nil {
			t.Fatal(err)
		}
		statements = append(statements, fmt.Sprintf("INSERT INTO carts VALUES(%s, %s, %s, %s)",
			quoted(r.Row["stream"]), quoted(r.Row["status"]), quoted(r.Row["items"]), quoted(r.Row["total"])))
	}
	return statements
}

// TestDrift compares the demo store with read models whose faults are known.
func TestDrift(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	carts := demoCarts(t, dir)
	for name, test := range map[string]struct {
		change []string
		flags  []string
		code   int
		want   []string
	}{
		"identical":         {nil, []string{"--checkpoint", "SELECT position FROM reached;"}, exitOK, []string{"223 of 223 compared rows identical", "as of pos:3500"}},
		"written otherwise": {[]string{"UPDATE carts SET total = printf('%.3f', total), items = replace(items, ':', ' : ')"}, nil, exitOK, []string{"223 of 223"}},
		"wrong": {
			[]string{"UPDATE carts SET total = total + 1, status = 'open' WHERE id = 'cart-42'", "DELETE FROM carts WHERE id = 'cart-9'", "INSERT INTO carts VALUES('cart-9999', 'x', NULL, 1), (NULL, 'x', NULL, 1)", "INSERT INTO carts SELECT * FROM carts WHERE id = 'cart-7'"},
			nil, exitFindings,
			[]string{
				"221 of 222 compared", "1 modified", "1 missing", "1 extra", "1 repeated", "1 without a key", "column status: 1 wrong", "column total: 1 wrong",
				`status  "open" should be "checked out"  set by cart-42@31 CheckedOut`, "total  -5.6 should be -6.60  set by cart-42@30 ItemQuantityChanged",
				"missing: cart-9\n", "extra: cart-9999\n", "next: asof show asof-demo.db cart-42@31",
			},
		},
		"report":        {[]string{"UPDATE carts SET total = -1, status = 'x' WHERE id = 'cart-42'", "DELETE FROM carts WHERE id = 'cart-9'"}, []string{"--junit", "-"}, exitFindings, []string{`tests="3" failures="2" errors="0"`, `name="cart-42"`, "set by cart-42@30 ItemQuantityChanged", `name="cart-9"`, `name="221 identical rows"`}},
		"late":          {nil, []string{"--at", "pos:3000"}, exitFindings, []string{"extra: rows without a stream", "as of pos:3000"}},
		"tolerance":     {[]string{"UPDATE carts SET total = total + 0.01"}, []string{"--tolerance", "0.011"}, exitOK, []string{"223 of 223"}},
		"short keys":    {[]string{"UPDATE carts SET id = substr(id, 6)"}, nil, exitFindings, []string{"the keys seem to lack cart-", "--key 'id=cart-*'"}},
		"beginning":     {[]string{"UPDATE carts SET id = substr(id, 6)"}, []string{"--key", "id=cart-*"}, exitOK, []string{"223 of 223"}},
		"empty":         {[]string{"DELETE FROM carts"}, []string{"--checkpoint", "SELECT position FROM reached"}, exitFindings, []string{"223 missing", "as of pos:3500"}},
		"nothing":       {[]string{"DELETE FROM carts"}, []string{"--at", "start"}, exitFindings, []string{"no row was compared"}},
		"no report":     {[]string{"DELETE FROM carts"}, []string{"--at", "start", "--junit", "-"}, exitFindings, []string{`tests="1" failures="0" errors="1"`, `name="rows"`, "no row was compared"}},
		"no position":   {nil, []string{"--checkpoint", "SELECT 'x'"}, exitUsage, []string{"the checkpoint is not a position"}},
		"ahead":         {nil, []string{"--checkpoint", "SELECT 99999"}, exitNotFound, []string{"its last position is 3500"}},
		"writing":       {nil, []string{"--checkpoint", "DELETE FROM carts RETURNING 1"}, exitStore, []string{"invalid"}},
		"no column":     {nil, []string{"--map", "totl=/total"}, exitStore, []string{"totl"}},
		"bad path":      {nil, []string{"--map", "x=a[0"}, exitNotFound, []string{"a[0"}},
		"bad key":       {nil, []string{"--key", "id=cart"}, exitUsage, []string{"id=cart-*"}},
		"point twice":   {nil, []string{"--at", "pos:1", "--checkpoint", "SELECT 1"}, exitUsage, []string{"both"}},
		"bad tolerance": {nil, []string{"--tolerance", "-1"}, exitUsage, []string{"0.01"}},
	} {
		t.Run(name, func(t *testing.T) {
			model := strings.ReplaceAll(name, " ", "-") + ".sqlite"
			testdb.Build(t, filepath.Join(dir, model), nil, slices.Concat(carts, test.change)...)
			args := append([]string{"drift", "asof-demo.db", "cart", "--against", model, "--table", "carts", "--key", "id", "--map", "total=/total,status=/status,items=/items"}, test.flags...)
			out, code := runHere(dir, args)
			if code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			for _, want := range test.want {
				if !strings.Contains(out, want) {
					t.Errorf("the output lacks %q:\n%s", want, out)
				}
			}
		})
	}
}

// TestDriftChecksTheFoldFirst names a read model that does not exist, next to a fold or a
// moment that does not. The answer is about the latter: nothing of the read model was read.
func TestDriftChecksTheFoldFirst(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	demoIn(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "broken.js"), []byte("export default {"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"crat"}, `no projection "crat"`},
		{nil, "no projection is given"},
		{[]string{"--fold", "broken.js"}, "broken.js"},
		{[]string{"--fold", "none.js"}, "none.js"},
		{[]string{"cart", "--at", "pos:99999"}, "its last position is 3500"},
		{[]string{"cart", "--at", "type:Nothing"}, `no event of type "Nothing"`},
		{[]string{"cart"}, "none.sqlite"},
	} {
		line := slices.Concat([]string{"drift", "asof-demo.db"}, test.args, []string{"--against", "none.sqlite", "--table", "carts", "--key", "id", "--map", "total=/total"})
		if out, code := runHere(dir, line); code == exitOK || !strings.Contains(out, test.want) || test.want != "none.sqlite" && strings.Contains(out, "none.sqlite:") {
			t.Errorf("%v is answered, with exit code %d:\n%s", test.args, code, out)
		}
	}
}

// TestReadmeDrift holds the README to what drift prints, with a file in place of the server.
func TestReadmeDrift(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```\nasof (drift .*?[^\\\\])\n(.*?)```").FindSubmatch(readme)
	if block == nil {
		t.Fatal("the README does not show drift")
	}
	dir := t.TempDir()
	testdb.Build(t, filepath.Join(dir, "read.sqlite"), nil, append(demoCarts(t, dir),
		"UPDATE carts SET total = total + 1 WHERE id IN ('cart-42', 'cart-9')", "DELETE FROM carts WHERE id = 'cart-7'",
		"CREATE TABLE checkpoints(name TEXT, position INTEGER)", "INSERT INTO checkpoints VALUES('carts', 3500), ('orders', 1)")...)
	args := words(strings.NewReplacer("\\\n", " ", "shop.db", "asof-demo.db", "postgres://app@db/read", "read.sqlite").Replace(string(block[1])))
	if got := runLine(dir, args); !matches(string(block[2]), got) {
		t.Errorf("asof %s prints\n%s\nthe README has\n%s", args, got, block[2])
	}
}

// TestDriftIsAsReplay holds the values and events of drift to replay and blame.
func TestDriftIsAsReplay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	testdb.Build(t, filepath.Join(dir, "read.sqlite"), nil, append(demoCarts(t, dir), "UPDATE carts SET total = -1, items = 'x' WHERE id LIKE 'cart-1_'")...)
	out, code := runHere(dir, []string{"drift", "asof-demo.db", "cart", "--against", "read.sqlite", "--table", "carts", "--key", "id", "--map", "total=/total,items=/items", "--at", "pos:3400", "-n", "9", "--json"})
	out, note, cut := strings.Cut(out, "\n")
	if !cut || !strings.Contains(note, `"code":"more"`) {
		t.Errorf("no note says how the list continues: %s", note)
	}
	var d struct {
		Cells []struct {
			Stream, Path string
			Want         json.RawMessage
			Event        *struct{ Version int64 }
		}
	}
	if err := json.Unmarshal([]byte(out), &d); err != nil || code != exitFindings || len(d.Cells) != 9 {
		t.Fatalf("%v, exit code %d: %s", err, code, out)
	}
	for _, c := range d.Cells {
		if out, _ := runHere(dir, []string{"replay", "asof-demo.db", c.Stream, "--at", "pos:3400", "--path", c.Path, "--json"}); !strings.Contains(out, `"state":`+string(c.Want)) {
			t.Errorf("%s %s: drift has %s, replay\n%s", c.Stream, c.Path, c.Want, out)
		}
		out, _ := runHere(dir, []string{"blame", "asof-demo.db", c.Stream, c.Path, "--at", "pos:3400", "--json"})
		var blamed struct{ Last *struct{ Version int64 } }
		if err := json.Unmarshal([]byte(out), &blamed); err != nil {
			t.Fatal(out, err)
		}
		if (blamed.Last == nil) != (c.Event == nil) || c.Event != nil && c.Event.Version != blamed.Last.Version {
			t.Errorf("%s %s: drift has %+v, blame\n%s", c.Stream, c.Path, c.Event, out)
		}
	}
}

// TestDriftStoreFlags: how the store is read is said by the flags of every verb.
func TestDriftStoreFlags(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	testdb.Build(t, filepath.Join(dir, "read.sqlite"), nil, append(demoCarts(t, dir), "UPDATE carts SET total = -1 WHERE id = 'cart-12'")...)
	args := []string{"drift", "asof-demo.db", "cart", "--against", "read.sqlite", "--table", "carts", "--key", "id", "--map", "total=/total", "--json"}
	plain, code := runHere(dir, args)
	if code != exitFindings {
		t.Fatal(plain)
	}
	for _, flags := range [][]string{{"--query", "SELECT * FROM asof_events WHERE position > 0"}, {"--dialect", "asof-sqlite"}, {"--copy", "--time-zone", "UTC"}} {
		if out, code := runHere(dir, append(args, flags...)); code != exitFindings || !strings.Contains(out, plain) {
			t.Errorf("%q: %d\n%s\nwithout\n%s", flags, code, out, plain)
		}
	}
	if out, code := runHere(dir, append(args, "--dialect", "emmett")); code != exitStore && code != exitUsage {
		t.Errorf("as another dialect: %d %s", code, out)
	}
}
