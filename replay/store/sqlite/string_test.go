package sqlite

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

// TestStringsAsMarshalled compares strings with how the standard library writes them.
func TestStringsAsMarshalled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.StringOf(rapid.SampledFrom([]rune("a{}:, \"\\/<>&\n\x00\x7f\u2028é😀"))), rapid.StringOf(rapid.SampledFrom([]rune("ab \"\\"))), rapid.String()).Draw(t, "s")
		want, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := appendString([]byte("x"), s); string(got) != "x"+string(want) {
			t.Fatalf("%s, want %s", got[1:], want)
		}
	})
}
