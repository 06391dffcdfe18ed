package cell

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// A magic is a form that its first bytes identify.
type magic struct{ begins, name string }

var binaryMagics = []magic{
	{"\x28\xB5\x2F\xFD", "zstd"},
	{"\x04\x22\x4D\x18", "LZ4"},
	{"\xFF\x06\x00\x00sNaPpY", "Snappy"},
	{"BZh", "bzip2"},
	{"\xFD7zXZ\x00", "xz"},
	{"PK\x03\x04", "a ZIP archive"},
	{"\xAC\xED\x00\x05", "a serialized Java object"},
	{"\x00\x01\x00\x00\x00\xFF\xFF\xFF\xFF", ".NET's BinaryFormatter"},
	{"\x83h", "an Erlang term"},
	{"\x83t", "an Erlang term"},
	{"\x83m", "an Erlang term"},
	{"\x83P", "an Erlang term"},
	{"Obj\x01", "Avro"},
	{"\xC3\x01", "Avro"},
	{":)\n", "Smile"},
	{"\xE0\x01\x00\xEA", "Amazon Ion"},
	{"\xD9\xD9\xF7", "CBOR"},
	{"\x80\x02", "a pickled Python object"},
	{"\x80\x03", "a pickled Python object"},
	{"\x80\x04\x95", "a pickled Python object"},
	{"\x80\x05\x95", "a pickled Python object"},
	{"\xFF\xFE{\x00", "UTF-16"},
	{"\xFE\xFF\x00{", "UTF-16"},
	{"\x00{", "UTF-16"},
}

var textMagics = []magic{
	{"-----BEGIN PGP", "a PGP message"},
	{"age-encryption.org", "a file encrypted by age"},
	{"gAAAAA", "a Fernet token, which is encrypted"},
	{"vault:v", "a ciphertext of Vault"},
	{"---", "YAML"},
	{"<", "XML"},
}

// looksLike describes a payload that is not JSON.
func looksLike(b []byte) string {
	if form := KnownForm(b); form != "" {
		return "it looks like " + form
	}
	if !IsText(b) {
		return fmt.Sprintf("binary, %d bytes", len(b))
	}
	return "text that starts with " + QuoteStart(bytes.TrimLeft(b, " \t\r\n"))
}

// IsText reports whether b is text: UTF-8 without unusual control characters.
func IsText(b []byte) bool {
	return utf8.Valid(b) && !bytes.ContainsFunc(b, func(r rune) bool { return r < ' ' && (r < '\t' || r > '\r') })
}

// Protobuf is the least certain form, because its only structure is lengths.
const Protobuf = "Protocol Buffers"

// KnownForm returns the form of a payload that is not JSON, or "".
func KnownForm(b []byte) string {
	magics := binaryMagics
	if IsText(b) {
		b, magics = bytes.TrimLeft(b, " \t\r\n"), textMagics
	}
	for _, m := range magics {
		if bytes.HasPrefix(b, []byte(m.begins)) {
			return m.name
		}
	}
	switch {
	case IsText(b):
	case len(b) >= 5 && uint64(binary.LittleEndian.Uint32(b)) == uint64(len(b)) && b[len(b)-1] == 0:
		return "BSON"
	case isPacked(b, (*packed).messagePack):
		return "MessagePack"
	case isPacked(b, (*packed).cbor):
		return "CBOR"
	case isPacked(b, (*packed).protobuf):
		return Protobuf
	}
	return ""
}

// A packed is a binary payload that is parsed to detect a form without identifying
// first bytes.
type packed struct {
	b    []byte
	left int // remaining steps
}

// maxPacked is the maximum number of steps.
const maxPacked = 10_000

// isPacked reports whether the whole payload is one value of a form.
func isPacked(b []byte, value func(p *packed, depth int) bool) bool {
	p := packed{b: b, left: maxPacked}
	return value(&p, 0) && len(p.b) == 0
}

func (p *packed) skip(n uint64) bool {
	if n > uint64(len(p.b)) {
		return false
	}
	p.b = p.b[n:]
	return true
}

// uint reads an unsigned integer of the given size.
func (p *packed) uint(bytes int) (n uint64, ok bool) {
	if bytes > len(p.b) {
		return 0, false
	}
	for _, c := range p.b[:bytes] {
		n = n<<8 | uint64(c)
	}
	p.b = p.b[bytes:]
	return n, true
}

// values skips n values of a form.
func (p *packed) values(n uint64, depth int, value func(p *packed, depth int) bool) bool {
	for ; n > 0; n-- {
		if p.left--; p.left < 0 || !value(p, depth+1) {
			return false
		}
	}
	return true
}

// messagePack skips a MessagePack value. At the top level it accepts only a map, or an
// array of several elements.
func (p *packed) messagePack(depth int) bool {
	c, ok := p.uint(1)
	if !ok || depth > MaxDepth {
		return false
	}
	size := func(bytes int) uint64 {
		var n uint64
		if n, ok = p.uint(bytes); !ok {
			n = 0
		}
		return n
	}
	switch {
	case depth == 0 && (c>>4 == 8 || c == 0xDE) && !p.hasTextKey():
		return false
	case c >= 0x80 && c <= 0x8F:
		return p.values(2*(c&15), depth, (*packed).messagePack)
	case c >= 0x90 && c <= 0x9F:
		return p.values(c&15, depth, (*packed).messagePack)
	case c == 0xDC || c == 0xDD:
		n := size(2 << (c - 0xDC))
		return ok && p.values(n, depth, (*packed).messagePack)
	case c == 0xDE || c == 0xDF:
		n := size(2 << (c - 0xDE))
		return ok && n < 1<<32 && p.values(2*n, depth, (*packed).messagePack)
	case depth == 0:
		return false
	case c >= 0xA0 && c <= 0xBF:
		return p.skip(c & 31)
	case c < 0x80 || c >= 0xE0 || c == 0xC0 || c == 0xC2 || c == 0xC3:
		return true
	case c >= 0xC4 && c <= 0xC6: // bin
		n := size(1 << (c - 0xC4))
		return ok && p.skip(n)
	case c >= 0xC7 && c <= 0xC9: // ext
		n := size(1 << (c - 0xC7))
		return ok && p.skip(n+1)
	case c == 0xCA || c == 0xCB: // float
		return p.skip(4 << (c - 0xCA))
	case c >= 0xCC && c <= 0xD3: // integers
		return p.skip(1 << ((c - 0xCC) & 3))
	case c >= 0xD4 && c <= 0xD8: // fixext
		return p.skip(1 + 1<<(c-0xD4))
	case c >= 0xD9 && c <= 0xDB: // str
		n := size(1 << (c - 0xD9))
		return ok && p.skip(n)
	}
	return false
}

// hasTextKey reports whether the first key of a map is text, as keys of objects are.
func (p *packed) hasTextKey() bool {
	b := p.b
	if len(b) > 2 && b[0] == 0 { // a map with a 16-bit size
		b = b[2:]
	}
	return len(b) > 0 && (b[0]>>5 == 5 || b[0] == 0xD9)
}

// cbor skips a CBOR value of definite length. At the top level it accepts only a map or
// an array.
func (p *packed) cbor(depth int) bool {
	c, ok := p.uint(1)
	if !ok || depth > MaxDepth {
		return false
	}
	major, n := c>>5, c&31
	switch {
	case n >= 24 && n <= 27:
		if n, ok = p.uint(1 << (n - 24)); !ok {
			return false
		}
	case n > 27:
		return false
	}
	switch {
	case depth == 0 && major != 4 && major != 5:
		return false
	case major == 2 || major == 3:
		return p.skip(n)
	case major == 4:
		return p.values(n, depth, (*packed).cbor)
	case major == 5:
		return n < 1<<32 && p.values(2*n, depth, (*packed).cbor)
	case major == 6:
		return p.values(1, depth, (*packed).cbor)
	}
	return true
}

// protobuf skips the fields of a message. A few random bytes may pass as fields, a
// longer run does not.
func (p *packed) protobuf(int) bool {
	const least = 8
	if len(p.b) < least {
		return false
	}
	for len(p.b) > 0 {
		tag, n := binary.Uvarint(p.b)
		if p.left--; p.left < 0 || n <= 0 || tag>>3 == 0 || tag>>3 > 1<<29 {
			return false
		}
		p.b = p.b[n:]
		size := uint64(0)
		switch tag & 7 {
		case 0:
			if _, n = binary.Uvarint(p.b); n <= 0 {
				return false
			}
			size = uint64(n)
		case 1:
			size = 8
		case 2:
			m, n := binary.Uvarint(p.b)
			if n <= 0 || !p.skip(uint64(n)) {
				return false
			}
			size = m
		case 5:
			size = 4
		default:
			return false
		}
		if !p.skip(size) {
			return false
		}
	}
	return true
}
