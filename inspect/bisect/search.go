package bisect

import (
	"fmt"
	"math/bits"
	"slices"

	"asof/replay/fault"
)

// A Mark is the result of testing one state.
type Mark string

// The marks.
const (
	MarkGood Mark = "good"
	MarkBad  Mark = "bad"
	MarkSkip Mark = "skip" // the state cannot be tested
)

// A Search finds, in a list that is good at index 0 and bad at index n, the index where
// good turns into bad. It does not know what is tested: [Search.Next] returns the index
// to test, and [Search.Mark] records the result.
//
// It first tests both ends, the last index before the first. It then assumes that bad
// stays bad and halves the rest: with n indexes after the first, at most ceil(log2 n) +
// 2 tests. A skipped index decides nothing and is never tested again. If the culprit is
// next to one, the answer is every index it could be.
type Search struct {
	n       int
	lo, hi  int // the last index known to be good, the first known to be bad
	loKnown bool
	hiKnown bool
	skipped []int // within lo and hi, in order
	marks   []MarkedIndex
}

// MarkedIndex is a mark and its index.
type MarkedIndex struct {
	Index int
	Mark  Mark
}

// NewSearch returns a search of the indexes 0 to n.
func NewSearch(n int) *Search { return &Search{n: n, hi: n} }

// Marks returns the marks so far.
func (s *Search) Marks() []MarkedIndex { return s.marks }

// Next returns the index to test, or false if the search is over.
func (s *Search) Next() (index int, ok bool) {
	switch {
	case s.ended():
		return 0, false
	case !s.hiKnown && !s.isSkipped(s.n):
		return s.n, true
	case !s.loKnown && s.n > 0 && !s.isSkipped(0):
		return 0, true
	}
	return s.middle()
}

// ended reports whether an end of the list is not as assumed.
func (s *Search) ended() bool {
	return s.hiKnown && s.hi == 0 || s.loKnown && s.lo == s.n
}

func (s *Search) isSkipped(index int) bool {
	_, found := slices.BinarySearch(s.skipped, index)
	return found
}

// middle returns the middle of the longest run of untested indexes. With skips, it
// avoids a cluster of indexes that cannot be tested.
func (s *Search) middle() (index int, ok bool) {
	from, longest := s.lo, 0
	run := func(to int) { // indexes between from and to, without these
		if to-from-1 > longest {
			longest = to - from - 1
			index = from + (to-from)/2
		}
		from = to
	}
	for _, k := range s.skipped {
		if k > s.lo && k < s.hi {
			run(k)
		}
	}
	run(s.hi)
	return index, longest > 0
}

// A MarkError is a mark that contradicts an earlier one.
type MarkError struct {
	MarkedIndex
	Bound  int // the contradicted index
	Before Mark
}

func (e *MarkError) Error() string {
	return fmt.Sprintf("index %d can't be %s: index %d is %s", e.Index, e.Mark, e.Bound, e.Before)
}

// Class returns [fault.Usage].
func (e *MarkError) Class() fault.Class { return fault.Usage }

// Fault returns [fault.KindUsage].
func (*MarkError) Fault() fault.Kind { return fault.KindUsage }

// Remedy returns nothing: the message is complete.
func (e *MarkError) Remedy() fault.Remedy { return fault.Remedy{} }

// Mark records the result of a test.
func (s *Search) Mark(index int, m Mark) error {
	if index < 0 || index > s.n {
		return fmt.Errorf("index %d is outside of 0 to %d", index, s.n)
	}
	switch m {
	case MarkGood:
		if s.hiKnown && index >= s.hi {
			return &MarkError{MarkedIndex{index, m}, s.hi, MarkBad}
		}
		if index >= s.lo {
			s.lo, s.loKnown = index, true
		}
	case MarkBad:
		if s.loKnown && index <= s.lo {
			return &MarkError{MarkedIndex{index, m}, s.lo, MarkGood}
		}
		if index <= s.hi {
			s.hi, s.hiKnown = index, true
		}
	case MarkSkip:
		if at, found := slices.BinarySearch(s.skipped, index); !found {
			s.skipped = slices.Insert(s.skipped, at, index)
		}
	default:
		return fmt.Errorf("%q is not good, bad or skip", m)
	}
	s.marks = append(s.marks, MarkedIndex{index, m})
	return nil
}

// Back removes the last mark, and returns false if there is none.
func (s *Search) Back() bool {
	if len(s.marks) == 0 {
		return false
	}
	marks := s.marks[:len(s.marks)-1]
	*s = *NewSearch(s.n)
	for _, p := range marks {
		_ = s.Mark(p.Index, p.Mark) // it was accepted before
	}
	return true
}

// Bounds returns the last good and the first bad index so far. Untested ends count as
// assumed.
func (s *Search) Bounds() (good, bad int) { return s.lo, s.hi }

// KnowsBad reports whether any index was marked bad. Otherwise there may be no culprit.
func (s *Search) KnowsBad() bool { return s.hiKnown }

// Left returns how many indexes can still be the culprit, and the approximate number of
// remaining tests.
func (s *Search) Left() (indexes, tests int) {
	indexes = s.hi - s.lo
	tests = bits.Len(uint(max(indexes-1, 0)))
	if !s.hiKnown && !s.isSkipped(s.n) {
		tests++
	}
	if !s.loKnown && !s.isSkipped(0) {
		tests++
	}
	return indexes, tests
}

// Result returns where good turns into bad, if the marks decide it. Otherwise the
// candidates are the indexes after Bounds' good one, up to and including its bad one.
func (s *Search) Result() Verdict {
	switch {
	case s.loKnown && s.lo == s.n:
		return NeverBad
	case s.hiKnown && s.hi == 0:
		return AlwaysBad
	case s.hiKnown && s.hi == s.lo+1 && s.loKnown:
		return Found
	}
	return Inconclusive
}
