package query

import (
	"errors"
	"iter"

	"asof/replay"
)

// longStream is from which version on a stream is folded from a kept state.
var longStream replay.Version = 5000

// A resumed pass folds one stream from a kept state on.
type resumed struct {
	db       *DB
	p        passOf
	run      *replay.FoldRun // nil: no event is within limits
	left     int             // events within limits, if each is wanted
	to       replay.Moment
	category string // of the stream
}

// resume returns a pass over one long stream that begins at a kept state, and may keep
// others; nil: the stream is folded from its start. It has the last event of the pass or,
// if each is wanted, every event within limits.
func (db *DB) resume(p passOf) (*resumed, error) {
	if p.limits.stream == nil || p.proj.Kept == nil || p.sample || !p.every && p.limits.narrow() {
		return nil, nil //nolint:nilnil // as documented
	}
	first, err := db.firstOf(*p.limits.stream)
	if err != nil || first == nil || !p.proj.takes(first.Stream, first.Category) || p.limits.category != nil && first.Category != *p.limits.category {
		return nil, err
	}
	to, err := db.endOf(p, first.Stream)
	if err != nil || to.IsStart() || to.Version() <= longStream {
		return nil, nil //nolint:nilerr // folding it says why
	}
	r := &resumed{db: db, p: p, to: to, category: first.Category}
	before := to.Version()
	if p.every {
		if r.left, before, err = db.within(p, before); err != nil || r.left == 0 && before == to.Version() {
			return r, err
		}
	}
	if before--; before < longStream {
		return nil, nil //nolint:nilnil // as documented
	}
	subject, err := p.proj.Kept(db.ctx, first.Stream) // which opens a fold
	if err != nil {
		return nil, err
	}
	run := subject.FoldFrom(db.ctx, to.WithVersion(before))
	run.Changes, run.WholeEvents = p.changes, true
	if _, ok := run.Begins(); run.Tally.Unread > 0 || !ok && !run.Records() {
		return nil, nil //nolint:nilnil // payloads that cannot be read are counted one by one
	}
	if first.Version > 1 || !run.Gapless {
		db.whole.Gaps.See(first.Stream, 0, 2)
	}
	r.p.trusting = false // a stream is folded by version
	r.run = run
	return r, nil
}

// endOf returns where a stream ends at the moment of a pass.
func (db *DB) endOf(p passOf, stream replay.StreamID) (to replay.Moment, err error) {
	at, err := db.point(p.at)
	if err != nil {
		return to, err
	}
	if _, byTime := at.Time(); p.at != "" && !byTime { // a version of the store is a position
		m, ok := db.resolved[p.at]
		if !ok || m.IsStart() || m.Position == replay.NoPosition {
			return to, err
		}
		at = replay.AtPosition(m.Position)
	}
	to, _, err = replay.StreamTimeline(db.src.Reader, stream).Resolve(db.ctx, at)
	return to, err
}

// firstOf returns the first event of a stream, without its content; nil: there is none.
func (db *DB) firstOf(id replay.StreamID) (*replay.Event, error) {
	q := replay.Query{Streams: []replay.StreamID{id}, Order: replay.ByStream, Limit: 1, Skip: replay.FieldData | replay.FieldMeta | replay.FieldID | replay.FieldTime}
	for e, err := range db.src.Reader.Events(db.ctx, q) {
		if err != nil {
			return nil, err
		}
		return e.Clone(), nil
	}
	return nil, nil //nolint:nilnil // as documented
}

// within returns how many events of a pass are within limits, and the lowest version of
// them. It reads no more of their coordinates than it has to.
func (db *DB) within(p passOf, to replay.Version) (n int, low replay.Version, err error) {
	low = to
	if !p.limits.narrow() {
		return n, 0, nil
	}
	q := replay.Query{
		Streams: []replay.StreamID{*p.limits.stream}, Order: replay.ByStream, Skip: replay.FieldData | replay.FieldMeta | replay.FieldID,
		Versions: replay.Between(replay.Version(max(p.limits.versions.low, 0)), replay.Version(min(p.limits.versions.high, int64(to)))),
	}
	if p.limits.positions != allNumbers {
		q.Order, q.Positions = replay.ByPosition, replay.Between(replay.Position(p.limits.positions.low), replay.Position(p.limits.positions.high))
	}
	if p.limits.typ != nil {
		q.Types = []string{*p.limits.typ}
	}
	if len(p.limits.times) == 0 {
		q.Skip |= replay.FieldTime
	}
	for e, err := range db.src.Reader.Events(db.ctx, q) {
		if err != nil {
			return n, low, err
		}
		if p.limits.has(e) {
			n, low = n+1, min(low, e.Version)
		}
		if low <= longStream {
			break // the stream is folded from its start
		}
	}
	return n, low, nil
}

// facts yields the events with the states after them, as [DB.facts] does.
func (r *resumed) facts() iter.Seq2[*fact, error] {
	return func(yield func(*fact, error) bool) {
		if r.run == nil {
			return
		}
		last := r.run.Last
		var end error
		for step, err := range r.run.Steps(r.db.ctx, r.to) {
			if end = err; end != nil {
				break // the steps read ahead until then, and a reader takes one question at a time
			}
			e := step.Event
			r.db.whole.Gaps.See(e.Stream, last, e.Version)
			if last = e.Version; step.Unread != "" {
				r.db.sawUnread(r.p.proj, e, step.Unread)
			}
			f := fact{e: e, stream: e.Stream, category: r.category, root: step.Root, changes: step.Changes, unread: step.Unread}
			if r.p.limits.has(e) {
				r.left--
			}
			if !yield(&f, nil) || r.p.early && r.left == 0 {
				return
			}
		}
		if end != nil {
			r.failed(last, end, yield)
		}
	}
}

// failed ends the facts, after a version, with the event at which the fold failed, or with
// the error.
func (r *resumed) failed(last replay.Version, err error, yield func(*fact, error) bool) {
	var at *replay.FoldError
	if !errors.As(err, &at) || at.At.IsStart() {
		yield(nil, err)
		return
	}
	v := at.At.Version()
	q := replay.Query{Streams: []replay.StreamID{*r.p.limits.stream}, Versions: replay.Between(v, v), Order: replay.ByStream}
	for e, broken := range r.db.src.Reader.Events(r.db.ctx, q) {
		if broken != nil {
			yield(nil, broken)
			return
		}
		e, more := e.Clone(), true
		r.db.whole.Gaps.See(e.Stream, last, v)
		show := func(e *replay.Event, err error) bool {
			more = yield(&fact{e: e, stream: e.Stream, category: r.category, err: err}, nil)
			return more
		}
		if end := r.db.failing(r.p, show)(e, err); end != nil && more {
			yield(nil, end)
		}
		return
	}
}
