package mcp

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"asof/fixtures/demo"
	"asof/fixtures/sqlitefile"
	"asof/fixtures/testmain"
)

// values are what arguments of each form are given, right and wrong.
var values = map[form][]string{
	asText: {
		`"cart-42"`, `"cart-42"`, `"cart-44"`, `"order-2"`, `"long"`, `"wide"`, `"victim"`, `"cart-42"`, `"cart-4"`, `"long"`, `"wide"`, `"wide@2"`, `"victim"`, `"-dash"`, `"xxx"`, `"proj:cart"`, `"proj:sales/eu"`, `"proj:"`, `"id:e-l-3"`,
		`"nobody"`, `"@"`, `"\u0000"`, `"'; DROP TABLE asof_events; --"`, `"../../etc/passwd"`, `"c2AAAA"`, `7`, `null`, `""`, `{}`,
	},
	asChoice: {`"shop.db"`, `"odd.ndjson"`, `"odd"`, `"/etc/passwd"`, `"id"`, `"events"`, `"last"`, `[]`},
	asPoint: {
		`"head"`, `"start"`, `"3"`, `"head~2"`, `"pos:100"`, `"type:Ticked"`, `"id:e-l-3"`, `"2026-01-23"`, `"now"`, `"-1"`, `"99999999999999999999"`,
		`"1..2"`, `"head~99999"`, `"0000-00-00"`, `3`, `"type:\"\""`,
	},
	asRange: {`"1..3"`, `"head~1..head"`, `"3..1"`, `".."`, `"5"`, `"start..head"`, `"2026-01-20..2026-02-01"`, `"a..b"`},
	asTime:  {`"2026-01-23"`, `"yesterday"`, `"2 days ago"`, `"later"`, `"2026-99-01"`, `1`},
	asPath: {
		`"/total"`, `"/items"`, `"/items/0"`, `"/items[sku=s1]/qty"`, `"/names"`, `"/text"`, `"/number"`, `"/a/0/a/0"`, `"/at~1x~0y"`, `"items"`, `"/~2"`, `"/items/-1"`,
		`"/data"`, `"//"`,
	},
	asExpression: {
		`"state.total < 0"`, `"state.n > 3"`, `"event.type === 'Ticked'"`, `"state.items.length > 10"`, `"true"`, `"false"`, `"state."`, `"while (true) {}"`,
		`"(() => { while (true) {} })()"`, `"'x'.repeat(1e9).length > 1"`, `"(function f() { return f() })()"`, `"throw 1"`, `"require('fs')"`, `"state.x.y.z"`,
		`"[].concat(...Array(1e4).fill([1,2,3])).length > 1"`, `"/(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab')"`,
	},
	asFold: {
		`"merge"`, `"s.n = (s.n ?? 0) + 1"`, `"s.all = s.all ?? []; s.all.push(e.data)"`, `"exec:sh -c id"`, `"cart.js"`, `"s ="`, `"throw new Error(e.data.note)"`,
		`"for (;;) {}"`, `"s.self = s"`,
	},
	asRegexp:  {`"Tick"`, `"(a+)+$"`, `"("`, `"IGNORE"`},
	asPattern: {`"cart-"`, `"*"`, `"cart-4?"`, `"["`, `"victim*"`, `"%"`},
	asTexts:   {`["cart"]`, `["Ticked","Filled"]`, `[]`, `[1]`, `"cart"`, `["nothing"]`},
	asNumber:  {`1`, `3`, `100`, `1e9`, `0`, `-5`, `2.5`, `"7"`, `99999999999999999999999`},
	asFlag:    {`true`, `false`, `"true"`, `1`},
	asEdits: {
		`[{"kind":"drop","version":2}]`, `[{"kind":"set","version":3,"path":"/data/n","value":9}]`, `[{"kind":"swap","version":1,"other":2}]`,
		`[{"kind":"insert","version":1,"event":{"type":"Ticked","data":{"n":1}}}]`, `[{"kind":"drop","events":"1..3"}]`, `[{"kind":"insert","file":"/etc/passwd"}]`,
		`[]`, `[{}]`, `{"kind":"drop"}`, `[{"kind":"set","version":1,"path":"/data","value":` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `}]`,
	},
}

// statements are what SQL is given, right and wrong.
var statements = []string{
	`"SELECT * FROM events"`, `"SELECT * FROM state"`, `"SELECT * FROM streams ORDER BY events DESC"`, `"SELECT * FROM cart_history WHERE stream = 'cart-42'"`,
	`"SELECT count(*) FROM cart_changes"`, `"SELECT data, data AS data FROM events WHERE stream = 'wide'"`, `"SELECT stream, json_extract(data, '$.note') FROM events"`,
	`"SELECT blame(this, '/n') FROM state"`, `"SELECT blame(cart, '/total') FROM cart LIMIT 5"`, `"SELECT member(state, '/items/0') FROM state"`, `"SELECT stream AS \"IGNORE\" FROM streams"`,
	`"SELECT t(type) FROM events"`, `"SELECT dec_add(type, 1) FROM events"`, `"SELECT abs(-9223372036854775808)"`, `"SELECT 1; DROP TABLE events"`, `"INSERT INTO events VALUES (1)"`,
	`"ATTACH 'x' AS y"`, `"PRAGMA database_list"`, `"VACUUM INTO '/tmp/x'"`, `"SELECT load_extension('x')"`, `"SELECT readfile('/etc/passwd')"`, `"SELECT nothing FROM state"`, `"SELECT"`, `"--"`, `"x'"`,
	`"SELECT zeroblob(300000)"`, `"SELECT * FROM state('17x')"`, `"SELECT count(*) FROM streams a, streams b"`,
}

// randomCall is a call with arguments of which some are wrong.
func randomCall(r *rand.Rand) (name, arguments string) {
	tool := tools[r.IntN(len(tools))]
	parts := []string{}
	add := func(name, value string) { parts = append(parts, fmt.Sprintf("%q:%s", name, value)) }
	add("store", []string{`"shop.db"`, `"odd.ndjson"`}[r.IntN(2)])
	for _, text := range tool.params {
		name, _, required := paramName(text)
		if !required && r.IntN(9) > 0 && (name != "sql" || r.IntN(4) == 0) {
			continue
		}
		from := values[tool.param(name).form]
		if name == "sort" {
			from = []string{`"id"`, `"events"`, `"first"`, `"what"`}
		}
		if name == "sql" {
			from = statements
		}
		add(name, from[r.IntN(len(from))])
	}
	if r.IntN(20) == 0 {
		add("file", `"/etc/passwd"`)
	}
	return tool.name, "{" + strings.Join(parts, ",") + "}"
}

// outside lists the texts of a reply that stand where a model looks for instructions:
// all but data, and the arguments of the next calls and the command, which quote names.
func outside(v any, path string) (all []string) {
	if path == "/data" || path == "/about/command" || strings.HasSuffix(path, "/arguments") {
		return nil
	}
	switch v := v.(type) {
	case map[string]any:
		for key, one := range v {
			all = append(append(all, key), outside(one, path+"/"+key)...)
		}
	case []any:
		for _, one := range v {
			all = append(all, outside(one, path+"/0")...)
		}
	case string:
		all = append(all, v)
	}
	return all
}

// TestRandomCalls makes 1,000 random and hostile calls. No one panics, no reply is larger
// than it may be, each is valid, and nothing of the store stands outside of data.
func TestRandomCalls(t *testing.T) {
	s := limitedServer(t, Options{Timeout: 500 * time.Millisecond}, 150*time.Millisecond, "shop.db", "odd.ndjson")
	dir := filepath.Dir(s.space.Path("x"))
	fewEvents(t, filepath.Join(dir, "shop.db"), 600)
	before := sums(t, dir)
	valid := schemas(t)
	seed := testmain.Seed(t)
	r := rand.New(rand.NewPCG(seed, 1))
	answered := 0
	kinds := map[string]int{}
	for i := range 1000 {
		name, arguments := randomCall(r)
		a := s.Call(t.Context(), name, json.RawMessage(arguments), nil)
		where := fmt.Sprintf("seed %d, call %d: %s %s", seed, i, name, arguments)
		if size := len(a.Text) + len(a.Structured); size > DefaultBytes {
			t.Errorf("%s: a reply of %d bytes", where, size)
		}
		var x any
		whole := a.Structured
		if a.Failed {
			whole = json.RawMessage(a.Text)
		}
		if err := json.Unmarshal(whole, &x); err != nil {
			t.Fatalf("%s: %v in %s", where, err, whole)
		}
		texts := outside(x, "")
		if a.Failed {
			kind := x.(map[string]any)["error"].(string)
			kinds[kind]++
			if kind == "bug" || kind == "too_large" {
				t.Errorf("%s: %s", where, a.Text)
			}
		} else {
			answered++
			texts = append(texts, a.Text)
			if err := valid[name].Validate(x); err != nil {
				t.Errorf("%s: %v", where, err)
			}
			goesOn(t, s, where, name, a)
		}
		if strings.Contains(strings.Join(texts, "\n"), injection) {
			t.Errorf("%s: text of the store stands outside of data: %q", where, texts)
		}
	}
	if after := sums(t, dir); after != before {
		t.Errorf("seed %d: the stores were changed", seed)
	}
	t.Logf("%d of 1000 calls were answered, the others: %v", answered, kinds)
	if answered < 150 {
		t.Errorf("only %d of 1000 calls were answered", answered)
	}
}

// goesOn makes the calls that a reply suggests: none is refused, and one gives the rows that
// are left.
func goesOn(t *testing.T, s *Server, where, name string, a Answer) {
	t.Helper()
	type call struct {
		Tool      string
		Arguments json.RawMessage
	}
	var x struct {
		About struct {
			Left *int
			Next []call
		}
	}
	if err := json.Unmarshal(a.Structured, &x); err != nil {
		t.Fatal(err)
	}
	if left := x.About.Left; left != nil && *left > 0 && !slices.ContainsFunc(x.About.Next, func(n call) bool { return n.Tool == name }) {
		t.Errorf("%s: %d rows are left, and no call gives them: %s", where, *left, a.Structured)
	}
	for _, n := range x.About.Next {
		b := s.Call(t.Context(), n.Tool, n.Arguments, nil)
		if b.Failed && !strings.Contains(b.Text, `"error":"timeout"`) && !strings.Contains(b.Text, `"error":"fold_failed"`) {
			t.Errorf("%s: the next call %s %s is answered %s", where, n.Tool, n.Arguments, b.Text)
		}
	}
}

// fewEvents writes the demo store anew with less history: many calls read all of it.
func fewEvents(t *testing.T, path string, n int) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := sqlitefile.WriteNative(t.Context(), path, demo.Shop(n)); err != nil {
		t.Fatal(err)
	}
}

// sums are the digests of the files in a folder, but for those in folders in it.
func sums(t *testing.T, dir string) string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range files {
		if f.IsDir() {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %x\n", f.Name(), sha256.Sum256(data))
	}
	return b.String()
}
