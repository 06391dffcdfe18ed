package format

import (
	"bufio"
	"encoding/binary"
	"io"
	"iter"

	"github.com/klauspost/compress/zstd"
)

// A File is a file that a [Writer] wrote.
type File struct {
	Fields []Field
	About  []About
	Rows   int64

	in     io.ReaderAt
	groups []stored
	unzip  *zstd.Decoder
}

// A stored is a row group in the file.
type stored struct {
	rows   int64
	chunks []extent
}

type extent struct{ at, size int64 }

// Open opens a file of some size.
func Open(in io.ReaderAt, size int64) (*File, error) {
	const least = int64(len(magic) + 4 + len(magic))
	if size < least {
		return nil, errDamaged
	}
	var head [len(magic)]byte
	var tail [4 + len(magic)]byte
	for at, b := range map[int64][]byte{0: head[:], size - int64(len(tail)): tail[:]} {
		if _, err := in.ReadAt(b, at); err != nil {
			return nil, whole(err)
		}
	}
	long := int64(binary.LittleEndian.Uint32(tail[:]))
	if string(head[:]) != magic || string(tail[4:]) != magic || long > size-least {
		return nil, errDamaged
	}
	d := decoder{in: bufio.NewReader(io.NewSectionReader(in, size-int64(len(tail))-long, long))}
	footer, err := d.structure()
	if err != nil {
		return nil, err
	}
	f := &File{in: in, Rows: footer.at(3).n}
	if err := f.read(footer, size); err != nil {
		return nil, err
	}
	f.unzip, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<31))
	return f, err
}

func (f *File) read(footer node, size int64) error {
	for _, kv := range footer.at(5).list {
		f.About = append(f.About, About{kv.at(1).text, kv.at(2).text})
	}
	for i, column := range footer.at(2).list {
		if i == 0 {
			continue // the root
		}
		is, ok := typeOf(column)
		if !ok {
			return errDamaged
		}
		f.Fields = append(f.Fields, Field{column.at(4).text, is})
	}
	rows := int64(0)
	for _, g := range footer.at(4).list {
		s := stored{rows: g.at(3).n}
		if rows += s.rows; s.rows < 0 || s.rows > mostValues || len(g.at(1).list) != len(f.Fields) {
			return errDamaged
		}
		for _, c := range g.at(1).list {
			x := extent{c.at(3).at(9).n, c.at(3).at(7).n}
			if c.at(3).at(4).n != codecZstd || x.at < 0 || x.size < 0 || x.at > size || x.size > size-x.at {
				return errDamaged
			}
			s.chunks = append(s.chunks, x)
		}
		f.groups = append(f.groups, s)
	}
	if rows != f.Rows {
		return errDamaged
	}
	return nil
}

// typeOf is the type of a column of the schema.
func typeOf(column node) (is Type, ok bool) {
	logical := column.at(10)
	for _, t := range []Type{Boolean, Int64, Double, Text, Bytes} {
		if !column.has(1) || column.at(1).n != t.physical() || column.at(3).n != 1 || column.has(5) {
			continue
		}
		if t == Text && !logical.has(1) || t == Bytes && len(logical.fields) > 0 {
			continue
		}
		return t, true
	}
	return 0, false
}

// All yields the rows. One is valid until the next.
func (f *File) All() iter.Seq2[[]Value, error] {
	return func(yield func([]Value, error) bool) {
		row := make([]Value, len(f.Fields))
		for _, g := range f.groups {
			cols := make([]cursor, len(f.Fields))
			for i, x := range g.chunks {
				cols[i] = cursor{is: f.Fields[i].Type, unzip: f.unzip, in: bufio.NewReader(io.NewSectionReader(f.in, x.at, x.size))}
			}
			for range g.rows {
				err := nextRow(cols, row)
				if !yield(row, err) || err != nil {
					return
				}
			}
		}
	}
}

func nextRow(cols []cursor, row []Value) (err error) {
	for i := range cols {
		if row[i], err = cols[i].next(); err != nil {
			return err
		}
	}
	return nil
}
