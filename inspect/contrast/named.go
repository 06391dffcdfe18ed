package contrast

import (
	"context"
	"maps"
	"slices"

	"asof/inspect/check"
	"asof/replay"
	"asof/replay/state"
)

// A Rerun folds streams again, as the check did.
type Rerun func(ctx context.Context, streams []replay.StreamID, watches func(n int) []check.Watch) error

// A target is a bad stream of an invariant.
type target struct {
	invariant int
	stream    replay.StreamID
}

// A badHistory is what a bad stream has up to and including its culprit.
type badHistory struct {
	stream  replay.StreamID
	culprit replay.Version
	k       uint32 // events
	seen    *table
}

// A naming reads bad streams again, for the names of their features.
type naming struct {
	study   *Study
	bad     map[target]*badHistory
	watches []*namer
}

// Watches returns a watch for each worker.
func (n *naming) Watches(workers int) []check.Watch {
	n.watches = nil
	out := make([]check.Watch, workers)
	for i := range out {
		w := &namer{naming: n, x: newExtractor(n.study.seed, n.study.o.Releases)}
		w.x.names = map[uint64]Feature{}
		n.watches = append(n.watches, w)
		out[i] = w
	}
	return out
}

// names returns the names of all features that were found.
func (n *naming) names() map[uint64]Feature {
	all := map[uint64]Feature{}
	for _, w := range n.watches {
		maps.Copy(all, w.x.names)
	}
	return all
}

type namer struct {
	*naming
	x *extractor
}

// Stream begins a stream.
func (w *namer) Stream(id replay.StreamID, set *check.RuleSet) check.StreamWatch {
	h := &named{w: w}
	for _, r := range set.Rules {
		if b := w.bad[target{r.Invariant, id}]; b != nil {
			h.bad = append(h.bad, b)
		}
	}
	if len(h.bad) == 0 {
		return nil
	}
	return h
}

// named is a bad stream that is read again.
type named struct {
	w    *namer
	h    history // for what comes before an event
	seen table
	bad  []*badHistory // whose culprits are to come or present
}

// Event notes the features of an event.
func (s *named) Event(e *replay.Event) {
	s.bad = slices.DeleteFunc(s.bad, func(b *badHistory) bool { return b.culprit < e.Version })
	if len(s.bad) == 0 {
		return
	}
	s.h.n++
	s.w.x.event(&s.h, e)
	for _, f := range s.w.x.all() {
		s.seen.add(f, s.h.n)
	}
	for _, b := range s.bad {
		if b.culprit == e.Version {
			b.k, b.seen = s.h.n, &s.seen
		}
	}
}

// Wants reports whether the event is before a culprit, or is one.
func (s *named) Wants() bool { return len(s.bad) > 0 }

// Changed notes what the event changed.
func (s *named) Changed(_ state.Value, changes []state.Change) {
	s.w.x.changed(s.h.prev, changes)
	for _, f := range s.w.x.all() {
		s.seen.add(f, s.h.n)
	}
}

// A profile counts, of the events of bad streams that have a feature, which other features
// they have.
type profile struct {
	of     uint64
	events int
	with   map[uint64]int
}

// A profiling reads bad streams again for the profiles of features.
type profiling struct {
	study   *Study
	bad     map[target]*badHistory
	wanted  map[int][]uint64 // by invariant
	watches []*profiler
}

// Watches returns a watch for each worker.
func (p *profiling) Watches(workers int) []check.Watch {
	p.watches = nil
	out := make([]check.Watch, workers)
	for i := range out {
		w := &profiler{profiling: p, x: newExtractor(p.study.seed, p.study.o.Releases), found: map[int][]*profile{}}
		for inv, features := range p.wanted {
			for _, f := range features {
				w.found[inv] = append(w.found[inv], &profile{of: f, with: map[uint64]int{}})
			}
		}
		p.watches = append(p.watches, w)
		out[i] = w
	}
	return out
}

// always returns the features that all events with a feature have.
func (p *profiling) always(invariant, i int) (all []uint64) {
	events, with := 0, map[uint64]int{}
	for _, w := range p.watches {
		f := w.found[invariant][i]
		events += f.events
		for h, n := range f.with {
			with[h] += n
		}
	}
	for h, n := range with {
		if n == events {
			all = append(all, h)
		}
	}
	return all
}

type profiler struct {
	*profiling
	x     *extractor
	found map[int][]*profile
}

// Stream begins a stream.
func (w *profiler) Stream(id replay.StreamID, set *check.RuleSet) check.StreamWatch {
	s := &profiled{w: w, bad: map[int]*badHistory{}}
	for _, r := range set.Rules {
		if b := w.bad[target{r.Invariant, id}]; b != nil {
			s.bad[r.Invariant] = b
		}
	}
	if len(s.bad) == 0 {
		return nil
	}
	return s
}

type profiled struct {
	w   *profiler
	h   history
	bad map[int]*badHistory
	of  []uint64 // features of the present event
	at  replay.Version
}

// Event keeps the features of an event until it is known what it changed.
func (s *profiled) Event(e *replay.Event) {
	s.at = e.Version
	s.w.x.event(&s.h, e)
	s.of = append(s.of[:0], s.w.x.all()...)
}

// Wants reports true: a profile has what events changed.
func (s *profiled) Wants() bool { return true }

// Changed adds the event to the profiles.
func (s *profiled) Changed(_ state.Value, changes []state.Change) {
	s.w.x.changed(s.h.prev, changes)
	s.of = append(s.of, s.w.x.all()...)
	for inv, b := range s.bad {
		if s.at > b.culprit {
			continue
		}
		for _, p := range s.w.found[inv] {
			if slices.Contains(s.of, p.of) {
				p.add(s.of)
			}
		}
	}
}

func (p *profile) add(features []uint64) {
	p.events++
	for i, f := range features {
		if slices.Contains(features[:i], f) {
			continue
		}
		if p.with[f] == p.events-1 { // it is of all events so far
			p.with[f] = p.events
		}
	}
	if p.events%64 == 1 {
		maps.DeleteFunc(p.with, func(_ uint64, n int) bool { return n < p.events })
	}
}
