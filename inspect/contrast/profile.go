package contrast

import (
	"context"
	"slices"

	"asof/replay"
)

// want asks for the profiles of the findings of an invariant.
func (p *profiling) want(i int, c *comparison) {
	if len(c.out.Findings) == 0 {
		return
	}
	for _, b := range c.sample[:min(len(c.sample), maxProfiled)] {
		p.bad[target{i, b.stream}] = b
	}
	for _, f := range c.out.Findings {
		p.wanted[i] = append(p.wanted[i], c.hashOf(f.Feature))
	}
}

func (c *comparison) hashOf(f Feature) uint64 {
	for _, o := range c.cands {
		if o.Feature == f {
			return o.hash
		}
	}
	return 0
}

// run reads the bad streams again.
func (p *profiling) run(ctx context.Context, again Rerun) error {
	var streams []replay.StreamID
	for t := range p.bad {
		streams = append(streams, t.stream)
	}
	if len(streams) == 0 {
		return nil
	}
	slices.Sort(streams)
	return again(ctx, slices.Compact(streams), p.Watches)
}

// telling are the kinds that describe an event.
var telling = []Kind{Revision, Actor, Value, Metadata, Live}

// addProfiles adds to each finding what else all its events have, if that sets the streams apart
// as well.
func (c *comparison) addProfiles(p *profiling, invariant int) {
	for i := range c.out.Findings {
		f := &c.out.Findings[i]
		if f.Type == "" || f.Kind == Before || f.Kind == Next {
			continue
		}
		for _, h := range p.always(invariant, i) {
			o := c.byHash[h]
			if o == nil || o.Feature == f.Feature || o.Type != f.Type || !slices.Contains(telling, o.Kind) {
				continue
			}
			if c.logs.tail(c.strata, o.with, o.bad) <= level {
				f.Always = append(f.Always, o.Feature)
			}
		}
		slices.SortFunc(f.Always, compareFeatures)
		f.Same = slices.DeleteFunc(f.Same, func(o Feature) bool { return slices.Contains(f.Always, o) })
		f.Near = slices.DeleteFunc(f.Near, func(n Near) bool { return slices.Contains(f.Always, n.Feature) })
	}
}
