package postgres

import (
	"encoding/hex"
	"math"
	"strconv"

	"asof/replay/store/cell"
)

// Types that need decoding.
const (
	oidBool    = 16
	oidBytea   = 17
	oidInt8    = 20
	oidInt2    = 21
	oidInt4    = 23
	oidOID     = 26
	oidFloat4  = 700
	oidFloat8  = 701
	oidNumeric = 1700
)

// A rawRow is a row as the server sends it: every column as text, or nil for NULL.
type rawRow struct {
	cells [][]byte
	oids  []uint32
}

// read sets v, which shares the row's bytes.
func (r *rawRow) read(col int, v *cell.Value) {
	b := r.cells[col]
	v.B = b[:len(b):len(b)]
	if b == nil {
		v.Kind = cell.Null
		return
	}
	v.Kind = cell.Text
	switch r.oids[col] {
	case oidInt2, oidInt4, oidInt8, oidOID, oidNumeric:
		if n, ok := cell.WholeNumber(b); ok {
			v.Kind, v.Num = cell.Int, n
		}
	case oidBool:
		v.Kind, v.Num = cell.Int, 0
		if len(b) == 1 && b[0] == 't' {
			v.Num = 1
		}
	case oidFloat4, oidFloat8:
		if f, err := strconv.ParseFloat(string(b), 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
			v.Kind, v.Real = cell.Real, f
		}
	case oidBytea:
		if raw, ok := unhexBytea(b); ok {
			v.Kind, v.B = cell.Blob, raw
		}
	}
}

// unhexBytea decodes \x… in place.
func unhexBytea(b []byte) ([]byte, bool) {
	if len(b) < 2 || b[0] != '\\' || b[1] != 'x' {
		return nil, false
	}
	n, err := hex.Decode(b, b[2:])
	return b[:n:n], err == nil
}

// A batch stores rows in one buffer, which the next batch reuses.
type batch struct {
	bytes []byte
	ends  []int // end of each cell; negative for NULL
	oids  []uint32
	rows  int
	row   rawRow
}

func (b *batch) reset() {
	if b.bytes == nil {
		b.bytes = []byte{} // keeps an empty cell distinct from NULL
	}
	b.bytes, b.ends, b.rows = b.bytes[:0], b.ends[:0], 0
}

func (b *batch) add(r *rawRow) error {
	b.oids = r.oids
	for _, c := range r.cells {
		b.bytes = append(b.bytes, c...)
		end := len(b.bytes)
		if c == nil {
			end = -end - 1
		}
		b.ends = append(b.ends, end)
	}
	b.rows++
	return nil
}

// size returns the memory of the rows in bytes.
func (b *batch) size() int { return len(b.bytes) + len(b.ends)*8 }

// at returns row i.
func (b *batch) at(i int) *rawRow {
	n := len(b.oids)
	b.row.oids = b.oids
	b.row.cells = b.row.cells[:0]
	start := 0
	if i > 0 {
		start = cellEnd(b.ends[i*n-1])
	}
	for _, e := range b.ends[i*n : (i+1)*n] {
		end := cellEnd(e)
		var cell []byte
		if e >= 0 {
			cell = b.bytes[start:end:end]
		}
		b.row.cells = append(b.row.cells, cell)
		start = end
	}
	return &b.row
}

func cellEnd(e int) int {
	if e < 0 {
		return -e - 1
	}
	return e
}
