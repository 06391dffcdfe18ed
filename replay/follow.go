package replay

import "context"

// A Follower is a [Reader] of a store that assigns positions before the events
// become visible. An event may then appear before one that was already read.
type Follower interface {
	Reader

	// Settled returns the last position up to which no further event can appear, or
	// after if no later one is known. A caller that follows the store reads up to
	// there, and reads the rest later with another reader.
	Settled(ctx context.Context, after Position) (Position, error)
}
