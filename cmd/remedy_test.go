package cmd

import (
	"fmt"
	"testing"

	"asof/replay"
	"asof/replay/fault"
)

func TestRemediesNameFlags(t *testing.T) {
	for _, tt := range []struct {
		r    fault.Remedy
		want string
	}{
		{fault.Remedy{}, ""},
		{fault.Try("name another folder"), "name another folder"},
		{fault.Remedy{Near: []string{"cart-1", "cart-2"}}, "did you mean cart-1, cart-2?"},
		{fault.Remedy{Near: []string{"head"}, Text: "a point is head or start"}, "did you mean head? a point is head or start"},
		{fault.Try("choose one").With("dialect"), "choose one with --dialect"},
		{fault.Try("choose one").With("context", "billing", "shop"), "choose one with --context: billing, shop"},
		{fault.Try("try them").With("table", "the log").With("map", "stream=s"), "try them with --table 'the log' --map stream=s"},
		{fault.Try("give it a handler").Without("strict"), "give it a handler, or leave out --strict"},
		{fault.Remedy{}.Without("from", "to"), "leave out --from and --to"},
		{fault.Try("use an id as the log prints it").By("log").With("json"), "use an id as the log prints it (asof log --json)"},
		{fault.Try("list its streams").By("streams", "my shop.db"), "list its streams (asof streams 'my shop.db')"},
		{fault.Try("look at the whole event").By("show"), "look at the whole event (asof show)"},
	} {
		if got := remedyText(tt.r); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.r, got, tt.want)
		}
	}
}

// What a fault wraps does not change how the run ends, but for a payload that no fold
// can be blamed for.
func TestExitCodes(t *testing.T) {
	missing := &replay.NotFoundError{Kind: "stream", Name: "cart-1"}
	for _, tt := range []struct {
		err  error
		want int
	}{
		{nil, exitOK},
		{findingsError{}, exitFindings},
		{usagef("", "no such flag"), exitUsage},
		{fmt.Errorf("reading: %w", missing), exitNotFound},
		{&replay.StoreError{Err: missing}, exitStore},
		{&replay.FoldError{Err: missing}, exitFold},
		{&replay.FoldError{Err: &replay.OpaqueError{}}, exitStore},
		{&outputError{missing}, exitUsage},
		{fmt.Errorf("forgotten"), exitBug},
	} {
		if got := exitCode(tt.err); got != tt.want {
			t.Errorf("%v exits %d, want %d", tt.err, got, tt.want)
		}
	}
	for c := fault.Bug; c <= fault.Fold; c++ {
		if _, ok := classExit[c]; !ok {
			t.Errorf("class %d has no exit code", c)
		}
	}
}
