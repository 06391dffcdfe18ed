package js

import (
	"math"

	"asof/replay/fold/js/quick"
)

// A spelled is a number with the name under which it was read.
type spelled struct {
	bits uint64
	key  string
}

// spellings are the texts of numbers read during this event that differ from how a
// double is written. [quick.SpelledAs] defines which names share a spelling.
type spellings struct {
	texts map[spelled]string
	first map[uint64]string // the name under which a number was first read
	plain map[spelled]bool  // numbers with a fraction read in the form of a double
}

func (s *spellings) reset() {
	reset(&s.texts)
	reset(&s.first)
	reset(&s.plain)
}

// notePlain records that a number with a fraction was read in the form of a double.
// Stored under the same name again, it does not take the text of an equal number.
func (s *spellings) notePlain(f float64, key string) {
	if s.plain == nil {
		s.plain = map[spelled]bool{}
	}
	s.plain[spelled{math.Float64bits(f), quick.SpelledAs(key)}] = true
}

// note records the text of a number that was read under a name.
func (s *spellings) note(f float64, key, text string) {
	if s.texts == nil {
		s.texts, s.first = map[spelled]string{}, map[uint64]string{}
	}
	at := spelled{math.Float64bits(f), quick.SpelledAs(key)}
	s.texts[at] = text
	if _, known := s.first[at.bits]; !known {
		s.first[at.bits] = at.key
	}
}

// of returns the text of a number that is stored under a name.
func (s *spellings) of(f float64, key string) (text string, ok bool) {
	if len(s.texts) == 0 {
		return "", false
	}
	at := spelled{math.Float64bits(f), quick.SpelledAs(key)}
	text, ok = s.texts[at]
	if !ok && quick.IsCarried(f) && !s.plain[at] {
		return s.any(f)
	}
	return text, ok
}

// any returns the text that a number was first read with.
func (s *spellings) any(f float64) (text string, ok bool) {
	bits := math.Float64bits(f)
	key, ok := s.first[bits]
	return s.texts[spelled{bits, key}], ok
}
