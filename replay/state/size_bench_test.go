package state

import (
	"bytes"
	"runtime"
	"testing"
)

// BenchmarkNodeSize tells what a container costs that holds nothing or little, in a
// payload and in a state: the bytes that stay, and all that were allocated.
func BenchmarkNodeSize(b *testing.B) {
	const count = 1 << 18
	for _, elem := range []string{`[]`, `{}`, `{"a":1}`} {
		text := append(append([]byte(`[`), bytes.Repeat([]byte(elem+`,`), count-1)...), elem+`]`...)
		measure := func(b *testing.B, build func() any) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			built := build()
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/count, "B/node")
			b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/count, "allocated-B/node")
			runtime.KeepAlive(built)
		}
		b.Run("payload="+elem, func(b *testing.B) {
			for b.Loop() {
				measure(b, func() any {
					p := new(Parser)
					v, err := p.Parse(text)
					if err != nil {
						b.Fatal(err)
					}
					return v
				})
			}
		})
		b.Run("state="+elem, func(b *testing.B) {
			v, err := Parse(text)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				measure(b, func() any {
					s := New()
					s.SetRoot(s.Adopt(v))
					return s
				})
			}
		})
	}
}
