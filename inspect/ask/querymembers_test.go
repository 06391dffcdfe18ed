package ask

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"asof/replay/workspace"
)

// TestKeptColumnsAreProved keeps columns that no state has. They are found, and removed.
func TestKeptColumnsAreProved(t *testing.T) {
	dir := t.TempDir()
	event := `{"stream":"cart-1","version":1,"position":1,"type":"Added","time":"2026-01-01T00:00:00Z","data":{"qty":1}}` + "\n"
	if err := os.WriteFile(filepath.Join(dir, "shop.ndjson"), []byte(event), 0o600); err != nil {
		t.Fatal(err)
	}
	w := workspace.New(workspace.Host{Dir: dir}, workspace.Options{CacheDir: t.TempDir()})
	defer w.Close() //nolint:errcheck // the test is over
	ref, ctx := workspace.StoreRef{Store: "shop.ndjson"}, context.Background()
	err := w.Read(ctx, ref, func(s *workspace.Store) error {
		all := tablesOf(ctx, s, workspace.Folding{}, "")
		defer all.close()
		if err := all.all(); err != nil {
			return err
		}
		all.to.Projections[0].Members.Save([]string{"qty", "gone"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	q := KeptCheck{CheckStore{StoreRef: ref, Invariants: []Invariant{{"good", Condition{Good: "state.qty > 0"}}}}}
	for _, kept := range []bool{true, false} {
		answer, err := q.Ask(ctx, w)
		if err != nil {
			t.Fatal(err)
		}
		// A file that was just written may still change, so that nothing is proved of it.
		if n := len(answer.Tables); (n > 0) != kept || kept && !answer.Tables[0].Wrong && !answer.Tables[0].Stale {
			t.Errorf("the proof is %+v", answer.Tables)
		}
	}
}
