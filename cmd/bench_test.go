package cmd

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"asof/fixtures"
	"asof/fixtures/demo"
	"asof/fixtures/sqlitefile"
)

// benchFold is a cart as an application would write it: items found by their
// key, a number set, the state changed in place.
const benchFold = `fromCategory('cart').foreachStream().when({
	$init: () => ({ items: [], n: 0 }),
	$any(s, e) {
		s.n++;
		const i = s.items.find(x => x.sku === e.data.sku);
		if (i) { i.qty = e.data.qty; i.price = e.data.price; }
		else s.items.push({ sku: e.data.sku, qty: e.data.qty, price: e.data.price });
	},
})`

// benchStore writes a store with one stream of n cart events.
func benchStore(b *testing.B, n int) (dir string) {
	b.Helper()
	dir = b.TempDir()
	if err := sqlitefile.WriteNative(context.Background(), filepath.Join(dir, "bench.db"), fixtures.Bench(n)); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "cart.js"), []byte(benchFold), 0o644); err != nil {
		b.Fatal(err)
	}
	return dir
}

// BenchmarkReplay is the whole verb on one stream of 100,000 events: opening,
// reading, parsing, folding and printing. ns/event is what to look at.
func BenchmarkReplay(b *testing.B) {
	const events = 100_000
	dir := benchStore(b, events)
	for _, fold := range []string{"merge", "cart.js"} {
		b.Run(fold, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				out, errs, code := run(b, dir, nil, "replay", "bench.db", fixtures.BenchStream, "--fold", fold)
				if code != 0 || out == "" {
					b.Fatal(errs)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/events, "ns/event")
		})
	}
}

// BenchmarkStart is the time of the whole process, built as it is installed.
func BenchmarkStart(b *testing.B) {
	dir := b.TempDir()
	bin := filepath.Join(dir, "asof")
	build := exec.Command("go", "build", "-o", bin, "asof")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	if _, errs, code := run(b, dir, nil, "demo"); code != 0 {
		b.Fatal(errs)
	}
	for name, args := range map[string][]string{
		"version": {"--version"}, "info": {"info", demo.Store},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				c := exec.Command(bin, args...)
				c.Dir = dir
				if out, err := c.CombinedOutput(); err != nil {
					b.Fatalf("%v\n%s", err, out)
				}
			}
		})
	}
}
