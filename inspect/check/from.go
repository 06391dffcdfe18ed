package check

import (
	"errors"

	"asof/replay"
)

// ErrRewritten is that a check can't go on from another: the store no longer has
// the events that were checked then. It was rewritten, restored or cut short.
var ErrRewritten = errors.New("the store no longer has the events that were checked before")

// Reach is how far a check came. It tells whether another can go on from there:
// a stream that has no later events is then what it was.
type Reach struct {
	Position replay.Position // up to which events were asked for
	Chain    replay.Chain    // over all of them, also those that no invariant is for
}

// failed are the streams that could not be folded or judged to the end, or not be
// read. Why that was is not kept, and may have passed: they are folded again.
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

// hasCounted reports whether the earlier check has counted an event.
func (p *Plan) hasCounted(e *replay.Event) bool {
	return p.From != nil && e.Position <= p.From.Reach.Position
}

// isUnchanged reports whether there is no event to be read that the earlier check
// has not seen.
func (c *checking) isUnchanged() bool {
	from := c.plan.From
	if from == nil || !c.plan.Same {
		return false
	}
	at, ok := c.upTo()
	return ok && at == from.Reach.Position
}

// link takes in an event that was read, and compares what the earlier check has
// read once that is behind.
func (c *checking) link(e *replay.Event) error {
	if !c.plan.Keep && c.plan.From == nil || c.isUnchanged() {
		return nil
	}
	if !c.beyond && c.plan.From != nil && !c.plan.hasCounted(e) {
		if c.beyond = true; !c.agrees() {
			return ErrRewritten
		}
	}
	c.reach.Chain = c.reach.Chain.Add(e, 0)
	return nil
}

// linked compares what the earlier check has read, where nothing came after it.
func (c *checking) linked() error {
	if c.plan.From != nil && !c.beyond && !c.isUnchanged() && !c.agrees() {
		return ErrRewritten
	}
	return nil
}

func (c *checking) agrees() bool { return c.reach.Chain == c.plan.From.Reach.Chain }

// known puts into an answer what the earlier check found in streams that were not
// folded again, and how far this one came.
func (c *checking) known(out *Result) {
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
	out.Streams, out.Events = from.Streams, from.Events
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
