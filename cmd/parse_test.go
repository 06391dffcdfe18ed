package cmd

import (
	"io"
	"reflect"
	"testing"

	"github.com/spf13/cobra"

	"asof/inspect/ask"
	"asof/replay/workspace"
)

// parsed runs a command line against a verb that only notes what it was asked.
func parsed[O any](t *testing.T, newCmd func(a *app, runF func(O) error) *cobra.Command, args ...string) (o O, err error) {
	t.Helper()
	a := &app{ctx: t.Context(), IO: trial(t.TempDir(), io.Discard, io.Discard)}
	c := newCmd(a, func(got O) error { o = got; return nil })
	c.SetArgs(args)
	c.SilenceErrors, c.SilenceUsage = true, true
	err = c.Execute()
	return o, err
}

// timelineOf is a question about a stream of a store, and nothing else.
func timelineOf(stream string) ask.Timeline {
	return ask.Timeline{StoreRef: workspace.StoreRef{Store: "shop.db"}, Stream: stream}
}

func TestBlameParses(t *testing.T) {
	whole := ask.Blame{Timeline: timelineOf("cart-1")}
	part := whole
	part.Path = "/total"
	folded := whole
	folded.At, folded.Fold, folded.Strict, folded.ArrayKeys, folded.Context = "3..7", "cart.js", true, []string{"sku", "id"}, "shop"
	for _, tt := range []struct {
		args []string
		want blameOptions
	}{
		{[]string{"shop.db", "cart-1"}, blameOptions{Blame: whole}},
		{[]string{"shop.db", "cart-1", "/total", "--history"}, blameOptions{Blame: part, history: true}},
		{[]string{"shop.db", "cart-1", "--reverse"}, blameOptions{Blame: whole, reverse: true}},
		{
			[]string{"shop.db", "cart-1", "--at", "3..7", "--fold", "cart.js", "--strict", "--array-key", "sku,id", "--context", "shop"},
			blameOptions{Blame: folded},
		},
	} {
		if got, err := parsed(t, newBlameCmd, tt.args...); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q is %+v, want %+v: %v", tt.args, got, tt.want, err)
		}
	}
	for _, args := range [][]string{{"shop.db"}, {"shop.db", "cart-1", "/a", "/b"}, {"shop.db", "cart-1", "--fold", "a", "--fold", "b"}} {
		if _, err := parsed(t, newBlameCmd, args...); exitCode(err) != exitUsage {
			t.Errorf("%q ends with %v", args, err)
		}
	}
}

func TestShowParses(t *testing.T) {
	got, err := parsed(t, newShowCmd, "shop.db", "cart-1@17")
	if want := (ask.Show{Timeline: timelineOf("cart-1@17")}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("it is %+v, want %+v: %v", got, want, err)
	}
}

func TestReplayParses(t *testing.T) {
	q := ask.Replay{Timeline: timelineOf("cart-1"), Path: "/total", Result: true}
	got, err := parsed(t, newReplayCmd, "shop.db", "cart-1", "--path", "/total", "--result")
	if want := (replayOptions{Replay: q}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("it is %+v, want %+v: %v", got, want, err)
	}
}

func TestDiffParses(t *testing.T) {
	points := ask.Diff{Timeline: timelineOf("cart-1@3..7")}
	two := ask.Diff{Timeline: timelineOf("cart-1"), Other: "cart-2", Stat: true, OtherStore: &workspace.StoreRef{Store: "b.db", KeyFile: "k"}}
	two.KeyFile = "k"
	folds := ask.Diff{Timeline: timelineOf("cart-1"), OtherFold: "b.js"}
	folds.Fold = "a.js"
	all := ask.DiffAll{StoreRef: workspace.StoreRef{Store: "shop.db"}, From: "pos:1", To: "now", Page: ask.Page{Limit: 5}}
	for _, tt := range []struct {
		args []string
		want diffOptions
	}{
		{[]string{"shop.db", "cart-1@3..7", "-o", "patch"}, diffOptions{Diff: points, format: "patch"}},
		{[]string{"shop.db", "cart-1", "cart-2", "--stat", "--store-b", "b.db", "--key-file", "k"}, diffOptions{Diff: two}},
		{[]string{"shop.db", "cart-1", "--fold", "a.js", "--fold", "b.js", "--exit-code"}, diffOptions{Diff: folds, exitCode: true}},
		{[]string{"shop.db", "--all", "pos:1", "now", "-n", "5"}, diffOptions{all: &all}},
	} {
		if got, err := parsed(t, newDiffCmd, tt.args...); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q is %+v, want %+v: %v", tt.args, got, tt.want, err)
		}
	}
	for _, args := range [][]string{
		{"shop.db"},
		{"shop.db", "--all", "now"},
		{"shop.db", "--all", "1", "2", "--stat"},
		{"shop.db", "a", "b", "--fold", "a.js", "--fold", "b.js"},
		{"shop.db", "a", "-n", "-1"},
	} {
		if _, err := parsed(t, newDiffCmd, args...); exitCode(err) != exitUsage {
			t.Errorf("%q ends with %v", args, err)
		}
	}
}
