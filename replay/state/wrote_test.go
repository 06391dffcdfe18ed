package state

import (
	"strings"
	"testing"
)

// TestWrote says which patches write a place, and which write whether it is there.
func TestWrote(t *testing.T) {
	for _, c := range []struct {
		patch, path  string
		wrote, there bool
	}{
		{`{"n":2}`, "n", true, false},
		{`{"n":1.0}`, "n", false, false},
		{`{"n":null}`, "n", true, true},
		{`{"m":1}`, "m", true, true},
		{`{"m":1}`, "n", false, false},
		{`{"o":{"x":2}}`, "o", true, false},
		{`{"o":{"x":2}}`, "o/x", true, false},
		{`{"o":{"x":null}}`, "o/x", true, true},
		{`{"o":{"y":1}}`, "o/x", false, false},
		{`{"o":{"y":1}}`, "o/y", true, true},
		{`{"o":1}`, "o/x", true, true},
		{`{"o":null}`, "o/x", true, true},
		{`{"n":{"x":1}}`, "n", true, false},
		{`{"n":{"x":1}}`, "n/x", true, true},
		{`{"l":[1]}`, "l", true, false},
		{`7`, "n", true, true},
	} {
		st := New()
		st.MergePatch(mustParse(t, `{"n":1,"o":{"x":1},"l":[]}`))
		if _, err := st.Commit(false); err != nil {
			t.Fatal(err)
		}
		st.MergePatch(mustParse(t, c.patch))
		var w Written
		st.Written(&w)
		path := strings.Split(c.path, "/")
		wrote, there := w.Wrote(Place{Path: path}), w.Wrote(Place{Path: path, There: true})
		if wrote != c.wrote || there != c.there {
			t.Errorf("%s at %s: wrote %v, whether it is there %v", c.patch, c.path, wrote, there)
		}
	}
}
