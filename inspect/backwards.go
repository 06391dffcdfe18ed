package inspect

import (
	"context"
	"iter"
	"maps"
	"slices"

	"asof/inspect/past"
	"asof/replay"
)

// backwards yields the last entries first. It holds at most limit entries, or all
// without a limit: only what is printed.
func backwards(seq iter.Seq2[*Entry, error], limit int) iter.Seq2[*Entry, error] {
	return func(yield func(*Entry, error) bool) {
		var kept []*Entry
		for e, err := range seq {
			if err != nil {
				yield(nil, err)
				return
			}
			e.Event = e.Event.Clone()
			kept = append(kept, e)
			if limit > 0 && len(kept) > 2*limit {
				kept = append(kept[:0], kept[len(kept)-limit:]...)
			}
		}
		yieldBack(kept, yield)
	}
}

func yieldBack(kept []*Entry, yield func(*Entry, error) bool) (more bool) {
	for _, e := range slices.Backward(kept) {
		if !yield(e, nil) {
			return false
		}
	}
	return true
}

// Bounds of what a log of one state, read backwards, keeps in memory. They are variables
// for tests.
var (
	runBytes   = 4 << 20  // of the entries of a run, at first
	savedBytes = 64 << 20 // of the states between runs
)

// entryBytes is about the size of an entry without its payload.
const entryBytes = 1024

// A logRun is a place of a log from which its entries can be listed again.
type logRun struct {
	start replay.SavedState
	trail *trail // nil: none
	keyed keyedLog
}

// A reverse is a log of one state that yields the last entries first. It folds the events
// twice: forwards, to save states between runs of entries, and then each run from its
// state, the last run first. It holds the entries of one run.
type reverse struct {
	*folded
	s     replay.Subject
	to    replay.Moment // the end of the last run
	runs  []logRun
	bytes int // of the entries of a run
	saved int // bytes of the states
}

// inRuns returns the log backwards; nil: its events cannot be folded again.
func (f *folded) inRuns(ctx context.Context, s replay.Subject) iter.Seq2[*Entry, error] {
	hi, ok := f.o.Span.Hi()
	if !ok || !past.Repeats(s.Fold) {
		return nil
	}
	s.Snapshots = nil
	return func(yield func(*Entry, error) bool) {
		r := reverse{folded: f, s: s, bytes: runBytes, to: replay.Moment{Stream: s.Timeline.Name}.WithVersion(hi)}
		err := f.follow()
		if err == nil {
			err = r.divide(ctx)
		}
		if err == nil {
			err = f.absent()
		}
		for err == nil && len(r.runs) > 0 {
			var entries []*Entry
			if entries, err = r.last(ctx); err == nil && !yieldBack(entries, yield) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// fold returns a run of the fold from a state; if it is not begun, from the start.
func (r *reverse) fold(ctx context.Context, from replay.SavedState) *replay.FoldRun {
	p := r.s.FoldFromSaved(ctx, from, replay.Moment{Stream: r.to.Stream})
	p.Changes, p.WholeEvents = true, true
	return p
}

// divide folds all events and saves the state before each run of entries.
func (r *reverse) divide(ctx context.Context) error {
	p, bytes := r.fold(ctx, replay.SavedState{}), 0
	r.save(replay.SavedState{})
	for step, err := range p.Steps(ctx, r.to) {
		if err != nil {
			return err
		}
		if r.o.Folded != nil {
			r.o.Folded.Count(step)
		}
		e, err := r.entry(step)
		if err != nil {
			return err
		}
		if e == nil {
			continue
		}
		r.o.see(e)
		if bytes += sizeOf(e); bytes > r.bytes && p.Begun {
			bytes = 0
			r.save(p.Save())
		}
	}
	r.o.Filter.Untimed = nil // they are counted
	return nil
}

// save begins a run of entries with a state.
func (r *reverse) save(start replay.SavedState) {
	one := logRun{start: start, keyed: keyedLog{maps.Clone(r.keyed.was)}}
	if t := r.trails[""]; t != nil {
		now := *t
		one.trail = &now
	}
	r.runs = append(r.runs, one)
	for r.saved += start.State.Size(); r.saved > savedBytes && len(r.runs) > 1; {
		kept := r.runs[:0]
		r.saved = 0
		for i, one := range r.runs {
			if i%2 == 0 {
				kept = append(kept, one)
				r.saved += one.start.State.Size()
			}
		}
		clear(r.runs[len(kept):])
		r.runs, r.bytes = kept, 2*r.bytes
	}
}

// last removes the last run and returns its entries.
func (r *reverse) last(ctx context.Context) (entries []*Entry, err error) {
	i := len(r.runs) - 1
	one := r.runs[i]
	r.runs = slices.Delete(r.runs, i, i+1)
	r.keyed, r.labels.each = one.keyed, nil
	clear(r.trails)
	if one.trail != nil {
		r.trails[""] = one.trail
	}
	p := r.fold(ctx, one.start)
	for step, err := range p.Steps(ctx, r.to) {
		if err != nil {
			return nil, err
		}
		e, err := r.entry(step)
		if err == nil && r.o.Changes {
			err = r.label(step, e)
		}
		if err != nil {
			return nil, err
		}
		if e != nil {
			e.Event = e.Event.Clone()
			entries = append(entries, e)
		}
	}
	if one.start.Begun {
		r.to = r.to.WithVersion(one.start.Version)
	}
	return entries, nil
}

func sizeOf(e *Entry) int {
	n := entryBytes + len(e.Event.Data) + len(e.Event.Meta.Raw)
	for i := range e.Changes {
		n += e.Changes[i].From.Size() + e.Changes[i].To.Size()
	}
	return n
}
