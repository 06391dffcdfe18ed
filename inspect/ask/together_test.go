package ask_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"asof/fixtures/demo"
	"asof/fixtures/sqlitefile"
	"asof/inspect/ask"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/workspace"
)

// A trial is a question as a test asks it.
type trial struct {
	name string
	ask  func(context.Context, *workspace.Workspace) (string, error)
}

// asked asks a question and returns its answer as JSON, with its notes.
func asked(q ask.Blame) trial {
	name := fmt.Sprint(q.Store, " ", q.Stream, " ", q.Fold)
	return trial{name, func(ctx context.Context, w *workspace.Workspace) (string, error) {
		var notes []string
		b, err := q.Ask(ctx, w.Begin(func(n replay.Notice) { notes = append(notes, n.Text) }))
		if err != nil {
			return "", err
		}
		x := wire.NewBlamed(b)
		return string(wire.Append(nil, &x)) + strings.Join(notes, "\n"), nil
	}}
}

func blameOf(store, stream, fold string) ask.Blame {
	q := ask.Blame{}
	q.Store, q.Stream, q.Fold = store, stream, fold
	return q
}

// TestQuestionsAreIndependent asks several questions at once, of different
// stores with different folds, while one script loops forever and one exhausts its
// memory.
func TestQuestionsAreIndependent(t *testing.T) {
	dir := t.TempDir()
	if err := sqlitefile.WriteNative(t.Context(), filepath.Join(dir, "shop.db"), demo.Shop(demo.ShopLeast)); err != nil {
		t.Fatal(err)
	}
	var lines strings.Builder
	for v := range 50 {
		fmt.Fprintf(&lines, `{"stream":"a","version":%d,"type":"T","data":{"n":%d}}`+"\n", v+1, v)
	}
	if err := os.WriteFile(filepath.Join(dir, "lines.ndjson"), []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	w := workspace.New(workspace.Host{
		Dir: dir, Scripts: js.Limits{Time: 1500 * time.Millisecond, Memory: 16 << 20},
	}, workspace.Options{CacheDir: filepath.Join(dir, "cache")})
	defer w.Close()
	sane := []trial{
		asked(blameOf("shop.db", "cart-42", "")),
		asked(blameOf("shop.db", "cart-42", "s.n = (s.n ?? 0) + 1; s[e.type] = e.version")),
		asked(blameOf("lines.ndjson", "a", "s.sum = (s.sum ?? 0) + e.data.n")),
		asked(blameOf("lines.ndjson", "a", "merge")),
	}
	insane := map[string]trial{
		"within":        asked(blameOf("lines.ndjson", "a", "while (true) { s.n = 1 }")),
		"MiB of memory": asked(blameOf("shop.db", "cart-42", "const a = [], t = 'x'.repeat(1e6); for (;;) a.push(t + a.length)")),
	}
	want := make([]string, len(sane))
	for i, q := range sane {
		var err error
		if want[i], err = q.ask(t.Context(), w); err != nil {
			t.Fatalf("%s: %v", q.name, err)
		}
	}
	var all sync.WaitGroup
	for why, q := range insane {
		all.Go(func() {
			var err error
			for range 20 { // on a busy machine the other limit may be reached first
				if _, err = q.ask(t.Context(), w); err == nil || strings.Contains(err.Error(), why) {
					break
				}
			}
			var failed *replay.FoldError
			if !errors.As(err, &failed) || !strings.Contains(err.Error(), why) {
				t.Errorf("%s ends with %v", q.name, err)
			}
		})
	}
	for i, q := range sane {
		all.Go(func() {
			for range 30 {
				got, err := q.ask(t.Context(), w)
				if err != nil || got != want[i] {
					t.Errorf("%s is answered %s, alone %s: %v", q.name, got, want[i], err)
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
		})
	}
	all.Wait()
}
