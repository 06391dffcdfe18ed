package format

import (
	"io"

	"github.com/klauspost/compress/zstd"
)

// A Field is a column of a file.
type Field struct {
	Name string
	Type Type
}

// An About is a text that is kept in a file, by a key.
type About struct{ Key, Text string }

const magic = "PAR1"

// A Writer writes a file. A row is complete with [Writer.EndRow], and the file with
// [Writer.Close].
type Writer struct {
	w      io.Writer
	fields []Field
	about  []About
	zip    *zstd.Encoder

	at     int64 // in the file
	rows   int64 // of the group
	cols   []column
	groups []group
}

// A group is a row group that is written.
type group struct {
	at, rows int64
	chunks   []chunk
}

// A chunk is a column of a row group.
type chunk struct {
	at, size, long    int64
	bounds            bounds
	pages             []page
	index, places     int64 // where the indexes are in the file
	indexLen, placLen int64
}

// NewWriter returns a writer of a file with some columns.
func NewWriter(w io.Writer, fields []Field, about []About) (*Writer, error) {
	// Empty pages are frames, too: a reader is told that all pages are compressed.
	zip, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false), zstd.WithZeroFrames(true))
	if err != nil {
		return nil, err
	}
	out := &Writer{w: w, fields: fields, about: about, zip: zip}
	out.begin()
	return out, out.write([]byte(magic))
}

func (w *Writer) write(b []byte) error {
	n, err := w.w.Write(b)
	w.at += int64(n)
	return err
}

// begin begins a row group.
func (w *Writer) begin() {
	if w.cols == nil {
		w.cols = make([]column, len(w.fields))
	}
	for i := range w.cols {
		c := &w.cols[i]
		*c = column{is: w.fields[i].Type, zip: w.zip, levels: c.levels[:0], bits: c.bits[:0], plain: c.plain[:0], lengths: c.lengths[:0], data: c.data[:0]}
	}
	w.rows = 0
}

// Set sets a value of the row, once. Columns that are not set are NULL.
func (w *Writer) Set(i int, v Value) error {
	c := &w.cols[i]
	c.nulls(w.rows)
	return c.add(v)
}

// EndRow ends the row.
func (w *Writer) EndRow() { w.rows++ }

// EndGroup writes the rows since the last group.
func (w *Writer) EndGroup() error {
	if w.rows == 0 {
		return nil
	}
	g := group{at: w.at, rows: w.rows}
	for i := range w.cols {
		c := &w.cols[i]
		c.nulls(w.rows)
		if err := c.endPage(); err != nil {
			return err
		}
		g.chunks = append(g.chunks, chunk{at: w.at, size: int64(len(c.data)), long: c.long, bounds: c.whole, pages: c.pages})
		if err := w.write(c.data); err != nil {
			return err
		}
	}
	w.groups = append(w.groups, g)
	w.begin()
	return nil
}

// Close writes what is left of the file. It does not close the writer below.
func (w *Writer) Close() error {
	defer w.zip.Close() //nolint:errcheck // it has nothing left
	if err := w.EndGroup(); err != nil {
		return err
	}
	if err := w.indexes(); err != nil {
		return err
	}
	return w.footer()
}
