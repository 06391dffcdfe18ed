package inspect_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"asof/fixtures"
	"asof/fixtures/demo"
	"asof/fixtures/sqlitefile"
	"asof/inspect"
	"asof/inspect/bisect"
	"asof/inspect/check"
	"asof/inspect/inspecttest"
	"asof/inspect/whatif"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/fold/js"
	"asof/replay/state"
	"asof/replay/store"
	"asof/replay/store/storetest"
)

// benchSize is the number of events in benchmarks of whole stores: ASOF_BENCH_EVENTS,
// or 100,000.
func benchSize() int {
	n, err := strconv.Atoi(os.Getenv("ASOF_BENCH_EVENTS"))
	if err != nil {
		n = 100_000
	}
	return n
}

// BenchmarkBisect compares bisect by an expression with a plain replay of the same
// stream. The culprit is the last event, so the counterfactual costs nothing.
func BenchmarkBisect(b *testing.B) {
	n := benchSize()
	path := filepath.Join(b.TempDir(), "bench.db")
	if err := sqlitefile.WriteNative(context.Background(), path, fixtures.Bench(n)); err != nil {
		b.Fatal(err)
	}
	r, err := store.Open(context.Background(), path, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	folds := map[string]func() replay.Reducer{
		"js": func() replay.Reducer {
			s, err := js.Load("cart.js", demo.CartFold, js.Limits{})
			if err != nil {
				b.Fatal(err)
			}
			return s
		},
		"merge": fold.Merge,
	}
	for _, kind := range []string{"js", "merge"} {
		s := replay.Subject{Timeline: replay.StreamTimeline(r, fixtures.BenchStream), Fold: replay.Fold{Reducer: folds[kind]()}}
		head, _, err := s.Timeline.Resolve(context.Background(), replay.Head())
		if err != nil {
			b.Fatal(err)
		}
		perEvent := func(b *testing.B) {
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/event")
		}
		b.Run(kind+"/replay", func(b *testing.B) {
			for range b.N {
				if _, _, err := s.StateAt(context.Background(), head); err != nil {
					b.Fatal(err)
				}
			}
			perEvent(b)
		})
		b.Run(kind+"/bisect", func(b *testing.B) {
			p, err := js.CompilePredicate("state.total < 0 || event?.version === "+strconv.Itoa(n), "--bad", js.Limits{})
			if err != nil {
				b.Fatal(err)
			}
			for range b.N {
				ans, err := bisect.Run(context.Background(), s, inspecttest.BadWhere(p), bisect.Options{From: s.Timeline.Start(), To: head, Explain: true})
				if err != nil || ans.Verdict != bisect.Found {
					b.Fatal(ans, err)
				}
			}
			perEvent(b)
		})
		b.Run(kind+"/bisect-state-only", func(b *testing.B) {
			p, err := js.CompilePredicate("state.total < -1000000000", "--bad", js.Limits{})
			if err != nil {
				b.Fatal(err)
			}
			for range b.N {
				if _, err := bisect.Run(context.Background(), s, inspecttest.BadWhere(p), bisect.Options{From: s.Timeline.Start(), To: head}); err != nil {
					b.Fatal(err)
				}
			}
			perEvent(b)
		})
	}
}

// BenchmarkCheck tests an invariant over a store with 100 events per stream.
func BenchmarkCheck(b *testing.B) {
	n := benchSize()
	path := filepath.Join(b.TempDir(), "bench.db")
	if err := sqlitefile.WriteNative(context.Background(), path, fixtures.Streams(n, max(n/100, 1))); err != nil {
		b.Fatal(err)
	}
	r, err := store.Open(context.Background(), path, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	b.ResetTimer()
	for range b.N {
		plan := check.Plan{Invariants: make([]check.Invariant, 1)}
		for range 2 {
			s, err := js.Load("cart.js", demo.CartFold, js.Limits{})
			if err != nil {
				b.Fatal(err)
			}
			p, err := js.CompilePredicate("state.total >= 0", "--good", js.Limits{})
			if err != nil {
				b.Fatal(err)
			}
			plan.Workers = append(plan.Workers, inspecttest.OneFold{Set: &check.RuleSet{
				Fold: replay.Fold{Reducer: s}, Rules: []check.Rule{{Cond: inspect.Condition{Predicate: p, Good: true}}},
			}})
		}
		if _, err := check.Pass(context.Background(), replay.NewWhole(r), plan); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(peakMemory(), "peak-MiB")
}

// peakMemory is the peak memory of the process, in MiB; 0 if the system does not report
// it.
func peakMemory() float64 {
	runtime.GC()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kib / 1024
		}
	}
	return 0
}

// BenchmarkShrink shrinks a long history to the few events that matter.
func BenchmarkShrink(b *testing.B) {
	js, err := js.Load("cart.js", demo.CartFold, js.Limits{})
	if err != nil {
		b.Fatal(err)
	}
	r := storetest.Memory(slices.Collect(fixtures.Bench(5000)))
	s := replay.Subject{Timeline: replay.StreamTimeline(r, fixtures.BenchStream), Fold: replay.Fold{Reducer: js}}
	head, _, err := s.Timeline.Resolve(context.Background(), replay.Head())
	if err != nil {
		b.Fatal(err)
	}
	marked := inspecttest.BadWhere(inspecttest.Judge(func(st state.Value, _ *replay.Event) (bool, error) {
		items := st.Node().Get("items")
		return items.Node().Len() >= 3, nil
	}))
	var tests int64
	for range b.N {
		ans, err := whatif.Shrink(context.Background(), s, marked, whatif.ShrinkOptions{UpTo: head, At: &head})
		if err != nil {
			b.Fatal(err)
		}
		tests += ans.Tests
	}
	b.ReportMetric(float64(tests)/b.Elapsed().Seconds(), "tests/s")
}
