package inspect

import (
	"context"
	"iter"

	"asof/replay"
)

// streamsAsOf yields the streams as of a position. It reads the events after the
// position, and for each of their streams one event before it.
func streamsAsOf(ctx context.Context, r replay.Reader, seq iter.Seq2[replay.Stream, error], end replay.Position) iter.Seq2[replay.Stream, error] {
	return func(yield func(replay.Stream, error) bool) {
		later, err := eventsAfter(ctx, r, end)
		if err != nil {
			yield(replay.Stream{}, err)
			return
		}
		for s, err := range seq {
			if n := later[s.ID]; err == nil && n > 0 {
				if s.Events -= n; s.Events == 0 {
					continue
				}
				err = lastAsOf(ctx, r, &s, end)
			}
			if err != nil {
				yield(replay.Stream{}, err)
				return
			}
			if !yield(s, nil) {
				return
			}
		}
	}
}

// eventsAfter counts the events after a position, by stream.
func eventsAfter(ctx context.Context, r replay.Reader, end replay.Position) (map[replay.StreamID]int64, error) {
	later := map[replay.StreamID]int64{}
	q := replay.Query{
		Positions: replay.From(end + 1),
		Skip:      replay.FieldID | replay.FieldData | replay.FieldMeta | replay.FieldTime,
	}
	for e, err := range r.Events(ctx, q) {
		if err != nil {
			return nil, err
		}
		later[e.Stream]++
	}
	return later, nil
}

// lastAsOf sets the last event of a stream to the last one up to a position.
func lastAsOf(ctx context.Context, r replay.Reader, s *replay.Stream, end replay.Position) error {
	q := replay.Query{
		Streams: []replay.StreamID{s.ID}, Positions: replay.UpTo(end), Order: replay.ByStream, Reverse: true, Limit: 1,
		Skip: replay.FieldID | replay.FieldData | replay.FieldMeta,
	}
	for e, err := range r.Events(ctx, q) {
		if err != nil {
			return err
		}
		s.Last, s.LastTime = e.Version, e.Time
		break
	}
	return nil
}
