package mine_test

import (
	"context"
	"slices"
	"testing"

	"asof/fixtures"
	"asof/inspect"
	"asof/inspect/check"
	"asof/inspect/inspecttest"
	"asof/inspect/mine"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

// BenchmarkSurvey compares a check with one that is surveyed, by events.
func BenchmarkSurvey(b *testing.B) {
	const events = 50_000
	r := storetest.Memory(slices.Collect(fixtures.Streams(events, events/100)))
	for _, surveyed := range []bool{false, true} {
		b.Run(map[bool]string{false: "check", true: "surveyed"}[surveyed], func(b *testing.B) {
			for range b.N {
				plan := check.Plan{Invariants: []check.Invariant{{Name: "every state", Text: "false"}}}
				if surveyed {
					plan.Watches = mine.New(map[int]int{0: 0}).Watches
				}
				plan.Workers = append(plan.Workers, inspecttest.OneFold{Category: "cart", Set: &check.RuleSet{
					Fold: replay.Fold{Reducer: fold.Merge()}, Rules: []check.Rule{{Cond: inspect.Condition{Predicate: inspecttest.Judge(
						func(state.Value, *replay.Event) (bool, error) { return false, nil })}}},
				}})
				if _, err := check.Pass(context.Background(), replay.NewWhole(r), plan); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*events), "µs/event")
		})
	}
}
