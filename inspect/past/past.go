package past

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"asof/replay"
	"asof/replay/state"
)

// A Past is the history of a subject, which is read backwards. It serves one goroutine.
type Past struct {
	Subject replay.Subject
	Spacing int    // events between saved states, at first; 0: 512
	Left    *int64 // events that may still be folded; nil: no limit
	Events  bool   // [Past.Back] passes the events

	runs   []*run // the earliest first
	space  int    // events in a run
	saved  int    // bytes of the states saved
	logged int    // bytes of the changes recorded
	tried  *run   // the one whose changes are needed

	first *replay.FoldRun // begun for the first [Past.Read]; nil: none
}

// A run is some events in a row.
type run struct {
	replay.Stretch
	start    replay.SavedState // a state at After, or earlier
	kept     bool              // the state at After is kept, and not in start
	alike    bool              // it touched the same paths as the next run
	log      []logged
	bytes    int
	recorded bool
}

type logged struct {
	at      replay.Version
	event   *replay.Event // see [Past.Events]
	changes []state.Change
}

// Bounds of what is kept in memory.
const (
	mostLogged   = 64 << 20 // bytes of recorded changes
	mostSaved    = 64 << 20 // bytes of saved states
	firstSpacing = 512      // events between saved states, at first
	savingPart   = 20       // one part in this many of the time goes into saving states
)

// ErrTooLong means that more events would have to be folded than allowed.
var ErrTooLong = errors.New("too many events to fold")

// Begin returns the version of the kept state that a [Past.Read] up to a moment begins with.
// ok is false if it begins before the first event, or if nothing can be folded again.
func (p *Past) Begin(ctx context.Context, to replay.Moment) (v replay.Version, ok bool) {
	if to.IsStart() || p.Subject.Snapshots == nil || !p.repeats() {
		return 0, false
	}
	p.first = p.Subject.FoldFrom(ctx, to.JustBefore())
	return p.first.Begins()
}

// Read folds the history up to a moment, from the nearest kept state or from the start, and
// returns the state there.
func (p *Past) Read(ctx context.Context, to replay.Moment) (root state.Value, err error) {
	fold := p.first
	if p.first = nil; fold == nil {
		fold = p.Subject.FoldFrom(ctx, to.JustBefore())
	}
	if p.space == 0 {
		p.space = cmp.Or(p.Spacing, firstSpacing)
	}
	one := &run{Stretch: replay.Stretch{First: true}}
	if begins, ok := fold.Begins(); ok {
		one = &run{start: fold.Save(), Stretch: replay.Stretch{After: begins}}
	}
	if !p.repeats() {
		return p.readOnce(ctx, fold, to, one)
	}
	fold.Tracks = true
	var runs []*run
	end := func() {
		one.To, one.Touched = fold.Last, fold.Stretch().Touched
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
		at := p.Subject.Timeline.Version(step.Event)
		if n++; n < p.space || !fold.Begun || saving*savingPart > time.Since(began) || at == to.Version() {
			continue
		}
		end()
		n = 0
		start := time.Now()
		one = &run{start: fold.Save(), Stretch: replay.Stretch{After: at}}
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

func (p *Past) repeats() bool { return Repeats(p.Subject.Fold) }

// Repeats reports whether events can be folded again from a saved state, and without a
// command.
func Repeats(f replay.Fold) bool {
	_, ahead := f.Reducer.(replay.Prefetcher)
	partial, ok := f.Reducer.(replay.Partial)
	_, same := f.Identity()
	return same && !ahead && !(ok && partial.Partial())
}

// readOnce reads a run and records it at once.
func (p *Past) readOnce(ctx context.Context, fold *replay.FoldRun, to replay.Moment, r *run) (state.Value, error) {
	fold.Changes, fold.WholeEvents = true, p.Events
	r.Touched, r.recorded = state.AllTouched(), true
	p.runs = append([]*run{r}, p.runs...)
	for step, err := range fold.Steps(ctx, to) {
		if err == nil {
			err = p.spend()
		}
		if err != nil {
			return state.Value{}, err
		}
		p.add(r, step)
	}
	r.To = fold.Last
	p.logged += r.bytes
	return state.Clone(fold.Root), fold.Tally.Readable()
}

// spend counts a folded event.
func (p *Past) spend() error {
	if p.Left == nil {
		return nil
	}
	if *p.Left == 0 {
		return ErrTooLong
	}
	*p.Left--
	return nil
}

// thin joins every two runs, so that half of the states are left.
func (p *Past) thin(runs []*run) []*run {
	kept := runs[:0]
	for i, r := range runs {
		if i%2 == 0 {
			kept = append(kept, r)
			continue
		}
		last := kept[len(kept)-1]
		last.To = r.To
		last.Touched.AddAll(r.Touched)
		p.saved -= r.start.State.Size()
	}
	p.space *= 2
	clear(runs[len(kept):])
	return kept
}

// extend adds the events before those of the first run: what a kept state says of them, or
// else what folding them does.
func (p *Past) extend(ctx context.Context) error {
	after := p.runs[0].After
	if s := p.Subject.Snapshots; s != nil && s.Of(p.Subject.Timeline) && p.repeats() {
		if before, ok := s.Before(ctx, after); ok {
			one := &run{Stretch: before, kept: true, alike: before.Touched.Equal(&p.runs[0].Touched)}
			p.runs = append([]*run{one}, p.runs...)
			return nil
		}
	}
	_, err := p.Read(ctx, p.moment(after))
	return err
}

func (p *Past) moment(v replay.Version) replay.Moment {
	return replay.Moment{Stream: p.Subject.Timeline.Name}.WithVersion(v)
}

// startOf returns a state at the beginning of a run, or earlier.
func (p *Past) startOf(ctx context.Context, r *run) replay.SavedState {
	if !r.kept || r.First {
		return r.start
	}
	return p.Subject.FoldFrom(ctx, p.moment(r.After)).Save()
}

// foldAgain returns a run of the fold from the beginning of a run, or earlier. It keeps no
// states.
func (p *Past) foldAgain(ctx context.Context, r *run, to replay.Moment) *replay.FoldRun {
	s := p.Subject
	s.Snapshots = nil // one of them may be later than the state before the run
	return s.FoldFromSaved(ctx, p.startOf(ctx, r), to)
}

// record folds a run again and records its changes.
func (p *Past) record(ctx context.Context, r *run) error {
	if r.recorded {
		return nil
	}
	to := p.moment(r.To)
	fold := p.foldAgain(ctx, r, to)
	fold.Changes, fold.WholeEvents = true, p.Events
	for step, err := range fold.Steps(ctx, to) {
		if err == nil && r.kept {
			err = p.spend()
		}
		if err != nil {
			return err
		}
		if r.First || fold.Last > r.After {
			p.add(r, step)
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
func (p *Past) add(r *run, step *replay.Step) {
	if len(step.Changes) == 0 {
		return
	}
	one := logged{at: p.Subject.Timeline.Version(step.Event), changes: step.Changes}
	if p.Events {
		bare := *step.Event
		bare.Data, bare.Meta.Raw = nil, nil
		one.event = bare.Clone()
	}
	r.log = append(r.log, one)
	r.bytes += one.size()
	if r.bytes < mostLogged || len(r.log) < 2 {
		return
	}
	half := len(r.log) / 2
	early := *r
	early.To, early.log, early.bytes, early.recorded = r.log[half-1].at, nil, 0, false
	p.runs = slices.Insert(p.runs, slices.Index(p.runs, r), &early)
	r.First, r.After = false, early.To
	r.log = append([]logged{}, r.log[half:]...)
	r.bytes = 0
	for i := range r.log {
		r.bytes += r.log[i].size()
	}
}

// eventBytes is about the size of an event without its payload.
const eventBytes = 512

func (l *logged) size() (n int) {
	if l.event != nil {
		n = eventBytes
	}
	for i := range l.changes {
		c := &l.changes[i]
		n += 128 + len(c.Path) + c.From.Size() + c.To.Size()
	}
	return n
}

// A Search looks for what set something, from the last event on.
type Search interface {
	Open() bool                      // it is not over
	May(touched *state.Touched) bool // whether events that touched these paths may be looked for
	See(v replay.Version, e *replay.Event, changes []state.Change)
}

// lookEvery is the number of events between looks at whether a search is over.
const lookEvery = 64

// Back searches the events up to a version, the last one first.
func (p *Past) Back(ctx context.Context, upTo replay.Version, s Search) error {
	passed := false // the search has passed over the run after this one
	for i := len(p.runs) - 1; s.Open(); i-- {
		if i < 0 {
			if p.runs[0].First {
				return nil
			}
			had := len(p.runs)
			if err := p.extend(ctx); err != nil {
				return err
			}
			i = len(p.runs) - had - 1
		}
		r := p.runs[i]
		if !r.First && r.After >= upTo {
			continue
		}
		if passed = passed && r.alike || !s.May(&r.Touched); passed {
			continue
		}
		if err := p.record(ctx, r); err != nil {
			return err
		}
		i = slices.Index(p.runs, r) // it may have become two
		for k := len(r.log) - 1; k >= 0; k-- {
			l := &r.log[k]
			if l.at > upTo {
				continue
			}
			if s.See(l.at, l.event, l.changes); k%lookEvery == 0 && !s.Open() {
				return nil
			}
		}
	}
	return nil
}

// runOf returns the run that has an event.
func (p *Past) runOf(v replay.Version) *run {
	i, _ := slices.BinarySearchFunc(p.runs, v, func(r *run, v replay.Version) int { return cmp.Compare(r.To, v) })
	return p.runs[min(i, len(p.runs)-1)]
}

// Changes returns what the event at a version changed. It must be one that [Past.Try] folded,
// or that [Past.Read] ended with.
func (p *Past) Changes(v replay.Version) []state.Change {
	r := p.runOf(v)
	i, ok := slices.BinarySearchFunc(r.log, v, func(l logged, v replay.Version) int { return cmp.Compare(l.at, v) })
	if !ok {
		return nil
	}
	return r.log[i].changes
}

// errTried ends a run after the trial it was for.
var errTried = errors.New("tried")

// Try folds the history up to an event that was read, and passes the event to f.
func (p *Past) Try(ctx context.Context, at replay.Moment, f func(*replay.Trial) error) error {
	r := p.runOf(at.Version())
	if err := p.record(ctx, r); err != nil {
		return err
	}
	p.tried = p.runOf(at.Version()) // it may have become two
	fold := p.foldAgain(ctx, p.tried, at.JustBefore())
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
