package contrast

import (
	"cmp"
	"math"
	"slices"

	"asof/inspect/check"
)

// A compared stream is cut to as many events as its stratum has.
type compared struct {
	seen    *table
	stratum int
	k       uint32
}

// A comparison compares the streams of one invariant.
type comparison struct {
	named  map[uint64]Feature
	out    *Explained
	strata []stratum
	bad    []compared
	good   []compared
	sample []*badHistory // the compared bad streams
	logs   logs
	cands  []*candidate
	byHash map[uint64]*candidate
}

// A candidate is a feature that enough bad streams have.
type candidate struct {
	hash uint64
	Feature
	bad, good int
	with      []int32 // streams that have it, by stratum
	score, p  float64
	has       []bool // by stream: bad, then good; only of claims
}

func (c *comparison) compare(goods goodStreams, bad []*badHistory, inv *check.InvariantResult) *Explained {
	c.out = &Explained{AllBad: int64(len(inv.Violations)), AllGood: goods.all, LeftOut: goods.leftOut}
	c.match(goods.kept, bad)
	c.out.Bad, c.out.Good = len(c.bad), len(c.good)
	if !c.out.Compared() {
		return c.out
	}
	c.logs = newLogs(len(c.bad) + len(c.good))
	c.collect()
	c.out.Tried = c.logs.tried(c.distinct(), len(c.bad), len(c.good)+len(c.bad))
	c.pick(c.claims())
	return c.out
}

// maxEligible bounds the strata among which a good stream chooses.
const maxEligible = 32

// match divides the bad streams into strata by their number of events, and gives each good
// stream to one for which it is long enough: to that with the fewest good streams for a bad
// one. Good streams come in ascending order of their events.
func (c *comparison) match(goods []*history, bad []*badHistory) {
	bad = slices.DeleteFunc(slices.Clone(bad), func(b *badHistory) bool { return b.seen == nil })
	slices.SortStableFunc(bad, func(a, b *badHistory) int { return cmp.Compare(a.k, b.k) })
	var strata []stratum
	for _, b := range bad {
		if n := len(strata); n == 0 || strata[n-1].k != b.k {
			strata = append(strata, stratum{k: b.k})
		}
		strata[len(strata)-1].bad++
		c.bad = append(c.bad, compared{b.seen, len(strata) - 1, b.k})
	}
	c.sample = bad
	n := 0
	for i, h := range goods {
		for n < len(strata) && strata[n].k <= h.n {
			n++
		}
		if n == 0 {
			c.out.Short++
			continue
		}
		best, step := n-1, max(1, n/maxEligible)
		for j := n - 1 - i%step; j >= 0; j -= step {
			if s, b := &strata[j], &strata[best]; s.good*b.bad < b.good*s.bad {
				best = j
			}
		}
		strata[best].good++
		c.good = append(c.good, compared{&h.seen, best, strata[best].k})
	}
	for _, s := range strata {
		if s.good == 0 {
			c.out.Unmatched += s.bad
		}
	}
	c.strata = strata
}

// collect counts the streams of each feature that enough bad streams have.
func (c *comparison) collect() {
	count := map[uint64]int{}
	for _, b := range c.bad {
		for h := range b.seen.upTo(b.k) {
			count[h]++
		}
	}
	c.byHash = map[uint64]*candidate{}
	for h, n := range count {
		if n >= minSupport {
			c.byHash[h] = &candidate{hash: h, Feature: c.named[h], bad: n, with: make([]int32, len(c.strata))}
		}
	}
	for i, s := range slices.Concat(c.bad, c.good) {
		for h := range s.seen.upTo(s.k) {
			if f := c.byHash[h]; f != nil {
				f.with[s.stratum]++
				if i >= len(c.bad) {
					f.good++
				}
			}
		}
	}
	for _, f := range c.byHash {
		f.score, f.p = score(c.strata, f.with, f.bad), 1
		c.cands = append(c.cands, f)
	}
	slices.SortFunc(c.cands, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), compareFeatures(a.Feature, b.Feature))
	})
}

// distinct counts the features that streams have by their number of streams.
func (c *comparison) distinct() map[int]int64 {
	count := map[uint64]int32{}
	for _, s := range slices.Concat(c.bad, c.good) {
		for h := range s.seen.upTo(s.k) {
			count[h]++
		}
	}
	out := map[int]int64{}
	for _, n := range count {
		out[int(n)]++
	}
	return out
}

// claims returns the features that part the streams, with the streams that have them.
func (c *comparison) claims() []*candidate {
	var claims []*candidate
	for i, f := range c.cands {
		if f.score < 1.5 || i == maxExact {
			break
		}
		f.p = c.logs.tail(c.strata, f.with, f.bad)
		if f.p*float64(c.out.Tried) <= level {
			claims = append(claims, f)
		}
	}
	slices.SortStableFunc(claims, better)
	claims = claims[:min(len(claims), maxClaims)]
	isClaim := map[uint64]*candidate{}
	for _, f := range claims {
		f.has = make([]bool, len(c.bad)+len(c.good))
		isClaim[f.hash] = f
	}
	for i, s := range slices.Concat(c.bad, c.good) {
		for h := range s.seen.upTo(s.k) {
			if f := isClaim[h]; f != nil {
				f.has[i] = true
			}
		}
	}
	return claims
}

// better orders features by how well they part the streams. Of those that part them
// equally, what a person can act on comes first.
func better(a, b *candidate) int {
	return cmp.Or(cmp.Compare(roughly(a.p), roughly(b.p)), compareFeatures(a.Feature, b.Feature))
}

// roughly rounds the logarithm of a probability, so that the order of a sum does not matter.
func roughly(p float64) float64 { return math.Round(math.Log(max(p, 1e-300)) * 1e6) }

func compareFeatures(a, b Feature) int {
	typed := func(f Feature) int {
		if f.Type == "" {
			return 1
		}
		return 0
	}
	return cmp.Or(
		cmp.Compare(typed(a), typed(b)), cmp.Compare(order[a.Kind], order[b.Kind]), cmp.Compare(a.Type, b.Type),
		cmp.Compare(len(a.Path), len(b.Path)), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Value, b.Value))
}

// pick makes findings of claims: the best, then the best of the streams without it.
func (c *comparison) pick(claims []*candidate) {
	covered := make([]bool, len(c.bad)+len(c.good))
	for len(claims) > 0 && len(c.out.Findings) < maxFindings {
		best := claims[0]
		f := Finding{Feature: best.Feature, Bad: best.bad, Good: best.good, P: min(1, best.p*float64(c.out.Tried))}
		f.Odds, f.Low, f.High = odds(best.bad, len(c.bad), best.good, len(c.good))
		var rest []*candidate
		for _, o := range claims[1:] {
			switch overlap := jaccard(best.has, o.has); {
			case overlap == 1:
				f.Same = append(f.Same, o.Feature)
			case overlap >= nearly:
				f.Near = append(f.Near, Near{o.Feature, o.bad, o.good})
			default:
				rest = append(rest, o)
			}
		}
		c.out.Findings = append(c.out.Findings, f)
		for i, has := range best.has {
			covered[i] = covered[i] || has
		}
		claims = c.beyond(covered, rest)
	}
}

// nearly is the part of streams that two features share if one is a near-copy of the other.
const nearly = 0.8

func jaccard(a, b []bool) float64 {
	both, either := 0, 0
	for i := range a {
		if a[i] || b[i] {
			either++
			if a[i] && b[i] {
				both++
			}
		}
	}
	return float64(both) / float64(max(either, 1))
}

// beyond returns the claims that also part the streams that are not covered.
func (c *comparison) beyond(covered []bool, claims []*candidate) []*candidate {
	strata := slices.Clone(c.strata)
	for i := range strata {
		strata[i].bad, strata[i].good = 0, 0
	}
	all := slices.Concat(c.bad, c.good)
	left := 0
	for i, s := range all {
		switch {
		case covered[i]:
		case i < len(c.bad):
			left++
			strata[s.stratum].bad++
		default:
			strata[s.stratum].good++
		}
	}
	if left < minSupport {
		return nil
	}
	var out []*candidate
	for _, f := range claims {
		with, bad := make([]int32, len(strata)), 0
		for i, s := range all {
			if !covered[i] && f.has[i] {
				with[s.stratum]++
				if i < len(c.bad) {
					bad++
				}
			}
		}
		if bad < minSupport {
			continue
		}
		if f.p = c.logs.tail(strata, with, bad); f.p*float64(c.out.Tried) <= level {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, better)
	return out
}
