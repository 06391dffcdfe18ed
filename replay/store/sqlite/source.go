package sqlite

import (
	"bytes"
	"context"

	"asof/replay"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// A Source opens SQLite files in any of its dialects.
type Source []Dialect

// Dialects returns the names of the dialects.
func (s Source) Dialects() []string { return table.Names(s) }

// Claims reports whether the candidate begins like a SQLite file.
func (Source) Claims(c *source.Candidate) bool { return bytes.HasPrefix(c.Head, source.SQLiteMagic) }

// Open opens the file and recognizes its dialect by its tables.
func (s Source) Open(ctx context.Context, c *source.Candidate, o source.Options) (replay.Reader, error) {
	r, err := open(ctx, c.File, c.At.String(), o, s)
	if err != nil {
		return nil, err
	}
	return r, nil
}
