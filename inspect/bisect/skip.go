package bisect

import (
	"context"
	"math"
	"slices"

	"asof/inspect"
	"asof/replay"
	"asof/replay/state"
)

// A skipping leaves out the tests of states between kept ones whose result is known. They have
// the result of the test before them: either no event touched what the condition reads, or the
// condition surely gives that within the bounds of the states.
type skipping struct {
	stretches []replay.Stretch // up to the end of the range; the earliest first
}

// mostGaps is the most states that are kept of a run of which the one before is lost.
const mostGaps = 16

// stretchesOf returns what is known of the events between kept states up to the end of the
// range.
func (b *scan) stretchesOf(ctx context.Context) (all []replay.Stretch) {
	s := b.subject.Snapshots
	_, reports := b.cond.Predicate.(inspect.Reporter)
	_, bounded := b.cond.Predicate.(inspect.Bounded)
	if !reports && !bounded || s == nil || !s.Of(b.subject.Timeline) || b.o.To.IsStart() {
		return nil
	}
	last, ok := b.subject.FoldFrom(ctx, b.o.To).Begins()
	for gaps := 0; ok && (b.o.From.IsStart() || last > b.o.From.Version()); {
		if one, known := s.Before(ctx, last); known {
			all = append(all, one)
			last, ok = one.After, !one.First
		} else if gaps++; gaps > mostGaps || last == math.MinInt64 {
			break
		} else {
			last, ok = b.subject.FoldFrom(ctx, b.o.To.WithVersion(last-1)).Begins()
		}
	}
	slices.Reverse(all)
	return all
}

// skip returns a run from a later kept state, if all states up to there have the result of the
// one that a run has reached and that was tested.
func (b *scan) skip(ctx context.Context, p *replay.FoldRun, step *replay.Step) (*replay.FoldRun, bool) {
	k := &b.skips
	for len(k.stretches) > 0 && (k.stretches[0].First || k.stretches[0].After < p.Last) {
		k.stretches = k.stretches[1:]
	}
	if b.fork.differs() || !p.Begun || step.Event.Row != 0 {
		return nil, false
	}
	to := b.sure(p.Last, step.Root)
	if to == p.Last {
		return nil, false
	}
	next := b.subject.FoldFrom(ctx, replay.Moment{Stream: b.subject.Timeline.Name}.WithVersion(to))
	if at, ok := next.Begins(); !ok || at != to {
		return nil, false // it is gone
	}
	next.WholeEvents = p.WholeEvents
	b.track.Again(next.Tally.Events - p.Tally.Events)
	return next, true
}

// sure returns the end of the stretches from a tested state on whose states surely have its
// result.
func (b *scan) sure(to replay.Version, root state.Value) replay.Version {
	k := &b.skips
	var reads []replay.Read // of the state that was tested
	asked, known := false, true
	for ; len(k.stretches) > 0 && k.stretches[0].After == to; k.stretches = k.stretches[1:] {
		one := &k.stretches[0]
		if bad, sure := b.cond.Always(one.Bounds); sure && bad == b.track.Bad {
			to, known = one.To, false // other states may be read elsewhere
			continue
		}
		if known && !asked {
			asked = true
			if r, ok := b.cond.Predicate.(inspect.Reporter); ok {
				reads, known = r.Reads(root)
			} else {
				known = false
			}
		}
		if !known || touches(&one.Touched, reads) {
			break
		}
		to = one.To
	}
	return to
}

// touches reports whether events may have changed what was read.
func touches(t *state.Touched, reads []replay.Read) bool {
	for _, r := range reads {
		tokens, err := state.ParsePointer(r.Path)
		at := t.Root()
		for i := 0; err == nil && i < len(tokens) && !at.Set(); i++ {
			at = at.Part(tokens[i])
		}
		if err != nil || r.From != replay.FromState || at.Set() || r.Parts && at.Parts() || r.Whole && at.Below() {
			return true
		}
	}
	return false
}
