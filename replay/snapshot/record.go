package snapshot

import (
	"math"
	"time"

	"asof/replay"
)

// States are kept so far apart that keeping them takes a twentieth of the time it
// takes to fold, at most, and that what has to be folded again from one to the
// next is hardly noticed.
const (
	costShare = 20
	minGap    = 15 * time.Millisecond
	// maxStates bounds, about, how many states of one pass are kept.
	maxStates = 256
	// lookEvery is the number of events after which the clock is looked at.
	lookEvery = 64
)

// Record returns what keeps states, by the time that passes.
func (l *Lane) Record(from *replay.Checkpoint) replay.Recorder {
	now := time.Now()
	r := &recorder{lane: l, began: now, last: now, gap: minGap, at: math.MinInt64, have: l.entries(math.MaxInt64)}
	if from != nil {
		r.at = from.Version
	}
	return r
}

type recorder struct {
	lane  *Lane
	began time.Time
	last  time.Time     // a state was kept
	gap   time.Duration // until the next one
	seen  int
	wrote int64

	at   replay.Version // where it was time to keep a state
	have []entry        // after that, of other passes
}

// Folded keeps the state if it is time to.
func (r *recorder) Folded(take func() replay.Checkpoint) {
	if r.seen++; r.seen%lookEvery != 0 {
		return
	}
	now := time.Now()
	if now.Sub(r.last) < r.gap || !r.may() {
		return
	}
	cp := take()
	if r.has(cp.Version) {
		r.last = now
		return
	}
	n, err := r.lane.save(cp)
	if err != nil {
		r.lane.cache.fail(err)
		return
	}
	r.wrote += n
	r.lane.cache.wrote.Add(n)
	r.last = time.Now()
	r.gap = max(minGap, costShare*r.last.Sub(now), r.last.Sub(r.began)/maxStates)
}

// has reports whether another pass has kept a state since it was time to.
func (r *recorder) has(v replay.Version) (found bool) {
	for len(r.have) > 0 && r.have[0].version <= v {
		found = found || r.have[0].version > r.at
		r.have = r.have[1:]
	}
	r.at = v
	return found
}

// may reports whether a state may be kept now. One pass must not take the whole
// cache.
func (r *recorder) may() bool {
	c := r.lane.cache
	return !c.failed.Load() && r.wrote < c.o.Limit/4 && (r.lane.fit == nil || r.lane.fit())
}
