package inspect_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"asof/inspect"
	"asof/replay"
	"asof/replay/state"
)

// TestBackwards compares a log of one state, read backwards from saved states, with the
// same log forwards: with runs of one entry and longer ones, and with few states saved.
func TestBackwards(t *testing.T) {
	ctx, listed := context.Background(), 0
	eachStyle(t, func(t *testing.T, script string) {
		rapid.Check(t, func(t *rapid.T) {
			s := subjectOf(t, anyHistory(25).Draw(t, "history"), script)
			head := headOf(t, s)
			span, ok := between(s, rapid.IntRange(0, head).Draw(t, "from"), head).Span()
			if !ok {
				return
			}
			root, _, err := s.StateAt(ctx, between(s, 0, head).To)
			if err != nil {
				t.Fatal(err)
			}
			all := []inspect.Filter{{}}
			paths(root, "", func(path string, _ state.Value) {
				tokens, _ := state.ParsePointer(path)
				all = append(all, inspect.Filter{Path: tokens})
			})
			listed += bothWays(t, s, inspect.LogOptions{Span: span, Filter: rapid.SampledFrom(all).Draw(t, "filter")})
		})
	})
	if listed == 0 {
		t.Error("nothing is listed")
	}
}

// TestBackwardsOfKeys is the same for paths with keys, and with indexes too.
func TestBackwardsOfKeys(t *testing.T) {
	listed := 0
	rapid.Check(t, func(t *rapid.T) {
		var history []string
		for range rapid.IntRange(1, 12).Draw(t, "events") {
			history = append(history, `Set {"g": `+groups(2).Draw(t, "groups")+`}`)
		}
		s := subjectOf(t, history, "")
		p, err := state.ParsePath(rapid.SampledFrom(keyedPaths).Draw(t, "path"))
		if err != nil {
			t.Fatal(err)
		}
		span, _ := between(s, 0, len(history)).Span()
		listed += bothWays(t, s, inspect.LogOptions{Span: span, Filter: inspect.Filter{Keyed: p}})
	})
	if listed == 0 {
		t.Error("nothing is listed")
	}
}

// bothWays compares a log backwards with the log forwards, and returns its length.
func bothWays(t *rapid.T, s replay.Subject, o inspect.LogOptions) int {
	run, saved := rapid.SampledFrom([]int{1, 3000, 9000}), rapid.SampledFrom([]int{1, 200, 1 << 20})
	defer inspect.SetRuns(run.Draw(t, "run"), saved.Draw(t, "saved"))()
	o.Changes = true
	want, wantErr := entriesOf(inspect.Log(context.Background(), s, o))
	slices.Reverse(want)
	first := 0
	o.Reverse, o.First = true, func(*inspect.Entry) { first++ }
	got, err := entriesOf(inspect.Log(context.Background(), s, o))
	if !slices.Equal(got, want) || fmt.Sprint(err) != fmt.Sprint(wantErr) {
		t.Fatalf("%+v: backwards\n%s\n%v\nforwards\n%s\n%v", o.Filter, got, err, want, wantErr)
	}
	if err == nil && first != len(want) {
		t.Fatalf("%d entries were announced, of %d", first, len(want))
	}
	return len(got)
}

// entriesOf returns what is printed of each entry, up to an error.
func entriesOf(seq func(func(*inspect.Entry, error) bool)) (all []string, err error) {
	for e, err := range seq {
		if err != nil {
			return all, err
		}
		line := fmt.Sprint(e.Moment, " ", e.Path, " ", e.Label, " ", string(e.Event.Data))
		for _, c := range slices.Concat(e.Here, e.Changes) {
			line += fmt.Sprintf("\n  %s %s %s %s → %s", c.Op, c.Path, c.Label, state.AppendJSON(nil, c.From), state.AppendJSON(nil, c.To))
		}
		all = append(all, line)
	}
	return all, nil
}
