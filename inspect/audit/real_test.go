package audit_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"asof/inspect/audit"
	"asof/replay/store"
)

// TestRealStores exports the stores of real libraries, with and without withheld
// fields, and verifies the exports. The stores must not change.
func TestRealStores(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../../../shared/stores/*.sqlite")
	if err != nil || len(paths) == 0 {
		t.Skip("the stores of real libraries are not available")
	}
	k, v := newKey(t, 1, "real")
	ran := 0
	for _, path := range paths {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			o := store.Options{}
			if strings.Contains(name, "aes") {
				for i := range 32 {
					o.CipherKey = append(o.CipherKey, byte(i))
				}
			}
			r, err := store.Open(context.Background(), path, o)
			if err != nil {
				t.Skip(err) // the dialect is not supported yet
			}
			defer r.Close()
			ran++
			x := exportOf(k, nil)
			x.Reader = r
			plain := write(t, x)
			got := mustBeSound(t, plain, audit.VerifyOptions{Key: v})
			if got.Events == 0 || got.Events != got.Store {
				t.Errorf("%d events of %d", got.Events, got.Store)
			}
			x.Redact = redaction(t, "/data/**", "/metadata/**", "/actor")
			hidden := write(t, x)
			mustBeSound(t, hidden, audit.VerifyOptions{Key: v})
			a, b := contents(t, plain), contents(t, hidden)
			if string(a["checkpoint"]) != string(b["checkpoint"]) {
				t.Error("withheld fields change the checkpoint")
			}
			if strings.Contains(string(b["stored.ndjson"]), `"payload`) && strings.Count(string(b["stored.ndjson"]), `"payload`) == int(got.Events) {
				t.Error("no payload was withheld")
			}
			after, err := os.ReadFile(path)
			if err != nil || !slices.Equal(before, after) {
				t.Errorf("the store was changed: %v", err)
			}
		})
	}
	if ran == 0 {
		t.Error("no real store could be opened")
	}
}
