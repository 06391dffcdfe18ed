package sqlite

import (
	"context"
	"fmt"
	"iter"

	"zombiezen.com/go/sqlite"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/table"
)

// Streams yields the streams that match a query.
func (r *Reader) Streams(ctx context.Context, q replay.StreamQuery) iter.Seq2[replay.Stream, error] {
	return func(yield func(replay.Stream, error) bool) {
		more := true
		err := r.eachStream(ctx, q, func(s replay.Stream) bool {
			more = yield(s, nil)
			return more
		})
		if more && err == nil {
			err = r.moved()
		}
		if more && err != nil {
			yield(replay.Stream{}, r.Failed(ctx, err))
		}
	}
}

func (r *Reader) eachStream(ctx context.Context, q replay.StreamQuery, each func(replay.Stream) bool) error {
	end, err := r.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	if err := r.inOrder(); err != nil {
		return err
	}
	steps, err := r.stepsThroughIDs(q)
	switch {
	case err != nil:
		return err
	case steps:
		return r.eachID(q, each)
	}
	if !q.IDsOnly && q.IDs == nil {
		switch slow, err := r.looksUpSlowly(); {
		case err != nil:
			return err
		case slow:
			return r.eachPassed(ctx, q, each)
		}
	}
	return r.eachFound(ctx, q, each)
}

// eachFound reads the streams with one statement over the events.
func (r *Reader) eachFound(ctx context.Context, q replay.StreamQuery, each func(replay.Stream) bool) error {
	l, err := r.reading(q.IDs)
	if err != nil {
		return err
	}
	st := l.SelectStreams(r.flavour, q)
	if st.Rest.None {
		return nil
	}
	if !q.IDsOnly {
		if err := r.Sound(ctx, q.IDs); err != nil {
			return err
		}
	}
	stmt, err := r.statement(st.SQL)
	if err != nil {
		return err
	}
	defer r.release(st.SQL, stmt)
	bind(stmt, st.Args)
	ends := streamEnds{r: r, ctx: ctx}
	defer ends.close()
	for n := 0; q.Limit <= 0 || n < q.Limit; {
		if r.file == nil {
			return r.broken
		}
		more, err := stmt.Step()
		if err != nil || !more {
			return err
		}
		s, err := r.probe.streamID(stmt)
		if err != nil {
			return err
		}
		if !st.Rest.TakesID(string(s.ID)) {
			continue
		}
		if !q.IDsOnly || st.Rest.Categories != nil {
			if err := ends.describe(stmt, &s); err != nil {
				return err
			}
		}
		if !st.Rest.TakesCategory(s.Category) {
			continue
		}
		if n++; !each(s) {
			return nil
		}
	}
	return nil
}

// streamID reads the id of a stream from a row of SelectStreams.
func (p *Probe) streamID(stmt *sqlite.Stmt) (replay.Stream, error) {
	var v cell.Value
	p.readColumn(stmt, 0, &v)
	if v.Kind != cell.Text {
		return replay.Stream{}, fmt.Errorf("the stream of some events is %s, not text", v.Describe())
	}
	return replay.Stream{ID: replay.StreamID(v.B)}, nil
}

// A streamEnds looks up the first and last events of streams. It reuses one statement.
type streamEnds struct {
	r    *Reader
	ctx  context.Context
	c    *table.Events
	args []any
}

// describe fills in everything but the id.
func (x *streamEnds) describe(stmt *sqlite.Stmt, s *replay.Stream) error {
	var v [3]cell.Value // the number of events, and the first and last version
	for i := range v {
		x.r.probe.readColumn(stmt, i+1, &v[i])
	}
	lo, hi, err := table.VersionSpan(&v[1], &v[2])
	if err != nil {
		return fmt.Errorf("stream %q has %w", s.ID, err)
	}
	s.Events, s.First, s.Last = v[0].Num, lo, hi
	first, err := x.event(s.ID, s.First)
	if err != nil {
		return err
	}
	s.Category, s.FirstTime, s.LastTime = first.Category, first.Time, first.Time
	if s.Last != s.First {
		last, err := x.event(s.ID, s.Last)
		if err != nil {
			return err
		}
		s.LastTime = last.Time
	}
	return nil
}

func (x *streamEnds) event(id replay.StreamID, v replay.Version) (*replay.Event, error) {
	if x.c != nil && x.c.Rows.(*rows).counter != nil { // its statement is for this event alone
		x.close()
		x.c = nil
	}
	if x.c == nil {
		c, err := x.r.Open(x.ctx, replay.Query{
			Streams: []replay.StreamID{id}, Versions: replay.Between(v, v),
			Skip: replay.FieldID | replay.FieldMeta | replay.FieldData,
		})
		if err != nil {
			return nil, err
		}
		x.c = c
	} else if err := x.again(id, v); err != nil {
		return nil, err
	}
	e, err := x.c.Next()
	if err == nil && e == nil {
		err = fmt.Errorf("stream %q has no event of version %d, although an index says so", id, v)
	}
	return e, err
}

// again runs the prepared statement for another event. Its arguments are those of the
// stream's condition, in order, and then the version twice.
func (x *streamEnds) again(id replay.StreamID, v replay.Version) error {
	x.args = x.args[:0]
	arg := func(v any) string {
		x.args = append(x.args, v)
		return ""
	}
	_, ok := x.r.Layout.OfStream(x.r.flavour, arg, string(id))
	rs := x.c.Rows.(*rows)
	if x.args = append(x.args, int64(v), int64(v)); !ok || rs.stmt == nil || len(x.args) != len(x.c.Statement().Args) {
		return fmt.Errorf("stream %q needs another statement than the stream before it", id)
	}
	x.c.Restart()
	return rs.again(x.args...)
}

func (x *streamEnds) close() {
	if x.c != nil {
		x.c.Close()
	}
}
