package contrast

import "iter"

// A table holds, for each feature of a stream, the number of the first event that has it.
// It only grows. The zero table is empty.
type table struct {
	keys  []uint64 // open addressing; 0 is free
	first []uint32 // beginning with 1
	n     int
}

// add notes that an event has a feature, and reports whether it is the first.
func (t *table) add(h uint64, event uint32) bool {
	if h == 0 {
		h = 1
	}
	if 4*(t.n+1) > 3*len(t.keys) {
		t.grow()
	}
	mask := uint64(len(t.keys) - 1)
	i := h & mask
	for ; t.keys[i] != 0; i = (i + 1) & mask {
		if t.keys[i] == h {
			return false
		}
	}
	t.keys[i], t.first[i] = h, event
	t.n++
	return true
}

func (t *table) grow() {
	old := *t
	size := max(16, 2*len(old.keys))
	t.keys, t.first = make([]uint64, size), make([]uint32, size)
	mask := uint64(size - 1)
	for j, h := range old.keys {
		if h == 0 {
			continue
		}
		i := h & mask
		for ; t.keys[i] != 0; i = (i + 1) & mask {
		}
		t.keys[i], t.first[i] = h, old.first[j]
	}
}

// upTo yields the features of the first k events.
func (t *table) upTo(k uint32) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		for i, h := range t.keys {
			if h != 0 && t.first[i] <= k && !yield(h) {
				return
			}
		}
	}
}
