package cmd

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// TestOneVerbIsAsAmongAll holds a command line that begins with a verb, for which only
// that verb is built, to the same verb as one for which all are.
func TestOneVerbIsAsAmongAll(t *testing.T) {
	all := (&app{}).command(nil)
	if built := len(all.Commands()); built != len(verbs()) {
		t.Fatalf("%d verbs are built of %d", built, len(verbs()))
	}
	for _, v := range verbs() {
		among := find(t, all, v.name)
		root := (&app{}).command([]string{v.name, "--json"})
		if n := len(root.Commands()); n != 1 && v.name != "completion" {
			t.Errorf("%s: %d verbs are built", v.name, n)
		}
		alone := find(t, root, v.name)
		if diff := cmp.Diff(helpJSON(among).Verbs, helpJSON(alone).Verbs); diff != "" {
			t.Errorf("%s is another alone:\n%s", v.name, diff)
		}
	}
}

// find returns the verb of this name.
func find(t *testing.T, root *cobra.Command, name string) *cobra.Command {
	t.Helper()
	c, rest, err := root.Find([]string{name})
	if err != nil || c.Name() != name || len(rest) > 0 {
		t.Fatalf("%s: found %q and %q: %v", name, c.Name(), rest, err)
	}
	return c
}
