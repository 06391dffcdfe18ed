package format

import (
	"encoding/binary"
	"math/bits"
)

// Lengths are stored as differences: in blocks, each with its least difference, and what
// the others are above it in as few bits as a part of the block needs.
const (
	blockSize = 128
	partSize  = 32 // of a block
	parts     = blockSize / partSize
)

// appendDeltas appends numbers below 1<<31 as they are stored.
func appendDeltas(b []byte, all []int64) []byte {
	b = binary.AppendUvarint(b, blockSize)
	b = binary.AppendUvarint(b, parts)
	b = binary.AppendUvarint(b, uint64(len(all)))
	first := int64(0)
	if len(all) > 0 {
		first, all = all[0], all[1:]
	}
	b = binary.AppendVarint(b, first)
	for len(all) > 0 {
		n := min(len(all), blockSize)
		b = appendBlock(b, first, all[:n])
		first, all = all[n-1], all[n:]
	}
	return b
}

func appendBlock(b []byte, before int64, all []int64) []byte {
	var above [blockSize]uint64
	least := all[0] - before
	for i, last := 0, before; i < len(all); i++ {
		least, last = min(least, all[i]-last), all[i]
	}
	for i, last := 0, before; i < len(all); i++ {
		above[i], last = uint64(all[i]-last-least), all[i]
	}
	b = binary.AppendVarint(b, least)
	widths := len(b)
	b = append(b, make([]byte, parts)...)
	for p := 0; p*partSize < len(all); p++ {
		part, most := above[p*partSize:(p+1)*partSize], uint64(0)
		for _, n := range part {
			most |= n
		}
		width := bits.Len64(most)
		b[widths+p] = byte(width)
		b = appendPacked(b, part, width)
	}
	return b
}

// appendPacked appends the low bits of numbers, of at most 32 bits.
func appendPacked(b []byte, all []uint64, width int) []byte {
	held, n := uint64(0), 0
	for _, v := range all {
		held |= v << n
		for n += width; n >= 8; n -= 8 {
			b = append(b, byte(held))
			held >>= 8
		}
	}
	return b
}

// readDeltas reads numbers, of which there are at most most, and returns what is after them.
func readDeltas(b []byte, most int) (all []int64, rest []byte, err error) {
	r := deltas{b: b}
	block, inBlock, total, last := r.unsigned(), r.unsigned(), r.unsigned(), r.signed()
	if r.bad || block == 0 || block > 1<<16 || inBlock == 0 || block%(32*inBlock) != 0 || total > uint64(most) {
		return nil, nil, errDamaged
	}
	if total > 0 {
		all = append(all, last)
	}
	size := int(block / inBlock)
	for uint64(len(all)) < total {
		least := r.signed()
		widths := r.bytes(int(inBlock))
		for _, w := range widths {
			if uint64(len(all)) >= total {
				break // no more parts are stored
			}
			packed := r.bytes(int(w) * size / 8)
			if w > 56 || r.bad {
				return nil, nil, errDamaged
			}
			for i := 0; i < size && uint64(len(all)) < total; i++ {
				last += least + int64(bitsAt(packed, i*int(w), int(w)))
				all = append(all, last)
			}
		}
		if r.bad {
			return nil, nil, errDamaged
		}
	}
	return all, r.b, nil
}

// bitsAt are some bits, at most 56.
func bitsAt(b []byte, at, width int) (v uint64) {
	if width == 0 {
		return 0
	}
	for i := at / 8; i < len(b) && i*8 < at+width; i++ {
		v |= uint64(b[i]) << (i*8 - at/8*8)
	}
	return v >> (at % 8) & (1<<width - 1)
}

// A deltas reads numbers, and notes whether one was bad.
type deltas struct {
	b   []byte
	bad bool
}

func (r *deltas) unsigned() uint64 {
	v, n := binary.Uvarint(r.b)
	r.skip(n)
	return v
}

func (r *deltas) signed() int64 {
	v, n := binary.Varint(r.b)
	r.skip(n)
	return v
}

func (r *deltas) skip(n int) {
	if n <= 0 {
		r.bad = true
		return
	}
	r.b = r.b[n:]
}

func (r *deltas) bytes(n int) []byte {
	if n > len(r.b) {
		r.bad = true
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}
