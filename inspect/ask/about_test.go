package ask

import (
	"testing"

	"asof/replay/workspace"
)

// A command that ends in a script is not the path of that script.
func TestSourceHashOfCommand(t *testing.T) {
	w := workspace.New(workspace.Host{Dir: t.TempDir()}, workspace.Options{})
	hash, err := sourceHash(t.Context(), w, "exec:node fold.js")
	if err != nil || len(hash) != 64 {
		t.Errorf("%q, %v", hash, err)
	}
}
