package query_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/inspect/query"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/state"
)

// afterTotal is a merge fold that fails at an event with qty whose state has no total yet.
type afterTotal struct{ replay.Reducer }

func (a afterTotal) Apply(ctx context.Context, st *state.State, e *replay.Event) (bool, error) {
	body, err := e.Body()
	if root := st.Root().Node(); err == nil && !body.Node().Get("qty").IsAbsent() && (root == nil || root.Get("total").IsAbsent()) {
		return false, &replay.FoldError{At: e.Moment(), By: "test", Err: fmt.Errorf("qty before total")}
	}
	return a.Reducer.Apply(ctx, st, e)
}

// TestStreamsOutOfOrder: where positions do not rise with versions, states, columns, errors
// and notes are those of the versions.
func TestStreamsOutOfOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ordered := history(t)
		shuffled := slices.Clone(ordered)
		for i := range shuffled {
			j := rapid.IntRange(0, len(shuffled)-1).Draw(t, "swap")
			shuffled[i].Position, shuffled[j].Position = shuffled[j].Position, shuffled[i].Position
		}
		slices.SortFunc(shuffled, func(a, b replay.Event) int { return int(a.Position - b.Position) })
		strict := rapid.Bool().Draw(t, "strict")
		var answers [2]string
		for i, events := range [][]replay.Event{ordered, shuffled} {
			var notes []string
			db := openDB(t, events, "", func(s *query.Source) {
				s.Strict = strict
				s.Note = func(n replay.Notice) {
					text, _, _ := strings.Cut(n.Text, ", first in ") // in the order of positions
					notes = append(notes, strings.ToLower(strings.Replace(text, "_2", "", 1)))
				}
				f := replay.Fold{Reducer: afterTotal{fold.Merge()}}
				s.Projections[0].Fold = func(replay.StreamID, string) (replay.Fold, error) { return f, nil }
			})
			rows, err := rowsOf(db, "SELECT stream, version, state, error FROM cart ORDER BY stream")
			if err != nil && strict {
				rows = []string{"it failed"} // at another stream, perhaps
			} else if err != nil {
				t.Fatal(err)
			}
			answers[i] = strings.Join(rows, "\n") + "\n"
			if all, err := db.Query("SELECT * FROM cart"); err == nil {
				var names []string // which of two that differ in case has the suffix, positions say
				for _, c := range all.Columns {
					names = append(names, strings.ToLower(strings.TrimSuffix(c, "_2")))
				}
				slices.Sort(names)
				answers[i] += fmt.Sprint(names)
				for range all.Rows { // to the end
				}
			} else if !strict {
				t.Fatal(err)
			}
			slices.Sort(notes)
			answers[i] += fmt.Sprint(slices.Compact(notes))
			db.Close()
		}
		if answers[0] != answers[1] {
			t.Fatalf("in order\n%s\nout of order\n%s", answers[0], answers[1])
		}
	})
}
