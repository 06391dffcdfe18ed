package audit

import "hash/maphash"

// maxIDs is the maximum number of ids among which duplicates are looked for. It
// limits the memory to 64 MiB.
const maxIDs = 1 << 22

// An idSet is a set of texts, kept as 64-bit hashes in an open-addressed table. It
// takes 8 to 16 bytes per text, a fifth of a map.
type idSet struct {
	seed  maphash.Seed
	slots []uint64 // 0 is free
	n     int
}

func newIDSet() *idSet { return &idSet{seed: maphash.MakeSeed(), slots: make([]uint64, 1<<10)} }

// full reports whether the set accepts no more texts.
func (s *idSet) full() bool { return s.n >= maxIDs }

// add adds a text and reports whether the set already contained it.
func (s *idSet) add(text string) bool {
	if s.full() {
		return false
	}
	if 2*s.n >= len(s.slots) && len(s.slots) < 2*maxIDs {
		old := s.slots
		s.slots = make([]uint64, 2*len(old))
		for _, h := range old {
			if h != 0 {
				s.slots[s.slot(h)] = h
			}
		}
	}
	h := max(maphash.String(s.seed, text), 1)
	at := s.slot(h)
	if s.slots[at] == h {
		return true
	}
	s.slots[at] = h
	s.n++
	return false
}

// slot returns the index of a hash, or of the free slot for it.
func (s *idSet) slot(h uint64) int {
	mask := len(s.slots) - 1
	at := int(h) & mask
	for s.slots[at] != 0 && s.slots[at] != h {
		at = (at + 1) & mask
	}
	return at
}
