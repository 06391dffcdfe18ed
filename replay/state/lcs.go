package state

import (
	"cmp"
	"slices"
)

// matchLCS returns the indexes of a common subsequence of a and b, ascending in both.
// It is a longest one if that takes a bounded number of steps, otherwise one built
// around the values that are unique on both sides. The work is O(n log n).
func matchLCS(a, b []int32) [][2]int {
	m := matcher{a: a, b: b}
	m.between(0, len(a), 0, len(b), 1<<21)
	return m.out
}

type matcher struct {
	a, b  []int32
	out   [][2]int
	steps int // left for the search for the longest
}

// between matches a[alo:ahi] with b[blo:bhi], which follow all earlier matches.
func (m *matcher) between(alo, ahi, blo, bhi, steps int) {
	for alo < ahi && blo < bhi && m.a[alo] == m.b[blo] {
		m.add(alo, blo)
		alo, blo = alo+1, blo+1
	}
	tail := 0
	for alo < ahi-tail && blo < bhi-tail && m.a[ahi-tail-1] == m.b[bhi-tail-1] {
		tail++
	}
	ahi, bhi = ahi-tail, bhi-tail
	if alo < ahi && blo < bhi {
		m.middle(alo, ahi, blo, bhi, steps)
	}
	for i := range tail {
		m.add(ahi+i, bhi+i)
	}
}

func (m *matcher) add(i, j int) { m.out = append(m.out, [2]int{i, j}) }

// middle matches two ranges without a common prefix or suffix.
func (m *matcher) middle(alo, ahi, blo, bhi, steps int) {
	// Values on only one side cannot match; without them the rest is often short.
	as, bs := shared(m.a, m.b, alo, ahi, blo, bhi)
	if len(as) == 0 {
		return
	}
	from := len(m.out)
	m.steps = steps + 64*(len(as)+len(bs))
	if m.longest(as, bs) {
		return
	}
	m.out = m.out[:from]
	// Each gap between anchors gets a search of a few steps.
	anchors := m.unique(as, bs)
	if len(anchors) == 0 {
		m.out = append(m.out, m.rising(m.byOccurrence(as, bs))...)
		return
	}
	i, j := alo, blo
	for _, at := range anchors {
		m.between(i, at[0], j, at[1], 0)
		m.out = append(m.out, at)
		i, j = at[0]+1, at[1]+1
	}
	m.between(i, ahi, j, bhi, 0)
}

// shared returns the indices of a[alo:ahi] and of b[blo:bhi] whose values occur
// in both.
func shared(a, b []int32, alo, ahi, blo, bhi int) (as, bs []int32) {
	const inA, inBoth = 1, 2
	seen := make(map[int32]int8, ahi-alo)
	for i := alo; i < ahi; i++ {
		seen[a[i]] = inA
	}
	for j := blo; j < bhi; j++ {
		if seen[b[j]] != 0 {
			seen[b[j]] = inBoth
			bs = append(bs, int32(j))
		}
	}
	for i := alo; i < ahi; i++ {
		if seen[a[i]] == inBoth {
			as = append(as, int32(i))
		}
	}
	return as, bs
}

// longest appends the longest common subsequence of the values at as and bs, by
// E. Myers' O(ND) algorithm in linear space. It returns false if that takes too many
// steps.
func (m *matcher) longest(as, bs []int32) bool {
	for len(as) > 0 && len(bs) > 0 && m.a[as[0]] == m.b[bs[0]] {
		m.out = append(m.out, [2]int{int(as[0]), int(bs[0])})
		as, bs = as[1:], bs[1:]
	}
	n, k := len(as), len(bs)
	tail := 0
	for tail < n && tail < k && m.a[as[n-1-tail]] == m.b[bs[k-1-tail]] {
		tail++
	}
	endA, endB := as[n-tail:], bs[k-tail:]
	as, bs = as[:n-tail], bs[:k-tail]
	if len(as) > 0 && len(bs) > 0 {
		x, y := m.meet(as, bs)
		if x < 0 || !m.longest(as[:x], bs[:y]) || !m.longest(as[x:], bs[y:]) {
			return false
		}
	}
	for i := range endA {
		m.out = append(m.out, [2]int{int(endA[i]), int(endB[i])})
	}
	return true
}

// meet returns a point on a shortest edit path, where the search from the start meets
// the search from the end; -1 if the steps do not suffice. as and bs have no common
// prefix or suffix, so the point is neither the start nor the end.
func (m *matcher) meet(as, bs []int32) (x, y int) {
	n, k := len(as), len(bs)
	half := (n + k + 1) / 2
	fwd := newFront(n, k, half, func(x, y int) bool { return m.a[as[x]] == m.b[bs[y]] })
	back := newFront(n, k, half, func(x, y int) bool { return m.a[as[n-1-x]] == m.b[bs[k-1-y]] })
	odd := (n-k)&1 != 0
	for d := 0; d <= half && m.steps >= 0; d++ {
		if x, y, ok := fwd.advance(d, back, odd); ok {
			return x, y
		}
		if x, y, ok := back.advance(d, fwd, !odd); ok {
			return n - x, k - y
		}
		m.steps -= 2*d + 2 + fwd.matched + back.matched
		fwd.matched, back.matched = 0, 0
	}
	return -1, -1
}

// A front is one of the two searches, with its progress on each diagonal x-y.
type front struct {
	n, k    int
	far     []int // by diagonal, from -half-1 on; -1 where none was followed
	half    int
	low     int // number of diagonals that left the grid at the lower end
	high    int // number of those at the upper end
	match   func(x, y int) bool
	matched int // pairs that were followed since it was last set to 0
}

func newFront(n, k, half int, match func(x, y int) bool) *front {
	f := &front{n: n, k: k, half: half, match: match, far: make([]int, 2*half+3)}
	for i := range f.far {
		f.far[i] = -1
	}
	f.far[half+2] = 0 // the first round begins at 0, 0
	return f
}

// advance follows the diagonals one edit further, to d edits. If meeting is set and it
// meets the other front, it returns the point.
func (f *front) advance(d int, other *front, meeting bool) (x, y int, ok bool) {
	mid := f.half + 1
	for diag := -d + f.low; diag <= d-f.high; diag += 2 {
		below, above := f.far[mid+diag-1], f.far[mid+diag+1]
		x := below + 1
		if diag == -d || diag != d && below < above {
			x = above
		}
		y := x - diag
		from := x
		for x < f.n && y < f.k && f.match(x, y) {
			x, y = x+1, y+1
		}
		f.matched += x - from
		f.far[mid+diag] = x
		switch {
		case x > f.n:
			f.high += 2
		case y > f.k:
			f.low += 2
		case meeting:
			if at := mid + f.n - f.k - diag; at >= 0 && at < len(other.far) &&
				other.far[at] >= 0 && x+other.far[at] >= f.n {
				return x, y, true
			}
		}
	}
	return 0, 0, false
}

// unique matches values that occur once on both sides, if they are in the same order.
func (m *matcher) unique(as, bs []int32) [][2]int {
	count := make(map[int32][2]int32, len(as))
	for _, i := range as {
		c := count[m.a[i]]
		count[m.a[i]] = [2]int32{c[0] + 1, c[1]}
	}
	for _, j := range bs {
		c := count[m.b[j]]
		count[m.b[j]] = [2]int32{c[0], c[1] + 1}
	}
	once := func(s []int32) func(int32) bool {
		return func(i int32) bool { return count[s[i]] != [2]int32{1, 1} }
	}
	return m.rising(m.byOccurrence(
		slices.DeleteFunc(slices.Clone(as), once(m.a)),
		slices.DeleteFunc(slices.Clone(bs), once(m.b))))
}

// byOccurrence pairs the first occurrence of a value in as with the first in bs, the
// second with the second, and so on.
func (m *matcher) byOccurrence(as, bs []int32) [][2]int {
	places := make(map[int32][]int32, len(bs))
	for _, j := range bs {
		places[m.b[j]] = append(places[m.b[j]], j)
	}
	var pairs [][2]int
	for _, i := range as {
		if js := places[m.a[i]]; len(js) > 0 {
			pairs = append(pairs, [2]int{int(i), int(js[0])})
			places[m.a[i]] = js[1:]
		}
	}
	return pairs
}

// rising returns the longest subsequence of pairs that ascends in b; all ascend in a.
func (m *matcher) rising(pairs [][2]int) [][2]int {
	var ends []int // ends[l] is the pair with the least b that a run of l+1 ends with
	before := make([]int, len(pairs))
	for p, pair := range pairs {
		l, _ := slices.BinarySearchFunc(ends, pair[1], func(end, j int) int {
			return cmp.Compare(pairs[end][1], j)
		})
		before[p] = -1
		if l > 0 {
			before[p] = ends[l-1]
		}
		if l == len(ends) {
			ends = append(ends, p)
		} else {
			ends[l] = p
		}
	}
	if len(ends) == 0 {
		return nil
	}
	run := make([][2]int, 0, len(ends))
	for p := ends[len(ends)-1]; p >= 0; p = before[p] {
		run = append(run, pairs[p])
	}
	slices.Reverse(run)
	return run
}
