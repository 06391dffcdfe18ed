package cell

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestAfterRunes checks that texts with prefix s are below its successor, and that greater
// texts without the prefix are not.
func TestAfterRunes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		x := rapid.String().Draw(t, "x")
		next, ok := AfterRunes(s)
		if !ok {
			if strings.Trim(s, string(utf8.MaxRune)) != "" {
				t.Fatalf("%q has no successor", s)
			}
			return
		}
		if !utf8.ValidString(next) {
			t.Fatalf("the successor %q of %q is not text", next, s)
		}
		if s+x >= next {
			t.Fatalf("%q begins with %q and is not below %q", s+x, s, next)
		}
		if x > s && !strings.HasPrefix(x, s) && x < next {
			t.Fatalf("%q does not begin with %q and is below %q", x, s, next)
		}
	})
}
