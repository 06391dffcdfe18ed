package contrast

import "math"

// A stratum is the bad and good streams that are compared over the same number of events.
type stratum struct {
	k         uint32
	bad, good int
}

// logs are logarithms of factorials.
type logs []float64

func newLogs(n int) logs {
	l := make(logs, n+1)
	for i := 2; i <= n; i++ {
		l[i] = l[i-1] + math.Log(float64(i))
	}
	return l
}

func (l logs) choose(n, k int) float64 { return l[n] - l[k] - l[n-k] }

// tail returns the probability that, if a feature had nothing to do with being bad, at
// least as many bad streams would have it. with[i] is how many streams of a stratum have it.
func (l logs) tail(strata []stratum, with []int32, bad int) float64 {
	p, scratch := []float64{1}, []float64(nil)
	fixed := 0 // bad streams that have it whatever is drawn
	for i, s := range strata {
		n := int(with[i])
		lo, hi := max(0, n-s.good), min(n, s.bad)
		fixed += lo
		if lo == hi {
			continue
		}
		scratch = append(scratch[:0], make([]float64, len(p)+hi-lo)...)
		all := l.choose(s.bad+s.good, n)
		for a := lo; a <= hi; a++ {
			q := math.Exp(l.choose(s.bad, a) + l.choose(s.good, n-a) - all)
			for j, x := range p {
				scratch[j+a-lo] += x * q
			}
		}
		p, scratch = scratch, p
	}
	sum := 0.0
	for a := len(p) - 1; a >= max(0, bad-fixed); a-- {
		sum += p[a]
	}
	return min(sum, 1)
}

// score returns by how many standard deviations more bad streams have a feature than would
// if it had nothing to do with being bad.
func score(strata []stratum, with []int32, bad int) float64 {
	mean, variance := 0.0, 0.0
	for i, s := range strata {
		b, n, all := float64(s.bad), float64(with[i]), float64(s.bad+s.good)
		mean += b * n / all
		if all > 1 {
			variance += b * n / all * (all - b) / all * (all - n) / (all - 1)
		}
	}
	if variance <= 0 {
		return 0
	}
	return (float64(bad) - mean) / math.Sqrt(variance)
}

// odds returns the odds ratio of a table with one stream more in each cell, and its 95 %
// interval.
func odds(bad, badOf, good, goodOf int) (ratio, low, high float64) {
	a, b, c, d := float64(bad+1), float64(badOf-bad+1), float64(good+1), float64(goodOf-good+1)
	l := math.Log(a * d / (b * c))
	w := 1.96 * math.Sqrt(1/a+1/b+1/c+1/d)
	return math.Exp(l), math.Exp(l - w), math.Exp(l + w)
}

// smallest returns the smallest probability that a feature of n streams can have.
func (l logs) smallest(bad, all, n int) float64 {
	if n <= bad {
		return math.Exp(l.choose(bad, n) - l.choose(all, n))
	}
	return math.Exp(l.choose(n, bad) - l.choose(all, bad))
}

// slack allows for strata: the smallest probability within them may be smaller than that
// of a single table.
const slack = 10

// tried returns the number of features that could have been claimed, by Tarone's method: a
// feature that cannot reach the level whatever the streams, does not count. counts[n] is the
// number of features of n streams.
func (l logs) tried(counts map[int]int64, bad, all int) int64 {
	testable := func(k int64) (n int64) {
		for streams, features := range counts {
			if streams >= minSupport && l.smallest(bad, all, streams) <= slack*level/float64(k) {
				n += features
			}
		}
		return n
	}
	lo, hi := int64(1), max(testable(1), 1)
	for lo < hi {
		if mid := (lo + hi) / 2; testable(mid) <= mid {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}
