package store

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"asof/replay"
	"asof/replay/store/testdb"
)

// fillNative writes n events of several streams, interleaved.
func fillNative(n, streams int) func(*sql.Tx) error {
	return func(tx *sql.Tx) error {
		ins, err := tx.Prepare("INSERT INTO asof_events VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)")
		if err != nil {
			return err
		}
		for i := range n {
			_, err := ins.Exec(i+1, fmt.Sprintf("cart-%d", i%streams), "cart", i/streams+1,
				fmt.Sprintf("%08x-0000-4000-8000-%012x", i*7919, i), []string{"ItemAdded", "ItemRemoved", "CheckedOut"}[i%3], 1,
				fmt.Sprintf("2026-03-01T09:%02d:%02d.%03dZ", i/60000%60, i/1000%60, i%1000),
				fmt.Sprintf("customer-%d", i%17), fmt.Sprintf("c-%d", i/10), nil,
				fmt.Sprintf(`{"sku":"sku-%d","name":"A thing of some length, with words","qty":%d,"price":%d.50,"note":"%0200d"}`, i%40, i%9, i%100, i),
				`{"ip":"10.0.0.1","channel":"web"}`)
			if err != nil {
				return err
			}
		}
		return nil
	}
}

func nativeStore(t testing.TB, n, streams int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "native.db")
	testdb.Build(t, path, fillNative(n, streams), testdb.NativeDDL)
	return path
}

func BenchmarkEvents(b *testing.B) {
	const n = 100_000
	r := mustOpen(b, nativeStore(b, n, 100), Options{})
	for _, c := range []struct {
		name string
		q    replay.Query
		n    int
	}{
		{"all", replay.Query{}, n},
		{"data only", replay.Query{Skip: replay.FieldID | replay.FieldTime | replay.FieldMeta}, n},
		{"coordinates", replay.Query{Skip: replay.FieldID | replay.FieldTime | replay.FieldMeta | replay.FieldData}, n},
		{"by stream", replay.Query{Order: replay.ByStream}, n},
		{"one stream", replay.Query{Streams: []replay.StreamID{"cart-42"}}, n / 100},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				got := 0
				for _, err := range r.Events(context.Background(), c.q) {
					if err != nil {
						b.Fatal(err)
					}
					got++
				}
				if got != c.n {
					b.Fatalf("%d events, want %d", got, c.n)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*c.n), "ns/event")
		})
	}
}

func BenchmarkStreams(b *testing.B) {
	r := mustOpen(b, nativeStore(b, 20_000, 2_000), Options{})
	b.ResetTimer()
	for range b.N {
		for _, err := range r.Streams(context.Background(), replay.StreamQuery{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
