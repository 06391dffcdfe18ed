package audit

import "asof/replay"

// A chain follows the events of each stream in the order of the leaves.
type chain struct {
	size   int64 // leaves so far
	places map[replay.StreamID]place
}

// A place is where the newest event of a stream stands.
type place struct {
	nth  int64 // among the leaves of its stream, from 1
	leaf int64
}

func newChain() *chain { return &chain{places: map[replay.StreamID]place{}} }

// add takes in the next event, and returns its place among those of its stream
// and the leaf of the one before it; -1 is none.
func (c *chain) add(id replay.StreamID) (nth, previous int64) {
	p, ok := c.places[id]
	if !ok {
		id, p.leaf = cloneID(id), -1
	}
	previous = p.leaf
	c.places[id] = place{nth: p.nth + 1, leaf: c.size}
	c.size++
	return p.nth + 1, previous
}
