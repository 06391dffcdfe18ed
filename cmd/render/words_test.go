package render

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A command line that is printed is the same arguments again when it is read.
func TestWordsAreThoseOfTheCommandLine(t *testing.T) {
	arg := rapid.OneOf(rapid.String(), rapid.StringMatching(`[-a"'$\\#=~ \n\t\x1b\x{2026}]{0,8}`),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(arg, 1, 5).Draw(t, "args")
		line := CommandLine(want)
		if got, ok := Words(line); !ok || !slices.Equal(got, want) {
			t.Fatalf("%q was read as %q, %v, want %q", line, got, ok, want)
		}
		if got, ok := Words(line + "   # why"); !ok || !slices.Equal(got, want) {
			t.Fatalf("%q with a comment was read as %q, %v", line, got, ok)
		}
	})
	for _, line := range []string{"", "# a", "asof 'open", `asof "a"`, "asof `a`", "asof $x", `asof $'\x1'`, `asof $'a`} {
		if got, ok := Words(line); ok {
			t.Errorf("%q was read as %q", line, got)
		}
	}
}
