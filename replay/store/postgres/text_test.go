package postgres

import "testing"

func TestPgText(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "abc": "abc", "a\x00b": "a", "é": "é", "\xf4\x8f": "", "a\xc3": "a", "\ufffd": "\ufffd", "a\xffb": "a",
	} {
		if got := storable(in); got != want {
			t.Errorf("%q is cut to %q, want %q", in, got, want)
		}
	}
}
