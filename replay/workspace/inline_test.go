package workspace_test

import (
	"strings"
	"testing"

	"asof/replay/workspace"
)

// TestInlineScriptName checks what messages call a script that is given as text:
// the front end's word for it, or a plain one.
func TestInlineScriptName(t *testing.T) {
	for inline, want := range map[string]string{"": "the script:1:", "--fold": "--fold:1:"} {
		w := workspace.New(workspace.Host{Dir: t.TempDir(), Inline: inline}, workspace.Options{NoCache: true})
		_, err := w.FoldFor(t.Context(), "cart-1", "cart", workspace.Folding{Fold: "s.x = ("})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("Inline %q: error %v, want one that starts with %q", inline, err, want)
		}
	}
}
