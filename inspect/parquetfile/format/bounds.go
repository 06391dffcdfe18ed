package format

import (
	"cmp"
	"encoding/binary"
	"math"
	"strings"
	"unicode/utf8"
)

// longestBound is how long a text is at most that is said to be the least or greatest.
const longestBound = 64

// Bounds are the least and the greatest value of a page or a group, and how many NULLs it
// has.
type bounds struct {
	nulls       int64
	least, most Value
	some        bool // there are values
	near        bool // a text was too long: none is below least and above most, which may be shorter
	none        bool // a value has no place in an order
}

func (b *bounds) add(v Value) {
	low, high := v, v
	if len(v.text) > longestBound {
		low.text, high.text = below(v), above(v)
		b.near = true
	}
	if v.Type == Double && math.IsNaN(v.Double()) {
		b.none = true
	}
	b.widen(low, high)
}

func (b *bounds) widen(low, high Value) {
	if !b.some || compare(low, b.least) < 0 {
		b.least = low
	}
	if !b.some || compare(high, b.most) > 0 {
		b.most = high
	}
	b.some = true
}

// join adds the values of other bounds.
func (b *bounds) join(other bounds) {
	b.nulls += other.nulls
	b.near, b.none = b.near || other.near, b.none || other.none
	if other.some {
		b.widen(other.least, other.most)
	}
}

// exact reports whether there are a least and a greatest value that can be said.
func (b *bounds) exact() bool { return b.some && !b.near && !b.none }

// below is a short text that is not above a long one.
func below(v Value) string {
	end := longestBound
	for v.Type == Text && !utf8.RuneStart(v.text[end]) {
		end--
	}
	return v.text[:end]
}

// above is a short text that is above a long one, or the long one if there is none: its
// last letter, or byte, is the next one.
func above(v Value) string {
	s := below(v)
	for s != "" {
		last, size := rune(s[len(s)-1]), 1
		if v.Type == Text {
			last, size = utf8.DecodeLastRuneInString(s)
		}
		s = s[:len(s)-size]
		switch {
		case v.Type == Bytes && last < 0xff:
			return s + string([]byte{byte(last + 1)})
		case v.Type == Text && last == 0xd7ff: // surrogates are no letters
			return s + "\ue000"
		case v.Type == Text && last < utf8.MaxRune:
			return s + string(last+1)
		}
	}
	return v.text
}

func compare(a, b Value) int {
	switch a.Type {
	case Boolean:
		return cmp.Compare(a.bits, b.bits)
	case Int64:
		return cmp.Compare(a.Int(), b.Int())
	case Double:
		return cmp.Compare(a.Double(), b.Double())
	}
	return strings.Compare(a.text, b.text)
}

// stored are the least and greatest value as a file says them.
func (b *bounds) stored() (least, most string) {
	low, high := b.least, b.most
	if low.Type == Double { // a reader may tell the zeros apart, or not
		if low.Double() == 0 {
			low = DoubleValue(math.Copysign(0, -1))
		}
		if high.Double() == 0 {
			high = DoubleValue(0)
		}
	}
	return low.stored(), high.stored()
}

func (v Value) stored() string {
	switch v.Type {
	case Boolean:
		return string([]byte{byte(v.bits)})
	case Int64, Double:
		return string(binary.LittleEndian.AppendUint64(nil, v.bits))
	}
	return v.text
}
