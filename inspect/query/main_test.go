package query_test

import (
	"context"
	"iter"
	"os"
	"testing"

	"asof/fixtures/testmain"
	"asof/replay"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m)) }

// A countingReader counts the events that are read.
type countingReader struct {
	replay.Reader
	n int
}

func (c *countingReader) Events(ctx context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		for e, err := range c.Reader.Events(ctx, q) {
			c.n++
			if !yield(e, err) {
				return
			}
		}
	}
}
