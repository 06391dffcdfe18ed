package whatif

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestDDMin checks that the result is minimal, for random conditions, monotone or not.
func TestDDMin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "n")
		// Any of several sets gives the result, and a set can also prevent it, so the
		// condition is not monotone.
		type cause struct{ needs, forbids []int }
		causes := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) cause {
			number := rapid.IntRange(0, max(n-1, 0))
			return cause{
				rapid.SliceOfN(number, 1, 5).Draw(t, "needs"),
				rapid.SliceOfN(number, 0, 3).Draw(t, "forbids"),
			}
		}), 1, 3).Draw(t, "causes")
		whole := make([]int, n)
		for i := range whole {
			whole[i] = i
		}
		gives := func(list []int) bool {
			if len(list) == n { // by definition
				return true
			}
			return slices.ContainsFunc(causes, func(c cause) bool {
				has := func(i int) bool { return slices.Contains(list, i) }
				for _, i := range c.needs {
					if !has(i) {
						return false
					}
				}
				return !slices.ContainsFunc(c.forbids, has)
			})
		}
		d, tests := newDDMin(n), 0
		for list, ok := d.next(); ok; list, ok = d.next() {
			if !slices.IsSorted(list) {
				t.Fatalf("%v is out of order", list)
			}
			d.record(gives(list))
			if tests++; tests > n*n+10*n+10 {
				t.Fatal("it does not stop")
			}
		}
		if !gives(d.best) {
			t.Fatalf("%v does not give the result", d.best)
		}
		for i := range d.best {
			less := slices.Delete(slices.Clone(d.best), i, i+1)
			if len(less) > 0 && gives(less) {
				t.Fatalf("%v is not minimal: %v gives the result too", d.best, less)
			}
		}
	})
}
