package table

import (
	"cmp"
	"math"
	"slices"

	"asof/replay"
)

// maxRuns is the maximum number of runs of a [Ranks], which take 16 bytes each.
const maxRuns = 1 << 20

// Ranks are the positions of rows that have other numbers, which leave some out. The zero
// Ranks has no rows.
type Ranks struct {
	runs []run
	last int64 // row
	n    int64 // rows
}

// A run is rows with consecutive numbers.
type run struct{ row, position int64 }

// Add adds a row, whose number must be greater than that of the row before it. It returns
// false if there are too many runs.
func (r *Ranks) Add(row int64) bool {
	if r.n == 0 || row != r.last+1 {
		if len(r.runs) == maxRuns {
			return false
		}
		r.runs = append(r.runs, run{row, r.n + 1})
	}
	r.n++
	r.last = row
	return true
}

// Last returns the number of the last row; ok is false if there is none.
func (r *Ranks) Last() (row int64, ok bool) { return r.last, r.n > 0 }

// Identical reports whether the number of each row is its position.
func (r *Ranks) Identical() bool {
	return len(r.runs) == 0 || len(r.runs) == 1 && r.runs[0] == run{1, 1}
}

// Position returns the position of a row.
func (r *Ranks) Position(row int64) int64 {
	i, found := slices.BinarySearchFunc(r.runs, row, func(x run, row int64) int { return cmp.Compare(x.row, row) })
	if !found {
		i--
	}
	return r.runs[i].position + row - r.runs[i].row
}

// row returns the number of the row at a position; before the first and after the last, it
// returns the least and the greatest number.
func (r *Ranks) row(position int64) int64 {
	switch {
	case position < 1:
		return math.MinInt64
	case position > r.n:
		return math.MaxInt64
	}
	i, found := slices.BinarySearchFunc(r.runs, position, func(x run, p int64) int { return cmp.Compare(x.position, p) })
	if !found {
		i--
	}
	return r.runs[i].row + position - r.runs[i].position
}

// Rows returns the numbers of the rows in a span of positions.
func (r *Ranks) Rows(s replay.Span[replay.Position]) replay.Span[replay.Position] {
	lo, hasLo := s.Lo()
	hi, hasHi := s.Hi()
	lo, hi = replay.Position(r.row(int64(lo))), replay.Position(r.row(int64(hi)))
	switch {
	case hasLo && hasHi:
		return replay.Between(lo, hi)
	case hasLo:
		return replay.From(lo)
	case hasHi:
		return replay.UpTo(hi)
	}
	return s
}
