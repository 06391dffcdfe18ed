package state

import (
	"fmt"
	"testing"
)

// BenchmarkStateSize changes one member in states of two sizes: the cost of an
// event is that of what it changes.
func BenchmarkStateSize(b *testing.B) {
	for _, size := range []int{10, 100_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := New()
			root := s.NewObject()
			for i := range size {
				n := s.NewObject()
				n.Set("qty", NumberValue("1"))
				root.Set(fmt.Sprint("item-", i), n.Value())
			}
			s.SetRoot(root.Value())
			if _, err := s.Commit(false); err != nil {
				b.Fatal(err)
			}
			patches := [2]Value{}
			for i := range patches {
				v, err := Parse(fmt.Appendf(nil, `{"item-%d":{"qty":%d}}`, size/2, i))
				if err != nil {
					b.Fatal(err)
				}
				patches[i] = v
			}
			for i := 0; b.Loop(); i++ {
				s.MergePatch(patches[i%2])
				if changes, err := s.Commit(true); err != nil || len(changes) != 1 {
					b.Fatal(changes, err)
				}
			}
		})
	}
}
