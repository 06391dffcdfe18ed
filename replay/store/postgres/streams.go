package postgres

import (
	"context"
	"fmt"
	"iter"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// streamsAtOnce is the number of streams whose first and last events one statement looks
// up.
const streamsAtOnce = 200

// Streams yields the streams that match a query.
func (r *reader) Streams(ctx context.Context, q replay.StreamQuery) iter.Seq2[replay.Stream, error] {
	return func(yield func(replay.Stream, error) bool) {
		more := true
		err := r.eachStream(ctx, q, func(s replay.Stream) bool {
			more = yield(s, nil)
			return more
		})
		if more && err != nil {
			yield(replay.Stream{}, r.session.failed(ctx, err))
		}
	}
}

func (r *reader) eachStream(ctx context.Context, q replay.StreamQuery, each func(replay.Stream) bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	st := r.Layout.SelectStreams(flavour, q)
	if st.Rest.None {
		return nil
	}
	if !q.IDsOnly {
		if err := r.Sound(ctx, q.IDs); err != nil {
			return err
		}
	}
	rows, err := r.session.declare(ctx, st.SQL, st.Args)
	if err != nil {
		return err
	}
	defer rows.Close()
	described := !q.IDsOnly || st.Rest.Categories != nil
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
			if err := r.describeStreams(ctx, some); err != nil {
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
func nextStream(rows *cursor, st *table.Statement, described bool) (s replay.Stream, more bool, err error) {
	for {
		row, err := rows.next()
		if err != nil || row == nil {
			return s, false, err
		}
		var id cell.Value
		row.read(0, &id)
		if id.Kind != cell.Text {
			return s, false, fmt.Errorf("the stream of some events is %s, not text", id.Describe())
		}
		s = replay.Stream{ID: replay.StreamID(id.B)}
		if !st.Rest.TakesID(string(s.ID)) {
			continue
		}
		if !described {
			return s, true, nil
		}
		var v [3]cell.Value // the number of events, and the first and last version
		for i := range v {
			row.read(i+1, &v[i])
		}
		s.Events = v[0].Num
		if s.First, s.Last, err = table.VersionSpan(&v[1], &v[2]); err != nil {
			return s, false, fmt.Errorf("stream %q has %w", s.ID, err)
		}
		return s, true, nil
	}
}

// describeStreams fills in the times and categories from the first and last events.
func (r *reader) describeStreams(ctx context.Context, streams []replay.Stream) error {
	if len(streams) == 0 {
		return nil
	}
	q := replay.Query{Order: replay.ByStream, Skip: replay.FieldID | replay.FieldMeta | replay.FieldData}
	st, err := selectEnds(r.Layout, streams, q)
	if err != nil {
		return err
	}
	c, err := r.ask(ctx, st, q)
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
func selectEnds(l *table.Layout, streams []replay.Stream, q replay.Query) (*table.Statement, error) {
	ends := map[string][2]replay.Version{}
	for _, s := range streams {
		ends[string(s.ID)] = [2]replay.Version{s.First, s.Last}
		q.Streams = append(q.Streams, s.ID)
	}
	only := *l
	only.MatchStream = func(arg func(any) string, id string) (string, bool) {
		cond, ok := l.OfStream(flavour, arg, id)
		if !ok {
			return "", false // the event is then missing, which is an error
		}
		return cond + " AND " + l.Cols[source.Version] + " IN (" + arg(int64(ends[id][0])) + ", " + arg(int64(ends[id][1])) + ")", true
	}
	return only.SelectEvents(flavour, q)
}
