package render

import "testing"

// TestUnderWide: a caret stands under its character, however wide those before it are.
func TestUnderWide(t *testing.T) {
	for _, test := range []struct{ before, line, want string }{
		{"SELECT nope", "       ^", "       ^"},
		{"SELECT '世界', nope", "             ^", "               ^"},
		{"SELECT 'e\u0301', nope", "             ^", "            ^"},
		{"   1 | s.世 = ;", "     |     ^", "     |      ^"},
		{"\t世 = x", "\t    ^", "\t     ^"},
		{"世界", "  not a caret^", "  not a caret^"},
		{"世", "", ""},
		{"", "^", "^"},
		{"世", "          ^", "           ^"},
	} {
		if got := underWide(test.before, test.line); got != test.want {
			t.Errorf("under %q: %q, want %q", test.before, got, test.want)
		}
	}
}
