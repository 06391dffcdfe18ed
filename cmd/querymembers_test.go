package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestQueryMembersAreDropped: the columns of * follow the store and the fold, however they
// were cached, and nothing is written beside the store.
func TestQueryMembersAreDropped(t *testing.T) {
	t.Parallel()
	dir, cache := t.TempDir(), t.TempDir()
	store := filepath.Join(dir, "shop.ndjson")
	line := `{"stream":"cart-1","version":1,"position":1,"type":"Added","time":"2026-01-01T00:00:00Z","data":{"qty":1}}` + "\n"
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ask := func(want string, more ...string) {
		t.Helper()
		args := append([]string{"query", "shop.ndjson", "SELECT * FROM state WHERE stream = 'cart-1'", "-o", "csv", "--cache-dir", cache}, more...)
		for range 2 { // the second time, they are cached
			out, code := runHere(dir, args)
			if head, _, _ := strings.Cut(out, "\n"); code != 0 || head != "stream,category,version,position,time,error,state,"+want {
				t.Fatalf("the columns are %s, want %s", out, want)
			}
		}
		if out, _ := runHere(dir, []string{"cache", "info", "--cache-dir", cache}); !strings.Contains(out, "columns of state") {
			t.Fatalf("nothing is cached: %s", out)
		}
	}
	write(store, line)
	ask("qty")
	write(store, line+strings.NewReplacer("cart-1", "cart-2", `"position":1`, `"position":2`, "qty", "rare").Replace(line))
	ask("qty,rare")
	write(filepath.Join(dir, "a.js"), "function fold(state, event) { return { a: 1 } }")
	ask("a", "--fold", "a.js")
	write(filepath.Join(dir, "a.js"), "function fold(state, event) { return { b: 1 } }")
	ask("b", "--fold", "a.js")
	ask("qty,rare")
	if files, err := os.ReadDir(dir); err != nil || len(files) != 2 {
		t.Errorf("files beside the store: %v, %v", files, err)
	}
}
