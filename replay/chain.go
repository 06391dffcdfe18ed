package replay

import (
	"crypto/sha256"
	"encoding/binary"
)

// A Chain is a running hash over events as read, before upcasting: equal chains
// mean equal histories. It covers everything a fold can depend on. It is SHA-256,
// so that nobody can forge another history with the same chain.
type Chain [sha256.Size]byte

// Add returns the chain extended by an event, without the parts named by skip.
func (c Chain) Add(e *Event, skip Fields) Chain {
	var room [1 << 10]byte
	b := append(room[:0], c[:]...)
	for _, n := range []uint64{uint64(e.Version), uint64(e.Position), uint64(e.Revision)} {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	b = appendPart(b, string(e.Stream))
	b = appendPart(b, e.Category)
	b = appendPart(b, e.Type)
	if skip&FieldID == 0 {
		b = appendPart(b, e.ID)
	}
	if skip&FieldTime == 0 {
		b = binary.LittleEndian.AppendUint64(b, uint64(e.Time.Unix()))
		b = binary.LittleEndian.AppendUint32(b, uint32(e.Time.Nanosecond()))
	}
	if skip&FieldMeta == 0 {
		b = appendPart(b, e.Meta.Actor)
		b = appendPart(b, e.Meta.Correlation)
		b = appendPart(b, e.Meta.Causation)
		b = appendPart(b, e.Meta.Raw)
	}
	if skip&FieldData == 0 {
		b = appendPart(b, e.Opaque)
		b = appendPart(b, e.Data)
	}
	return sha256.Sum256(b)
}

// appendPart appends a part after its length, which makes the encoding unambiguous.
func appendPart[T string | []byte](b []byte, part T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(part))), part...)
}
