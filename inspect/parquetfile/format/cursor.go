package format

import (
	"bufio"
	"encoding/binary"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/zstd"
)

// mostValues is how many rows a group has at most, and values a page.
const mostValues = 1 << 20

// A cursor reads the values of a column of a row group, a page at a time.
type cursor struct {
	is    Type
	unzip *zstd.Decoder
	in    *bufio.Reader

	levels  []byte // of the page, from the next value on
	values  []byte
	lengths []int64
	bit     int
}

// next is the next value, or NULL.
func (c *cursor) next() (Value, error) {
	for len(c.levels) == 0 {
		if err := c.page(); err != nil {
			return Value{}, err
		}
	}
	level := c.levels[0]
	c.levels = c.levels[1:]
	if level == 0 {
		return Value{Type: c.is}, nil
	}
	out := Value{Type: c.is, Set: true}
	switch c.is {
	case Boolean:
		out.bits = uint64(c.values[c.bit/8] >> (c.bit % 8) & 1)
		c.bit++
	case Int64, Double:
		out.bits = binary.LittleEndian.Uint64(c.values)
		c.values = c.values[8:]
	default:
		out.text = string(c.values[:c.lengths[0]])
		c.values, c.lengths = c.values[c.lengths[0]:], c.lengths[1:]
	}
	return out, nil
}

// page reads the next page.
func (c *cursor) page() error {
	d := decoder{in: c.in}
	head, err := d.structure()
	if err != nil {
		return err
	}
	long, size, is := head.at(2).n, head.at(3).n, head.at(8)
	n, levels := is.at(1).n, is.at(5).n
	if head.at(1).n != pageData2 || n < 0 || n > mostValues || size < 0 || levels < 0 || levels > size || levels > long || is.at(6).n != 0 || is.at(4).n != c.is.encoding() {
		return errDamaged
	}
	body, err := io.ReadAll(io.LimitReader(c.in, size))
	if err != nil || int64(len(body)) < size {
		return whole(orDamaged(err))
	}
	if head.has(4) && int32(head.at(4).n) != int32(crc32.ChecksumIEEE(body)) {
		return errDamaged
	}
	values := body[levels:]
	if !is.has(7) || is.at(7).n == 1 {
		if values, err = c.unzip.DecodeAll(values, nil); err != nil {
			return errDamaged
		}
	}
	if int64(len(values)) != long-levels {
		return errDamaged
	}
	if c.levels, err = readLevels(body[:levels], int(n)); err != nil {
		return err
	}
	return c.begin(values)
}

func orDamaged(err error) error {
	if err == nil {
		return errDamaged
	}
	return err
}

// begin begins to read the values of a page, of which there are as many as the levels say.
func (c *cursor) begin(values []byte) (err error) {
	set := 0
	for _, l := range c.levels {
		set += int(l)
	}
	c.values, c.bit, c.lengths = values, 0, nil
	switch c.is {
	case Boolean:
		if len(values) < (set+7)/8 {
			return errDamaged
		}
		return nil
	case Int64, Double:
		if len(values) != 8*set {
			return errDamaged
		}
		return nil
	}
	if c.lengths, c.values, err = readDeltas(values, set); err != nil {
		return err
	}
	total := int64(0)
	for _, n := range c.lengths {
		if total += n; n < 0 || total > int64(len(c.values)) {
			return errDamaged
		}
	}
	if len(c.lengths) != set || total != int64(len(c.values)) {
		return errDamaged
	}
	return nil
}
