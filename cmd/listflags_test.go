package cmd

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// ownPages are the flags of verbs that lack some of a list's, and what takes their place.
var ownPages = map[string]struct {
	flags   []string
	instead string
}{
	"query": {[]string{"limit", "cursor"}, "the columns of its SELECT"},
	"drift": {[]string{"limit", "cursor"}, "its rows, which list the wrong values alone"},
}

// TestListsArePaged: a verb that bounds a list has a cursor for the rest, and selects
// fields.
func TestListsArePaged(t *testing.T) {
	lists := 0
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		verb := strings.TrimPrefix(c.CommandPath(), "asof ")
		var has, lacks []string
		for _, name := range []string{"limit", "cursor", "fields"} {
			if f := c.LocalFlags().Lookup(name); f != nil {
				has = append(has, name)
				if name == "limit" && f.DefValue != "0" {
					t.Errorf("%s: the list is cut at %s, which nobody asked for", verb, f.DefValue)
				}
			} else {
				lacks = append(lacks, name)
			}
		}
		switch one, own := ownPages[verb]; {
		case own && !slices.Equal(has, one.flags):
			t.Errorf("%s has %v: %s", verb, has, one.instead)
		case !own && len(has) > 0 && len(lacks) > 0:
			t.Errorf("%s has %v and lacks %v", verb, has, lacks)
		case len(has) == 3:
			lists++
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk((&app{}).command(nil))
	if lists < 9 {
		t.Errorf("only %d verbs have pages", lists)
	}
}

// TestNothingIsCutUnasked lists more than a screen by the verbs that cut their text: their
// JSON has all of it, and no cursor.
func TestNothingIsCutUnasked(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const streams = 150
	var b strings.Builder
	for v := 1; v <= 2; v++ {
		for i := range streams {
			fmt.Fprintf(&b, `{"stream":"cart-%03d","category":"cart","version":%d,"position":%d,"type":"T","data":{"n":%d}}`+"\n", i, v, (v-1)*streams+i+1, v)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "s.ndjson"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		list string
		args []string
	}{
		{"largest", []string{"diff", "s.ndjson", "--all", "pos:150", "head"}},
		{"cells", []string{"drift", "s.ndjson", "--fold", "s.n = e.data.n", "--fold", "s.n = e.data.n + 1"}},
	} {
		out, stderr, code := run(t, dir, nil, append(tt.args, "--json")...)
		var x map[string]any
		if err := json.Unmarshal([]byte(out), &x); err != nil || code > exitFindings {
			t.Fatalf("%q: exit %d, %v, %s", tt.args, code, err, stderr)
		}
		if list, _ := x[tt.list].([]any); len(list) != streams || x["cursor"] != nil {
			t.Errorf("%q lists %d of %d, and the cursor %v", tt.args, len(list), streams, x["cursor"])
		}
	}
}
