package snapshot

import (
	"math"
	"time"

	"asof/replay"
)

// States are spaced so that saving them takes at most a twentieth of the folding
// time, and close enough that folding from one to the next takes little time.
const (
	costShare = 20
	minGap    = 15 * time.Millisecond
	// maxStates is about the most states that one pass keeps.
	maxStates = 256
	// lookEvery is the number of events between looks at the clock.
	lookEvery = 64
)

// Record returns a recorder that keeps states at intervals of time.
func (l *States) Record(from *replay.Checkpoint) replay.Recorder {
	now := time.Now()
	r := &recorder{states: l, began: now, last: now, gap: minGap, at: math.MinInt64, have: l.entries(math.MaxInt64)}
	if from != nil {
		r.at = from.Version
	}
	return r
}

type recorder struct {
	states *States
	began  time.Time
	last   time.Time     // a state was kept
	gap    time.Duration // until the next one
	seen   int
	wrote  int64

	at   replay.Version // where a state was last due
	have []entry        // later states from other passes
}

// Folded keeps the state if one is due.
func (r *recorder) Folded(take func() replay.Checkpoint) (kept bool) {
	if r.seen++; r.seen%lookEvery != 0 {
		return false
	}
	now := time.Now()
	if now.Sub(r.last) < r.gap || !r.allowed() {
		return false
	}
	cp := take()
	if r.has(cp.Version) {
		r.last = now
		return false
	}
	n, err := r.states.save(cp)
	if err != nil {
		r.states.cache.fail(err)
		return false
	}
	r.wrote += n
	r.states.cache.wrote.Add(n)
	r.last = time.Now()
	r.gap = max(minGap, costShare*r.last.Sub(now), r.last.Sub(r.began)/maxStates)
	return true
}

// has reports whether another pass has kept a state since one was last due.
func (r *recorder) has(v replay.Version) (found bool) {
	for len(r.have) > 0 && r.have[0].version <= v {
		found = found || r.have[0].version > r.at
		r.have = r.have[1:]
	}
	r.at = v
	return found
}

// allowed reports whether a state may be kept now. One pass must not fill the whole
// cache.
func (r *recorder) allowed() bool {
	c := r.states.cache
	return !c.failed.Load() && r.wrote < c.o.Limit/4 && (r.states.mayKeep == nil || r.states.mayKeep())
}
