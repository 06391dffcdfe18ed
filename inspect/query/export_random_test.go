package query_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"asof/inspect/query"
)

// TestExportIsTheTable exports the states of random histories, all at once and a few
// streams at a time. Columns and rows are those of the table, in whatever order it folds.
func TestExportIsTheTable(t *testing.T) {
	for _, most := range [][2]int{{20_000, 500}, {0, 1}, {0, 3}} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			defer query.SetExportLimits(most[0], most[1])()
			rapid.Check(t, func(t *rapid.T) {
				events := history(t)
				at := ""
				if rapid.Bool().Draw(t, "past") {
					at = fmt.Sprintf("pos:%d", events[rapid.IntRange(0, len(events)-1).Draw(t, "at")].Position)
				}
				db := openDB(t, events, at)
				defer db.Close() //nolint:errcheck // it has nothing to lose
				cols, rows := exported(t, db)
				other := openDB(t, events, at)
				defer other.Close() //nolint:errcheck // as above
				answer, err := other.Query("SELECT * FROM cart")
				if err != nil {
					t.Fatal(err)
				}
				var want []string
				for row, err := range answer.Rows {
					if err != nil {
						t.Fatal(err)
					}
					want = append(want, fmt.Sprintf("%T %v", row, row))
				}
				slices.Sort(want)
				if !slices.Equal(cols, answer.Columns) || !slices.Equal(rows, want) {
					t.Fatalf("exported %q\n%q\nwant %q\n%q", cols, rows, answer.Columns, want)
				}
			})
		})
	}
}

// exported are the names of the columns, and the rows as text, in order.
func exported(t *rapid.T, db *query.DB) (names, rows []string) {
	p, err := db.Only()
	if err != nil {
		t.Fatal(err)
	}
	x := db.Export(p, nil)
	var states []query.ExportedState
	for s, err := range x.Fold(nil) {
		if err != nil {
			t.Fatal(err)
		}
		states = append(states, s)
	}
	cols, _ := x.Columns()
	for _, c := range cols {
		names = append(names, c.Name)
	}
	for _, s := range states {
		values, err := x.Values(s)
		if err != nil {
			t.Fatal(err)
		}
		row := make([]any, len(values))
		for i, v := range values {
			row[i] = query.Native(v, cols[i].JSON)
		}
		rows = append(rows, fmt.Sprintf("%T %v", row, row))
	}
	slices.Sort(rows)
	return names, rows
}
