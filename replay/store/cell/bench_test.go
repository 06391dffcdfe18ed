package cell

import (
	"testing"
)

func BenchmarkTimes(b *testing.B) {
	for _, s := range []string{"2026-03-01T09:00:00.123Z", "2026-03-01 09:00:00", "2026-03-01T09:00:00.123456+01:00", "1767225600123"} {
		c, v := NewTimes(nil, "", UnitNamed("ms")), Value{Kind: Text, B: []byte(s)}
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				c.Read(&v)
			}
		})
	}
}
