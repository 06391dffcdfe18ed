package ask_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"asof/fixtures/sqlitefile"
	"asof/inspect/ask"
	"asof/replay"
	"asof/replay/workspace"
)

// The folds of TestQueriesFoldAlike. Two depend on more than the events of a stream, one
// fails, and one warns.
var workerFolds = map[string]string{
	"plain.js": `function fold(s, e) { s.n = (s.n || 0) + 1; s.last = e.data.i; if (e.data.i % 7 == 0) s["m" + e.data.i % 21] = e.version; return s }`,
	"count.js": `let all = 0; function fold(s, e) { s.all = ++all; return s }`,
	"clock.js": `const began = new Date().getTime(); function fold(s, e) { s.began = began; return s }`,
	"fails.js": `function fold(s, e) { if (e.data.i % 90 == 40) throw new Error("no " + e.data.i); s.i = e.data.i; return s }`,
	"warns.js": `function fold(s, e) { s.sum = (s.sum || 0) + e.data.price; return s }`,
}

const workerCommand = `import json, sys
n = None
for line in sys.stdin:
    ask = json.loads(line)
    state = ask.get("state", n)
    if ask["op"] == "init":
        n = {"n": 0}
    else:
        n = {"n": state["n"] + 1, "last": ask["event"]["data"]["i"]}
    print(json.dumps({"state": n}), flush=True)
`

// TestQueriesFoldAlike: a query answers with the same rows and notes on one core and on
// several, whatever folds the states.
func TestQueriesFoldAlike(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	dir := t.TempDir()
	var events []replay.Event
	for i := range 600 {
		price := fmt.Sprint(i % 3)
		if i%40 >= 20 { // those before are a sample, which gives the columns
			price += fmt.Sprint(".", i%9)
		}
		events = append(events, replay.Event{
			Stream: replay.StreamID(fmt.Sprint("cart-", i%40)), Category: "cart", Version: replay.Version(i/40 + 1), Position: replay.Position(i + 1), ID: fmt.Sprint("id-", i), Type: "T",
			Time: replay.Event{}.Time.AddDate(2025, 0, i), Data: fmt.Appendf(nil, `{"i":%d,"price":%s}`, i, price),
		})
	}
	if err := sqlitefile.WriteNative(t.Context(), filepath.Join(dir, "shop.db"), slices.Values(events)); err != nil {
		t.Fatal(err)
	}
	folds := []string{"merge"}
	for name, text := range workerFolds {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		folds = append(folds, name)
	}
	if python, err := exec.LookPath("python3"); err == nil {
		if err := os.WriteFile(filepath.Join(dir, "fold.py"), []byte(workerCommand), 0o600); err != nil {
			t.Fatal(err)
		}
		folds = append(folds, "exec:"+python+" fold.py")
	}
	env := func(name string) string { return map[string]string{"ASOF_ALLOW_EXEC": "1"}[name] }
	w := workspace.New(workspace.Host{Dir: dir, Getenv: env}, workspace.Options{NoCache: true})
	defer w.Close()
	for _, fold := range folds {
		for _, strict := range []bool{false, true} {
			var first string
			for _, cores := range []int{1, 4} {
				runtime.GOMAXPROCS(cores)
				var answer []string
				for _, sql := range []string{"SELECT * FROM state", "SELECT stream, state, error FROM state('pos:300') WHERE category = 'cart'"} {
					q := ask.Query{SQL: sql}
					q.Store, q.Fold, q.Strict = "shop.db", fold, strict
					for row, err := range q.Ask(context.Background(), w.Begin(func(n replay.Notice) { answer = append(answer, n.Text) })) {
						answer = append(answer, fmt.Sprint(row.Columns, row.Values, err))
					}
				}
				if got := strings.Join(answer, "\n"); cores == 1 {
					first = got
				} else if got != first {
					t.Errorf("%s, strict %v: on one core:\n%s\non %d:\n%s", fold, strict, first, cores, got)
				}
			}
			if fold == "warns.js" && !strings.Contains(first, "; write ") {
				t.Errorf("no warning: %s", first)
			}
		}
	}
}
