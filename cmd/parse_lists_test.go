package cmd

import (
	"reflect"
	"testing"

	"asof/inspect"
	"asof/inspect/ask"
	"asof/replay/workspace"
)

var shop = workspace.StoreRef{Store: "shop.db"}

func TestInfoParses(t *testing.T) {
	want := ask.Info{StoreRef: workspace.StoreRef{Store: "-", Table: "log", Map: map[string]string{"stream": "s", "version": "v"}, Copy: true}}
	got, err := parsed(t, newInfoCmd, "-", "--table", "log", "--map", "stream=s,version=v", "--copy")
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("it is %+v, want %+v: %v", got, want, err)
	}
	for _, args := range [][]string{{}, {"shop.db", "cart-1"}} {
		if _, err := parsed(t, newInfoCmd, args...); exitCode(err) != exitUsage {
			t.Errorf("%q ends with %v", args, err)
		}
	}
}

func TestStreamsParses(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want ask.Streams
	}{
		{[]string{"shop.db"}, ask.Streams{StoreRef: shop, Sort: inspect.StreamsByID}},
		{[]string{"shop.db", "cart-1*", "--sort", "events", "--limit", "10"}, ask.Streams{
			StoreRef: shop, Pattern: "cart-1*", Sort: inspect.StreamsByEvents, Page: ask.Page{Limit: 10},
		}},
		{[]string{"shop.db", "--category", "cart,order", "--since", "2026-03-01", "--until", "now", "--shard", "2/3", "--reverse"}, ask.Streams{
			StoreRef: shop, Categories: []string{"cart", "order"}, Since: "2026-03-01", Until: "now", Shard: "2/3",
			Sort: inspect.StreamsByID, Reverse: true,
		}},
	} {
		if got, err := parsed(t, newStreamsCmd, tt.args...); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q is %+v, want %+v: %v", tt.args, got, tt.want, err)
		}
	}
	if _, err := parsed(t, newStreamsCmd, "shop.db", "cart-1", "cart-2"); exitCode(err) != exitUsage {
		t.Errorf("two patterns end with %v", err)
	}
}

func TestLogParses(t *testing.T) {
	one := func(stream string, e ask.Entries) logOptions {
		return logOptions{Log: ask.Log{Timeline: timelineOf(stream), Entries: e}}
	}
	folded := one("cart-1", ask.Entries{Patch: true, Reverse: true, Page: ask.Page{Limit: 3}})
	folded.At, folded.Fold, folded.Strict = "3..7", "cart.js", true
	all := func(q ask.LogAll) logOptions {
		q.StoreRef = shop
		return logOptions{Log: ask.Log{Entries: q.Entries}, all: &q}
	}
	for _, tt := range []struct {
		args []string
		want logOptions
	}{
		{[]string{"shop.db", "cart-1@3..7"}, one("cart-1@3..7", ask.Entries{})},
		{[]string{"shop.db", "cart-1", "--shard", "1/1"}, one("cart-1", ask.Entries{})},
		{[]string{"shop.db", "cart-1", "--at", "3..7", "-p", "--reverse", "-n", "3", "--fold", "cart.js", "--strict"}, folded},
		{
			[]string{"shop.db", "cart-1", "--type", "A,B", "--type", "C", "--since", "yesterday", "--until", "now", "--where", "event.data.x", "--grep", "a|b"},
			one("cart-1", ask.Entries{Types: []string{"A", "B", "C"}, Since: "yesterday", Until: "now", Where: "event.data.x", Grep: "a|b"}),
		},
		{[]string{"shop.db", "cart-1", "--path", "/total", "-S", "7", "-G", "^/t"}, one("cart-1", ask.Entries{Path: "/total", Value: "7", Changed: "^/t"})},
		{
			[]string{"shop.db", "--all", "-p", "--as-of", "pos:1..pos:9", "--shard", "2/3", "--projection", "cart"},
			all(ask.LogAll{Entries: ask.Entries{Patch: true}, At: "pos:1..pos:9", Shard: "2/3", Folding: workspace.Folding{Projection: "cart"}}),
		},
	} {
		if got, err := parsed(t, newLogCmd, tt.args...); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q is %+v, want %+v: %v", tt.args, got, tt.want, err)
		}
	}
	for _, args := range [][]string{
		{},
		{"shop.db"},
		{"shop.db", "cart-1", "--all"},
		{"shop.db", "cart-1", "--shard", "1/2"},
		{"shop.db", "cart-1", "--shard", "x"},
		{"shop.db", "cart-1", "--fold", "a", "--fold", "b"},
		{"shop.db", "--all", "--fold", "a", "--fold", "b"},
	} {
		if _, err := parsed(t, newLogCmd, args...); exitCode(err) != exitUsage {
			t.Errorf("%q ends with %v", args, err)
		}
	}
}

func TestTraceParses(t *testing.T) {
	want := ask.Trace{StoreRef: workspace.StoreRef{Store: "shop.db", Context: "billing"}, Stream: "cart-1", At: "17"}
	got, err := parsed(t, newTraceCmd, "shop.db", "cart-1", "--at", "17", "--context", "billing")
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("it is %+v, want %+v: %v", got, want, err)
	}
	for _, args := range [][]string{{"shop.db"}, {"shop.db", "cart-1", "cart-2"}} {
		if _, err := parsed(t, newTraceCmd, args...); exitCode(err) != exitUsage {
			t.Errorf("%q ends with %v", args, err)
		}
	}
}
