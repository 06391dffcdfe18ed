package sqlite

import (
	"zombiezen.com/go/sqlite"

	"asof/replay"
	"asof/replay/store/cell"
)

// stepsThroughIDs reports whether the ids that q asks for are to be found by going
// from each to the next one in an index: that takes as long as there are streams,
// and not as there are events in them.
func (r *Reader) stepsThroughIDs(q replay.StreamQuery) (bool, error) {
	if !q.IDsOnly || q.IDs != nil || q.Categories != nil {
		return false, nil
	}
	if r.steps == nil {
		l, err := r.readingIDs()
		if err != nil {
			return false, err
		}
		ok, err := r.probe.Seeks(l.StreamStep(r.flavour, ">", false))
		if err != nil {
			return false, err
		}
		r.steps = &ok
	}
	return *r.steps, nil
}

// eachID goes from stream to stream.
func (r *Reader) eachID(q replay.StreamQuery, each func(replay.Stream) bool) error {
	n := 0
	take := func(s replay.Stream) bool {
		n++
		return each(s) && n != q.Limit
	}
	if q.Prefix == "" {
		_, err := r.idsFrom("", "", take)
		return err
	}
	p := cell.NewIDPrefix(q.Prefix)
	for _, form := range p.Disjoint() {
		more, err := r.idsFrom(">=", form, func(s replay.Stream) bool { return !p.Matches(string(s.ID)) || take(s) })
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// idsFrom goes over the streams that begin so, as long as each wants more.
func (r *Reader) idsFrom(compare, prefix string, each func(replay.Stream) bool) (more bool, err error) {
	end, bounded := cell.AfterPrefix(prefix)
	first, err := r.idStep(compare, end, bounded)
	if err != nil {
		return false, err
	}
	defer first.release()
	next, err := r.idStep(">", end, bounded)
	if err != nil {
		return false, err
	}
	defer next.release()
	s, err := first.from(prefix)
	for s != nil && err == nil {
		if !each(*s) {
			return false, nil
		}
		s, err = next.from(string(s.ID))
	}
	return err == nil, err
}

// An idStep goes to a stream.
type idStep struct {
	r    *Reader
	sql  string
	stmt *sqlite.Stmt
}

func (r *Reader) idStep(compare, end string, bounded bool) (*idStep, error) {
	l, err := r.readingIDs()
	if err != nil {
		return nil, err
	}
	s := &idStep{r: r, sql: l.StreamStep(r.flavour, compare, bounded)}
	if s.stmt, err = r.statement(s.sql); err == nil && bounded {
		s.stmt.BindText(2, end)
	}
	return s, err
}

func (s *idStep) release() { s.r.release(s.sql, s.stmt) }

// from returns the first stream that compares so with the id, or nil.
func (s *idStep) from(id string) (*replay.Stream, error) {
	if s.r.file == nil {
		return nil, s.r.broken
	}
	if err := s.stmt.Reset(); err != nil {
		return nil, err
	}
	if s.stmt.BindParamCount() > 0 {
		s.stmt.BindText(1, id)
	}
	if more, err := s.stmt.Step(); err != nil || !more {
		return nil, err
	}
	found, err := s.r.probe.streamID(s.stmt)
	return &found, err
}
