package cmd

import "testing"

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{
		"": 0, "1": 1, "500MB": 500 << 20, "2 GB": 2 << 30, "64KiB": 64 << 10, "3m": 3 << 20, "7B": 7,
		"0": -1, "-1MB": -1, "MB": -1, "1.5GB": -1, "12QB": -1, "99999999999GB": -1,
	} {
		got, err := parseSize(text)
		if err != nil {
			got = -1
		}
		if got != want {
			t.Errorf("%q is %d, want %d", text, got, want)
		}
	}
}

func TestCutRule(t *testing.T) {
	for _, tt := range []struct{ text, name, expr string }{
		{"never negative=state.total >= 0", "never negative", "state.total >= 0"},
		{" x = a === b", "x", "a === b"},
		{"state.total >= 0", "", ""},
		{"state.total === 0", "", ""},
		{"total==0", "", ""},
		{"=x", "", ""},
		{"x=", "", ""},
		{"x", "", ""},
		{"a=>b", "a", ">b"},
	} {
		name, expr, ok := cutRule(tt.text)
		if name != tt.name || expr != tt.expr || ok != (tt.name != "") {
			t.Errorf("%q: %q, %q, %v", tt.text, name, expr, ok)
		}
	}
}
