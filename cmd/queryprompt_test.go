//go:build linux || darwin

package cmd

import (
	"strings"
	"testing"
)

// TestQueryPrompt types lines into the prompt of query: SQL, a completion, a moment, slips
// and the end.
func TestQueryPrompt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if out, code := runHere(dir, []string{"demo"}); code != 0 {
		t.Fatal(out)
	}
	keys := strings.Join([]string{
		`\?`, "SELECT tot\t FROM cart WHERE stream = 'cart-42'", "SELECT totl FROM cart", `\t nonsense`, `\t pos:860`,
		"SELECT 'n=' || count(*) \\", "FROM events", `\tables`, `\q`, "",
	}, "\r")
	got, code := onTerminal(t, dir, 200, keys, nil, "query", "asof-demo.db")
	for _, want := range []string{"sets the moment", "total\n -6.6", "did you mean total?", `bad point "nonsense"`, "pos:860> ", "n=860", "cart_history  a row"} {
		if !strings.Contains(got, want) {
			t.Errorf("the output lacks %q:\n%s", want, got)
		}
	}
	if code != exitOK {
		t.Errorf("exit code %d", code)
	}
}

func TestCompletion(t *testing.T) {
	names := []string{"cart", "cart_changes", "cart_history", `"with blank"`, "Total"}
	for word, want := range map[string]string{"ca": "cart", "cart_h": "cart_history", "cart_": "cart_", "tot": "Total", "x": "", "": "", `\ta`: `\tables`} {
		if got := completion(word, names); got != want {
			t.Errorf("%q completes to %q, want %q", word, got, want)
		}
	}
}
