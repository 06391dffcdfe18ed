package sqlite

import (
	"encoding/binary"
	"math"

	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// maxHeld is the maximum number of bytes of the rows that are held back.
var maxHeld = 24 << 20

// heldBytes are those of a row without its values, and mostReused those of one whose memory is
// used again.
const (
	heldBytes  = 160
	mostReused = 1 << 16
)

// lateRows pass the rows of a statement on in their order. A version whose [table.Late] part
// the next version of its row tells is held back until that one has been read, together with
// those in between. If they are too many, the part is looked up.
type lateRows struct {
	rows *rows
	late *table.Late

	held  []*heldRow // in order; those before first were passed on
	first int
	size  int // bytes
	free  []*heldRow

	ended bool
	err   error
}

// A heldRow is a row that was read and is not passed on yet.
type heldRow struct {
	name   string
	values []byte   // as written by appendValue: the fields but the stream, and the parts
	parts  int      // how many
	told   []byte   // the last part, if its next version told it
	of     *counted // if it waits for its next version
}

func (h *heldRow) size() int { return heldBytes + cap(h.values) + cap(h.told) }

// next returns the next row.
func (l *lateRows) next(st *table.Statement, into *table.Row) (bool, error) {
	for {
		idle := l.first == len(l.held)
		if !idle {
			passed, err := l.pass(into)
			if passed || err != nil {
				return passed, err
			}
		}
		if idle && l.ended {
			return false, l.err
		}
		of, more, err := l.rows.read(st, into)
		if err != nil || !more {
			l.ended, l.err = true, err
			continue
		}
		waits := l.waits(into, of)
		if idle && !waits {
			return true, nil
		}
		l.hold(into, of, waits)
	}
}

// waits tells the version before the row's, and reports whether this one waits.
func (l *lateRows) waits(row *table.Row, of *counted) bool {
	if h := of.waits; h != nil {
		l.size -= h.size()
		h.told = l.late.Told(h.told[:0], &row.Parts[0])
		l.size += h.size()
		h.of, of.waits = nil, nil
	}
	waits := l.late.Wanted(row.Parts)
	lastPart(row).Kind = cell.Null
	return waits
}

func lastPart(row *table.Row) *cell.Value { return &row.Parts[len(row.Parts)-1] }

func (l *lateRows) hold(row *table.Row, of *counted, waits bool) {
	h := l.unused()
	h.name, h.parts, h.values, h.told = row.Name, len(row.Parts), h.values[:0], h.told[:0]
	for f := range row.Vals {
		if source.Field(f) != source.Stream {
			h.values = appendValue(h.values, &row.Vals[f])
		}
	}
	for i := range row.Parts {
		h.values = appendValue(h.values, &row.Parts[i])
	}
	if l.size += h.size(); waits {
		h.of, of.waits = of, h
	}
	if l.first > len(l.held)/2 { // most of them were passed on
		l.held, l.first = l.held[:copy(l.held, l.held[l.first:])], 0
	}
	l.held = append(l.held, h)
}

// pass passes the first row that is held on, unless that waits and there is room for more.
func (l *lateRows) pass(into *table.Row) (bool, error) {
	h := l.held[l.first]
	if h.of != nil && !l.ended && l.size < maxHeld {
		return false, nil
	}
	l.first++
	if l.size -= h.size(); h.size() < mostReused {
		l.free = append(l.free, h)
	}
	into.Name = h.name
	in := h.values
	for f := range into.Vals {
		if source.Field(f) != source.Stream {
			in = cutValue(in, &into.Vals[f])
		}
	}
	stream := into.At(source.Stream)
	stream.Kind, stream.B = cell.Text, append(stream.B[:0], h.name...)
	into.Parts = into.Parts[:h.parts]
	for i := range into.Parts {
		in = cutValue(in, &into.Parts[i])
	}
	if h.of != nil {
		h.of.waits, h.of = nil, nil
		return true, l.lookUp(into)
	}
	if len(h.told) > 0 {
		part := lastPart(into)
		part.Kind, part.B = cell.Blob, append(part.B[:0], h.told...)
	}
	return true, nil
}

// appendValue appends a value for cutValue, without the buffer of a number.
func appendValue(out []byte, v *cell.Value) []byte {
	out = append(out, byte(v.Kind))
	switch v.Kind {
	case cell.Int:
		return binary.LittleEndian.AppendUint64(out, uint64(v.Num))
	case cell.Real:
		return binary.LittleEndian.AppendUint64(out, math.Float64bits(v.Real))
	case cell.Text, cell.Blob:
		return append(binary.LittleEndian.AppendUint64(out, uint64(len(v.B))), v.B...)
	}
	return out
}

// cutValue reads the first value and returns the rest.
func cutValue(in []byte, v *cell.Value) []byte {
	v.Kind, in = cell.Kind(in[0]), in[1:]
	if v.Kind == cell.Null {
		return in
	}
	n := binary.LittleEndian.Uint64(in)
	in = in[8:]
	switch v.Kind {
	case cell.Int:
		v.Num = int64(n)
	case cell.Real:
		v.Real = math.Float64frombits(n)
	default:
		v.B = append(v.B[:0], in[:n]...)
		in = in[n:]
	}
	return in
}

// unused returns memory for a row.
func (l *lateRows) unused() *heldRow {
	if n := len(l.free); n > 0 {
		h := l.free[n-1]
		l.free = l.free[:n-1]
		return h
	}
	return &heldRow{}
}

// lookUp fills in the part of a row that waits.
func (l *lateRows) lookUp(row *table.Row) error {
	r := l.rows.r
	stmt, err := r.statement(l.late.SQL)
	if err != nil {
		return err
	}
	defer r.release(l.late.SQL, stmt)
	stmt.BindInt64(1, row.At(source.Position).Num)
	more, err := stmt.Step()
	if more {
		r.probe.readColumn(stmt, 0, lastPart(row))
	}
	return err
}
