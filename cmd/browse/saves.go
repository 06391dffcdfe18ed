package browse

import (
	"math"
	"slices"
	"sync"

	"asof/replay"
)

const (
	// saveEvery is how many events apart states are saved at first.
	saveEvery = 4096
	// maxSaves bounds the states that are saved.
	maxSaves = 256
)

// saves are states of a timeline to start from, so that a step need not fold the events
// before them again, even if nothing is kept between runs. If there are too many, one goes
// whose neighbors are near each other, so that they stay spread over all of the timeline.
// It is safe for concurrent use.
type saves struct {
	mu    sync.Mutex
	all   []save // in order
	nodes int    // of all states
}

type save struct {
	replay.SavedState
	nodes int
}

// nearest is the last state at or before a version; ok is false if there is none.
func (k *saves) nearest(v replay.Version) (found replay.SavedState, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	i, exact := slices.BinarySearchFunc(k.all, v, func(s save, v replay.Version) int { return compare(s.Version, v) })
	if !exact {
		i--
	}
	if i < 0 {
		return found, false
	}
	return k.all[i].SavedState, true
}

// spacing is how many events to fold until the next state is saved, chosen so that the
// states that fit reach over the timeline, as far as it is known.
func (k *saves) spacing() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.all) == 0 {
		return saveEvery
	}
	fit := min(max(keptNodes*len(k.all)/max(k.nodes, 1), 1), maxSaves)
	return max(int(k.all[len(k.all)-1].Version)/fit, saveEvery)
}

// add adds a state that a run has reached.
func (k *saves) add(s replay.SavedState) {
	if !s.Begun {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	i, exact := slices.BinarySearchFunc(k.all, s.Version, func(s save, v replay.Version) int { return compare(s.Version, v) })
	if exact {
		return
	}
	one := save{s, sizeOf(s.State)}
	k.all = slices.Insert(k.all, i, one)
	for k.nodes += one.nodes; len(k.all) > 1 && (len(k.all) > maxSaves || k.nodes > keptNodes); {
		k.drop()
	}
}

// drop drops the state that is missed least: the next one before it is near the next one
// after it. The last one stays.
func (k *saves) drop() {
	least, gap := 0, replay.Version(math.MaxInt64)
	before := replay.Version(0)
	for i := range len(k.all) - 1 {
		if d := k.all[i+1].Version - before; d < gap {
			least, gap = i, d
		}
		before = k.all[i].Version
	}
	k.nodes -= k.all[least].nodes
	k.all = slices.Delete(k.all, least, least+1)
}
