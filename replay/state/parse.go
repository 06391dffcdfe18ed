package state

import (
	"bytes"
	"fmt"
	"sync"
	"unicode/utf8"

	"asof/replay/fault"
)

// MaxDepth is the deepest nesting of containers that [Parse] accepts.
const MaxDepth = 10_240

// A SyntaxError is a text that is not JSON.
type SyntaxError struct {
	Offset int // of the error, in bytes
	Msg    string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("not JSON: %s at byte %d", e.Msg, e.Offset)
}

// Class returns [fault.Store].
func (e *SyntaxError) Class() fault.Class { return fault.Store }

// Fault returns [fault.KindUnread].
func (*SyntaxError) Fault() fault.Kind { return fault.KindUnread }

// Remedy returns nothing: the message says it all.
func (e *SyntaxError) Remedy() fault.Remedy { return fault.Remedy{} }

const (
	// shareUpTo is the longest payload, in bytes, whose strings share one copy of it
	// in a transient tree. A string that a script keeps then retains no more memory
	// than this. Strings of longer payloads are copied separately.
	shareUpTo = 1024
	// scanUpTo is the most members of a parsed object without an index. Most payloads
	// are read once, which costs less than building a map.
	scanUpTo = 32
	// keepUpTo is the largest slab, in entries, that is kept after a large payload.
	keepUpTo = 1 << 14
	// Strings up to knownLen bytes are cached, in knownSlots slots.
	knownLen   = 32
	knownSlots = 256
)

// A Parser parses payloads that are needed only briefly: each call reuses the memory
// of the previous tree. The zero Parser is ready to use. It serves one goroutine at a
// time.
type Parser struct {
	data  []byte
	text  string // data as a string, if the tree's strings are substrings of it
	pos   int
	depth int
	left  int // of the memory that the tree may take, in bytes
	err   error

	// Members and elements of open containers.
	openMembers []member
	openElems   []Value

	payload bool // see ParsePayload
	halves  bool // see ParseHalves
	oddity  Oddity

	reuse   bool
	nodes   []Node
	members []member
	elems   []Value
	buf     []byte

	known [knownSlots]string // cache of short strings
}

var parsers = sync.Pool{New: func() any { return new(Parser) }}

// Parse parses one JSON text (RFC 8259) in UTF-8. The nodes of the tree belong to no
// [State] and do not refer to data.
//
// Numbers keep their text. If a key occurs twice, the last value counts, at the first
// position, as with JSON.parse. An escaped half of a surrogate pair is kept, see
// [HasHalf]. Anything else that is not JSON is a [SyntaxError].
//
// A tree that takes more than [MaxTree] bytes of memory is a [SizeError].
func Parse(data []byte) (Value, error) { return parse(data, MaxTree) }

// ParseState is [Parse] with a limit of [MaxState] bytes of memory: for states that were
// put away.
func ParseState(data []byte) (Value, error) { return parse(data, MaxState) }

func parse(data []byte, most int) (Value, error) {
	p := parsers.Get().(*Parser)
	v, err := p.parse(data, most)
	parsers.Put(p)
	return v, err
}

// Parse is the function [Parse], except that the nodes of the tree are valid only
// until the next call. Its strings may be kept, and data may change after the call.
func (p *Parser) Parse(data []byte) (Value, error) { return p.parseOnce(data, MaxTree) }

// ParseState is [Parser.Parse] with a limit of [MaxState] bytes of memory: for a state
// that a command sends.
func (p *Parser) ParseState(data []byte) (Value, error) { return p.parseOnce(data, MaxState) }

func (p *Parser) parseOnce(data []byte, most int) (Value, error) {
	p.Reset()
	if len(data) <= shareUpTo {
		p.text = string(data)
	}
	return p.parse(data, most)
}

// Reset invalidates all trees parsed so far.
func (p *Parser) Reset() {
	p.reuse = true
	p.nodes = kept(p.nodes)
	p.members = kept(p.members)
	p.elems = kept(p.elems)
}

func kept[T any](slab []T) []T {
	if cap(slab) > keepUpTo {
		return nil
	}
	return slab[:0]
}

func (p *Parser) parse(data []byte, most int) (Value, error) {
	p.data, p.pos, p.depth, p.err = data, 0, 0, nil
	p.left = most
	v, ok := p.value()
	if ok {
		if c := p.next(); c != 0 || p.pos < len(data) {
			ok = p.unexpected("after the value")
		}
	}
	p.data, p.text = nil, ""
	p.openMembers, p.openElems = kept(p.openMembers), kept(p.openElems)
	if cap(p.buf) > keepUpTo {
		p.buf = nil
	}
	switch {
	case ok:
		return v, nil
	case p.left < 0:
		p.drop()
		return Value{}, &SizeError{Most: most}
	}
	return Value{}, p.err
}

// next skips white space and returns the byte that follows, 0 at the end.
func (p *Parser) next() byte {
	for p.pos < len(p.data) {
		switch c := p.data[p.pos]; c {
		case ' ', '\n', '\r', '\t':
			p.pos++
		default:
			return c
		}
	}
	return 0
}

func (p *Parser) fail(at int, msg string) bool {
	p.err = &SyntaxError{Offset: at, Msg: msg}
	return false
}

// unexpected fails at the current byte.
func (p *Parser) unexpected(where string) bool {
	if p.pos >= len(p.data) {
		return p.fail(p.pos, "unexpected end "+where)
	}
	r, n := utf8.DecodeRune(p.data[p.pos:])
	switch {
	case r == utf8.RuneError && n == 1:
		return p.fail(p.pos, fmt.Sprintf("unexpected byte %#02x %s", p.data[p.pos], where))
	case r == '\ufeff' && p.pos == 0:
		return p.fail(p.pos, "a byte order mark")
	}
	return p.fail(p.pos, fmt.Sprintf("unexpected %q %s", r, where))
}

func (p *Parser) value() (Value, bool) {
	if p.left -= valueBytes; p.left < 0 {
		return Value{}, false
	}
	switch c := p.next(); c {
	case '"':
		s, ok := p.str()
		return Value{kind: String, s: s}, ok
	case '{':
		return p.object()
	case '[':
		return p.array()
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		if c == '-' && p.payload && bytes.HasPrefix(p.data[p.pos:], minusInfinity) {
			return p.notFinite(string(minusInfinity))
		}
		start, end := p.pos, numberEnd(p.data, p.pos)
		if end < 0 {
			p.pos = ^end
			return Value{}, p.unexpected("in a number")
		}
		p.pos = end
		return Value{kind: Number, s: p.cut(start, end)}, true
	case 't':
		return BoolValue(true), p.word("true")
	case 'f':
		return BoolValue(false), p.word("false")
	case 'n':
		return NullValue(), p.word("null")
	case 'N', 'I':
		if p.payload {
			return p.notFinite(map[byte]string{'N': "NaN", 'I': "Infinity"}[c])
		}
	}
	return Value{}, p.unexpected("where a value should be")
}

func (p *Parser) word(w string) bool {
	for i := range len(w) {
		if p.pos >= len(p.data) || p.data[p.pos] != w[i] {
			return p.unexpected("in " + w)
		}
		p.pos++
	}
	return true
}

func (p *Parser) enter() bool {
	p.pos++
	if p.depth++; p.depth > MaxDepth {
		return p.fail(p.pos-1, fmt.Sprintf("nested deeper than %d containers", MaxDepth))
	}
	return true
}

func (p *Parser) array() (Value, bool) {
	if !p.enter() {
		return Value{}, false
	}
	base := len(p.openElems)
	for c := p.next(); c != ']' || len(p.openElems) > base; c = p.next() {
		if len(p.openElems) > base {
			if c != ',' {
				return Value{}, p.unexpected("in an array, where , or ] should be")
			}
			p.pos++
		}
		v, ok := p.value()
		if !ok {
			return Value{}, false
		}
		p.openElems = append(p.openElems, v)
		if p.next() == ']' {
			break
		}
	}
	p.pos++
	p.depth--
	n := p.node(Array)
	n.elems = place(p.reuse, &p.elems, p.openElems[base:])
	p.openElems = p.openElems[:base]
	return Value{kind: Array, n: n}, true
}

func (p *Parser) object() (Value, bool) {
	if !p.enter() {
		return Value{}, false
	}
	base := len(p.openMembers)
	for c := p.next(); c != '}' || len(p.openMembers) > base; c = p.next() {
		if len(p.openMembers) > base {
			if c != ',' {
				return Value{}, p.unexpected("in an object, where , or } should be")
			}
			p.pos++
			c = p.next()
		}
		if c != '"' {
			return Value{}, p.unexpected("where a key should be")
		}
		key, ok := p.key()
		if !ok {
			return Value{}, false
		}
		if p.next() != ':' {
			return Value{}, p.unexpected("after a key, where : should be")
		}
		p.pos++
		v, ok := p.value()
		if !ok {
			return Value{}, false
		}
		p.left -= memberBytes - valueBytes
		p.openMembers = append(p.openMembers, member{key, v})
		if p.next() == '}' {
			break
		}
	}
	p.pos++
	p.depth--
	return p.close(base), true
}

// close returns an object of the open members from base.
func (p *Parser) close(base int) Value {
	open := p.openMembers[base:]
	n := p.node(Object)
	if len(open) <= scanUpTo {
		once := distinct(open)
		if len(once) < len(open) {
			p.oddity |= KeyTwice
		}
		n.members = place(p.reuse, &p.members, once)
	} else {
		n.members = place(p.reuse, &p.members, open)
		n.reindex()
		if len(n.index) < len(n.members) {
			p.oddity |= KeyTwice
			n.lastWins()
		}
	}
	p.openMembers = p.openMembers[:base]
	return Value{kind: Object, n: n}
}

// distinct keeps one member for each key: the last, at the position of the first.
func distinct(ms []member) []member {
	n := 0
next:
	for i := range ms {
		for j := range n {
			if ms[j].key == ms[i].key {
				ms[j].val = ms[i].val
				continue next
			}
		}
		if n != i {
			ms[n] = ms[i]
		}
		n++
	}
	return ms[:n]
}

// lastWins is distinct for an indexed node.
func (n *Node) lastWins() {
	first := make(map[string]int, len(n.index))
	kept := n.members[:0]
	for _, m := range n.members {
		if i, ok := first[m.key]; ok {
			kept[i].val = m.val
			continue
		}
		first[m.key] = len(kept)
		kept = append(kept, m)
	}
	clear(n.members[len(kept):])
	n.members = kept
	n.reindex()
}

// cut returns data from start to end as a string.
func (p *Parser) cut(start, end int) string {
	if p.text != "" {
		return p.text[start:end]
	}
	return p.own(p.data[start:end])
}

// own returns a copy of b, which frequent short strings share.
func (p *Parser) own(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > knownLen {
		return string(b)
	}
	h := (uint(b[0]) + 31*uint(b[len(b)/2]) + 67*uint(b[len(b)-1]) + 101*uint(len(b))) % knownSlots
	if p.known[h] != string(b) {
		p.known[h] = string(b)
	}
	return p.known[h]
}
