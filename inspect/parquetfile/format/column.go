package format

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"

	"github.com/klauspost/compress/zstd"
)

// A Type is the type of a column.
type Type byte

// The types of columns. Text is UTF-8.
const (
	Boolean Type = iota
	Int64
	Double
	Text
	Bytes
)

// The numbers that Parquet gives to things.
const (
	codecZstd = 6
	pageData2 = 3

	plainEncoding   = 0
	levelEncoding   = 3
	lengthsEncoding = 6
)

// physical is Parquet's number of how a type is stored.
func (t Type) physical() int64 {
	switch t {
	case Boolean:
		return 0
	case Int64:
		return 2
	case Double:
		return 5
	}
	return 6
}

func (t Type) encoding() int64 {
	if t >= Text {
		return lengthsEncoding
	}
	return plainEncoding
}

// A Value is a value of a column. The zero Value is NULL.
type Value struct {
	Type Type
	Set  bool   // it is not NULL
	bits uint64 // of a boolean or number
	text string
}

// The values that are not NULL.
func BoolValue(is bool) Value {
	if is {
		return Value{Type: Boolean, Set: true, bits: 1}
	}
	return Value{Type: Boolean, Set: true}
}
func IntValue(n int64) Value      { return Value{Type: Int64, Set: true, bits: uint64(n)} }
func DoubleValue(f float64) Value { return Value{Type: Double, Set: true, bits: math.Float64bits(f)} }
func TextValue(s string) Value    { return Value{Type: Text, Set: true, text: s} }
func BytesValue(s string) Value   { return Value{Type: Bytes, Set: true, text: s} }

// Bool is a boolean.
func (v Value) Bool() bool { return v.bits != 0 }

// Int is an integer.
func (v Value) Int() int64 { return int64(v.bits) }

// Double is a floating-point number.
func (v Value) Double() float64 { return math.Float64frombits(v.bits) }

// Text is a text, or bytes.
func (v Value) Text() string { return v.text }

// size is what a value takes in a page, about.
func (v Value) size() int { return 8 + len(v.text) }

// pageBytes is when a page is full.
const pageBytes = 256 << 10

// A column collects the values of a column of a row group, as pages.
type column struct {
	is  Type
	zip *zstd.Encoder

	// Of the page that is not yet full.
	levels  []byte
	bits    []byte // of booleans
	plain   []byte // numbers, and the bytes of texts
	lengths []int64
	size    int
	bounds  bounds

	rows  int64 // of the group, with those of the page
	pages []page
	data  []byte // of the pages, with their heads
	long  int64  // as long as if nothing was compressed
	whole bounds // of the group
}

// A page is where a page is in its chunk, and what is in it.
type page struct {
	at, size int64
	firstRow int64
	bounds   bounds
}

// nulls adds NULLs, up to a row of the group.
func (c *column) nulls(row int64) {
	for ; c.rows < row; c.rows++ {
		c.levels = append(c.levels, 0)
		c.bounds.nulls++
	}
}

// add adds a value.
func (c *column) add(v Value) error {
	c.levels, c.rows = append(c.levels, 1), c.rows+1
	c.bounds.add(v)
	switch c.is {
	case Boolean:
		c.bits = append(c.bits, byte(v.bits))
	case Int64, Double:
		c.plain = binary.LittleEndian.AppendUint64(c.plain, v.bits)
	default:
		c.plain = append(c.plain, v.text...)
		c.lengths = append(c.lengths, int64(len(v.text)))
	}
	if c.size += v.size(); c.size >= pageBytes {
		return c.endPage()
	}
	return nil
}

var errLong = errors.New("a value is too long for a Parquet file")

// endPage compresses the page that was collected.
func (c *column) endPage() error {
	if len(c.levels) == 0 {
		return nil
	}
	if len(c.plain) > 1<<30 { // a page has less than 2 GiB
		return errLong
	}
	var values []byte
	switch c.is {
	case Boolean:
		values = appendBits(nil, c.bits)
	case Int64, Double:
		values = c.plain
	default:
		values = append(appendDeltas(nil, c.lengths), c.plain...)
	}
	levels := appendLevels(nil, c.levels)
	body := c.zip.EncodeAll(values, levels)
	at := int64(len(c.data))
	c.data = append(append(c.data, c.pageHead(len(values), len(levels), body)...), body...)
	c.long += int64(len(c.data)) - at - int64(len(body)) + int64(len(levels)+len(values))
	c.pages = append(c.pages, page{at: at, size: int64(len(c.data)) - at, firstRow: c.rows - int64(len(c.levels)), bounds: c.bounds})
	c.whole.join(c.bounds)
	c.levels, c.bits, c.plain, c.lengths, c.size, c.bounds = c.levels[:0], c.bits[:0], c.plain[:0], c.lengths[:0], 0, bounds{}
	return nil
}

// pageHead is what stands before a page.
func (c *column) pageHead(values, levels int, body []byte) []byte {
	var e encoder
	e.begin()
	e.int32(1, pageData2)
	e.int32(2, int64(levels+values))
	e.int32(3, int64(len(body)))
	e.int32(4, int64(int32(crc32.ChecksumIEEE(body))))
	e.structure(8, func() {
		e.int32(1, int64(len(c.levels)))
		e.int32(2, c.bounds.nulls)
		e.int32(3, int64(len(c.levels)))
		e.int32(4, c.is.encoding())
		e.int32(5, int64(levels))
		e.int32(6, 0)
		e.bool(7, true)
	})
	e.end()
	return e.b
}
