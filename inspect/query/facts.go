package query

import (
	"errors"
	"iter"
	"strings"

	"asof/replay"
	"asof/replay/state"
)

// A passOf is one pass over the events of a projection, folding them.
type passOf struct {
	proj     *Projection
	at       string // the moment, as written
	cut      replay.Cut
	limits   limits
	changes  bool // say what each event changed
	failures bool // yield the event at which a fold failed, with its error
	sample   bool // a fold that fails is not an answer, and not said
}

// facts yields each event with the state after it. A stream whose fold fails is left out
// from then on, unless the question is strict. A fact is valid until the next.
func (db *DB) facts(p passOf) iter.Seq2[*fact, error] {
	if p.proj.Many != nil {
		return db.manyFacts(p)
	}
	return func(yield func(*fact, error) bool) {
		more := true
		q := replay.WholeQuery{Cut: p.cut, Match: p.match()}
		if p.limits.stream != nil {
			q.Streams = []replay.StreamID{*p.limits.stream}
		}
		if !db.src.Strict || p.sample {
			q.Failed = func(e *replay.Event, err error) error {
				var failed *replay.FoldError
				if !errors.As(err, &failed) {
					return err
				}
				if p.sample {
					return nil
				}
				db.noteFailed(e, err)
				more = !p.failures || yield(&fact{e: e, stream: e.Stream, err: err}, nil)
				return nil
			}
		}
		for step, err := range db.part(q.Streams).RunEach(db.ctx, p.proj.Fold, q, p.changes) {
			switch {
			case !more:
				return
			case err != nil:
				yield(nil, err)
				return
			}
			if e := step.Event; !yield(&fact{e: e, stream: e.Stream, root: step.Root, changes: step.Changes}, nil) {
				return
			}
		}
	}
}

// match selects the streams of a pass; nil selects all.
func (p *passOf) match() func(*replay.Event) bool {
	takes, category := p.proj.Takes, p.limits.category
	if takes == nil && category == nil {
		return nil
	}
	return func(e *replay.Event) bool {
		return (category == nil || e.Category == *category) && (takes == nil || takes(e.Stream, e.Category))
	}
}

// manyFacts is facts of a projection over many streams. What counts as a stream is then
// the partition, or the projection if it has none.
func (db *DB) manyFacts(p passOf) iter.Seq2[*fact, error] {
	return func(yield func(*fact, error) bool) {
		subject, to, err := p.proj.Many(db.ctx, p.at)
		if err != nil {
			yield(nil, err)
			return
		}
		parts, _ := subject.Fold.Reducer.(replay.Partitioner)
		if !subject.Fold.Partitioned {
			parts = nil
		}
		for step, err := range subject.Steps(db.ctx, to, replay.FoldOptions{Changes: p.changes}) {
			if err != nil {
				yield(nil, err)
				return
			}
			f := fact{e: step.Event, stream: replay.StreamID(subject.Timeline.Name), root: step.Root, changes: step.Changes}
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
			if p.limits.takes(&f) && !yield(&f, nil) {
				return
			}
		}
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

func (l *limits) takes(f *fact) bool {
	return (l.stream == nil || f.stream == *l.stream) && (l.category == nil || f.e.Category == *l.category)
}
