package query

import (
	"encoding/binary"
	"hash/maphash"
	"math"

	"zombiezen.com/go/sqlite"
)

// A rowID numbers the rows of one scan by what they hold. SQLite scans a table more than
// once for an OR and for a RIGHT or FULL JOIN, and takes rows with one number for one row.
// The scans read the same columns, and a condition is true of all rows that are alike or of
// none: the n-th of those that are alike is the same row in each scan.
type rowID struct {
	known bool
	id    int64            // of the current row, if known
	alike map[uint64]int64 // rows so far, by hash
}

var rowSeed = maphash.MakeSeed()

func (r *rowID) of(row []sqlite.Value) int64 {
	if r.known {
		return r.id
	}
	var h maphash.Hash
	h.SetSeed(rowSeed)
	for _, v := range row {
		hashValue(&h, v)
	}
	sum := h.Sum64()
	if r.alike == nil {
		r.alike = map[uint64]int64{}
	}
	r.alike[sum]++
	hashNumber(&h, uint64(r.alike[sum]))
	r.id, r.known = int64(h.Sum64()>>1), true
	return r.id
}

func hashValue(h *maphash.Hash, v sqlite.Value) {
	_ = h.WriteByte(byte(v.Type()))
	switch v.Type() {
	case sqlite.TypeInteger:
		hashNumber(h, uint64(v.Int64()))
	case sqlite.TypeFloat:
		hashNumber(h, math.Float64bits(v.Float()))
	case sqlite.TypeText:
		text := v.Text()
		hashNumber(h, uint64(len(text)))
		_, _ = h.WriteString(text)
	}
}

func hashNumber(h *maphash.Hash, n uint64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], n)
	_, _ = h.Write(b[:])
}
