package cell

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestValid compares what is JSON with the package json.
func TestValid(t *testing.T) {
	pieces := []string{"{", "}", "[", "]", ",", ":", `"a"`, `"\u00e9"`, `"\ud800"`, `"\x"`, `"é`, `"`, "NaN", "-Infinity", "-1.5e3", "01", "null", "true", " ", "\n", "\x01"}
	var s Scanner
	seen := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 7).Draw(t, "text"), "")
		if rapid.Bool().Draw(t, "in an array") {
			text = "[" + text + "]"
		}
		want := json.Valid([]byte(text))
		if got := s.Valid([]byte(text)); got != want {
			t.Errorf("%q is JSON: %v", text, got)
		}
		seen[want]++
	})
	for _, deep := range []int{9_999, 10_000, 10_001} {
		text := []byte(strings.Repeat("[", deep) + strings.Repeat("]", deep))
		if s.Valid(text) != json.Valid(text) {
			t.Errorf("nested %d times: %v", deep, s.Valid(text))
		}
	}
	if seen[true] == 0 || seen[false] == 0 {
		t.Error(seen)
	}
}
