package why

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"asof/replay"
	"asof/replay/state"
)

// A past is the history of a subject. It is folded once, which notes which paths each run of
// events may have changed, and saves the state before it. A run that may have set what is
// looked for is folded again, and its changes are recorded.
type past struct {
	s      replay.Subject
	runs   []*run // the earliest first
	space  int    // events in a run
	saved  int    // bytes of the states saved
	logged int    // bytes of the changes recorded
	tried  *run   // the one whose changes are needed
	left   *int64 // events that may still be folded; nil: no limit
}

// A run is some events in a row.
type run struct {
	first     bool              // no event comes before it
	start     replay.SavedState // a state at after, or earlier
	after, to replay.Version    // the first event is later than after
	touched   state.Touched
	log       []logged
	bytes     int
	recorded  bool
}

type logged struct {
	at      replay.Version
	changes []state.Change
}

// Bounds of what is kept in memory.
const (
	mostLogged   = 64 << 20 // bytes of recorded changes
	mostSaved    = 64 << 20 // bytes of saved states
	firstSpacing = 512      // events between saved states, at first
	savingPart   = 20       // one part in this many of the time goes into saving states
)

// spacing is firstSpacing; tests have a smaller one.
var spacing = firstSpacing

// read folds the history up to a moment, from the start or from the nearest kept state, and
// returns the state there.
func (p *past) read(ctx context.Context, to replay.Moment) (root state.Value, err error) {
	fold := p.s.FoldFrom(ctx, to.JustBefore())
	if p.space == 0 {
		p.space = spacing
	}
	one := &run{first: true}
	if begins, ok := fold.Begins(); ok {
		one = &run{start: fold.Save(), after: begins}
	}
	if !p.repeats() {
		return p.readOnce(ctx, fold, to, one)
	}
	touched := &state.Touched{}
	fold.Touched = touched
	var runs []*run
	end := func() {
		one.to, one.touched, *touched = fold.Last, *touched, state.Touched{}
		runs = append(runs, one)
	}
	began, saving, n := time.Now(), time.Duration(0), 0
	for step, err := range fold.Steps(ctx, to) {
		if err == nil {
			err = p.spend()
		}
		if err != nil {
			return state.Value{}, err
		}
		at := p.s.Timeline.Version(step.Event)
		if n++; n < p.space || !fold.Begun || saving*savingPart > time.Since(began) || at == to.Version() {
			continue
		}
		end()
		n = 0
		start := time.Now()
		one = &run{start: fold.Save(), after: at}
		p.saved += one.start.State.Size()
		saving += time.Since(start)
		if p.saved > mostSaved {
			runs = p.thin(runs)
		}
	}
	end()
	p.runs = append(runs, p.runs...)
	if err := fold.Tally.Readable(); err != nil {
		return state.Value{}, err
	}
	return state.Clone(fold.Root), p.record(ctx, one)
}

// repeats reports whether events can be folded again from a saved state, and without a
// command.
func (p *past) repeats() bool {
	f := p.s.Fold
	_, ahead := f.Reducer.(replay.Prefetcher)
	partial, ok := f.Reducer.(replay.Partial)
	_, same := f.Identity()
	return same && !ahead && !(ok && partial.Partial())
}

// readOnce reads a run and records it at once.
func (p *past) readOnce(ctx context.Context, fold *replay.FoldRun, to replay.Moment, r *run) (state.Value, error) {
	fold.Changes = true
	r.touched, r.recorded = state.AllTouched(), true
	p.runs = append([]*run{r}, p.runs...)
	for step, err := range fold.Steps(ctx, to) {
		if err == nil {
			err = p.spend()
		}
		if err != nil {
			return state.Value{}, err
		}
		p.add(r, p.s.Timeline.Version(step.Event), step.Changes)
	}
	r.to = fold.Last
	p.logged += r.bytes
	return state.Clone(fold.Root), fold.Tally.Readable()
}

// spend counts a folded event.
func (p *past) spend() error {
	if p.left == nil {
		return nil
	}
	if *p.left == 0 {
		return ErrTooLong
	}
	*p.left--
	return nil
}

// thin joins every two runs, so that half of the states are left.
func (p *past) thin(runs []*run) []*run {
	kept := runs[:0]
	for i, r := range runs {
		if i%2 == 0 {
			kept = append(kept, r)
			continue
		}
		last := kept[len(kept)-1]
		last.to = r.to
		last.touched.AddAll(r.touched)
		p.saved -= r.start.State.Size()
	}
	p.space *= 2
	clear(runs[len(kept):])
	return kept
}

// record folds a run again and records its changes.
func (p *past) record(ctx context.Context, r *run) error {
	if r.recorded {
		return nil
	}
	s := p.s
	s.Snapshots = nil // one of them may be later than the state before the run
	to := replay.Moment{Stream: s.Timeline.Name}.WithVersion(r.to)
	fold := s.FoldFromSaved(ctx, r.start, to)
	fold.Changes = true
	for step, err := range fold.Steps(ctx, to) {
		if err != nil {
			return err
		}
		if at := s.Timeline.Version(step.Event); r.first || at > r.after {
			p.add(r, at, step.Changes)
		}
	}
	r.recorded = true
	p.logged += r.bytes
	for _, o := range p.runs {
		if p.logged > mostLogged && o != r && o != p.tried && o.recorded {
			p.logged -= o.bytes
			o.log, o.bytes, o.recorded = nil, 0, false
		}
	}
	return nil
}

// add records the changes of an event. If there are too many, the earlier half of the run
// becomes a run of its own, without its changes.
func (p *past) add(r *run, v replay.Version, changes []state.Change) {
	if len(changes) == 0 {
		return
	}
	r.log = append(r.log, logged{v, changes})
	for i := range changes {
		r.bytes += sizeOf(&changes[i])
	}
	if r.bytes < mostLogged || len(r.log) < 2 {
		return
	}
	half := len(r.log) / 2
	early := &run{first: r.first, start: r.start, after: r.after, to: r.log[half-1].at, touched: r.touched}
	p.runs = slices.Insert(p.runs, slices.Index(p.runs, r), early)
	r.first, r.after = false, early.to
	r.log = append([]logged{}, r.log[half:]...)
	r.bytes = 0
	for i := range r.log {
		for k := range r.log[i].changes {
			r.bytes += sizeOf(&r.log[i].changes[k])
		}
	}
}

func sizeOf(c *state.Change) int { return 128 + len(c.Path) + c.From.Size() + c.To.Size() }

// find looks for the last event up to a version that set each want. root is the state
// after it.
func (p *past) find(ctx context.Context, root state.Value, upTo replay.Version, wants []*want) error {
	t := newTrail(root, wants)
	for i := len(p.runs) - 1; slices.ContainsFunc(wants, isOpen); i-- {
		if i < 0 {
			first := p.runs[0]
			if first.first {
				return nil
			}
			had := len(p.runs)
			if _, err := p.read(ctx, replay.Moment{Stream: p.s.Timeline.Name}.WithVersion(first.after)); err != nil {
				return err
			}
			i = len(p.runs) - had - 1
		}
		r := p.runs[i]
		if !r.first && r.after >= upTo || !slices.ContainsFunc(wants, r.maySet) {
			continue
		}
		if err := p.record(ctx, r); err != nil {
			return err
		}
		i = slices.Index(p.runs, r) // it may have become two
		for k := len(r.log) - 1; k >= 0; k-- {
			if r.log[k].at > upTo {
				continue
			}
			for c := len(r.log[k].changes) - 1; c >= 0; c-- {
				t.back(&r.log[k].changes[c], r.log[k].at)
			}
			if k%64 == 0 && !slices.ContainsFunc(wants, isOpen) {
				return nil
			}
		}
	}
	return nil
}

func isOpen(w *want) bool { return !w.found }

// maySet reports whether an event of the run may have set a want.
func (r *run) maySet(w *want) bool {
	if w.found {
		return false
	}
	tokens, err := state.ParsePointer(w.path)
	return err != nil || r.touched.May(tokens, w.parts, w.deep)
}

// runOf returns the run that has an event.
func (p *past) runOf(v replay.Version) *run {
	i, _ := slices.BinarySearchFunc(p.runs, v, func(r *run, v replay.Version) int { return cmp.Compare(r.to, v) })
	return p.runs[min(i, len(p.runs)-1)]
}

// changes returns what the event at a version changed. Its run must be recorded.
func (p *past) changes(v replay.Version) []state.Change {
	r := p.runOf(v)
	i, ok := slices.BinarySearchFunc(r.log, v, func(l logged, v replay.Version) int { return cmp.Compare(l.at, v) })
	if !ok {
		return nil
	}
	return r.log[i].changes
}

// errTried ends a run after the trial it was for.
var errTried = errors.New("tried")

// try folds the history up to an event and passes the event to f. It records the run of the
// event.
func (p *past) try(ctx context.Context, at replay.Moment, f func(*replay.Trial) error) error {
	r := p.runOf(at.Version())
	if err := p.record(ctx, r); err != nil {
		return err
	}
	p.tried = p.runOf(at.Version()) // it may have become two
	fold := p.s.FoldFromSaved(ctx, p.tried.start, at.JustBefore())
	fold.WholeEvents, fold.TryAt = true, at.Version()
	fold.Try = func(t *replay.Trial) error {
		if err := f(t); err != nil {
			return err
		}
		return errTried
	}
	err := fold.To(ctx, at, nil)
	if errors.Is(err, errTried) {
		return nil
	}
	return err
}
