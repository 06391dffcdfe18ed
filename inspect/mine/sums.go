package mine

import (
	"math"
	"slices"
	"strconv"

	"asof/replay/state"
)

const (
	maxArrays  = 3
	maxMembers = 4  // numbers of an element
	maxTotals  = 16 // numbers that may be a sum
	maxLength  = 64 // of an array
	tolerance  = 0.005
)

// An arrayStat compares numbers of the state with sums over an array of it.
type arrayStat struct {
	key     string
	members []string
	totals  []string // keys of the state
	stats   map[formula]*sumStat
}

// A formula is the count of an array, the sum of a member, or of a product of two: p and q
// are indexes in members, -1 if there is none.
type formula struct{ total, p, q int }

type sumStat struct {
	tried, broken int64
	low, high     float64
}

// sums compares the numbers of a state with sums over its arrays.
func (g *gathered) sums(root state.Value) {
	if root.Kind() != state.Object {
		return
	}
	root.Node().Each(func(key string, v state.Value) bool {
		if v.Kind() == state.Array && v.Node().Len() > 0 && v.Node().Len() <= maxLength {
			if a := g.arrayOf(key); a != nil {
				a.compare(root, v.Node().Elems())
			}
		}
		return true
	})
}

func (g *gathered) arrayOf(key string) *arrayStat {
	for _, a := range g.arrays {
		if a.key == key {
			return a
		}
	}
	if len(g.arrays) == maxArrays {
		return nil
	}
	a := &arrayStat{key: key, stats: map[formula]*sumStat{}}
	g.arrays = append(g.arrays, a)
	return a
}

// index returns the index of a name, which it adds while there are few.
func index(names *[]string, name string, most int) int {
	if i := slices.Index(*names, name); i >= 0 {
		return i
	}
	if len(*names) == most {
		return -1
	}
	*names = append(*names, name)
	return len(*names) - 1
}

func (a *arrayStat) compare(root state.Value, elems []state.Value) {
	var sums [maxMembers + 1][maxMembers + 1]float64 // the last row and column are for no member
	for _, el := range elems {
		if el.Kind() != state.Object {
			return
		}
		var have [maxMembers + 1]float64
		have[maxMembers] = 1
		el.Node().Each(func(key string, v state.Value) bool {
			if n, ok := number(v); ok {
				if i := index(&a.members, key, maxMembers); i >= 0 {
					have[i] = n
				}
			}
			return true
		})
		for p := range have {
			for q := range have[:p+1] {
				sums[p][q] += have[p] * have[q]
			}
		}
	}
	root.Node().Each(func(key string, v state.Value) bool {
		total, ok := number(v)
		if !ok {
			return true
		}
		t := index(&a.totals, key, maxTotals)
		if t < 0 {
			return true
		}
		a.note(formula{t, -1, -1}, total, sums[maxMembers][maxMembers])
		for p := range a.members {
			a.note(formula{t, p, -1}, total, sums[maxMembers][p])
			for q := range p {
				a.note(formula{t, p, q}, total, sums[p][q])
			}
		}
		return true
	})
}

func (a *arrayStat) note(f formula, total, sum float64) {
	s := a.stats[f]
	if s == nil {
		s = &sumStat{low: sum, high: sum}
		a.stats[f] = s
	}
	s.tried++
	s.low, s.high = min(s.low, sum), max(s.high, sum)
	if math.Abs(total-sum) > tolerance+1e-9*math.Abs(sum) {
		s.broken++
	}
}

func number(v state.Value) (float64, bool) {
	if v.Kind() != state.Number {
		return 0, false
	}
	n, err := strconv.ParseFloat(v.Text(), 64)
	return n, err == nil
}
