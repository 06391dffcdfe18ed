package audit

import "hash/maphash"

// maxIDs bounds the ids among which duplicates are looked for, and so memory: 64
// MiB at most.
const maxIDs = 1 << 22

// An idSet remembers texts by hash, in an open table of 64-bit hashes: 8 to 16
// bytes each, a fifth of what a map takes.
type idSet struct {
	seed  maphash.Seed
	slots []uint64 // 0 is free
	n     int
}

func newIDSet() *idSet { return &idSet{seed: maphash.MakeSeed(), slots: make([]uint64, 1<<10)} }

// full reports whether no more are taken in.
func (s *idSet) full() bool { return s.n >= maxIDs }

// add takes a text in and reports whether it was there already.
func (s *idSet) add(text string) bool {
	if s.full() {
		return false
	}
	if 2*s.n >= len(s.slots) && len(s.slots) < 2*maxIDs {
		old := s.slots
		s.slots = make([]uint64, 2*len(old))
		for _, h := range old {
			if h != 0 {
				s.slots[s.place(h)] = h
			}
		}
	}
	h := max(maphash.String(s.seed, text), 1)
	at := s.place(h)
	if s.slots[at] == h {
		return true
	}
	s.slots[at] = h
	s.n++
	return false
}

// place finds where a hash is, or is to go.
func (s *idSet) place(h uint64) int {
	mask := len(s.slots) - 1
	at := int(h) & mask
	for s.slots[at] != 0 && s.slots[at] != h {
		at = (at + 1) & mask
	}
	return at
}
