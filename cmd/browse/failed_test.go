package browse

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"asof/replay/workspace"
)

// TestFailedFold looks at every event of a stream whose fold fails at one of them, by
// steps and at once. It shows the state that the fold reached, and says where that is.
func TestFailedFold(t *testing.T) {
	const events = 6
	for failing := 1; failing <= events; failing++ {
		dir := t.TempDir()
		path := filepath.Join(dir, "shop.ndjson")
		fold := fmt.Sprintf(`fromAll().when({$init: () => ({n: 0}), $any: (s, e) => {
			s.n++
			if (s.n === %d) throw new Error("boom")
			return s
		}})`, failing)
		for name, text := range map[string]string{path: lines(events, nil), filepath.Join(dir, "fold.js"): fold} {
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		o := Options{Ref: workspace.StoreRef{Store: path}, How: workspace.Folding{Fold: "fold.js"}}
		look := func(how string, d *driver, v int) {
			t.Helper()
			screen := d.screen()
			says := []string{fmt.Sprintf("event %d", v), fmt.Sprintf("n  %d", min(v, failing-1))}
			if v >= failing {
				where := fmt.Sprintf("the state after event %d:", failing-1)
				if failing == 1 {
					where = "the state before the first event:"
				}
				failure := "not reached by the fold"
				if v == failing {
					failure = "fails to fold"
				}
				says = append(says, "fold failed", where, failure)
			}
			for _, text := range says {
				if !strings.Contains(screen, text) {
					t.Errorf("%s, failing at %d: the screen of event %d does not say %q:\n%s", how, failing, v, text, screen)
				}
			}
		}
		o.Stream = "cart-1@1"
		steps := drive(t, dir, o, 120, 24)
		for v := 1; v <= events; v++ {
			o.Stream = fmt.Sprintf("cart-1@%d", v)
			look("at once", drive(t, dir, o, 120, 24), v)
			look("by steps", steps, v)
			steps.keys("<right>")
		}
	}
}

// TestLongError: an error takes as many rows as it needs, up to a bound.
func TestLongError(t *testing.T) {
	d := drive(t, shop(t), Options{Stream: "cart-42"}, 80, 24)
	for _, c := range []struct{ words, rows int }{{3, 1}, {30, 3}, {500, maxError}} {
		d.m.fail(errors.New(strings.Repeat("reason ", c.words) + "end"))
		if got := len(d.m.bottom()); got != c.rows {
			t.Errorf("an error of %d words takes %d rows, want %d", c.words, got, c.rows)
		}
		lines := d.m.screen()
		if len(lines) != 24 {
			t.Errorf("the screen has %d rows", len(lines))
		}
		if last := lines[23]; strings.Contains(last, "end") == (c.rows == maxError) {
			t.Errorf("an error of %d words ends with %q", c.words, last)
		}
	}
}
