package check

import (
	"errors"

	"asof/replay"
)

// ErrRewritten means a check cannot resume from an earlier one: the store no longer has
// the events of that check. It was rewritten, restored or truncated.
var ErrRewritten = errors.New("the store no longer has the events that were checked before")

// Reach is how far a check came. A later check can resume from it, because a stream
// without later events is unchanged.
type Reach struct {
	Position replay.Position // the last position covered
	Chain    replay.Chain    // over all events up to Position, including those no invariant applies to
}

// failed returns the streams that could not be folded, tested or read to the end. They
// are folded again, because the cause is not cached and may be gone.
func (c *Result) failed() map[replay.StreamID]bool {
	out := map[replay.StreamID]bool{}
	for _, inv := range c.Invariants {
		for _, e := range inv.Errors {
			out[e.Stream] = true
		}
		for _, u := range inv.Unknown {
			out[u.Stream] = true
		}
	}
	return out
}

// hasCounted reports whether the earlier check counted an event.
func (p *Plan) hasCounted(e *replay.Event) bool {
	return p.From != nil && e.Position <= p.From.Reach.Position
}

// isUnchanged reports whether the store has no events the earlier check has not seen.
func (c *checking) isUnchanged() bool {
	from := c.plan.From
	if from == nil || !c.plan.Same {
		return false
	}
	at, ok := c.upTo()
	return ok && at == from.Reach.Position
}

// extendChain adds an event to the chain. After the last event of the earlier check, it
// compares the chains.
func (c *checking) extendChain(e *replay.Event) error {
	if !c.plan.Keep && c.plan.From == nil || c.isUnchanged() {
		return nil
	}
	if !c.pastFrom && c.plan.From != nil && !c.plan.hasCounted(e) {
		if c.pastFrom = true; !c.chainMatches() {
			return ErrRewritten
		}
	}
	c.reach.Chain = c.reach.Chain.Add(e, 0)
	return nil
}

// finishChain compares the chains if no event followed those of the earlier check.
func (c *checking) finishChain() error {
	if c.plan.From != nil && !c.pastFrom && !c.isUnchanged() && !c.chainMatches() {
		return ErrRewritten
	}
	return nil
}

func (c *checking) chainMatches() bool { return c.reach.Chain == c.plan.From.Reach.Chain }

// addKnown adds to an answer the findings of the earlier check in streams that were not
// folded again, and how far this check came.
func (c *checking) addKnown(out *Result) {
	from := c.plan.From
	if at, ok := c.upTo(); ok && c.plan.Keep {
		c.reach.Position = at
		out.Reach = &c.reach
		if c.isUnchanged() {
			out.Reach = from.Reach
		}
	}
	if from == nil {
		return
	}
	out.Streams, out.Untaken, out.Events, out.Incomplete = from.Streams, from.Untaken, from.Events, from.Incomplete
	for i := range from.Invariants {
		was, inv := &from.Invariants[i], &out.Invariants[i]
		inv.Streams = was.Streams
		for _, v := range was.Violations {
			if !c.only[v.Stream] {
				inv.Violations = append(inv.Violations, v)
			}
		}
	}
	for _, w := range c.workers {
		out.Again += w.folded
	}
}
