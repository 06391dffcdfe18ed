package sqlite

import (
	"context"
	"slices"
	"strings"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// looksUpSlowly reports whether looking up the first and the last event of a stream would
// read the whole table: a mapped table may have no index for its streams, and counted versions are
// found by counting.
func (r *Reader) looksUpSlowly() (bool, error) {
	if r.slow == nil {
		slow := strings.HasPrefix(r.Layout.From, "(")
		if !slow && strings.HasPrefix(r.Layout.Dialect, "mapped") {
			seeks, err := r.seeksStream()
			if err != nil {
				return false, err
			}
			slow = !seeks
		}
		r.slow = &slow
	}
	return *r.slow, nil
}

// seeksStream reports whether an index leads to the events of a stream. It asks for one that
// exists, because a layout may match no other text.
func (r *Reader) seeksStream() (bool, error) {
	l := r.Layout
	where := ""
	if l.Where != "" {
		where = " WHERE " + l.Where
	}
	id, err := r.one("SELECT " + l.Cols[source.Stream] + " FROM " + l.From + where + " LIMIT 1")
	if err != nil {
		return false, err
	}
	st, err := l.SelectEvents(r.flavour, replay.Query{
		Streams: []replay.StreamID{replay.StreamID(id.Text())}, Versions: replay.Between[replay.Version](0, 0), Skip: replay.FieldID | replay.FieldMeta | replay.FieldData,
	})
	if err != nil || st.Rest.None {
		return err == nil, err
	}
	return r.probe.Seeks(st.SQL)
}

// eachPassed finds the streams in one pass over all events, stream by stream.
func (r *Reader) eachPassed(ctx context.Context, q replay.StreamQuery, each func(replay.Stream) bool) error {
	if q.Reverse {
		return r.eachPassedBack(ctx, q, each)
	}
	counted := r.Layout.Piecemeal != nil && r.Layout.Piecemeal.Ordered
	r.anyVersion = counted
	c, err := r.Open(ctx, replay.Query{Streams: q.IDs, Order: replay.ByStream, Skip: replay.FieldID | replay.FieldMeta | replay.FieldData})
	r.anyVersion = false
	if err != nil {
		return err
	}
	defer c.Close()
	takes := streamFilter(q)
	var s replay.Stream
	n := 0
	more := func() bool { // the stream is whole
		if s.Events == 0 || !takes(&s) {
			return true
		}
		n++
		return each(s) && n != q.Limit
	}
	for {
		e, err := c.Next()
		if err != nil {
			return err
		}
		if e == nil {
			more()
			return nil
		}
		if s.Events == 0 || e.Stream != s.ID {
			if !more() {
				return nil
			}
			s = replay.Stream{ID: e.Stream, Category: e.Category, First: e.Version, FirstTime: e.Time}
		}
		s.Events++
		s.Last, s.LastTime = e.Version, e.Time
		if counted {
			s.First, s.Last = 1, replay.Version(s.Events)
		}
	}
}

// eachPassedBack is eachPassed from the last stream to the first. The pass itself goes
// forward, because that is the order in which versions are counted.
func (r *Reader) eachPassedBack(ctx context.Context, q replay.StreamQuery, each func(replay.Stream) bool) error {
	var all []replay.Stream
	forward := q
	forward.Reverse, forward.After, forward.Limit = false, "", 0
	err := r.eachPassed(ctx, forward, func(s replay.Stream) bool {
		if q.Follows(s.ID) {
			all = append(all, s)
		}
		return true
	})
	if err != nil {
		return err
	}
	slices.Reverse(all)
	if q.Limit > 0 {
		all = all[:min(len(all), q.Limit)]
	}
	for _, s := range all {
		if !each(s) {
			break
		}
	}
	return nil
}

// streamFilter reports of a stream whether the query asks for it.
func streamFilter(q replay.StreamQuery) func(*replay.Stream) bool {
	categories := map[string]bool{}
	for _, c := range q.Categories {
		categories[c] = true
	}
	var prefix *cell.IDPrefix
	if q.Prefix != "" {
		prefix = cell.NewIDPrefix(q.Prefix)
	}
	return func(s *replay.Stream) bool {
		return q.Follows(s.ID) && (q.Categories == nil || categories[s.Category]) && (prefix == nil || prefix.Matches(string(s.ID)))
	}
}
