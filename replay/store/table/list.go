package table

import (
	"context"
	"fmt"
	"iter"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// streamsAtOnce is the number of streams whose first and last events one statement looks
// up.
const streamsAtOnce = 200

// A Lister is an engine that lists streams by one statement and looks up their ends by
// others.
type Lister interface {
	Engine
	// List runs a statement.
	List(ctx context.Context, sql string, args []any) (Values, error)
	// Ask runs a statement for events.
	Ask(ctx context.Context, st *Statement, q replay.Query) (*Events, error)
}

// Values reads the rows of any statement.
type Values interface {
	// Read fills in the values of the next row and returns false at the end.
	Read(into []cell.Value) (bool, error)
	Close()
}

// ListStreams yields the streams that match a query.
func (b *Binding) ListStreams(ctx context.Context, in Lister, q replay.StreamQuery) iter.Seq2[replay.Stream, error] {
	return func(yield func(replay.Stream, error) bool) {
		more := true
		err := b.EachStream(ctx, in, q, func(s replay.Stream) bool {
			more = yield(s, nil)
			return more
		})
		if more && err != nil {
			yield(replay.Stream{}, b.engine.Failed(ctx, err))
		}
	}
}

// EachStream calls each for the streams that match a query, until it returns false.
func (b *Binding) EachStream(ctx context.Context, in Lister, q replay.StreamQuery, each func(replay.Stream) bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	st := b.Layout.SelectStreams(in.Flavour(), q)
	if st.Rest.None {
		return nil
	}
	if !q.IDsOnly {
		if err := b.Sound(ctx, q.IDs); err != nil {
			return err
		}
	}
	described := st.Rest.describes(q)
	if f := in.Flavour(); described && f.Joins {
		return b.eachJoined(ctx, in, q, st, each)
	}
	rows, err := in.List(ctx, st.SQL, st.Args)
	if err != nil {
		return err
	}
	defer rows.Close()
	most := streamsAtOnce
	if q.Limit > 0 {
		most = min(most, q.Limit)
	}
	n := 0
	for more := true; more; {
		var some []replay.Stream
		for more && len(some) < most {
			var s replay.Stream
			if s, more, err = nextStream(rows, st, described); err != nil {
				return err
			} else if more {
				some = append(some, s)
			}
		}
		if described {
			if err := b.describeStreams(ctx, in, some); err != nil {
				return err
			}
		}
		for _, s := range some {
			if !st.Rest.TakesCategory(s.Category) {
				continue
			}
			if q.IDsOnly {
				s = replay.Stream{ID: s.ID}
			}
			if n++; !each(s) || n == q.Limit {
				return nil
			}
		}
	}
	return nil
}

// nextStream reads the next stream that passes the statement's residue.
func nextStream(rows Values, st *Statement, described bool) (s replay.Stream, more bool, err error) {
	var v [4]cell.Value // the stream, the number of events, and the first and last version
	want := v[:]
	if !described {
		want = v[:1]
	}
	for {
		more, err := rows.Read(want)
		if err != nil || !more {
			return s, false, err
		}
		if v[0].Kind != cell.Text {
			return s, false, fmt.Errorf("the stream of some events is %s, not text", v[0].Describe())
		}
		s = replay.Stream{ID: replay.StreamID(v[0].B)}
		if !st.Rest.TakesID(string(s.ID)) {
			continue
		}
		if !described {
			return s, true, nil
		}
		s.Events = v[1].Num
		if s.First, s.Last, err = VersionSpan(&v[2], &v[3]); err != nil {
			return s, false, fmt.Errorf("stream %q has %w", s.ID, err)
		}
		return s, true, nil
	}
}

// describeStreams fills in the times and categories from the first and last events.
func (b *Binding) describeStreams(ctx context.Context, in Lister, streams []replay.Stream) error {
	if len(streams) == 0 {
		return nil
	}
	q := replay.Query{Order: replay.ByStream, Skip: replay.FieldID | replay.FieldMeta | replay.FieldData}
	st, err := selectEnds(b.Layout, in.Flavour(), streams, q)
	if err != nil {
		return err
	}
	c, err := in.Ask(ctx, st, q)
	if err != nil {
		return err
	}
	defer c.Close()
	index := make(map[replay.StreamID]int, len(streams))
	for i := range streams {
		index[streams[i].ID] = i
	}
	found := 0
	for {
		e, err := c.Next()
		if err != nil {
			return err
		}
		if e == nil {
			break
		}
		i, ok := index[e.Stream]
		if !ok {
			return fmt.Errorf("the server returned stream %q, which was not requested", e.Stream)
		}
		if s := &streams[i]; e.Version == s.First {
			s.Category, s.FirstTime = e.Category, e.Time
			found++
		}
		if s := &streams[i]; e.Version == s.Last {
			s.LastTime = e.Time
		}
	}
	if found != len(streams) {
		return fmt.Errorf("%d of %d streams have no first event", len(streams)-found, len(streams))
	}
	return nil
}

// selectEnds builds the statement for the first and last events of streams.
func selectEnds(l *Layout, f Flavour, streams []replay.Stream, q replay.Query) (*Statement, error) {
	ends := map[string][2]replay.Version{}
	for _, s := range streams {
		ends[string(s.ID)] = [2]replay.Version{s.First, s.Last}
		q.Streams = append(q.Streams, s.ID)
	}
	only := *l
	only.MatchStream = func(arg func(any) string, id string) (string, bool) {
		cond, ok := l.OfStream(f, arg, id)
		if !ok {
			return "", false // the event is then missing, which is an error
		}
		return cond + " AND " + l.Cols[source.Version] + " IN (" + arg(int64(ends[id][0])) + ", " + arg(int64(ends[id][1])) + ")", true
	}
	return only.SelectEvents(f, q)
}
