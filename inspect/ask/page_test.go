package ask

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A cursor has its keys as they are, also ids that are not UTF-8.
func TestCursorKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.Map(rapid.SliceOf(rapid.SampledFrom([]byte("a\xed\xa0\xbd\xff\x00\""))), func(b []byte) string { return string(b) })
		keys := rapid.SliceOfN(key, 1, 3).Draw(t, "keys")
		p := Page{Cursor: cursorAt("question", keys...)}
		if got, err := p.begin("question", len(keys)); err != nil || !slices.Equal(got, keys) {
			t.Fatalf("%q came back as %q, %v", keys, got, err)
		}
	})
}
