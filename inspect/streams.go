package inspect

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"

	"asof/replay"
)

// A StreamOrder is an order of streams.
type StreamOrder string

// The orders of streams. Streams that compare equal are sorted by id.
const (
	StreamsByID     StreamOrder = "id"
	StreamsByEvents StreamOrder = "events" // most events first
	StreamsByFirst  StreamOrder = "first"  // by the time of the first event
	StreamsByLast   StreamOrder = "last"   // by the time of the last event, latest first
)

var streamOrders = map[StreamOrder]func(a, b replay.Stream) int{
	StreamsByID:     func(a, b replay.Stream) int { return cmp.Compare(a.ID, b.ID) },
	StreamsByEvents: func(a, b replay.Stream) int { return cmp.Compare(b.Events, a.Events) },
	StreamsByFirst:  func(a, b replay.Stream) int { return a.FirstTime.Compare(b.FirstTime) },
	StreamsByLast:   func(a, b replay.Stream) int { return b.LastTime.Compare(a.LastTime) },
}

// Exists reports whether o is one of the orders.
func (o StreamOrder) Exists() bool { return streamOrders[o] != nil }

// Timed reports whether o is by time.
func (o StreamOrder) Timed() bool { return o == StreamsByFirst || o == StreamsByLast }

// StreamOptions select and order the streams of a list.
type StreamOptions struct {
	Query        replay.StreamQuery
	Match        func(id string) bool // nil: every stream
	Since, Until time.Time            // alive at or after, at or before; zero: no limit
	Order        StreamOrder
	Reverse      bool
	Limit        int            // at most this many; 0: no limit
	After        *replay.Stream // only those after the one with this id and sort key; nil: all

	AsOf *replay.Position // list streams as of this position; nil: now

	Untimed *int // counts the streams Since and Until skip because they have no time; nil: not counted
}

// Streams lists streams of a store.
func Streams(ctx context.Context, r replay.Reader, o StreamOptions) iter.Seq2[replay.Stream, error] {
	byID := o.Order == StreamsByID && o.AsOf == nil
	if byID { // the store has this order
		o.Query.Reverse = o.Reverse
		if o.After != nil {
			o.Query.After = o.After.ID
		}
		if o.Match == nil && o.Since.IsZero() && o.Until.IsZero() {
			o.Query.Limit = o.Limit
		}
	}
	all := r.Streams(ctx, o.Query)
	if o.AsOf != nil {
		all = streamsAsOf(ctx, r, all, *o.AsOf)
	}
	seq := filtered(all, o.takes)
	if !byID {
		seq = sorted(seq, streamOrders[o.Order], o.Reverse)
	}
	return limited(filtered(seq, o.isAfter), o.Limit)
}

// isAfter reports whether a stream comes after After in the list.
func (o StreamOptions) isAfter(s replay.Stream) bool {
	return o.After == nil || inOrder(streamOrders[o.Order], o.Reverse, *o.After, s) < 0
}

// inOrder compares streams by an order, then by id.
func inOrder(order func(a, b replay.Stream) int, reverse bool, a, b replay.Stream) int {
	if reverse {
		a, b = b, a
	}
	return cmp.Or(order(a, b), cmp.Compare(a.ID, b.ID))
}

// takes reports whether a stream is listed. A stream without a time is neither before a
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
