package replay

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"time"
)

// A fakeReader reads a slice. It fills in no more of an event than was asked
// for, and fails after that many rows where that is set.
type fakeReader struct {
	info   Info
	events []Event // by position; those of a stream by version
	fail   int     // yield an error in place of the nth row, from 1; 0 is never
	rows   int     // yielded so far
	limits []int   // of the queries so far
}

var errBroken = errors.New("the disk is on fire")

func newFake(events []Event) *fakeReader {
	return &fakeReader{info: Info{Path: "fake", Dialect: "fake"}, events: events}
}

func (r *fakeReader) Info() Info                             { return r.info }
func (r *fakeReader) Close() error                           { return nil }
func (r *fakeReader) Lost(context.Context) ([]string, error) { return nil, nil }

func (r *fakeReader) Omitted(context.Context, StreamID) ([]string, error) { return nil, nil }

func (r *fakeReader) Summary(context.Context) (Summary, error) { panic("not asked for") }
func (r *fakeReader) Streams(context.Context, StreamQuery) iter.Seq2[Stream, error] {
	panic("not asked for")
}

func (r *fakeReader) Events(ctx context.Context, q Query) iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		r.limits = append(r.limits, q.Limit)
		n := 0
		for i := range r.events {
			if q.Reverse {
				i = len(r.events) - 1 - i
			}
			e := r.events[i]
			if q.Streams != nil && !slices.Contains(q.Streams, e.Stream) ||
				q.Types != nil && !slices.Contains(q.Types, e.Type) ||
				!strings.HasPrefix(e.ID, q.IDPrefix) ||
				!q.Versions.Contains(e.Version) || !q.Positions.Contains(e.Position) {
				continue
			}
			if r.rows++; r.rows == r.fail {
				yield(nil, errBroken)
				return
			}
			if q.Skip&FieldID != 0 {
				e.ID = ""
			}
			if q.Skip&FieldTime != 0 {
				e.Time = time.Time{}
			}
			if !yield(&e, nil) {
				return
			}
			if n++; q.Limit > 0 && n == q.Limit {
				return
			}
		}
	}
}

func at(clock string) time.Time {
	t, err := time.Parse(time.RFC3339, "2026-03-01T"+clock+":00Z")
	if err != nil {
		panic(err)
	}
	return t
}

// cart is a stream with a gap in its versions and a clock that ran backwards,
// among events of another.
func cart() *fakeReader {
	return newFake([]Event{
		{Stream: "other", Version: 1, Position: 10, ID: "o1", Type: "Opened", Time: at("08:00")},
		{Stream: "cart", Version: 3, Position: 11, ID: "aa1", Type: "CartOpened", Time: at("09:00")},
		{Stream: "cart", Version: 4, Position: 12, ID: "aa2", Type: "ItemAdded", Time: at("10:00")},
		{Stream: "cart", Version: 7, Position: 15, ID: "ab1", Type: "ItemAdded", Time: at("09:30")},
		{Stream: "cart", Version: 8, Position: 20, ID: "aa", Type: "ItemRemoved"},
		{Stream: "cart", Version: 9, Position: 21, ID: "b", Type: "CartPaid", Time: at("11:00")},
		{Stream: "other", Version: 2, Position: 30, ID: "o2", Type: "Closed", Time: at("12:00")},
	})
}
