package browse

import (
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
// before them again, even if nothing is kept between runs. They are spread evenly, and
// every second one goes when there are too many. It is safe for concurrent use.
type saves struct {
	mu    sync.Mutex
	all   []save // in order
	every int    // events between them
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

// spacing is how many events to fold until the next state is saved.
func (k *saves) spacing() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return max(k.every, saveEvery)
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
		k.every = 2 * max(k.every, saveEvery)
		left := k.all[:0:0]
		k.nodes = 0
		for i := 1; i < len(k.all); i += 2 {
			left = append(left, k.all[i])
			k.nodes += k.all[i].nodes
		}
		k.all = left
	}
}
