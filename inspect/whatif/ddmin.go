package whatif

import "slices"

// A ddmin finds, in a list that gives a certain result, a minimal part that still does
// (Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002). It
// is a state machine: next returns the list to test, and record takes the result.
//
// The list is the numbers 0 to n-1, which are known to give the result.
type ddmin struct {
	best    []int // the smallest list so far that gives the result
	parts   int   // number of parts the list is cut into
	at      int   // index of the part being tested
	subsets bool  // a part is tested alone; otherwise the list without it
	reduced bool  // something was removed at this granularity
	over    bool  // no part can be removed
}

func newDDMin(n int) *ddmin {
	d := &ddmin{best: make([]int, n), parts: 2, subsets: true}
	for i := range d.best {
		d.best[i] = i
	}
	d.over = n == 0
	if n == 1 {
		d.parts, d.subsets = 1, false
	}
	return d
}

// next returns the list to test, or false if the search is over.
func (d *ddmin) next() ([]int, bool) {
	if d.over {
		return nil, false
	}
	from, to := d.part()
	if d.subsets {
		return d.best[from:to], true
	}
	return slices.Concat(d.best[:from], d.best[to:]), true
}

// part returns the bounds of the part being tested.
func (d *ddmin) part() (from, to int) {
	n := len(d.best)
	return d.at * n / d.parts, (d.at + 1) * n / d.parts
}

// record records whether the list that next returned gives the result.
func (d *ddmin) record(gives bool) {
	from, to := d.part()
	switch {
	case gives && d.subsets:
		d.best = slices.Clone(d.best[from:to])
		d.cut(2)
	case gives:
		d.best = slices.Concat(d.best[:from], d.best[to:])
		d.reduced = true
		// The rest is cut as finely as before. Parts that were already tried are tried
		// again only after the others.
		if d.parts--; d.parts == 0 || len(d.best) == 0 {
			d.over = true
			return
		}
		if d.at == d.parts {
			d.endPass()
		}
	default:
		if d.at++; d.at == d.parts {
			d.endPass()
		}
	}
}

// cut restarts with the given number of parts.
func (d *ddmin) cut(parts int) {
	d.parts, d.at, d.reduced = min(max(parts, 1), len(d.best)), 0, false
	d.subsets = d.parts > 1
	d.over = len(d.best) == 0
}

// endPass chooses the next step after every part was tested.
func (d *ddmin) endPass() {
	d.at = 0
	switch {
	case d.subsets && d.parts > 2: // with two parts, each is the list without the other
		d.subsets = false
	case d.subsets && len(d.best) > 2:
		d.cut(4)
	case d.subsets: // two, each tested
		d.over = true
	case d.reduced:
		d.cut(d.parts)
		d.subsets = false
	case d.parts < len(d.best):
		d.cut(2 * d.parts)
	default:
		d.over = true
	}
}
