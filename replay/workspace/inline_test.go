package workspace_test

import (
	"strings"
	"testing"

	"asof/replay/workspace"
)

// TestInlineScriptName checks that messages name a script given as text by the
// option that it came from, as the front end writes it.
func TestInlineScriptName(t *testing.T) {
	for prefix, want := range map[string]string{"": "fold:1:", "--": "--fold:1:"} {
		option := func(name string) string { return prefix + name }
		w := workspace.New(workspace.Host{Dir: t.TempDir(), Option: option}, workspace.Options{NoCache: true})
		_, err := w.FoldFor(t.Context(), "cart-1", "cart", workspace.Folding{Fold: "s.x = ("})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want one that starts with %q", err, want)
		}
	}
}
