package query

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"

	"asof/replay"
	"asof/replay/state"
)

// A passOf is one pass over the events of a projection, folding them.
type passOf struct {
	proj     *Projection
	at       string // the moment, as written
	limits   limits
	changes  bool // say what each event changed
	failures bool // yield the event at which a fold failed, with its error
	sample   bool // a fold that fails is not an answer, and not said
	every    bool // each event within limits is wanted, not the last alone
	early    bool // nothing is needed after the last event within limits
	inits    bool // changes of a new partition are those of its initial state
	share    replay.Shard
	trusting bool // the store was not surveyed: see [replay.Whole.Trusting]
}

// A choice is the streams that have an event within limits, which are few if a condition
// is narrow. Only these are folded.
type choice struct {
	streams map[replay.StreamID]bool
	events  int // within limits
}

// choose reads the coordinates of events to find the streams to fold. It returns nil if
// the limits leave out no single event: then all are.
func (db *DB) choose(p passOf) (*choice, error) {
	if !p.limits.narrow() {
		return nil, nil
	}
	out := &choice{streams: map[replay.StreamID]bool{}}
	cut, err := db.cut(p.at)
	if err != nil {
		return nil, err
	}
	q := replay.WholeQuery{Cut: cut, Takes: p.takes(nil), Skip: replay.FieldID | replay.FieldMeta | replay.FieldData}
	if len(p.limits.times) == 0 {
		q.Skip |= replay.FieldTime
	}
	if p.limits.stream != nil {
		q.Streams = []replay.StreamID{*p.limits.stream}
	}
	whole := db.part(q.Streams)
	if q.Takes != nil { // which asks for the first event of each stream
		if err := whole.Survey(db.ctx, q.Streams); err != nil {
			return nil, err
		}
	}
	for e, err := range whole.Events(db.ctx, q) {
		if err != nil {
			return nil, err
		}
		if p.limits.has(e) {
			out.streams[e.Stream] = true
			out.events++
		}
	}
	return out, nil
}

// queryOf returns what a pass reads; nil: nothing.
func (db *DB) queryOf(p passOf) (*replay.WholeQuery, *choice, error) {
	cut, err := db.cut(p.at)
	if err != nil {
		return nil, nil, err
	}
	chosen, err := db.choose(p)
	if err != nil || chosen != nil && chosen.events == 0 {
		return nil, nil, err
	}
	q := &replay.WholeQuery{Cut: cut, Takes: p.takes(chosen), Unsurveyed: p.trusting}
	if p.limits.stream != nil {
		q.Streams = []replay.StreamID{*p.limits.stream}
	} else if chosen != nil && len(chosen.streams) <= mostSingles {
		q.Streams = slices.Sorted(maps.Keys(chosen.streams))
	}
	return q, chosen, nil
}

// asked notes that the states of a projection were asked for.
func (db *DB) asked(p passOf) {
	if !p.sample {
		db.folded[p.proj] = true
	}
}

// Folded reports whether an answer so far comes from states of a projection.
func (db *DB) Folded(p *Projection) bool { return db.folded[p] }

// facts yields each event with the state after it. A stream whose fold fails is left out
// from then on, unless the question is strict. A fact is valid until the next.
func (db *DB) facts(p passOf) iter.Seq2[*fact, error] {
	db.asked(p)
	if p.proj.Many != nil {
		return db.manyFacts(p)
	}
	return func(yield func(*fact, error) bool) {
		if r, err := db.resume(p); r != nil || err != nil {
			if err != nil {
				yield(nil, err)
				return
			}
			r.facts()(yield)
			return
		}
		q, chosen, err := db.queryOf(p)
		if err != nil {
			yield(nil, err)
			return
		}
		if q == nil {
			return
		}
		of := categories{}
		more := true
		q.Failed = db.failing(p, func(e *replay.Event, err error) bool {
			more = yield(&fact{e: e, stream: e.Stream, category: of.stream(e), err: err}, nil)
			return more
		})
		for step, err := range db.folding(p, q.Streams).RunEach(db.ctx, p.proj.Fold, *q, p.changes) {
			switch {
			case !more:
				return
			case err != nil:
				yield(nil, err)
				return
			}
			e := step.Event
			if step.Unread != "" && !p.sample {
				db.sawUnread(p.proj, e, step.Unread)
			}
			last := p.early && chosen != nil && p.limits.has(e) && chosen.seen()
			if !yield(&fact{e: e, stream: e.Stream, category: of.stream(e), root: step.Root, changes: step.Changes, unread: step.Unread}, nil) || last {
				return
			}
		}
	}
}

// failing returns what a pass does where a fold fails: nothing, if the error ends the
// question. show receives the event if the pass wants it; if it returns false, the pass
// ends.
func (db *DB) failing(p passOf, show func(*replay.Event, error) bool) func(*replay.Event, error) error {
	return func(e *replay.Event, err error) error {
		if end := db.isFailure(p, err); end != nil || p.sample {
			return end
		}
		if db.noteFailed(e.Stream, err); p.failures && !show(e, err) {
			return err
		}
		return nil
	}
}

// isFailure returns nil for an error that leaves out one stream of a pass, and otherwise
// the error that ends the pass.
func (db *DB) isFailure(p passOf, err error) error {
	var failed *replay.FoldError
	switch {
	case !errors.As(err, &failed) || db.src.Strict && !p.sample:
		return err
	case p.trusting:
		return replay.ErrDisorder // perhaps: then the fold did not fail
	}
	return nil
}

// seen counts an event within limits, and reports whether it was the last.
func (c *choice) seen() bool {
	c.events--
	return c.events == 0
}

// takes selects the streams of a pass; nil selects all.
func (p *passOf) takes(chosen *choice) func(replay.StreamID, string) bool {
	takes, category := p.proj.Takes, p.limits.category
	if takes == nil && category == nil && chosen == nil && p.share.IsAll() {
		return nil
	}
	return func(id replay.StreamID, of string) bool {
		return p.share.Has(id) && (chosen == nil || chosen.streams[id]) && (category == nil || of == *category) && (takes == nil || takes(id, of))
	}
}

// categories are those of streams: of the first event of each.
type categories map[replay.StreamID]string

// stream returns the category of an event's stream. Events come in the order of versions.
func (c categories) stream(e *replay.Event) string {
	of, ok := c[e.Stream]
	if !ok {
		of = e.Category
		c[e.Stream] = of
	}
	return of
}

// manyFacts is facts of a projection over many streams. What counts as a stream is then
// the partition, or the projection if it has none.
func (db *DB) manyFacts(p passOf) iter.Seq2[*fact, error] {
	return func(yield func(*fact, error) bool) {
		subject, to, err := p.proj.Many(db.ctx, p.at)
		if err == nil && !p.sample {
			err = subject.Timeline.FindGaps(db.ctx, db.whole.Gaps)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		parts, _ := subject.Fold.Reducer.(replay.Partitioner)
		if !subject.Fold.Partitioned {
			parts = nil
		}
		begin := p.beginning(db.ctx, subject.Fold)
		for step, err := range subject.Steps(db.ctx, to, replay.FoldOptions{Changes: p.changes}) {
			if err != nil {
				yield(nil, err)
				return
			}
			if step.Unread != "" && !p.sample {
				db.sawUnread(p.proj, step.Event, step.Unread)
			}
			f := fact{e: step.Event, stream: replay.StreamID(subject.Timeline.Name), root: step.Root, changes: step.Changes, unread: step.Unread}
			if parts != nil {
				ok, err := f.narrow(parts)
				if err != nil {
					yield(nil, err)
					return
				}
				if !ok {
					continue
				}
			}
			if err := begin(&f); err != nil {
				yield(nil, err)
				return
			}
			// Not the category: that of a partition is its event's, and the next event of
			// another one ends the state.
			if (p.limits.stream == nil || f.stream == *p.limits.stream) && !yield(&f, nil) {
				return
			}
		}
	}
}

// beginning returns a function that fills in the initial state of a partition whose first
// fact it receives, and what changed since. The fold adds a new partition as a whole.
func (p *passOf) beginning(ctx context.Context, f replay.Fold) func(*fact) error {
	if !p.inits {
		return func(*fact) error { return nil }
	}
	begun := map[replay.StreamID]bool{}
	partitioned := f.Partitioned
	f.Partitioned = false
	return func(first *fact) (err error) {
		if begun[first.stream] {
			return nil
		}
		begun[first.stream] = true
		if first.init, err = replay.InitialState(ctx, f); err == nil && partitioned {
			first.changes = state.Diff(first.init, state.Clone(first.root), state.DiffOptions{ArrayKeys: f.ArrayKeys})
		}
		return err
	}
}

// narrow makes the fact one of the event's partition. It returns false if the event has
// none.
func (f *fact) narrow(parts replay.Partitioner) (bool, error) {
	name, ok, err := parts.Partition(f.e)
	if err != nil || !ok {
		return false, err
	}
	f.stream = replay.StreamID(name)
	if obj := f.root.Node(); obj != nil {
		f.root = obj.Get(name)
	}
	prefix := "/" + state.EscapeToken(name)
	for i, c := range f.changes {
		f.changes[i].Path = strings.TrimPrefix(c.Path, prefix)
	}
	return true, nil
}
