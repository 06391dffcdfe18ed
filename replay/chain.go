package replay

import (
	"encoding/binary"
	"math/bits"
)

// A Chain is a running hash over events as they were read, before they were
// upcast: equal chains mean equal histories. It covers what a fold can depend
// on. It is no proof against somebody who makes collisions on purpose.
type Chain uint64

// Add returns the chain with one more event. Parts named by skip are not covered.
func (c Chain) Add(e *Event, skip Fields) Chain {
	h := uint64(c)
	h = mix(h, uint64(e.Version), uint64(e.Position), uint64(e.Revision))
	h = hashString(h, string(e.Stream))
	h = hashString(h, e.Category)
	h = hashString(h, e.Type)
	if skip&FieldID == 0 {
		h = hashString(h, e.ID)
	}
	if skip&FieldTime == 0 {
		h = mix(h, uint64(e.Time.Unix()), uint64(e.Time.Nanosecond()), 0)
	}
	if skip&FieldMeta == 0 {
		h = hashString(h, e.Meta.Actor)
		h = hashString(h, e.Meta.Correlation)
		h = hashString(h, e.Meta.Causation)
		h = hash(h, e.Meta.Raw)
	}
	if skip&FieldData == 0 {
		h = hashString(h, e.Opaque)
		h = hash(h, e.Data)
	}
	return Chain(h)
}

// Hash returns a chain over bytes, to tell whether they were damaged.
func Hash(b []byte) Chain { return Chain(hash(0, b)) }

// The hash is XXH64 (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md).
const (
	prime1 = 0x9E3779B185EBCA87
	prime2 = 0xC2B2AE3D27D4EB4F
	prime3 = 0x165667B19E3779F9
	prime4 = 0x85EBCA77C2B2AE63
	prime5 = 0x27D4EB2F165667C5
)

func hash(seed uint64, b []byte) uint64 {
	n := uint64(len(b))
	h := seed + prime5
	if len(b) >= 32 {
		// The sums wrap around; constants may not.
		v1, v2, v3, v4 := seed, seed, seed, seed
		v1 += prime1
		v1 += prime2
		v2 += prime2
		v4 -= prime1
		for ; len(b) >= 32; b = b[32:] {
			v1 = round(v1, binary.LittleEndian.Uint64(b))
			v2 = round(v2, binary.LittleEndian.Uint64(b[8:]))
			v3 = round(v3, binary.LittleEndian.Uint64(b[16:]))
			v4 = round(v4, binary.LittleEndian.Uint64(b[24:]))
		}
		h = bits.RotateLeft64(v1, 1) + bits.RotateLeft64(v2, 7) +
			bits.RotateLeft64(v3, 12) + bits.RotateLeft64(v4, 18)
		for _, v := range [4]uint64{v1, v2, v3, v4} {
			h = (h^round(0, v))*prime1 + prime4
		}
	}
	h += n
	for ; len(b) >= 8; b = b[8:] {
		h = bits.RotateLeft64(h^round(0, binary.LittleEndian.Uint64(b)), 27)*prime1 + prime4
	}
	if len(b) >= 4 {
		h = bits.RotateLeft64(h^uint64(binary.LittleEndian.Uint32(b))*prime1, 23)*prime2 + prime3
		b = b[4:]
	}
	for _, c := range b {
		h = bits.RotateLeft64(h^uint64(c)*prime5, 11) * prime1
	}
	return avalanche(h)
}

func hashString(seed uint64, s string) uint64 {
	var buf [64]byte
	if len(s) <= len(buf) {
		return hash(seed, buf[:copy(buf[:], s)])
	}
	return hash(seed, []byte(s))
}

// mix is the hash of three numbers.
func mix(seed uint64, nums ...uint64) uint64 {
	h := seed + prime5 + uint64(8*len(nums))
	for _, n := range nums {
		h = bits.RotateLeft64(h^round(0, n), 27)*prime1 + prime4
	}
	return avalanche(h)
}

func round(acc, lane uint64) uint64 {
	return bits.RotateLeft64(acc+lane*prime2, 31) * prime1
}

func avalanche(h uint64) uint64 {
	h = (h ^ h>>33) * prime2
	h = (h ^ h>>29) * prime3
	return h ^ h>>32
}
