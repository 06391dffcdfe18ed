package browse

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"asof/replay/workspace"
)

// lines are the events of a stream, the n-th with a total of n, but for those that other
// says.
func lines(n int, other map[int]string) string {
	var b strings.Builder
	for v := 1; v <= n; v++ {
		total := fmt.Sprint(v)
		if text, ok := other[v]; ok {
			total = text
		}
		fmt.Fprintf(&b, `{"stream":"cart-1","version":%d,"type":"Set","time":"2026-01-01T00:00:%02dZ","data":{"total":%s}}`+"\n", v, v, total)
	}
	return b.String()
}

// TestStoreMoves replaces, cuts and extends the store while a stream is on screen.
func TestStoreMoves(t *testing.T) {
	for _, c := range []struct {
		name, then string // the store meanwhile
		says       string // on the screen
		step       bool   // a step to another event still shows it
		again      string // after R
	}{
		{"the same", lines(40, nil), "", true, "event 30 · 30 of 40"},
		{"grown", lines(41, nil), "the store grew, R reads it", true, "event 30 · 30 of 41"},
		{"cut", lines(39, nil), "cut short", false, "event 30 · 30 of 39"},
		{"another payload", lines(40, map[int]string{2: "7"}), "replaced", false, "event 30 · 30 of 40"},
		{"grown and another payload", lines(41, map[int]string{2: "7"}), "replaced", false, "event 30 · 30 of 41"},
		{"another stream", strings.ReplaceAll(lines(40, nil), "cart-1", "cart-9"), "replaced", false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "shop.ndjson")
			write := func(text string, at time.Time) {
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				if err := os.Chtimes(path, at, at); err != nil {
					t.Fatal(err)
				}
			}
			long := time.Now().Add(-time.Hour)
			write(lines(40, nil), long)
			d := drive(t, filepath.Dir(path), Options{Ref: workspace.StoreRef{Store: path}, Stream: "cart-1@5"}, 100, 24)
			before := len(d.m.stream.kept)
			write(c.then, long.Add(time.Minute))
			if c.name == "the same" {
				write(c.then, long)
			}
			d.keys(":30<enter>")
			screen := d.screen()
			if !strings.Contains(screen, c.says) {
				t.Errorf("the screen does not say %q:\n%s", c.says, screen)
			}
			if got := strings.Contains(screen, "total  30"); got != c.step {
				t.Errorf("the state at 30 is shown: %v, want %v:\n%s", got, c.step, screen)
			}
			if !c.step && len(d.m.stream.kept) != before {
				t.Error("states of the changed store are kept with the old ones")
			}
			if c.again == "" {
				return
			}
			d.keys("R:30<enter>")
			if screen := d.screen(); !strings.Contains(screen, c.again) || !strings.Contains(screen, "total  30") || d.m.moved != "" {
				t.Errorf("after R the screen does not show %q:\n%s", c.again, screen)
			}
		})
	}
}
