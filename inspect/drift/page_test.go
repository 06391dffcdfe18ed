package drift

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"asof/replay"
	"asof/replay/state"
)

// itemsOf are the items of all lists, with their kinds.
func itemsOf(r *Result) (all []string) {
	for _, c := range r.Cells {
		all = append(all, fmt.Sprint("cell ", c.Key, c.Column, c.Want.Text(), c.Got.Text()))
	}
	for kind, keys := range map[string][]string{"lacks ": r.Lacks, "surplus ": r.Surplus, "twice ": r.Twice} {
		for _, key := range keys {
			all = append(all, kind+key)
		}
	}
	for _, f := range r.Failures {
		all = append(all, "failed "+string(f.Stream))
	}
	return all
}

// TestPages compares pages with one list of all. Rows have columns, or states whose members
// come in any order.
func TestPages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns := []Column{{"a", "/a"}, {"b", "/b"}}
		if rapid.Bool().Draw(t, "states") {
			columns = nil
		}
		values := func() (of []state.Value, whole state.Value) {
			n := state.NewObject()
			for _, name := range rapid.Permutation([]string{"a", "b", "c"}).Draw(t, "members") {
				n.Set(name, state.NumberValue(fmt.Sprint(rapid.IntRange(0, 1).Draw(t, name))))
			}
			if columns == nil {
				return nil, n.Value()
			}
			return []state.Value{n.Get("a"), n.Get("b")}, state.Value{}
		}
		var wants []Want
		var rows []Got
		for _, key := range []string{"", "1", "a", "a\x00", "b", "c", "d"} {
			if rapid.IntRange(0, 3).Draw(t, "wanted") > 0 {
				w := Want{Key: key, Stream: replay.StreamID(key)}
				if w.Values, w.State = values(); rapid.IntRange(0, 4).Draw(t, "fails") == 0 {
					w.Err = fmt.Errorf("no")
				}
				wants = append(wants, w)
			}
			for range rapid.SampledFrom([]int{0, 1, 1, 1, 2, 3}).Draw(t, "rows") {
				g := Got{Key: key}
				g.Values, g.State = values()
				rows = append(rows, g)
			}
		}
		run := func(most int, after *Place) *Result {
			r, err := Run(t.Context(), seqOf(wants), seqOf(rows), Options{Columns: columns, Most: most, After: after})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		whole, most := run(100, nil), rapid.IntRange(1, 4).Draw(t, "most")
		if whole.Last != nil {
			t.Fatal("a list of all ends before its end")
		}
		var got []string
		for r := run(most, nil); ; r = run(most, r.Last) {
			n := len(itemsOf(r))
			if before := r.Before; int(before.Cells+before.Lacks+before.Surplus+before.Failed) > len(got) || r.Modified != whole.Modified || n == 0 && r.Last != nil {
				t.Fatalf("%d items after %+v, of %+v", n, before, r)
			}
			if got = append(got, itemsOf(r)...); r.Last == nil {
				break
			}
		}
		want := itemsOf(whole)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("pages of %d list %q, want %q", most, got, want)
		}
	})
}
