package state

import (
	"testing"

	"pgregory.net/rapid"
)

// TestGetNear holds a search that begins at an index to one from the start.
func TestGetNear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SampledFrom([]string{"a", "b", ""})
		objects := []*Node{NewObject(), NewObject(), NewArray()} // small, so that keys come again
		at := rapid.IntRange(-1, 9).Draw(t, "at")
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			n, k := rapid.SampledFrom(objects).Draw(t, "node"), key.Draw(t, "key")
			switch step := rapid.IntRange(0, 3).Draw(t, "step"); {
			case step == 0 && n.Kind() == Object:
				n.Set(k, NumberValue("1"))
			case step == 1 && n.Kind() == Object:
				n.Delete(k)
			default:
				if got, want := n.GetNear(k, &at), n.Get(k); got != want {
					t.Fatalf("%q: %v, want %v", k, got, want)
				}
			}
		}
	})
}
