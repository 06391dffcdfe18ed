package state

// An alignedRun is a run of elements common to two arrays.
type alignedRun struct{ a, b, n int }

const (
	alignEdits = 64      // most insertions and removals for which arrays are aligned
	alignSteps = 1 << 12 // most comparisons beyond four per element
)

// align finds the common runs of two lists that differ in few insertions and
// removals, by the identity of containers and the value of scalars. It is E. Myers'
// greedy search, whose cost grows with the differences. It returns false if the lists
// differ too much; comparing keys and content is then the better way.
func (d *differ) align(a, b []Value) ([]alignedRun, bool) {
	steps := alignSteps + 4*(len(a)+len(b))
	most := min(alignEdits, len(a)+len(b))
	far := make([]int, 2*most+3) // by diagonal x-y: how far the search got
	var rounds [][]int           // far before each round
	at := func(k int) int { return k + most + 1 }
	for edits := 0; edits <= most; edits++ {
		rounds = append(rounds, append([]int(nil), far[at(-edits-1):at(edits+1)+1]...))
		for k := -edits; k <= edits; k += 2 {
			x := far[at(k-1)] + 1
			if k == -edits || k != edits && far[at(k-1)] < far[at(k+1)] {
				x = far[at(k+1)]
			}
			from := x
			for x < len(a) && x-k < len(b) && x >= k && d.same(a[x], b[x-k]) {
				x++
			}
			far[at(k)] = x
			if steps -= x - from + 1; steps < 0 {
				return nil, false
			}
			if x >= len(a) && x-k >= len(b) {
				return d.runsBack(rounds, len(a), len(b)), true
			}
		}
	}
	return nil, false
}

// runsBack returns the runs of a finished search, by going back over its rounds.
func (d *differ) runsBack(rounds [][]int, x, y int) []alignedRun {
	var runs []alignedRun
	for edits := len(rounds) - 1; edits > 0; edits-- {
		k := x - y
		far := func(k int) int { return rounds[edits][k+edits+1] }
		before := k - 1
		if k == -edits || k != edits && far(k-1) < far(k+1) {
			before = k + 1
		}
		startX := far(before)
		if before == k-1 {
			startX++
		}
		if n := x - startX; n > 0 {
			runs = append(runs, alignedRun{startX, startX - k, n})
		}
		x = far(before)
		y = x - before
	}
	if x > 0 {
		runs = append(runs, alignedRun{0, 0, x})
	}
	for i, j := 0, len(runs)-1; i < j; i, j = i+1, j-1 {
		runs[i], runs[j] = runs[j], runs[i]
	}
	return runs
}
