package browse

import (
	"strings"
	"testing"

	"asof/replay/state"
)

// TestFollow goes to events where the chosen element has another index, or is not there:
// what is chosen on screen is what a question is about.
func TestFollow(t *testing.T) {
	d := drive(t, shop(t), Options{Stream: "cart-42@27"}, 100, 40)
	for i, r := range d.m.stream.tree.rows {
		if r.path == "/items/0" {
			d.m.stream.choose(d.m.stream.tree.rows[i].path)
		}
	}
	const cups = "/items[sku=cups-espresso]"
	if got := d.m.stream.pathName(); got != cups {
		t.Fatalf("%s is chosen, want %s", got, cups)
	}
	for _, c := range []struct{ point, at string }{{"8", "/items/2"}, {"27", "/items/0"}, {"1", "/items"}, {"start", ""}, {"28", "/items/0"}} {
		d.keys(":" + c.point + "<enter>")
		s := d.m.stream
		if c.point == "start" {
			c.at = s.tree.rows[s.focusRow()].path // whatever the state before the first event has
			if strings.Contains(c.at, "/items/") {
				t.Errorf("at start %s is chosen", c.at)
			}
		}
		if got := s.tree.rows[s.focusRow()].path; got != c.at || s.pathName() != cups {
			t.Errorf("at %s the line of %q is chosen, want %q; questions are about %s", c.point, got, c.at, s.pathName())
		}
	}
}

// TestPlaceOf finds paths with keys, and what is above those that lead nowhere.
func TestPlaceOf(t *testing.T) {
	root, err := state.Parse([]byte(`{"a[b":[{"id":"x/y","n":1},{"id":"z]","n":[{"id":1}]}],"c":1}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		`/a[b[id="x/y"]/n`: "/a[b/0/n", "/a[b[id=gone]/n": "/a[b", "/a[b[id=gone]": "/a[b", "/c": "/c", "/gone[id=1]": "", "": "",
	} {
		if got := placeOf(root, name); got != want {
			t.Errorf("%s leads to %q, want %q", name, got, want)
		}
	}
}
