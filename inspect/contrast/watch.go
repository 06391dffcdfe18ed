package contrast

import (
	"hash/maphash"
	"math/bits"
	"slices"
	"sync/atomic"
	"time"

	"asof/inspect/check"
	"asof/replay"
	"asof/replay/state"
)

// Options configure a study.
type Options struct {
	Releases Releases

	// Entries is the maximum number of features kept, counted for each stream; 0: 1 million,
	// about 20 MB.
	Entries int64
}

const defaultEntries = 1_000_000

// A Study notes the features of streams during a check.
type Study struct {
	o       Options
	seed    maphash.Seed
	watches []*watch

	// Streams are divided into classes by their hash: half of them are of class 0, a quarter
	// of class 1 and so on. Those of a class below level are left out.
	entries [maxClass + 1]atomic.Int64 // kept, by class
	level   atomic.Int32
}

const maxClass = 40

// New returns a study.
func New(o Options) *Study {
	if o.Entries == 0 {
		o.Entries = defaultEntries
	}
	return &Study{o: o, seed: maphash.MakeSeed()}
}

// Watches returns a watch for each worker of a check. What was noted before is forgotten.
func (s *Study) Watches(n int) []check.Watch {
	s.watches = nil
	s.level.Store(0)
	for i := range s.entries {
		s.entries[i].Store(0)
	}
	out := make([]check.Watch, n)
	for i := range out {
		w := &watch{study: s, x: newExtractor(s.seed, s.o.Releases), touched: make([]int64, len(s.o.Releases))}
		s.watches = append(s.watches, w)
		out[i] = w
	}
	return out
}

// settle raises the level until the entries fit, and returns it.
func (s *Study) settle() int {
	for {
		level, total := s.level.Load(), int64(0)
		for c := int(level); c <= maxClass; c++ {
			total += s.entries[c].Load()
		}
		if total <= s.o.Entries || level == maxClass {
			return int(level)
		}
		s.level.CompareAndSwap(level, level+1)
	}
}

// A watch notes the features of the streams of one worker.
type watch struct {
	study   *Study
	x       *extractor
	all     []*history
	fresh   int     // entries since the level was last settled
	touched []int64 // streams with an event during a release
}

// class returns the class of a stream.
func class(id replay.StreamID) int {
	h := uint64(14695981039346656037)
	for i := range len(id) {
		h = (h ^ uint64(id[i])) * 1099511628211
	}
	return min(bits.TrailingZeros64(mix(h, h>>32)), maxClass)
}

// Stream begins a stream.
func (w *watch) Stream(id replay.StreamID, set *check.RuleSet) check.StreamWatch {
	h := &history{w: w, stream: id, class: class(id)}
	for _, r := range set.Rules {
		h.rules = append(h.rules, r.Invariant)
	}
	w.all = append(w.all, h)
	return h
}

// A typeSeen is a type of a stream's events, and how many of the types before its last
// event are known to be before it.
type typeSeen struct {
	t      *eventType
	before int
}

// A history is what is noted of a stream.
type history struct {
	w      *watch
	stream replay.StreamID
	rules  []int // invariants
	class  int
	n      uint32 // events
	seen   table
	out    bool // left out

	prev  *eventType
	time  time.Time
	types []typeSeen
	lives []int32
}

// Event notes the features of an event.
func (h *history) Event(e *replay.Event) {
	h.n++
	h.live(e.Time)
	if h.out {
		return
	}
	if int32(h.class) < h.w.study.level.Load() {
		h.out, h.seen, h.types, h.prev = true, table{}, nil, nil
		return
	}
	h.w.x.event(h, e)
	h.note(h.w.x)
}

// Wants reports whether the stream is compared.
func (h *history) Wants() bool { return !h.out }

// Changed notes what the event changed.
func (h *history) Changed(_ state.Value, changes []state.Change) {
	h.w.x.changed(h.prev, changes)
	h.note(h.w.x)
}

// note adds features to those of the stream. Where it has one already, it has those that come
// with it.
func (h *history) note(x *extractor) {
	fresh, from := 0, 0
	for i, f := range x.out {
		if h.seen.add(f, h.n) {
			fresh++
			for _, f := range x.with[from:x.ends[i]] {
				if h.seen.add(f, h.n) {
					fresh++
				}
			}
		}
		from = x.ends[i]
	}
	if fresh == 0 {
		return
	}
	w := h.w
	w.study.entries[h.class].Add(int64(fresh))
	if w.fresh += fresh; w.fresh >= 1024 {
		w.fresh = 0
		w.study.settle()
	}
}

// live counts the stream among those of the release that is live at a time.
func (h *history) live(at time.Time) {
	if i := int32(h.w.study.o.Releases.live(at)); i >= 0 && !slices.Contains(h.lives, i) {
		h.lives = append(h.lives, i)
		h.w.touched[i]++
	}
}
