package cmd

import (
	"reflect"
	"testing"

	"asof/inspect/ask"
)

func TestShrinkParses(t *testing.T) {
	out := output{next: "name another file, or give --force to replace it"}
	bad := ask.Shrink{Timeline: timelineOf("cart-1"), Condition: ask.Condition{Bad: "s.total < 0"}, Tests: 20_000}
	good := ask.Shrink{Timeline: timelineOf("cart-1"), Condition: ask.Condition{Good: "s.total >= 0"}, Tests: 5, Case: true}
	good.At, good.Fold = "28", "cart.js"
	file := out
	file.name, file.force = "cart.test.js", true
	pipe := out
	pipe.name = "-"
	for _, tt := range []struct {
		args []string
		want shrinkOptions
	}{
		{[]string{"shop.db", "cart-1", "--bad", "s.total < 0"}, shrinkOptions{Shrink: bad, out: out}},
		{[]string{"shop.db", "cart-1", "--bad", "s.total < 0", "--out", "-", "--format", "ndjson"}, shrinkOptions{Shrink: bad, out: pipe, format: "ndjson"}},
		{
			[]string{"shop.db", "cart-1", "--good", "s.total >= 0", "--at", "28", "--fold", "cart.js", "--tests", "5", "--out", "cart.test.js", "--force"},
			shrinkOptions{Shrink: good, out: file, format: "js"},
		},
	} {
		if got, err := parsed(t, newShrinkCmd, tt.args...); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q is %+v, want %+v: %v", tt.args, got, tt.want, err)
		}
	}
	for _, flags := range [][]string{
		{"--tests", "0"}, {"--format", "js"}, {"--out", "a.txt"}, {"--out", "a.js", "--format", "java"},
	} {
		if _, err := parsed(t, newShrinkCmd, append([]string{"shop.db", "cart-1", "--bad", "x"}, flags...)...); exitCode(err) != exitUsage {
			t.Errorf("%q ends with %v", flags, err)
		}
	}
	if err := bad.Check(); err != nil {
		t.Error(err)
	}
	bad.Good = "s.total >= 0"
	if err := bad.Check(); exitCode(err) != exitUsage {
		t.Errorf("--bad and --good end with %v", err)
	}
}
