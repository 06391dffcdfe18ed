package format

import "encoding/binary"

// The metadata of Parquet is in Thrift's compact protocol. These are its types.
const (
	kindTrue   byte = 1
	kindFalse  byte = 2
	kindByte   byte = 3
	kindInt16  byte = 4
	kindInt32  byte = 5
	kindInt64  byte = 6
	kindDouble byte = 7
	kindBinary byte = 8
	kindList   byte = 9
	kindSet    byte = 10
	kindStruct byte = 12
)

// An encoder writes structs. The fields of one have ascending numbers.
type encoder struct {
	b    []byte
	last []int16 // the number of the last field, of each open struct
}

// begin begins a struct: of the file, or an element of a list.
func (e *encoder) begin() { e.last = append(e.last, 0) }

func (e *encoder) end() {
	e.b = append(e.b, 0)
	e.last = e.last[:len(e.last)-1]
}

// field begins a field. It is at most 15 numbers after the last one.
func (e *encoder) field(id int16, kind byte) {
	last := &e.last[len(e.last)-1]
	e.b = append(e.b, byte(id-*last)<<4|kind)
	*last = id
}

// structure writes a field that is a struct, whose fields inside writes.
func (e *encoder) structure(id int16, inside func()) {
	e.field(id, kindStruct)
	e.begin()
	inside()
	e.end()
}

func (e *encoder) byte(id int16, n byte) {
	e.field(id, kindByte)
	e.b = append(e.b, n)
}

func (e *encoder) int16(id int16, n int64) {
	e.field(id, kindInt16)
	e.b = binary.AppendVarint(e.b, n)
}

func (e *encoder) int32(id int16, n int64) {
	e.field(id, kindInt32)
	e.b = binary.AppendVarint(e.b, n)
}

func (e *encoder) int64(id int16, n int64) {
	e.field(id, kindInt64)
	e.b = binary.AppendVarint(e.b, n)
}

func (e *encoder) bool(id int16, is bool) { e.field(id, boolKind(is)) }

func boolKind(is bool) byte {
	if is {
		return kindTrue
	}
	return kindFalse
}

func (e *encoder) text(id int16, text string) {
	e.field(id, kindBinary)
	e.element(text)
}

// element writes a text in a list.
func (e *encoder) element(text string) {
	e.b = append(binary.AppendUvarint(e.b, uint64(len(text))), text...)
}

// list begins a field that is a list of n elements.
func (e *encoder) list(id int16, kind byte, n int) {
	e.field(id, kindList)
	if n < 15 {
		e.b = append(e.b, byte(n)<<4|kind)
		return
	}
	e.b = binary.AppendUvarint(append(e.b, 0xf0|kind), uint64(n))
}

// structs writes a field that is a list of n structs.
func (e *encoder) structs(id int16, n int, inside func(i int)) {
	e.list(id, kindStruct, n)
	for i := range n {
		e.begin()
		inside(i)
		e.end()
	}
}
