package inspect

import (
	"context"
	"iter"

	"asof/replay"
)

// ends returns the moment before the first event that may be listed, and the last one. ok
// is false if every event is folded to tell which ones are listed.
func (o LogOptions) ends(t *replay.Timeline) (from, to replay.Moment, ok bool) {
	hi, ok := o.Span.Hi()
	if !ok || o.Filter.Folds() {
		return from, to, false
	}
	if lo, bounded := o.Span.Lo(); bounded {
		from = replay.Moment{Stream: t.Name}.WithVersion(lo - 1)
	}
	return from, replay.Moment{Stream: t.Name}.WithVersion(hi), true
}

// lateSteps folds what a log without a filter of states lists. It begins with the kept
// state before the first listed event.
func lateSteps(ctx context.Context, s replay.Subject, o LogOptions, from, to replay.Moment) iter.Seq2[*replay.Step, error] {
	return func(yield func(*replay.Step, error) bool) {
		if o.Reverse && o.Limit > 0 && s.Snapshots != nil && o.Filter.Where == nil && o.Filter.Grep == nil {
			first, ok, err := firstOfLast(ctx, s.Timeline, o)
			if err != nil {
				yield(nil, err)
				return
			}
			if ok {
				from = first.JustBefore()
			}
		}
		run := s.FoldFrom(ctx, from)
		run.Changes, run.WholeEvents = true, true
		for step, err := range run.Steps(ctx, to) {
			if !yield(step, err) {
				return
			}
		}
	}
}

// firstOfLast returns the first of the last events of a log, as many as are listed. ok is
// false if none is listed.
func firstOfLast(ctx context.Context, t *replay.Timeline, o LogOptions) (first replay.Moment, ok bool, err error) {
	o.Filter.Untimed = nil // they are counted once
	l := replay.Listing{Span: o.Span, Types: nilIfEmpty(o.Filter.Types), Reverse: true, Skip: replay.FieldData | replay.FieldMeta | replay.FieldID}
	n := 0
	for e, err := range t.List(ctx, l) {
		if err != nil {
			return first, false, err
		}
		if in, err := o.Filter.takes(e); err != nil || !in {
			if err != nil {
				return first, false, err
			}
			continue
		}
		first, ok = t.Moment(e), true
		if n++; n == o.Limit {
			break
		}
	}
	return first, ok, nil
}
