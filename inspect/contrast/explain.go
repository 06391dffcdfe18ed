package contrast

import (
	"cmp"
	"context"
	"slices"

	"asof/inspect/check"
	"asof/replay"
)

const (
	minSupport  = 3    // bad streams of a finding
	level       = 0.05 // probability of any finding if nothing sets the streams apart
	maxBad      = 1000 // bad streams compared for one invariant
	maxFindings = 5
	maxClaims   = 300  // significant features whose streams are compared
	maxExact    = 2000 // features with an exact test
	maxProfiled = 100  // bad streams read for the profile of a finding
)

// An Explained says what sets the bad streams of an invariant apart from the good ones.
type Explained struct {
	Bad, Good       int   // compared streams
	AllBad, AllGood int64 // that there are
	Short           int64 // good streams with fewer events than any bad one had
	LeftOut         int64 // good streams left out to bound memory
	Unmatched       int   // bad streams longer than any good one, whose events part nothing
	Tried           int64 // features that could have been a finding
	Cut             int64 // members, values and types left out
	Findings        []Finding
	Releases        []Touched // of the culprits, in order of time; only with releases
	Before          int64     // culprits before the first release, or without a time
}

// Compared reports whether there were enough streams of both kinds.
func (x *Explained) Compared() bool { return x.Bad >= minSupport && x.Good > 0 }

// Needs is the number of bad streams that a comparison needs.
const Needs = minSupport

// A Finding is a feature that sets bad streams apart.
type Finding struct {
	Feature
	Bad, Good int // streams that have it
	Odds      float64
	Low, High float64   // the 95 % interval of Odds
	P         float64   // probability of such a finding by chance, among all that were tried
	Always    []Feature // that all these events of the bad streams have, and that part the streams too
	Same      []Feature // of exactly the same streams
	Near      []Near    // of nearly the same streams
}

// A Near is a feature of nearly the same streams as a finding.
type Near struct {
	Feature
	Bad, Good int
}

// A Touched is a release and the streams it touched.
type Touched struct {
	Release
	Culprits int   // first bad events while it was live
	Streams  int64 // streams with an event while it was live
}

// Explain compares the bad and good streams of each invariant of a check that the study
// watched. It is nil for an invariant without bad streams.
func (s *Study) Explain(ctx context.Context, r *check.Result, again Rerun) ([]*Explained, error) {
	floor := s.settle()
	names := &naming{study: s, bad: map[target]*badHistory{}}
	bad := make([][]*badHistory, len(r.Invariants))
	var streams []replay.StreamID
	for i := range r.Invariants {
		for _, v := range chosen(r.Invariants[i].Violations, maxBad) {
			b := &badHistory{stream: v.Stream, culprit: v.Culprit.Version}
			names.bad[target{i, v.Stream}] = b
			bad[i] = append(bad[i], b)
			streams = append(streams, v.Stream)
		}
	}
	if len(streams) == 0 {
		return make([]*Explained, len(r.Invariants)), nil
	}
	slices.Sort(streams)
	if err := again(ctx, slices.Compact(streams), names.Watches); err != nil {
		return nil, err
	}
	out := make([]*Explained, len(r.Invariants))
	profiles := &profiling{study: s, bad: map[target]*badHistory{}, wanted: map[int][]uint64{}}
	comparisons := make([]*comparison, len(r.Invariants))
	named := names.names()
	for i := range r.Invariants {
		if inv := &r.Invariants[i]; len(inv.Violations) > 0 {
			c := &comparison{named: named}
			out[i] = c.compare(s.goods(i, inv, floor), bad[i], inv)
			comparisons[i] = c
			profiles.want(i, c)
			out[i].Cut = s.cut()
			s.releases(out[i], inv.Violations)
		}
	}
	if err := profiles.run(ctx, again); err != nil {
		return nil, err
	}
	for i, c := range comparisons {
		if c != nil {
			c.addProfiles(profiles, i)
		}
	}
	return out, nil
}

// chosen returns at most n violations, by the hash of their streams.
func chosen(vs []check.Violation, n int) []check.Violation {
	if len(vs) <= n {
		return vs
	}
	vs = slices.Clone(vs)
	slices.SortStableFunc(vs, func(a, b check.Violation) int {
		return cmp.Or(cmp.Compare(class(b.Stream), class(a.Stream)), cmp.Compare(a.Stream, b.Stream))
	})
	return vs[:n]
}

// goodStreams are the good streams of an invariant.
type goodStreams struct {
	all     int64
	leftOut int64
	kept    []*history
}

// goods returns the good streams of an invariant. A stream that could not be folded, tested
// or read to its end is neither good nor bad.
func (s *Study) goods(i int, inv *check.InvariantResult, floor int) goodStreams {
	not := map[replay.StreamID]bool{}
	for _, v := range inv.Violations {
		not[v.Stream] = true
	}
	for _, e := range inv.Errors {
		not[e.Stream] = true
	}
	for _, u := range inv.Unknown {
		not[u.Stream] = true
	}
	var g goodStreams
	for _, w := range s.watches {
		for _, h := range w.all {
			if not[h.stream] || !slices.Contains(h.rules, i) {
				continue
			}
			g.all++
			if h.class < floor {
				g.leftOut++
				continue
			}
			g.kept = append(g.kept, h)
		}
	}
	slices.SortFunc(g.kept, func(a, b *history) int {
		return cmp.Or(cmp.Compare(a.n, b.n), cmp.Compare(b.class, a.class), cmp.Compare(a.stream, b.stream))
	})
	return g
}

// cut returns how many members, values and types were left out.
func (s *Study) cut() (n int64) {
	for _, w := range s.watches {
		n += w.x.cut
	}
	return n
}

// releases groups culprits by the release that was live.
func (s *Study) releases(x *Explained, vs []check.Violation) {
	all := s.o.Releases
	if len(all) == 0 {
		return
	}
	culprits := make([]int, len(all))
	for _, v := range vs {
		if i := all.live(v.Culprit.Time); i >= 0 {
			culprits[i]++
		} else {
			x.Before++
		}
	}
	for i, r := range all {
		if culprits[i] == 0 {
			continue
		}
		t := Touched{Release: r, Culprits: culprits[i]}
		for _, w := range s.watches {
			t.Streams += w.touched[i]
		}
		x.Releases = append(x.Releases, t)
	}
}
