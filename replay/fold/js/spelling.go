package js

import (
	"math"

	"asof/replay/fold/js/quick"
)

// A spelled is a number and the name that it was read by.
type spelled struct {
	bits uint64
	key  string
}

// spellings are how numbers were written that were read during this event, where
// that is not how a double is written. The rule is [quick.SpelledAs]'s.
type spellings struct {
	texts map[spelled]string
	first map[uint64]string // the name that a number was first read by
	plain map[spelled]bool  // numbers with a fraction that were read as a double is written
}

func (s *spellings) reset() {
	reset(&s.texts)
	reset(&s.first)
	reset(&s.plain)
}

// notePlain remembers that a number with a fraction was read by a name as a double
// is written: put there again, it is not spelled as an equal one elsewhere.
func (s *spellings) notePlain(f float64, key string) {
	if s.plain == nil {
		s.plain = map[spelled]bool{}
	}
	s.plain[spelled{math.Float64bits(f), quick.SpelledAs(key)}] = true
}

// note remembers how a number was written that was read by a name.
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

// of returns how a number is written that is put at a name.
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

// any returns how a number was first written.
func (s *spellings) any(f float64) (text string, ok bool) {
	bits := math.Float64bits(f)
	key, ok := s.first[bits]
	return s.texts[spelled{bits, key}], ok
}
