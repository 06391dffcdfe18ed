package format

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

var errDamaged = errors.New("the file is damaged")

// A node is a value of the compact protocol.
type node struct {
	n      int64  // of a number; 1: true
	text   string // of a binary
	list   []node
	fields []field // of a struct
}

type field struct {
	id int16
	is node
}

// at is a field of a struct; the zero node if it has none.
func (n node) at(id int16) node {
	for _, f := range n.fields {
		if f.id == id {
			return f.is
		}
	}
	return node{}
}

// has reports whether a struct has a field.
func (n node) has(id int16) bool {
	for _, f := range n.fields {
		if f.id == id {
			return true
		}
	}
	return false
}

// deepest is how deep structs and lists nest: those of Parquet, less.
const deepest = 16

// A decoder reads structs.
type decoder struct {
	in    *bufio.Reader
	depth int
}

func (d *decoder) structure() (out node, err error) {
	if d.depth++; d.depth > deepest {
		return out, errDamaged
	}
	defer func() { d.depth-- }()
	id := int64(0)
	for {
		head, err := d.in.ReadByte()
		if err != nil || head == 0 {
			return out, whole(err)
		}
		if id += int64(head >> 4); head>>4 == 0 {
			if id, err = binary.ReadVarint(d.in); err != nil {
				return out, whole(err)
			}
		}
		if id != int64(int16(id)) {
			return out, errDamaged
		}
		is, err := d.value(head&15, false)
		if err != nil {
			return out, err
		}
		out.fields = append(out.fields, field{int16(id), is})
	}
}

// value reads a value. A truth is a byte in a list, and a kind in a struct.
func (d *decoder) value(kind byte, listed bool) (out node, err error) {
	switch kind {
	case kindTrue, kindFalse:
		if listed {
			if kind, err = d.in.ReadByte(); err != nil {
				return out, whole(err)
			}
		}
		if kind == kindTrue {
			out.n = 1
		}
		return out, nil
	case kindByte:
		b, err := d.in.ReadByte()
		return node{n: int64(int8(b))}, whole(err)
	case kindInt16, kindInt32, kindInt64:
		out.n, err = binary.ReadVarint(d.in)
		return out, whole(err)
	case kindDouble:
		_, err := d.in.Discard(8)
		return out, whole(err)
	case kindBinary:
		out.text, err = d.text()
		return out, err
	case kindList, kindSet:
		return d.listed()
	case kindStruct:
		return d.structure()
	}
	return out, errDamaged // Parquet has no maps
}

func (d *decoder) text() (string, error) {
	n, err := binary.ReadUvarint(d.in)
	if err != nil || n > 1<<31 {
		return "", whole(err)
	}
	b, err := io.ReadAll(io.LimitReader(d.in, int64(n))) // as much as there is
	if err == nil && uint64(len(b)) < n {
		err = errDamaged
	}
	return string(b), err
}

func (d *decoder) listed() (out node, err error) {
	if d.depth++; d.depth > deepest {
		return out, errDamaged
	}
	defer func() { d.depth-- }()
	head, err := d.in.ReadByte()
	if err != nil {
		return out, whole(err)
	}
	n := uint64(head >> 4)
	if n == 15 {
		if n, err = binary.ReadUvarint(d.in); err != nil {
			return out, whole(err)
		}
	}
	for range n {
		is, err := d.value(head&15, true)
		if err != nil {
			return out, err
		}
		out.list = append(out.list, is)
	}
	return out, nil
}

// whole is the error of reading what must be there.
func whole(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errDamaged
	}
	return err
}
