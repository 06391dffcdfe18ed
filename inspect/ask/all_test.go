package ask_test

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"asof/inspect/ask"
	"asof/inspect/audit"
	"asof/replay/store/testdb"
	"asof/replay/workspace"
)

// files writes a small store, and the reports of a sharded check of it.
var files = map[string]string{
	"shop.ndjson": `{"stream":"cart-1","version":1,"id":"e1","type":"Added","data":{"qty":1}}
{"stream":"cart-1","version":2,"id":"e2","type":"Added","data":{"qty":2}}
{"stream":"order-1","version":1,"id":"e3","causation_id":"e2","type":"Placed","data":{"total":5}}
`,
	"1.json": `{"at":{"event_id":null,"event_type":"Placed","position":3,"stream":"shop.ndjson","time":null,"version":3},"events":1,` +
		`"invariants":[{"errors":[],"groups":[],"name":"neg","predicate":"state.total<0","projection":null,"streams":1,"unknown":[],"violations":[]}],"shard":"1/2","streams":1}`,
	"2.json": `{"at":{"event_id":null,"event_type":"Placed","position":3,"stream":"shop.ndjson","time":null,"version":3},"events":2,` +
		`"invariants":[{"errors":[],"groups":[],"name":"neg","predicate":"state.total<0","projection":null,"streams":1,"unknown":[],"violations":[]}],"shard":"2/2","streams":1}`,
}

// newWorkspace returns a workspace with a small store, shop.ndjson.
func newWorkspace(t *testing.T) *workspace.Workspace {
	t.Helper()
	dir := t.TempDir()
	writeFiles(t, dir)
	return workspace.New(workspace.Host{Dir: dir, Files: outFolder(dir)}, workspace.Options{CacheDir: "cache"})
}

// writeRows writes a history of rows, and a row without a history.
func writeRows(t *testing.T, path string) {
	t.Helper()
	testdb.Build(t, path, nil,
		"CREATE TABLE a(id integer PRIMARY KEY, n integer)",
		"CREATE TABLE historicala(id integer, n integer, history_id integer PRIMARY KEY, history_date datetime, history_type text)",
		"INSERT INTO a VALUES(1, 2)")
}

func writeFiles(t *testing.T, dir string) {
	t.Helper()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	writeRows(t, filepath.Join(dir, "rows.db"))
	key, _, err := audit.GenerateKey(rand.Reader, "shop")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "audit.key"), []byte(key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// An outFolder is the folder where a test's questions write their files.
type outFolder string

func (f outFolder) Create(name string) (workspace.NewFile, error) {
	file, err := os.Create(filepath.Join(string(f), name))
	return outFile{file}, err
}

func (f outFolder) Rewrite(name string, _ func([]byte) bool) (workspace.NewFile, error) {
	return f.Create(name)
}

type outFile struct{ *os.File }

func (f outFile) Keep() error   { return f.Close() }
func (f outFile) Discard() bool { return false }

func (f outFolder) Folder(name string, _ ...string) (string, error) {
	return filepath.Join(string(f), name), nil
}

func (f outFolder) Replace(_, name string) (string, error) {
	return filepath.Join(string(f), name), nil
}

// TestRequestsHaveSchemas checks that every field of every request has a unique name and
// a description.
func TestRequestsHaveSchemas(t *testing.T) {
	name := regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
	for _, v := range ask.All {
		seen := map[string]bool{}
		var nested []reflect.Type // fields of the request
		var fields func(of reflect.Type)
		fields = func(of reflect.Type) {
			for f := range of.NumField() {
				f := of.Field(f)
				if f.Tag.Get("json") == "-" {
					continue
				}
				if f.Anonymous {
					fields(f.Type)
					continue
				}
				tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				switch {
				case tag == "-": // fields of the front end
					continue
				case !name.MatchString(tag):
					t.Errorf("%s: %s is called %q", v.Name, f.Name, tag)
				case seen[tag]:
					t.Errorf("%s: two fields are called %q", v.Name, tag)
				case f.Tag.Get("jsonschema") == "":
					t.Errorf("%s: %q has no description", v.Name, tag)
				}
				seen[tag] = true
				if one := elementOf(f.Type); one.Kind() == reflect.Struct && one.PkgPath() == v.Request.PkgPath() {
					nested = append(nested, one)
				}
			}
		}
		fields(v.Request)
		for _, of := range nested {
			clear(seen)
			fields(of)
		}
		if v.Answer.Kind() != reflect.Struct || v.About == "" || !regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(v.Name) {
			t.Errorf("%s answers %v: %q", v.Name, v.Answer, v.About)
		}
	}
}

// elementOf returns the element type of a list, or the type itself.
func elementOf(of reflect.Type) reflect.Type {
	if of.Kind() == reflect.Slice {
		return of.Elem()
	}
	return of
}

// unlisted are requests that front ends need not offer.
var unlisted = []string{
	"KeptCheck", "KeptBisectAll", // about the cache, not about a store
	"QueryNames", // for completion at a prompt; QueryTables has the same and more
}

// TestEveryRequestIsListed finds request types that [ask.All] lacks.
func TestEveryRequestIsListed(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	method := regexp.MustCompile(`(?m)^func \(\w+ (\w+)\) Ask\(`)
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range method.FindAllStringSubmatch(string(src), -1) {
			listed := slices.ContainsFunc(ask.All, func(v ask.Verb) bool { return v.Request.Name() == m[1] })
			if !listed && !slices.Contains(unlisted, m[1]) {
				t.Errorf("%s: All does not list %s", name, m[1])
			}
		}
	}
}
