package check

import (
	"context"

	"asof/replay"
	"asof/replay/state"
)

const (
	checkBatch   = 256 // events per batch
	checkBatches = 4   // batches per worker, in flight or being folded
)

// A worker folds and tests its share of the streams.
type worker struct {
	plan  Plan
	folds Folds
	watch Watch // nil: none

	filling    *checkedBatch
	full, free chan *checkedBatch
	err        error

	streams map[replay.StreamID]*checkedStream
	bases   map[*RuleSet][]verdictOfStart
	parser  state.Parser
	scratch state.Scratch
	places  map[*RuleSet]*places
	wrote   state.Written
	changes []state.Change // of the present event
	at      []bool         // by place of the rule set: the present event wrote it
	row     bool           // it is of a row, where a condition looks at whether the row is gone

	// Excluding what plan.From already counted.
	events     int64 // of streams that have a rule set
	streamsNew int64 // streams that have a rule set
	folded     int64 // such streams, whether plan.From counted them or not
	untaken    int64 // streams that have none
	odd        replay.OddCount

	gaps, gapsBefore *replay.Gaps // of such streams; before: in the events that plan.From counted

	// Only with a memory limit.
	bound, used int64
	spill       Spill
	spilled     int64
	recent      lru
	buf         []byte
}

// checkedBatch holds copies of events and reuses their bytes.
type checkedBatch struct {
	events     [checkBatch]replay.Event
	data, meta [checkBatch][]byte
	n          int
}

func (b *checkedBatch) add(e *replay.Event) {
	i := b.n
	b.n++
	b.events[i] = *e
	if e.Data != nil {
		b.data[i] = append(b.data[i][:0], e.Data...)
		b.events[i].Data = b.data[i]
	}
	if e.Meta.Raw != nil {
		b.meta[i] = append(b.meta[i][:0], e.Meta.Raw...)
		b.events[i].Meta.Raw = b.meta[i]
	}
}

func newWorker(plan Plan, folds Folds, info replay.Info) *worker {
	w := &worker{
		plan: plan, folds: folds, gaps: replay.NewGaps(info), gapsBefore: replay.NewGaps(info),
		full: make(chan *checkedBatch, checkBatches), free: make(chan *checkedBatch, checkBatches),
		streams: map[replay.StreamID]*checkedStream{}, bases: map[*RuleSet][]verdictOfStart{}, places: map[*RuleSet]*places{},
	}
	for range checkBatches {
		w.free <- &checkedBatch{}
	}
	return w
}

// send passes an event to the worker. It returns false if the check has ended.
func (w *worker) send(ctx context.Context, e *replay.Event) bool {
	if w.filling == nil {
		select {
		case w.filling = <-w.free:
			w.filling.n = 0
		case <-ctx.Done():
			return false
		}
	}
	w.filling.add(e)
	return w.filling.n < checkBatch || w.flush(ctx)
}

func (w *worker) flush(ctx context.Context) bool {
	if w.filling == nil {
		return true
	}
	select {
	case w.full <- w.filling:
		w.filling = nil
		return true
	case <-ctx.Done():
		return false
	}
}

// run folds events to the end. On an error it calls cancel to stop the other workers.
func (w *worker) run(ctx context.Context, cancel context.CancelFunc) {
	for b := range w.full {
		for i := range b.n {
			if w.err = w.fold(ctx, &b.events[i]); w.err != nil {
				cancel()
				return
			}
		}
		w.free <- b
	}
}

// checkedStream is the state of one stream, for each of its rule sets.
type checkedStream struct {
	units   []*foldedStream
	counted bool           // by plan.From
	last    replay.Version // the last folded version
}

// fold folds and tests one event.
func (w *worker) fold(ctx context.Context, e *replay.Event) error {
	s, ok := w.streams[e.Stream]
	if !ok {
		sets, err := w.folds.RuleSets(ctx, e.Stream, e.Category)
		if err != nil {
			return err
		}
		s = &checkedStream{counted: w.plan.hasCounted(e)}
		for _, set := range sets {
			u, err := w.newUnit(ctx, e.Stream, set)
			if err != nil {
				return err
			}
			s.units = append(s.units, u)
		}
		w.streams[e.Stream] = s
		if len(sets) > 0 {
			w.folded++
			if !s.counted {
				w.streamsNew++
			}
		} else if !s.counted {
			w.untaken++
		}
	}
	if ok && e.Version < s.last {
		return replay.ErrDisorder
	}
	w.see(s, e)
	if len(s.units) > 0 && !w.plan.hasCounted(e) {
		w.events++
	}
	for i, u := range s.units {
		if u.err != nil {
			continue
		}
		one := *e
		if one.Data != nil {
			// A payload that cannot be parsed is an error only if it is read.
			if v, err := one.BodyIn(&w.parser); err == nil {
				one.SetBody(v)
			}
		}
		if err := w.load(u); err != nil {
			return err
		}
		if err := w.step(ctx, u, &one, w.plan.Since); err != nil {
			return err
		}
		if i == 0 {
			w.odd.Count(&one)
		}
		if err := w.weigh(u); err != nil {
			return err
		}
	}
	return nil
}

// verdictOfStart is the verdict of one rule on the state before the first event.
type verdictOfStart struct{ known, bad bool }

// startOf tests the state before the first event, once per rule set. Few rules are
// written for that state, so a failure is not an error.
func (w *worker) startOf(set *RuleSet, root state.Value) []verdictOfStart {
	if vs, ok := w.bases[set]; ok {
		return vs
	}
	vs := make([]verdictOfStart, len(set.Rules))
	for i, r := range set.Rules {
		bad, err := r.Cond.Bad(root, nil)
		vs[i] = verdictOfStart{err == nil, bad}
	}
	w.bases[set] = vs
	return vs
}

// A foldedStream is one stream folded by one rule set.
type foldedStream struct {
	rules *RuleSet
	st    *state.State // nil: spilled, or folding failed
	marks []ruleMark
	watch StreamWatch // nil: none
	err   error       // why folding stopped

	unread      int64 // unreadable payloads, whose events were not folded
	firstUnread *replay.OpaqueError

	events, weighAt int64
	weight          int64
	place           SpillRef // where it is spilled
	fresh           bool     // the saved [state.State].Fresh
	newer, older    *foldedStream
}

func (w *worker) newUnit(ctx context.Context, id replay.StreamID, set *RuleSet) (*foldedStream, error) {
	u := &foldedStream{rules: set, st: state.NewIn(&w.scratch), marks: make([]ruleMark, len(set.Rules))}
	u.st.SetArrayKeys(set.Fold.ArrayKeys)
	err := set.Fold.Reducer.Init(ctx, u.st)
	if err == nil {
		_, err = u.st.Commit(false)
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		u.fail(err)
		return u, nil
	}
	if w.watch != nil {
		u.watch = w.watch.Stream(id, set)
	}
	for i, v := range w.startOf(set, u.st.Root()) {
		if v.known {
			u.marks[i].track.Add(v.bad)
		}
	}
	return u, nil
}

func (u *foldedStream) fail(err error) { u.err, u.st = err, nil }

// step folds one event and tests the state after it. It returns only errors that end
// the whole check, and records those of the stream.
func (w *worker) step(ctx context.Context, u *foldedStream, e *replay.Event, since *replay.Position) error {
	u.events++
	err := w.apply(ctx, u, e)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		u.fail(err)
		return nil
	}
	counts := since == nil || e.Position > *since
	root, places := u.st.Root(), w.placesOf(u.rules)
	for i := range u.marks {
		m := &u.marks[i]
		if m.err != nil {
			continue
		}
		bad, err := m.track.Bad, error(nil)
		if p := &places.rules[i]; m.track.Tests > 0 && w.same(p) {
			p.of.Pass(root, e)
		} else {
			bad, err = u.rules.Rules[i].Cond.Bad(root, e)
		}
		if err != nil {
			m.err = err
			continue
		}
		m.note(e, bad, u.events == 1, counts)
	}
	return ctx.Err()
}

func (w *worker) apply(ctx context.Context, u *foldedStream, e *replay.Event) error {
	f := &u.rules.Fold
	if u.watch != nil {
		u.watch.Event(e)
	}
	if f.Upcaster != nil {
		if err := f.Upcaster.Upcast(e); err != nil {
			return err
		}
	}
	handled, err := f.Reducer.Apply(ctx, u.st, e)
	if err == nil {
		err = f.UnhandledError(e, handled)
	}
	if err != nil {
		return err
	}
	u.missed(e, f.Missed(e, handled))
	w.written(u, e)
	wants := u.watch != nil && u.watch.Wants()
	if wants {
		w.changes, err = u.st.CommitTo(w.changes)
	} else {
		_, err = u.st.Commit(false)
	}
	if err != nil {
		return &replay.FoldError{At: e.Moment(), By: f.Reducer.Name(), Err: err}
	}
	if wants {
		u.watch.Changed(u.st.Root(), w.changes)
	}
	return nil
}

// missed records why an event was not folded, if its payload cannot be read.
func (u *foldedStream) missed(e *replay.Event, why string) {
	if why == "" {
		return
	}
	if u.unread++; u.unread == 1 {
		u.firstUnread = &replay.OpaqueError{At: e.Moment(), Reason: why}
	}
}

// see looks for events that are missing from a stream with rules.
func (w *worker) see(s *checkedStream, e *replay.Event) {
	if len(s.units) > 0 {
		if w.gaps.See(e.Stream, s.last, e.Version); w.plan.hasCounted(e) {
			w.gapsBefore.See(e.Stream, s.last, e.Version)
		}
	}
	s.last = e.Version
}

// incomplete adds the incomplete streams. Those that the earlier check has counted and
// that were folded again count once.
func (w *worker) incomplete(out *Result) {
	out.Incomplete = out.Incomplete.And(w.gaps.Incomplete())
	out.Incomplete.Streams -= w.gapsBefore.Incomplete().Streams
}

// basis returns notices about what the answer does not cover.
func (c *Result) basis() []replay.Notice {
	a := replay.Account{Tally: replay.Tally{Odd: c.Odd}, Incomplete: c.Incomplete}
	return a.Notices()
}
