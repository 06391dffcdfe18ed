package source

import (
	"context"
	"os"

	"asof/replay"
	"asof/replay/place"
)

// A Source opens one kind of store.
type Source interface {
	// Dialects returns the names that Options.Dialect accepts for this source.
	Dialects() []string
	// Claims reports whether the store is of this kind.
	Claims(c *Candidate) bool
	// Open opens a store that the source claims. It returns only a [*replay.StoreError]
	// or ctx's own error.
	Open(ctx context.Context, c *Candidate, o Options) (replay.Reader, error)
}

// A Candidate is a location named as a store, before a source opens it.
type Candidate struct {
	At place.Location

	// For a regular file, File is open and Head has its first bytes. The source that opens
	// the candidate takes ownership of the file.
	File *os.File
	Head []byte
}
