package ask

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"asof/inspect/wire"
	"asof/replay/workspace"
)

// TestKeptColumnsAreProved keeps columns that no state has. They are found, and removed.
func TestKeptColumnsAreProved(t *testing.T) {
	dir := t.TempDir()
	event := `{"stream":"cart-1","version":1,"position":1,"type":"Added","time":"2026-01-01T00:00:00Z","data":{"qty":1}}` + "\n"
	if err := os.WriteFile(filepath.Join(dir, "shop.ndjson"), []byte(event), 0o600); err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-time.Hour) // or else the file may still be written
	if err := os.Chtimes(filepath.Join(dir, "shop.ndjson"), long, long); err != nil {
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
	for _, want := range [][]wire.TableProof{{{Table: "state", Columns: 2, Wrong: true}}, nil} {
		answer, err := q.Ask(ctx, w)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(answer.Tables, want) {
			t.Errorf("the proof is %+v, want %+v", answer.Tables, want)
		}
	}
}
