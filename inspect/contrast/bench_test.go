package contrast_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"asof/fixtures"
	"asof/inspect"
	"asof/inspect/check"
	"asof/inspect/contrast"
	"asof/inspect/inspecttest"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

// BenchmarkStudy compares a check with one that is watched, by events.
func BenchmarkStudy(b *testing.B) {
	const events = 100_000
	r := storetest.Memory(slices.Collect(fixtures.Streams(events, events/100)))
	for _, watched := range []bool{false, true} {
		b.Run(map[bool]string{false: "check", true: "watched"}[watched], func(b *testing.B) {
			for range b.N {
				plan := check.Plan{Invariants: []check.Invariant{{Name: "is bad", Text: "bad"}}}
				if watched {
					plan.Watches = contrast.New(contrast.Options{}).Watches
				}
				plan.Workers = append(plan.Workers, inspecttest.OneFold{Category: "cart", Set: &check.RuleSet{
					Fold: replay.Fold{Reducer: fold.Merge()}, Rules: []check.Rule{{Cond: inspect.Condition{Predicate: inspecttest.Judge(
						func(_ state.Value, e *replay.Event) (bool, error) {
							return e != nil && e.Version == 50 && strings.HasSuffix(string(e.Stream), "77"), nil
						})}}},
				}})
				if _, err := check.Pass(context.Background(), replay.NewWhole(r), plan); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*events), "µs/event")
		})
	}
}
