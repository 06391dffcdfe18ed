package sqlite_test

import (
	"context"
	"testing"

	"asof/replay"
	"asof/replay/store"
	"asof/replay/store/sqlite"
)

func mustOpen(t testing.TB, path string, o store.Options) *sqlite.Reader {
	t.Helper()
	r, err := store.Open(context.Background(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r.(*sqlite.Reader)
}

// events counts the events of a reader.
func events(t *testing.T, r replay.Reader) int {
	t.Helper()
	n := 0
	for _, err := range r.Events(context.Background(), replay.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}
