package cmd

import (
	"reflect"
	"testing"

	"asof/inspect/ask"
	"asof/replay"
	"asof/replay/workspace"
)

func TestCheckParses(t *testing.T) {
	shop := workspace.StoreRef{Store: "shop.db"}
	named := func(name string, c ask.Condition) ask.Invariant { return ask.Invariant{Name: name, Condition: c} }
	since := replay.Position(0)
	for _, tt := range []struct {
		args []string
		want ask.CheckStore
	}{
		{[]string{"shop.db"}, ask.CheckStore{StoreRef: shop}},
		{
			[]string{"shop.db", "--bad", "b=state.x", "--good", "a = state.y", "--projection", "cart"},
			ask.CheckStore{
				StoreRef: shop, Folding: workspace.Folding{Projection: "cart"},
				Invariants: []ask.Invariant{named("a", ask.Condition{Good: "state.y"}), named("b", ask.Condition{Bad: "state.x"})},
			},
		},
		{
			[]string{"shop.db", "--as-of", "pos:7", "--since-position", "0", "--shard", "1/2", "--memory", "2KB"},
			ask.CheckStore{StoreRef: shop, At: "pos:7", Since: &since, Shard: "1/2", Memory: 2048},
		},
	} {
		if got, err := parsed(t, newCheckCmd, tt.args...); err != nil || !reflect.DeepEqual(got.CheckStore, tt.want) {
			t.Errorf("%q is %+v, want %+v: %v", tt.args, got.CheckStore, tt.want, err)
		}
	}
	got, err := parsed(t, newCheckCmd, "shop.db", "--junit", "-", "--force", "--allow-empty")
	if err != nil || got.junit.name != "-" || !got.junit.force || !got.allowEmpty {
		t.Errorf("the report is %+v: %v", got, err)
	}
	for _, args := range [][]string{
		{},
		{"shop.db", "cart-1"},
		{"shop.db", "--good", "=x"},
		{"shop.db", "--memory", "many"},
		{"shop.db", "--fold", "a.js", "--fold", "b.js"},
	} {
		if _, err := parsed(t, newCheckCmd, args...); exitCode(err) != exitUsage {
			t.Errorf("%q ends with %v", args, err)
		}
	}
}

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
