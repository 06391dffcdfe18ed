package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// failure is the error of a run under --json, all of whose lines on standard error must
// be objects.
func failure(t *testing.T, dir string, args []string) (kind string, near []string) {
	t.Helper()
	env := map[string]string{"TZ": "UTC", "SHELL": "/bin/sh", "PATH": os.Getenv("PATH")}
	_, stderr, code := run(t, dir, env, append(args, "--json")...)
	for line := range strings.Lines(stderr) {
		var x struct {
			Note  any
			Error *struct {
				Kind, Message string
				Code          int
				Near          []string
			}
		}
		if err := json.Unmarshal([]byte(line), &x); err != nil || x.Note == nil && x.Error == nil {
			t.Errorf("%q prints %s", args, line)
			continue
		}
		if e := x.Error; e != nil {
			if kind != "" || e.Code != code || e.Message == "" {
				t.Errorf("%q: exit %d, %+v after %q", args, code, e, kind)
			}
			kind, near = e.Kind, e.Near
		}
	}
	return kind, near
}

// The verbs that take a stream, S, that fold it, that open a store, D, and that take a time
// or a path.
var (
	streamVerbs = []string{
		"log D S", "log D S -p", "show D S", "replay D S", "replay D S --step", "diff D S", "diff D cart-42 S", "blame D S",
		"blame D S --reverse", "blame D S /total --history", "trace D S", "why D S /total", "bisect D S --bad state.total<0", "bisect D S --run true",
		"whatif D S --drop 3", "shrink D S --bad state.total<0",
	}
	foldVerbs = []string{ // show has the error of a fold in its answer
		"log D cart-42 -p", "log D --all -p", "replay D cart-42", "replay D cart-42 --step", "diff D cart-42@3",
		"diff D --all start now", "blame D cart-42", "blame D cart-42 --reverse", "blame D cart-42 /total --history",
		"bisect D cart-42 --bad state.total<0", "bisect D cart-42 --run true", "whatif D cart-42 --drop 3",
		"shrink D cart-42 --bad state.total<0", "audit export D -o ndjson",
	}
	storeVerbs = []string{
		"info D", "init D --print", "streams D", "log D cart-42", "log D --all", "show D cart-42@3", "replay D cart-42", "diff D cart-42@3",
		"diff D --all start now", "blame D cart-42", "trace D cart-42", "why D cart-42 /total", "bisect D cart-42 --bad state.total<0",
		"bisect D --all --bad state.total<0", "check D", "whatif D cart-42 --drop 3", "shrink D cart-42 --bad state.total<0",
		"audit export D --key a.key --out zz", "audit export D -o ndjson", "audit seal D --log zz --key a.key",
		"cache verify D", "cache verify D cart-42",
	}
	timeVerbs = []string{
		"log D cart-42 --since T", "log D --all --until T", "streams D --since T", "streams D --until T",
		"audit export D -o ndjson --from T", "audit export D -o ndjson --to T",
	}
	pathVerbs = []string{
		"log D cart-42 --path P", "log D cart-42 --path P -p", "log D cart-42 --path P --reverse --limit 3", "replay D cart-42 --path P", "blame D cart-42 P", "blame D cart-42 P --history",
		"whatif D cart-42 --drop 3 --path P",
	}
)

// TestKindsOverVerbs checks that what is wrong has the same kind and the same names near
// it whatever the verb.
func TestKindsOverVerbs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if out, code := runHere(dir, words("demo --events 600")); code != exitOK {
		t.Fatal(out)
	}
	if out, code := runHere(dir, words("audit keygen --out a.key")); code != exitOK {
		t.Fatal(out)
	}
	db, err := os.ReadFile(filepath.Join(dir, "asof-demo.db"))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"cut.db": db[:len(db)/2], "words.txt": []byte("Nothing is stored here.")} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		verbs      []string
		mark, word string
		more       []string // arguments
		kind, near string   // near: one of the names; empty: none is wanted
	}{
		{streamVerbs, "S", "cart-4x", nil, "no_stream", "cart-4"},
		{streamVerbs, "S", "cart-42@yesterdy", nil, "bad_point", "yesterday"},
		{streamVerbs, "S", "cart-42@9000", nil, "no_version", ""},
		{streamVerbs, "S", "cart-42@type:ItemAdde", nil, "unknown_type", "ItemAdded"},
		{storeVerbs, "D", "asof-demo.dbb", nil, "no_store", "asof-demo.db"},
		{storeVerbs, "D", "words.txt", nil, "not_a_store", ""},
		{foldVerbs, "D", "asof-demo.db", []string{"--fold", "throw new Error('x')"}, "fold_failed", ""},
		{foldVerbs, "D", "asof-demo.db", []string{"--fold", "throw new"}, "bad_expression", ""},
		{foldVerbs, "D", "asof-demo.db", []string{"--fold", "nowhere.js"}, "bad_file", ""},
		{foldVerbs, "D", "asof-demo.db", []string{"--projection", "cartt"}, "no_projection", "cart"},
		{timeVerbs, "T", "yesterdy", nil, "bad_time", "yesterday"},
		{timeVerbs, "T", "2026-13-45", nil, "bad_time", ""},
		{pathVerbs, "P", "/totl", nil, "no_path", "/total"},
	} {
		for _, verb := range tt.verbs {
			args := words(verb)
			for i, w := range args {
				switch {
				case w == tt.mark:
					args[i] = tt.word
				case w == "D":
					args[i] = "asof-demo.db"
				}
			}
			args = append(args, tt.more...)
			kind, near := failure(t, dir, args)
			if kind != tt.kind || tt.near != "" && !slices.ContainsFunc(near, func(n string) bool { return filepath.Base(n) == filepath.Base(tt.near) }) {
				t.Errorf("%q: kind %q near %q, want %s near %q", args, kind, near, tt.kind, tt.near)
			}
		}
	}
	for _, verb := range storeVerbs { // what is not read of a damaged store may not matter
		args := words(strings.ReplaceAll(verb, "D", "cut.db"))
		if kind, _ := failure(t, dir, args); !slices.Contains([]string{"", "bad_store", "no_stream", "no_version"}, kind) {
			t.Errorf("%q: kind %q", args, kind)
		}
	}
}
