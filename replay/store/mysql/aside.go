package mysql

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"asof/replay/store/cell"
)

// inMemory is how many bytes of rows are kept in memory; more go to a temporary file.
const inMemory = 1 << 20

// An aside keeps rows that were read from the wire before they were wanted, in order.
type aside struct {
	dir    string // of the temporary file
	mem    []byte
	file   *os.File
	out    *bufio.Writer
	in     *bufio.Reader
	at     int // read from mem
	row    []byte
	failed error // what came after the last row
}

// add keeps a row.
func (a *aside) add(row []cell.Value) error {
	a.row = a.row[:0]
	for i := range row {
		a.row = appendValue(a.row, &row[i])
	}
	var head [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(head[:], uint64(len(a.row)))
	if a.file == nil && len(a.mem)+n+len(a.row) <= inMemory {
		a.mem = append(append(a.mem, head[:n]...), a.row...)
		return nil
	}
	if a.file == nil {
		if err := a.create(); err != nil {
			return err
		}
	}
	for _, b := range [][]byte{head[:n], a.row} {
		if _, err := a.out.Write(b); err != nil {
			return fmt.Errorf("the rows do not fit into the folder of temporary files: %w", err)
		}
	}
	return nil
}

func (a *aside) create() error {
	f, err := os.CreateTemp(a.dir, "asof-rows-*")
	if err != nil {
		return fmt.Errorf("the rows need a temporary file: %w", err)
	}
	os.Remove(f.Name()) //nolint:errcheck // where an open file can't be removed, close does
	a.file, a.out = f, bufio.NewWriterSize(f, 1<<16)
	return nil
}

// next returns the next row, or nil at the end. It is valid until the next call.
func (a *aside) next(into []cell.Value) ([]cell.Value, error) {
	b, err := a.bytes()
	if err != nil || b == nil {
		return nil, err
	}
	for i := range into {
		if b, err = takeValue(b, &into[i]); err != nil {
			return nil, err
		}
	}
	return into, nil
}

// bytes returns the bytes of the next row, or nil at the end.
func (a *aside) bytes() ([]byte, error) {
	if a.at < len(a.mem) {
		n, k := binary.Uvarint(a.mem[a.at:])
		from := a.at + k
		a.at = from + int(n)
		return a.mem[from:a.at:a.at], nil
	}
	if a.file == nil {
		return nil, a.failed
	}
	if a.in == nil {
		err := a.out.Flush()
		if err == nil {
			_, err = a.file.Seek(0, io.SeekStart)
		}
		if err != nil {
			return nil, fmt.Errorf("the rows do not fit into the folder of temporary files: %w", err)
		}
		a.in = bufio.NewReaderSize(a.file, 1<<16)
	}
	n, err := binary.ReadUvarint(a.in)
	if errors.Is(err, io.EOF) {
		return nil, a.failed
	}
	if err == nil {
		if uint64(cap(a.row)) < n {
			a.row = make([]byte, n)
		}
		a.row = a.row[:n]
		_, err = io.ReadFull(a.in, a.row)
	}
	if err != nil {
		return nil, fmt.Errorf("the temporary file of rows can't be read: %w", err)
	}
	return a.row, nil
}

func (a *aside) close() {
	if a.file != nil {
		a.file.Close()           //nolint:errcheck // it is removed
		os.Remove(a.file.Name()) //nolint:errcheck // usually it is already
		a.file = nil
	}
	a.mem, a.at = nil, 0
}

// appendValue appends the kind of a value and its content.
func appendValue(b []byte, v *cell.Value) []byte {
	b = append(b, byte(v.Kind))
	switch v.Kind {
	case cell.Int:
		b = binary.AppendVarint(b, v.Num)
	case cell.Real:
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(v.Real))
	case cell.Text, cell.Blob:
		b = append(binary.AppendUvarint(b, uint64(len(v.B))), v.B...)
	}
	return b
}

var errCut = errors.New("the temporary file of rows is cut short")

// takeValue reads what appendValue wrote and returns the rest.
func takeValue(b []byte, v *cell.Value) ([]byte, error) {
	if len(b) == 0 {
		return nil, errCut
	}
	*v = cell.Value{Kind: cell.Kind(b[0])}
	b = b[1:]
	switch v.Kind {
	case cell.Int:
		n, k := binary.Varint(b)
		if k <= 0 {
			return nil, errCut
		}
		v.Num, b = n, b[k:]
	case cell.Real:
		if len(b) < 8 {
			return nil, errCut
		}
		v.Real, b = math.Float64frombits(binary.BigEndian.Uint64(b)), b[8:]
	case cell.Text, cell.Blob:
		n, k := binary.Uvarint(b)
		if k <= 0 || n > uint64(len(b)-k) {
			return nil, errCut
		}
		v.B, b = b[k:k+int(n):k+int(n)], b[k+int(n):]
	}
	return b, nil
}
