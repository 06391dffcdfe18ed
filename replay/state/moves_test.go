package state

import (
	"testing"

	"pgregory.net/rapid"
)

// TestMoves permutes an array of elements with a key, takes some out and changes some:
// every move is of an element that both arrays have, to where it is in the second.
func TestMoves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-f]`), 1, 6, rapid.ID[string]).Draw(t, "ids")
		array := func(label string) (string, map[string]int) {
			order := rapid.Permutation(ids).Draw(t, label)
			order = order[:rapid.IntRange(1, len(order)).Draw(t, "length")]
			text, at := `{"l":[`, map[string]int{}
			for i, id := range order {
				if i > 0 {
					text += ","
				}
				at[id] = i
				text += `{"id":"` + id + `","q":` + rapid.StringMatching(`[01]`).Draw(t, "q") + `}`
			}
			return text + `]}`, at
		}
		a, was := array("before")
		b, is := array("after")
		before, err := Parse([]byte(a))
		if err != nil {
			t.Fatal(err)
		}
		after, err := Parse([]byte(b))
		if err != nil {
			t.Fatal(err)
		}
		changes := Spread(LabeledDiff(before, after, DiffOptions{}))
		gone := map[int]bool{}
		for _, m := range Moves(changes) {
			out, in := changes[m.Out], changes[m.In]
			id := in.To.n.Get("id").s
			if out.Op != OpRemove || in.Op != OpAdd || out.From.n.Get("id").s != id {
				t.Fatalf("%s → %s: %v is no move", a, b, m)
			}
			if _, both := was[id]; !both || is[id] != m.To {
				t.Fatalf("%s → %s: %s moved to %d", a, b, id, m.To)
			}
			gone[m.Out], gone[m.In] = true, true
		}
		for i, c := range changes { // what is left was in one of the two alone
			if gone[i] || c.Op == OpReplace || c.Label == "" {
				continue
			}
			v := c.To
			if c.Op == OpRemove {
				v = c.From
			}
			if v.kind != Object {
				continue
			}
			id := v.n.Get("id").s
			_, x := was[id]
			if _, y := is[id]; x && y {
				t.Fatalf("%s → %s: %s is in both, and %s %s is not a move", a, b, id, c.Op, c.Label)
			}
		}
	})
}
