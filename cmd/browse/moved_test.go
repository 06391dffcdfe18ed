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
		{"grown", lines(41, nil), "the store grew; R reloads it", true, "event 30 · 30 of 41"},
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

// TestStoreGrowsAllTheTime uses a store that has another event at every question. It can
// be looked at as any other, and the screen says that it grew.
func TestStoreGrowsAllTheTime(t *testing.T) {
	for _, c := range []struct {
		name string
		ago  time.Duration // when the file was written, as its time says
	}{{"just now", 0}, {"long ago", time.Hour}} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "shop.ndjson")
			text, other := lines(40, nil), 0
			at := time.Now().Add(-c.ago)
			grow := func() {
				other++
				text += fmt.Sprintf(`{"stream":"other","version":%d,"type":"Set","data":{"n":%[1]d}}`+"\n", other)
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				at = at.Add(time.Millisecond)
				if err := os.Chtimes(path, at, at); err != nil {
					t.Fatal(err)
				}
			}
			grow()
			d := drive(t, filepath.Dir(path), Options{Ref: workspace.StoreRef{Store: path}}, 100, 24)
			d.before = grow
			see := func(keys, text string) {
				t.Helper()
				if screen := d.keys(keys).screen(); !strings.Contains(screen, text) || d.m.moved != "" {
					t.Errorf("after %s the screen does not show %q:\n%s", keys, text, screen)
				}
			}
			see("<down><up>", "cart-1")
			see("cart", "1 of 2 streams")
			see("<enter>", "event 40 · 40 of 40")
			see(":7<enter>", "total  7")
			see("<right>", "total  8")
			see("<right>", "the store grew; R reloads it")
			see("b", "choose a path of the state first")
			see("<tab><down>b", "history of /total")
			see("<esc>e", "cart-1@9")
			see("<esc>R", "event 9 · 9 of 40")
			see("<esc><esc>", "other")
			see("<end><enter>", "n  ")
			text = strings.Replace(text, `"total":3}`, `"total":4}`, 1)
			see("<left>", "event ")
			d.keys("<esc><home><enter>:9<enter>") // read since then
			text = strings.Replace(text, `"total":2}`, `"total":5}`, 1)
			if screen := d.keys("<right><right>:30<enter>").screen(); !strings.Contains(screen, "the store was replaced") {
				t.Errorf("the screen does not say that an event was changed:\n%s", screen)
			}
		})
	}
}

// TestStateThatIsNotRead goes to an event of a store that is gone: the state of another
// event does not stand under its number.
func TestStateThatIsNotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.ndjson")
	if err := os.WriteFile(path, []byte(lines(59, nil)), 0o600); err != nil {
		t.Fatal(err)
	}
	d := drive(t, filepath.Dir(path), Options{Ref: workspace.StoreRef{Store: path}, Stream: "cart-1@30"}, 100, 24)
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	for _, keys := range []string{"<end>", "<home>", "<left>"} {
		if screen := d.keys(keys).screen(); strings.Contains(screen, "total  30") || !strings.Contains(screen, "the state here was not read") {
			t.Errorf("after %s the screen shows:\n%s", keys, screen)
		}
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	if screen := d.keys("R:59<enter>").screen(); !strings.Contains(screen, "total  59") {
		t.Errorf("after R the screen shows:\n%s", screen)
	}
}
