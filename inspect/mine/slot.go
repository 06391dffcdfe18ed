package mine

import (
	"hash/maphash"
	"strings"

	"asof/replay/state"
)

const (
	maxSlots  = 256 // paths of a target
	maxValues = 12  // of a slot that may be one of a few
	maxOwned  = 300_000
	maxText   = 60 // bytes of a value that may be one of a few
)

// What a stream did at a slot.
const (
	isSeen uint8 = 1 << iota
	isNegative
	isZero
	isDown    // a number decreased
	isUp      // a number increased
	isGone    // removed, or null
	isAtStart // there at the first event
)

// A mark is what one stream did at a slot.
type mark struct {
	flags uint8
	last  uint8  // 1 + the index of the present value; 0: none
	mask  uint16 // values that it had
}

// A slot is what one worker knows of a path of the state.
type slot struct {
	path
	index    int
	strings  int64 // observed values by kind
	numbers  int64
	others   int64
	values   []string          // the first distinct values
	over     bool              // there are more
	owners   map[uint64]uint32 // by hash of a value: the stream that has it
	repeated bool              // two streams have the same value
	isID     bool              // a value is the name of its stream
}

// observe notes a scalar value of a stream.
func (s *slot) observe(v state.Value, m *mark) {
	text := v.Text()
	switch v.Kind() {
	case state.Null:
		m.flags |= isGone
		m.last = 0
		return
	case state.Number:
		s.numbers++
		switch c := sign(text); {
		case c < 0:
			m.flags |= isNegative
		case c == 0:
			m.flags |= isZero
		}
	case state.String:
		s.strings++
	default:
		s.others++
	}
	m.flags |= isSeen
	i := s.valueIndex(text)
	if i < 0 {
		m.last = 0
		return
	}
	m.mask |= 1 << i
	m.last = uint8(i + 1)
}

// valueIndex returns the index of a value among the tracked ones, or -1.
func (s *slot) valueIndex(text string) int {
	if s.over {
		return -1
	}
	for i, have := range s.values {
		if have == text {
			return i
		}
	}
	if len(s.values) == maxValues || len(text) > maxText {
		s.over = true
		return -1
	}
	s.values = append(s.values, strings.Clone(text))
	return len(s.values) - 1
}

// own notes that a stream has a value, for uniqueness. owner is its number.
func (s *slot) own(seed maphash.Seed, v state.Value, stream string, owner uint32) {
	if s.repeated || v.Kind() != state.String {
		return
	}
	s.isID = s.isID || v.Text() != "" && strings.Contains(stream, v.Text())
	h := maphash.String(seed, v.Text())
	if s.owners == nil {
		s.owners = map[uint64]uint32{}
	}
	if have, ok := s.owners[h]; ok && have != owner || !ok && len(s.owners) == maxOwned {
		s.repeated, s.owners = true, nil
		return
	}
	s.owners[h] = owner
}

// sign returns the sign of a number.
func sign(text string) int { return state.CompareNumbers(text, "0") }
