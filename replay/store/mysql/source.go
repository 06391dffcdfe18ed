package mysql

import (
	"context"

	"asof/replay"
	"asof/replay/place"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// A Source opens MySQL databases in any of its dialects.
type Source []Dialect

// Dialects returns the names of the dialects.
func (s Source) Dialects() []string { return table.Names(s) }

// Claims reports whether the candidate is a connection string.
func (Source) Claims(c *source.Candidate) bool { return c.At.Kind() == place.KindMySQL }

// Open connects and recognizes the dialect by the tables visible to the user.
func (s Source) Open(ctx context.Context, c *source.Candidate, o source.Options) (replay.Reader, error) {
	return open(ctx, c.At, o, s)
}
