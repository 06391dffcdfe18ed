package place

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestWithin compares the secrets of random words with those that the pattern finds.
func TestWithin(t *testing.T) {
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		word := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{
			"://", "u:p", "@", "=", "PassWord", "token", "pwd", "secret", "x", "\n", " ", "ſ", "shop.db", ":", "/",
		}), 0, 7).Draw(t, "parts"), "")
		var want []string
		for _, m := range inWord().FindAllStringSubmatch(word, -1) {
			want = append(want, m[1:]...)
			found++
		}
		if got := Within(word); !slices.Equal(got, want) {
			t.Fatalf("%q holds %q, want %q", word, got, want)
		}
	})
	if found == 0 {
		t.Error("no word had a secret")
	}
}
