package cmd

import (
	"reflect"
	"testing"

	"asof/inspect/ask"
	"asof/replay/workspace"
)

func TestCacheVerifyParses(t *testing.T) {
	shop := workspace.StoreRef{Store: "shop.db"}
	states := ask.KeptStates{Timeline: timelineOf("cart-1")}
	states.Fold = "cart.js"
	named := ask.CheckStore{StoreRef: shop, Invariants: []ask.Invariant{{Name: "negative", Condition: ask.Condition{Bad: "state.total < 0"}}}}
	bisected := ask.BisectAll{StoreRef: shop, Condition: ask.Condition{Bad: "state.total < 0"}, Shard: "1/2"}
	for _, tt := range []struct {
		args []string
		want cacheVerifyOptions
	}{
		{[]string{"shop.db", "cart-1", "--fold", "cart.js"}, cacheVerifyOptions{states: &states}},
		{[]string{"shop.db"}, cacheVerifyOptions{check: &ask.KeptCheck{CheckStore: ask.CheckStore{StoreRef: shop}}}},
		{[]string{"shop.db", "--bad", "negative=state.total < 0"}, cacheVerifyOptions{check: &ask.KeptCheck{CheckStore: named}}},
		{[]string{"shop.db", "--bad", "state.total < 0", "--shard", "1/2"}, cacheVerifyOptions{bisectAll: &ask.KeptBisectAll{BisectAll: bisected}}},
	} {
		if got, err := parsed(t, newCacheVerifyCmd, tt.args...); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q is %+v, want %+v: %v", tt.args, got, tt.want, err)
		}
	}
	if _, err := parsed(t, newCacheVerifyCmd, "shop.db", "cart-1", "--shard", "1/2"); exitCode(err) != exitUsage {
		t.Errorf("a shard of a stream ends with %v", err)
	}
	if _, err := parsed(t, newCacheInfoCmd, "x"); exitCode(err) != exitUsage {
		t.Errorf("cache info x ends with %v", err)
	}
	if _, err := parsed(t, newCacheClearCmd, "x"); exitCode(err) != exitUsage {
		t.Errorf("cache clear x ends with %v", err)
	}
}
