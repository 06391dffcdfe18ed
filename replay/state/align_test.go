package state

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestAlign holds the alignment of arrays to what it must be: runs that are the
// same in both, in order, with as few elements between them as an exact search
// leaves.
func TestAlign(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		node := make([]*Node, 6)
		for i := range node {
			node[i] = NewObject()
		}
		elem := rapid.Custom(func(t *rapid.T) Value {
			i := rapid.IntRange(0, len(node)-1).Draw(t, "i")
			if i < 3 {
				return node[i].Value()
			}
			return NumberValue(fmt.Sprint(i))
		})
		a := rapid.SliceOfN(elem, 0, 40).Draw(t, "a")
		b := slices.Clone(a)
		for range rapid.IntRange(0, 6).Draw(t, "edits") {
			i := rapid.IntRange(0, len(b)).Draw(t, "at")
			if rapid.Bool().Draw(t, "in") || i == len(b) {
				b = slices.Insert(b, i, elem.Draw(t, "new"))
			} else {
				b = slices.Delete(b, i, i+1)
			}
		}
		d := &differ{}
		runs, ok := d.align(a, b)
		if !ok {
			t.Fatalf("%d edits are too many", 6)
		}
		i, j, common := 0, 0, 0
		for _, r := range runs {
			if r.a < i || r.b < j || r.n <= 0 {
				t.Fatalf("%v is out of order", runs)
			}
			for k := range r.n {
				if !d.same(a[r.a+k], b[r.b+k]) {
					t.Fatalf("%v: %d and %d differ", runs, r.a+k, r.b+k)
				}
			}
			i, j, common = r.a+r.n, r.b+r.n, common+r.n
		}
		if i > len(a) || j > len(b) {
			t.Fatalf("%v goes beyond the end", runs)
		}
		if want := longestCommon(d, a, b); common != want {
			t.Fatalf("%v has %d in common, not %d", runs, common, want)
		}
	})
}

// longestCommon is the length of a longest common subsequence, by the table.
func longestCommon(d *differ, a, b []Value) int {
	row := make([]int, len(b)+1)
	for i := range a {
		before := 0 // of the row above, one to the left
		for j := range b {
			above := row[j+1]
			if d.same(a[i], b[j]) {
				row[j+1] = before + 1
			} else {
				row[j+1] = max(above, row[j])
			}
			before = above
		}
	}
	return row[len(b)]
}

// TestAlignGivesUp leaves what differs much to the comparison of keys.
func TestAlignGivesUp(t *testing.T) {
	var a, b []Value
	for i := range 1000 {
		a = append(a, NumberValue(fmt.Sprint(i)))
		b = append(b, NumberValue(fmt.Sprint(-i-1)))
	}
	if runs, ok := (&differ{}).align(a, b); ok {
		t.Errorf("nothing is equal, but %v", runs)
	}
}

// TestDiffOfDeepArrays compares arrays in arrays that differ at the bottom. The work of a
// level must not grow with the number of levels below it.
func TestDiffOfDeepArrays(t *testing.T) {
	const depth = 2000
	nested := func(inner string) Value {
		v, err := Parse([]byte(strings.Repeat("[[true],", depth) + inner + strings.Repeat("]", depth)))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	a, b := nested("1"), nested("2")
	var changes []Change
	allocations := testing.AllocsPerRun(1, func() { changes = Diff(a, b, DiffOptions{}) })
	if len(changes) != 1 || changes[0].To.Text() != "2" {
		t.Errorf("the changes are %v, want one at the bottom", changes)
	}
	if most := 100.0 * depth; allocations > most {
		t.Errorf("%d levels took %.0f allocations, want at most %.0f", depth, allocations, most)
	}
}
