package audit_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"asof/fixtures"
	"asof/fixtures/sqlitefile"
	"asof/inspect/audit"
	"asof/replay/store"
)

var benchEvents = flag.Int("events", 20_000, "number of events in the benchmark store")

// benchStore writes a native store with a thousand streams.
func benchStore(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "bench.db")
	if err := sqlitefile.WriteNative(context.Background(), path, fixtures.Streams(*benchEvents, 1000)); err != nil {
		b.Fatal(err)
	}
	return path
}

// peak returns the largest heap size in bytes while f runs.
func peak(f func()) uint64 {
	done, top := make(chan struct{}), make(chan uint64)
	go func() {
		var most uint64
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
			select {
			case <-done:
				top <- most
				return
			case <-tick.C:
			}
		}
	}()
	f()
	close(done)
	return <-top
}

func report(b *testing.B, heap uint64) {
	b.ReportMetric(float64(*benchEvents)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(heap)/(1<<20), "peak-MiB")
	b.ReportMetric(0, "ns/op")
}

func benchExport(b *testing.B, path, dir string, k *audit.Key) {
	r, err := store.Open(context.Background(), path, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	x := exportOf(k, nil)
	x.Reader = r
	if _, err := x.Run(context.Background(), dir); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkExport(b *testing.B) {
	k, _ := newKey(b, 1, "bench")
	path, out := benchStore(b), filepath.Join(b.TempDir(), "q")
	var heaps []uint64
	for b.Loop() {
		heaps = append(heaps, peak(func() { benchExport(b, path, out, k) }))
		if err := os.RemoveAll(out); err != nil {
			b.Fatal(err)
		}
	}
	report(b, slices.Max(heaps))
}

func BenchmarkVerify(b *testing.B) {
	k, v := newKey(b, 1, "bench")
	path, out := benchStore(b), filepath.Join(b.TempDir(), "q")
	benchExport(b, path, out, k)
	var heaps []uint64
	for b.Loop() {
		heaps = append(heaps, peak(func() {
			got, err := audit.Verify(context.Background(), out, audit.VerifyOptions{Key: v})
			if err != nil || !got.Clean() {
				b.Fatal(got, err)
			}
		}))
	}
	report(b, slices.Max(heaps))
}

func BenchmarkSeal(b *testing.B) {
	k, _ := newKey(b, 1, "bench")
	path, log := benchStore(b), filepath.Join(b.TempDir(), "seals")
	var heaps []uint64
	for b.Loop() {
		heaps = append(heaps, peak(func() {
			r, err := store.Open(context.Background(), path, store.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer r.Close()
			s := audit.Seal{Reader: r, Key: k}
			if got, err := s.Run(context.Background(), log); err != nil || len(got.Findings) > 0 {
				b.Fatal(got, err)
			}
		}))
	}
	report(b, slices.Max(heaps))
}
