package inspect

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"

	"asof/replay"
)

// A StreamOrder is an order in which streams are listed.
type StreamOrder string

// The orders of streams. Streams that are alike follow in the order of their ids.
const (
	StreamsByID     StreamOrder = "id"
	StreamsByEvents StreamOrder = "events" // those with the most events first
	StreamsByFirst  StreamOrder = "first"  // by the time of the first event
	StreamsByLast   StreamOrder = "last"   // by the time of the last event, the latest first
)

var streamOrders = map[StreamOrder]func(a, b replay.Stream) int{
	StreamsByID:     func(a, b replay.Stream) int { return cmp.Compare(a.ID, b.ID) },
	StreamsByEvents: func(a, b replay.Stream) int { return cmp.Compare(b.Events, a.Events) },
	StreamsByFirst:  func(a, b replay.Stream) int { return a.FirstTime.Compare(b.FirstTime) },
	StreamsByLast:   func(a, b replay.Stream) int { return b.LastTime.Compare(a.LastTime) },
}

// Exists reports whether o is an order.
func (o StreamOrder) Exists() bool { return streamOrders[o] != nil }

// Timed reports whether o is by time.
func (o StreamOrder) Timed() bool { return o == StreamsByFirst || o == StreamsByLast }

// StreamOptions say which streams of a store are listed, and in which order.
type StreamOptions struct {
	Query        replay.StreamQuery
	Match        func(id string) bool // nil: every stream
	Since, Until time.Time            // alive at or after, at or before; zero is open
	Order        StreamOrder
	Reverse      bool
	Limit        int            // at most this many; 0 is no limit
	After        *replay.Stream // only those behind one with its id and what they are sorted by; nil: all

	AsOf *replay.Position // list streams as they were when the store stood here; nil: now

	Untimed *int // counts the streams that Since and Until leave out because they have no time; nil: not counted
}

// Streams lists streams of a store.
func Streams(ctx context.Context, r replay.Reader, o StreamOptions) iter.Seq2[replay.Stream, error] {
	all := r.Streams(ctx, o.Query)
	if o.AsOf != nil {
		all = streamsAsOf(ctx, r, all, *o.AsOf)
	}
	seq := filtered(all, o.takes)
	if o.Order != StreamsByID || o.Reverse {
		seq = sorted(seq, streamOrders[o.Order], o.Reverse)
	}
	return limited(filtered(seq, o.isBehind), o.Limit)
}

// isBehind reports whether a stream follows After in the list.
func (o StreamOptions) isBehind(s replay.Stream) bool {
	return o.After == nil || inOrder(streamOrders[o.Order], o.Reverse, *o.After, s) < 0
}

// inOrder compares streams by an order, and those that are alike by their ids.
func inOrder(order func(a, b replay.Stream) int, reverse bool, a, b replay.Stream) int {
	if reverse {
		a, b = b, a
	}
	return cmp.Or(order(a, b), cmp.Compare(a.ID, b.ID))
}

// takes reports whether a stream is listed. One without a time is neither before a
// time nor after it.
func (o StreamOptions) takes(s replay.Stream) bool {
	switch {
	case o.Match != nil && !o.Match(string(s.ID)):
		return false
	case !o.Since.IsZero() && s.LastTime.IsZero(), !o.Until.IsZero() && s.FirstTime.IsZero():
		if o.Untimed != nil {
			*o.Untimed++
		}
		return false
	}
	return !s.LastTime.Before(o.Since) && (o.Until.IsZero() || !s.FirstTime.After(o.Until))
}

func filtered(seq iter.Seq2[replay.Stream, error], keep func(replay.Stream) bool) iter.Seq2[replay.Stream, error] {
	return func(yield func(replay.Stream, error) bool) {
		for s, err := range seq {
			if (err != nil || keep(s)) && !yield(s, err) {
				return
			}
		}
	}
}

func sorted(seq iter.Seq2[replay.Stream, error], order func(a, b replay.Stream) int, reverse bool) iter.Seq2[replay.Stream, error] {
	return func(yield func(replay.Stream, error) bool) {
		var all []replay.Stream
		for s, err := range seq {
			if err != nil {
				yield(s, err)
				return
			}
			all = append(all, s)
		}
		slices.SortStableFunc(all, func(a, b replay.Stream) int { return inOrder(order, reverse, a, b) })
		for _, s := range all {
			if !yield(s, nil) {
				return
			}
		}
	}
}
