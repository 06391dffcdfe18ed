package audit

import "asof/replay"

// A chain numbers the events of each stream in the order of the leaves.
type chain struct {
	size  int64 // leaves so far
	heads map[replay.StreamID]chainHead
}

// A chainHead is the newest event of a stream.
type chainHead struct {
	nth  int64 // among the leaves of its stream, from 1
	leaf int64
}

func newChain() *chain { return &chain{heads: map[replay.StreamID]chainHead{}} }

// add adds the next event. It returns the event's number in its stream and the leaf
// of the event before it there, or -1 if it is the first.
func (c *chain) add(id replay.StreamID) (nth, previous int64) {
	p, ok := c.heads[id]
	if !ok {
		id, p.leaf = cloneID(id), -1
	}
	previous = p.leaf
	c.heads[id] = chainHead{nth: p.nth + 1, leaf: c.size}
	c.size++
	return p.nth + 1, previous
}
