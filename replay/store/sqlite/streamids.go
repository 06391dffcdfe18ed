package sqlite

import (
	"zombiezen.com/go/sqlite"

	"asof/replay"
	"asof/replay/store/cell"
)

// stepsThroughIDs reports whether an index can serve q by stepping from each stream id to
// the next. The time is then proportional to the streams, not to their events.
func (r *Reader) stepsThroughIDs(q replay.StreamQuery) (bool, error) {
	if !q.IDsOnly || q.IDs != nil || q.Categories != nil || q.Prefix != "" && (q.Reverse || q.After != "") {
		return false, nil
	}
	if r.steps == nil {
		l, err := r.readingIDs()
		if err != nil {
			return false, err
		}
		ok, err := r.probe.Seeks(l.StreamStep(r.flavour, ">", false, false))
		if err != nil {
			return false, err
		}
		r.steps = &ok
	}
	return *r.steps, nil
}

// eachID steps from stream to stream.
func (r *Reader) eachID(q replay.StreamQuery, each func(replay.Stream) bool) error {
	n := 0
	take := func(s replay.Stream) bool {
		n++
		return each(s) && n != q.Limit
	}
	if q.Prefix == "" {
		return r.idsAfter(q, take)
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

// idsAfter calls each for the streams after one, until it returns false.
func (r *Reader) idsAfter(q replay.StreamQuery, each func(replay.Stream) bool) error {
	compare, begin := ">", ""
	if q.Reverse {
		compare = "<"
	}
	if q.After != "" {
		begin = compare
	}
	first, err := r.idStep(begin, "", false, q.Reverse)
	if err != nil {
		return err
	}
	defer first.release()
	next, err := r.idStep(compare, "", false, q.Reverse)
	if err != nil {
		return err
	}
	defer next.release()
	s, err := first.from(string(q.After))
	for s != nil && err == nil && each(*s) {
		s, err = next.from(string(s.ID))
	}
	return err
}

// idsFrom calls each for the streams whose ids begin with prefix, until it returns false.
func (r *Reader) idsFrom(compare, prefix string, each func(replay.Stream) bool) (more bool, err error) {
	end, bounded := cell.AfterPrefix(prefix)
	first, err := r.idStep(compare, end, bounded, false)
	if err != nil {
		return false, err
	}
	defer first.release()
	next, err := r.idStep(">", end, bounded, false)
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

// An idStep finds the next stream.
type idStep struct {
	r    *Reader
	sql  string
	stmt *sqlite.Stmt
}

func (r *Reader) idStep(compare, end string, bounded, back bool) (*idStep, error) {
	l, err := r.readingIDs()
	if err != nil {
		return nil, err
	}
	s := &idStep{r: r, sql: l.StreamStep(r.flavour, compare, bounded, back)}
	if s.stmt, err = r.statement(s.sql); err == nil && bounded {
		s.stmt.BindText(2, end)
	}
	return s, err
}

func (s *idStep) release() { s.r.release(s.sql, s.stmt) }

// from returns the first stream whose id compares as wanted with id, or nil.
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
