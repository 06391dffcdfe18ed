package source

import (
	"context"
	"os"

	"asof/replay"
	"asof/replay/place"
)

// A Source opens one kind of place where events are kept.
type Source interface {
	// Dialects are the names that Options.Dialect takes for this source.
	Dialects() []string
	// Claims reports whether the store is of this kind.
	Claims(c *Candidate) bool
	// Open opens a store that the source claims. Errors are of type
	// [*replay.StoreError], and ctx's own.
	Open(ctx context.Context, c *Candidate, o Options) (replay.Reader, error)
}

// A Candidate is what was named as a store, before a source opens it.
type Candidate struct {
	At place.Location

	// A regular file is open, and its first bytes are read. The source that opens the
	// candidate takes the file over.
	File *os.File
	Head []byte
}
