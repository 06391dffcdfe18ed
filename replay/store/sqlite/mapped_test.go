package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"asof/replay/store"
	"asof/replay/store/sqlite"
)

// TestMapped checks that a small private copy is mapped into memory, all of it, and no other
// file: somebody could truncate it.
func TestMapped(t *testing.T) {
	for _, c := range []struct {
		name  string
		cheap int64 // size of a small database
		o     store.Options
		setup []string
		want  bool
	}{
		{"small", 1 << 20, store.Options{}, walSetup[1:], true},
		{"small, to be copied", 1 << 20, store.Options{Copy: true}, walSetup[1:], true},
		{"large", 0, store.Options{}, walSetup[1:], false},
		{"large, to be copied", 0, store.Options{Copy: true}, walSetup[1:], false},
		{"immutable", 1 << 20, store.Options{}, walSetup, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer sqlite.SetCheapCopy(c.cheap)()
			path := filepath.Join(t.TempDir(), "store.db")
			startWriter(t, path, c.setup...).run("close")
			r := mustOpen(t, path, c.o)
			n, err := r.MappedSize()
			if err != nil {
				t.Fatal(err)
			}
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if want := info.Size(); c.want && n != want || !c.want && n != 0 {
				t.Errorf("%d bytes of %d are mapped", n, want)
			}
			if n := events(t, r); n != 3 {
				t.Errorf("%d events, want 3", n)
			}
		})
	}
	t.Run("with its -wal", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "store.db")
		startWriter(t, path, walSetup...)
		if n, err := mustOpen(t, path, store.Options{}).MappedSize(); n != 0 || err != nil {
			t.Errorf("%d bytes are mapped: %v", n, err)
		}
	})
}
