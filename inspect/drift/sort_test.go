package drift

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"asof/replay/state"
)

// TestSortRows sorts rows in memory and in files. Rows of one key keep their order.
func TestSortRows(t *testing.T) {
	before := sortedBytes
	t.Cleanup(func() { sortedBytes = before })
	rapid.Check(t, func(t *rapid.T) {
		sortedBytes = rapid.SampledFrom([]int{0, 300, 2000, before}).Draw(t, "bytes in memory")
		var rows, got []Got
		for i := range rapid.IntRange(0, 40).Draw(t, "rows") {
			row := Got{Key: rapid.StringMatching(`[a-c\x00é]{0,2}`).Draw(t, "key")}
			for _, text := range []string{fmt.Sprint(i), `{"b":[1.50],"a":null}`, `"x"`} {
				v, err := state.Parse([]byte(text))
				if err != nil {
					t.Fatal(err)
				}
				row.Values = append(row.Values, v, state.Value{}, state.NullValue())
			}
			rows = append(rows, row)
		}
		s, err := SortRows(func(yield func(Got, error) bool) {
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for row, err := range s.All() {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, row)
		}
		slices.SortStableFunc(rows, func(a, b Got) int { return slices.Compare([]byte(a.Key), []byte(b.Key)) })
		text := func(rows []Got) (text string) {
			for _, r := range rows {
				text += fmt.Sprintf("%q", r.Key)
				for _, v := range r.Values {
					text += " " + v.Kind().String() + " " + string(state.AppendJSON(nil, v))
				}
				text += "\n"
			}
			return text
		}
		if text(got) != text(rows) {
			t.Fatalf("the rows are\n%swant\n%s", text(got), text(rows))
		}
	})
}
