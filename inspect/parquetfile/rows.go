package parquetfile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"

	"asof/inspect/scratch"
)

// Rows are rows whose types are not yet known. They are used by one goroutine.
type Rows struct {
	// Quoted writes a column with values of several kinds as JSON, in which "7" is a text
	// and 7 a number, and a column with half of a surrogate pair. Otherwise its texts are as
	// they are.
	Quoted bool

	f     *scratch.File
	n     int64
	kinds []Kinds // by column
	buf   []byte
}

// NewRows returns no rows.
func NewRows() (*Rows, error) {
	f, err := scratch.New()
	if err != nil {
		return nil, err
	}
	return &Rows{f: f}, nil
}

// Close drops the rows.
func (r *Rows) Close() { r.f.Close() }

// Len is how many rows there are.
func (r *Rows) Len() int64 { return r.n }

func (r *Rows) kindsOf(col int) Kinds {
	if col < len(r.kinds) {
		return r.kinds[col]
	}
	return 0
}

// The tags of values in the file.
const (
	tagFalse byte = iota
	tagTrue
	tagInt
	tagDouble
	tagNumber
	tagText
	tagJSON
	tagBytes
)

// Add adds a row: nil, bool, int64, float64, string, []byte, [Number] or [JSON] by column.
// Columns that it does not reach are NULL, so that there may be more in the rows to come.
func (r *Rows) Add(row []any) error {
	b := r.buf[:0]
	for i, v := range row {
		kind := kindOf(v, r.Quoted)
		if kind == 0 {
			continue
		}
		for i >= len(r.kinds) {
			r.kinds = append(r.kinds, 0)
		}
		r.kinds[i] |= kind
		b = appendValue(binary.AppendUvarint(b, uint64(i)+1), v)
	}
	r.buf = append(b, 0)
	r.n++
	_, err := r.f.Write(r.buf)
	return err
}

func appendValue(b []byte, v any) []byte {
	text := func(tag byte, s string) []byte {
		return append(binary.AppendUvarint(append(b, tag), uint64(len(s))), s...)
	}
	switch v := v.(type) {
	case bool:
		if v {
			return append(b, tagTrue)
		}
		return append(b, tagFalse)
	case int64:
		return binary.AppendVarint(append(b, tagInt), v)
	case float64:
		return binary.LittleEndian.AppendUint64(append(b, tagDouble), math.Float64bits(v))
	case Number:
		return text(tagNumber, string(v))
	case string:
		return text(tagText, v)
	case JSON:
		return text(tagJSON, string(v))
	case []byte:
		return text(tagBytes, string(v))
	}
	panic(fmt.Sprintf("a value is a %T", v)) // kindOf has told
}

// A cell is a value of a row.
type cell struct {
	col int
	v   any
}

// all yields the rows. One is valid until the next.
func (r *Rows) all() iter.Seq2[[]cell, error] {
	return func(yield func([]cell, error) bool) {
		in, err := r.f.Reader()
		var row []cell
		for range r.n {
			if err == nil {
				row, err = readRow(in, row[:0])
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

func readRow(in *bufio.Reader, row []cell) ([]cell, error) {
	for {
		col, err := binary.ReadUvarint(in)
		if col == 0 || err != nil {
			return row, broken(err)
		}
		v, err := readValue(in)
		if err != nil {
			return row, broken(err)
		}
		row = append(row, cell{int(col - 1), v})
	}
}

func broken(err error) error {
	if err == nil {
		return nil
	}
	return &scratch.Error{Err: err}
}

func readValue(in *bufio.Reader) (any, error) {
	tag, err := in.ReadByte()
	if err != nil {
		return nil, err
	}
	switch tag {
	case tagFalse, tagTrue:
		return tag == tagTrue, nil
	case tagInt:
		return readInt(in)
	case tagDouble:
		var b [8]byte
		_, err := io.ReadFull(in, b[:])
		return math.Float64frombits(binary.LittleEndian.Uint64(b[:])), err
	}
	n, err := binary.ReadUvarint(in)
	if err != nil {
		return nil, err
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(in, text); err != nil {
		return nil, err
	}
	switch tag {
	case tagNumber:
		return Number(text), nil
	case tagText:
		return string(text), nil
	case tagJSON:
		return JSON(text), nil
	case tagBytes:
		return text, nil
	}
	return nil, errors.New("it has changed")
}

func readInt(in *bufio.Reader) (any, error) {
	n, err := binary.ReadVarint(in)
	return n, err
}
