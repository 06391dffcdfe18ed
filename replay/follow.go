package replay

import "context"

// A Follower is a [Reader] of a store in which positions are handed out before
// the events at them can be seen, so that an event may appear behind one that was
// read already.
type Follower interface {
	Reader

	// Settled returns the last position up to which nothing can appear any more
	// after this reader's moment, or after where that is not known to be later.
	// Whoever follows the store reads up to there, and the rest the next time, with
	// another reader.
	Settled(ctx context.Context, after Position) (Position, error)
}
