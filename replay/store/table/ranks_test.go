package table

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"asof/replay"
)

// TestRanks compares the positions of rows with their indexes in a list.
func TestRanks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfDistinct(rapid.Int64Range(-4, 20), func(n int64) int64 { return n }).Draw(t, "rows")
		slices.Sort(rows)
		ranks := &Ranks{}
		identical := true
		for i, row := range rows {
			if !ranks.Add(row) {
				t.Fatal("too many")
			}
			identical = identical && row == int64(i+1)
		}
		if ranks.Identical() != identical {
			t.Errorf("%v: identical is %v", rows, !identical)
		}
		for i, row := range rows {
			if got := ranks.Position(row); got != int64(i+1) {
				t.Errorf("%v: the position of %d is %d", rows, row, got)
			}
		}
		lo := replay.Position(rapid.IntRange(-2, 22).Draw(t, "from"))
		hi := replay.Position(rapid.IntRange(-2, 22).Draw(t, "to"))
		for _, span := range []replay.Span[replay.Position]{{}, replay.From(lo), replay.UpTo(hi), replay.Between(lo, hi)} {
			in := ranks.Rows(span)
			for i, row := range rows {
				if want := span.Contains(replay.Position(i + 1)); in.Contains(replay.Position(row)) != want {
					t.Errorf("%v: %d is in %+v: %v", rows, row, span, !want)
				}
			}
		}
	})
}
