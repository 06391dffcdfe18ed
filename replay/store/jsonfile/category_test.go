package jsonfile

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"asof/replay"
	"asof/replay/store/source"
)

// opened opens a file of these events.
func opened(t *testing.T, text string) replay.Reader {
	t.Helper()
	path := filepath.Join(t.TempDir(), "events.ndjson")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := open(t.Context(), path, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() }) // only read
	return r
}

// TestCategoriesAreTheEvents: an event is of its own category, whichever its stream has.
func TestCategoriesAreTheEvents(t *testing.T) {
	text := ""
	for i, category := range []string{"a", "b", "a", "b", "b"} {
		text += fmt.Sprintf(`{"stream":"s-%d","version":%d,"position":%d,"type":"T","category":%q,"data":{}}`+"\n", i/3, i%3+1, i+1, category)
	}
	r := opened(t, text)
	for category, want := range map[string]string{"a": "[1 3]", "b": "[2 4 5]", "c": "[]"} {
		for _, order := range []replay.Order{replay.ByPosition, replay.ByStream} {
			got := []replay.Position{}
			for e, err := range r.Events(t.Context(), replay.Query{Categories: []string{category}, Order: order}) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, e.Position)
			}
			if fmt.Sprint(got) != want {
				t.Errorf("of %s are %v, not %s", category, got, want)
			}
		}
	}
}

// TestCategoriesOfOneStreamAreAllListed: a stream may have events of three categories.
func TestCategoriesOfOneStreamAreAllListed(t *testing.T) {
	text := ""
	for i, category := range []string{"a", "b", "c", "d", "a"} {
		text += fmt.Sprintf(`{"stream":"s","version":%d,"position":%d,"type":"T","category":%q,"data":{}}`+"\n", i+1, i+1, category)
	}
	r := opened(t, text)
	if s, err := r.Summary(t.Context()); err != nil || fmt.Sprint(s.Categories) != "[a b c d]" {
		t.Errorf("the categories are %v, %v", s.Categories, err)
	}
}
