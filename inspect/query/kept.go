package query

import (
	"bufio"
	"encoding/binary"
	"io"
	"math"

	"zombiezen.com/go/sqlite"

	"asof/inspect/scratch"
)

// kept are rows of a scan that were read before SQLite asked for them. What a question may
// not hold in memory is in a temporary file.
type kept struct {
	db   *DB
	rows [][]sqlite.Value
	file *scratch.File
	in   *bufio.Reader // nil: nothing was taken from the file yet
	left int           // rows in the file
	buf  []byte
}

// add appends a row.
func (k *kept) add(row []sqlite.Value) (err error) {
	n := rowBytes(row)
	if k.file == nil {
		if k.db.held+n <= mostHeld/2 { // the rest is for states
			k.rows = append(k.rows, row)
			return k.db.hold(n)
		}
		if k.file, err = scratch.New(); err != nil {
			return err
		}
	}
	k.buf = appendRow(k.buf[:0], row)
	k.left++
	_, err = k.file.Write(k.buf)
	return err
}

// take removes the first row; nil: there is none.
func (k *kept) take() (row []sqlite.Value, err error) {
	if len(k.rows) > 0 {
		row, k.rows = k.rows[0], k.rows[1:]
		_ = k.db.hold(-rowBytes(row)) // it was held
		return row, nil
	}
	if k.left == 0 {
		return nil, nil
	}
	if k.in == nil {
		if k.in, err = k.file.Reader(); err != nil {
			return nil, err
		}
	}
	k.left--
	if row, err = readRow(k.in); err != nil {
		return nil, &scratch.Error{Err: err}
	}
	return row, nil
}

// drop frees the rows.
func (k *kept) drop() {
	for _, row := range k.rows {
		_ = k.db.hold(-rowBytes(row))
	}
	if k.file != nil {
		k.file.Close()
	}
	*k = kept{db: k.db}
}

// appendRow encodes a row: the number of its values, and each as its type and content.
func appendRow(b []byte, row []sqlite.Value) []byte {
	b = binary.AppendUvarint(b, uint64(len(row)))
	for _, v := range row {
		switch b = append(b, byte(v.Type())); v.Type() {
		case sqlite.TypeInteger:
			b = binary.AppendVarint(b, v.Int64())
		case sqlite.TypeFloat:
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v.Float()))
		case sqlite.TypeText:
			b = append(binary.AppendUvarint(b, uint64(len(v.Text()))), v.Text()...)
		case sqlite.TypeBlob:
			b = append(binary.AppendUvarint(b, uint64(len(v.Blob()))), v.Blob()...)
		}
	}
	return b
}

// readRow decodes what appendRow wrote.
func readRow(in *bufio.Reader) ([]sqlite.Value, error) {
	n, err := binary.ReadUvarint(in)
	if err != nil {
		return nil, err
	}
	row := make([]sqlite.Value, n)
	for i := range row {
		if row[i], err = readValue(in); err != nil {
			return nil, err
		}
	}
	return row, nil
}

func readValue(in *bufio.Reader) (v sqlite.Value, err error) {
	typ, err := in.ReadByte()
	if err != nil {
		return v, err
	}
	switch sqlite.ColumnType(typ) {
	case sqlite.TypeInteger:
		var n int64
		n, err = binary.ReadVarint(in)
		return sqlite.IntegerValue(n), err
	case sqlite.TypeFloat:
		var b [8]byte
		_, err = io.ReadFull(in, b[:])
		return sqlite.FloatValue(math.Float64frombits(binary.LittleEndian.Uint64(b[:]))), err
	case sqlite.TypeText, sqlite.TypeBlob:
		n, err := binary.ReadUvarint(in)
		if err != nil {
			return v, err
		}
		b := make([]byte, n)
		if _, err = io.ReadFull(in, b); err != nil {
			return v, err
		}
		if sqlite.ColumnType(typ) == sqlite.TypeText {
			return sqlite.TextValue(string(b)), nil
		}
		return sqlite.BlobValue(b), nil
	}
	return v, nil
}
