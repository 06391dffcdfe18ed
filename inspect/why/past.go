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

// A past is the history of a subject, read backwards piece by piece.
type past struct {
	s      replay.Subject
	pieces []*piece // the latest first
	saved  []replay.SavedState
	space  int    // events between two saved states
	left   *int64 // events that may still be folded; nil: no limit
}

// A piece is the changes of a run of events.
type piece struct {
	first bool // no event comes before it
	from  replay.Version
	log   []logged
	bytes int
}

type logged struct {
	at      replay.Version
	changes []state.Change
}

// Bounds of what is kept in memory.
const (
	mostLogged   = 96 << 20 // bytes of recorded changes
	mostSaved    = 16       // states
	firstSpacing = 512      // events between saved states, at first
	savingPart   = 20       // one part in this many of the time goes into saving states
)

// read folds the history up to a moment and returns the state there. It records the
// changes since the nearest kept state.
func (p *past) read(ctx context.Context, to replay.Moment) (root state.Value, err error) {
	run := p.s.FoldFrom(ctx, to.JustBefore())
	run.Changes = true
	if p.space == 0 {
		p.space = firstSpacing
	}
	one := &piece{first: true}
	if begins, ok := run.Begins(); ok {
		one.first, one.from = false, begins
	}
	start, saving, since := time.Now(), time.Duration(0), 0
	for step, err := range run.Steps(ctx, to) {
		if err == nil {
			err = p.spend()
		}
		if err != nil {
			return state.Value{}, err
		}
		one.add(p.s.Timeline.Version(step.Event), step.Changes)
		if since++; since < p.space || !run.Begun || saving*savingPart > time.Since(start) {
			continue
		}
		since = 0
		began := time.Now()
		p.save(run.Save())
		saving += time.Since(began)
	}
	err = run.Tally.Readable()
	p.pieces = append(p.pieces, one)
	return state.Clone(run.Root), err
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

func (p *past) save(st replay.SavedState) {
	p.saved = append(p.saved, st)
	if len(p.saved) <= mostSaved {
		return
	}
	kept := p.saved[:0]
	for i, st := range p.saved {
		if i%2 == 1 {
			kept = append(kept, st)
		}
	}
	clear(p.saved[len(kept):])
	p.saved, p.space = kept, p.space*2
}

// add records the changes of an event. Of too many, it forgets the earliest half.
func (o *piece) add(v replay.Version, changes []state.Change) {
	if len(changes) == 0 {
		return
	}
	o.log = append(o.log, logged{v, changes})
	for i := range changes {
		o.bytes += 128 + len(changes[i].Path) + changes[i].From.Size() + changes[i].To.Size()
	}
	if o.bytes < mostLogged || len(o.log) < 2 {
		return
	}
	half := len(o.log) / 2
	o.first, o.from = false, o.log[half-1].at
	o.log = append([]logged{}, o.log[half:]...)
	o.bytes /= 2
}

// find looks for the last event up to a version that set each want. root is the state
// after it.
func (p *past) find(ctx context.Context, root state.Value, upTo replay.Version, wants []*want) error {
	t := newTrail(root, wants)
	open := func() bool {
		for _, w := range wants {
			if !w.found {
				return true
			}
		}
		return false
	}
	for i := 0; open(); i++ {
		if i == len(p.pieces) {
			last := p.pieces[i-1]
			if last.first {
				return nil
			}
			at := replay.Moment{Stream: p.s.Timeline.Name}.WithVersion(last.from)
			if _, err := p.read(ctx, at); err != nil {
				return err
			}
		}
		log := p.pieces[i].log
		for k := len(log) - 1; k >= 0; k-- {
			if log[k].at > upTo {
				continue
			}
			for c := len(log[k].changes) - 1; c >= 0; c-- {
				t.back(&log[k].changes[c], log[k].at)
			}
			if k%64 == 0 && !open() {
				return nil
			}
		}
	}
	return nil
}

// changes returns what the event at a version changed.
func (p *past) changes(v replay.Version) []state.Change {
	for _, one := range p.pieces {
		i, ok := slices.BinarySearchFunc(one.log, v, func(l logged, v replay.Version) int { return cmp.Compare(l.at, v) })
		if ok {
			return one.log[i].changes
		}
	}
	return nil
}

// errTried ends a run after the trial it was for.
var errTried = errors.New("tried")

// try folds the history up to an event and passes the event to f.
func (p *past) try(ctx context.Context, at replay.Moment, f func(*replay.Trial) error) error {
	var from replay.SavedState
	for _, st := range p.saved {
		if st.Version < at.Version() && (!from.Begun || st.Version > from.Version) {
			from = st
		}
	}
	run := p.s.FoldFromSaved(ctx, from, at.JustBefore())
	run.WholeEvents, run.TryAt = true, at.Version()
	run.Try = func(t *replay.Trial) error {
		if err := f(t); err != nil {
			return err
		}
		return errTried
	}
	err := run.To(ctx, at, nil)
	if errors.Is(err, errTried) {
		return nil
	}
	return err
}
