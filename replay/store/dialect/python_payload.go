package dialect

import (
	"bytes"
	"strconv"

	"asof/replay/store/cell"
)

// A pyUnwrapper converts the JSON of Python eventsourcing to plain JSON in one pass over
// the bytes. An object with exactly the keys _type_ and _data_ represents a value that
// JSON lacks: a decimal becomes a number, a UUID its dashed form, anything else its
// data. The library's own attributes are extracted from the event.
type pyUnwrapper struct {
	cell.PayloadScanner
	out []byte

	time            []byte // as written
	revision        int
	originatorTopic []byte // as a JSON string
}

// run rewrites in to out and reports whether in is valid JSON.
func (u *pyUnwrapper) run(in []byte) bool {
	u.PayloadScanner = cell.PayloadScanner{In: in}
	u.out, u.originatorTopic = u.out[:0], u.originatorTopic[:0]
	u.time, u.revision = u.time[:0], 0
	u.emit(0)
	return !u.Bad && u.Peek() == 0 && u.Pos == len(u.In)
}

// emit rewrites one value.
func (u *pyUnwrapper) emit(depth int) {
	if depth > cell.MaxDepth {
		u.Deep = true
		u.Fail()
		return
	}
	switch u.Peek() {
	case '"':
		u.out = append(u.out, u.Str()...)
	case '[':
		u.array(depth)
	case '{':
		u.object(depth)
	default:
		u.out = append(u.out, u.Scalar()...)
	}
}

func (u *pyUnwrapper) array(depth int) {
	u.Pos++
	u.out = append(u.out, '[')
	for first := true; !u.Bad && !u.Take(']'); first = false {
		if !first {
			u.comma()
		}
		if !u.Bad {
			u.emit(depth + 1)
		}
	}
	u.out = append(u.out, ']')
}

func (u *pyUnwrapper) comma() {
	if !u.Take(',') {
		u.Fail()
		return
	}
	u.out = append(u.out, ',')
}

// key reads a member's name and its colon.
func (u *pyUnwrapper) key() []byte {
	k := u.Str()
	if !u.Bad && !u.Take(':') {
		u.Fail()
	}
	return k
}

func (u *pyUnwrapper) object(depth int) {
	u.Pos++
	if u.Peek() == '"' && bytes.HasPrefix(u.In[u.Pos:], pyType) && u.wrapper(depth) {
		return
	}
	if u.Bad {
		return
	}
	u.members(depth, 0, len(u.out))
}

// wrapper reads an object whose first key is _type_ and reports whether it was a
// wrapper. If not, it has consumed nothing.
func (u *pyUnwrapper) wrapper(depth int) bool {
	at, mark := u.Pos, len(u.out)
	u.key()
	if u.Bad || u.Peek() != '"' {
		u.Pos = at
		return false
	}
	typ := u.Str()
	if u.Bad || !u.Take(',') || !bytes.Equal(u.key(), pyData) || u.Bad {
		u.Pos = at
		u.Bad = false
		return false
	}
	u.emit(depth + 1)
	if u.Bad {
		return false
	}
	if u.Take('}') {
		u.convert(mark, typ)
		return true
	}
	// More keys follow, so this is a plain object: restore its beginning.
	data := append([]byte{}, u.out[mark:]...)
	u.out = append(append(u.out[:mark], `{"_type_":`...), typ...)
	u.out = append(append(u.out, `,"_data_":`...), data...)
	u.members(depth, 2, mark)
	return true
}

// members reads the members of an object to its end. n of them are already written,
// and the object starts at mark.
func (u *pyUnwrapper) members(depth, n, mark int) {
	if n == 0 {
		u.out = append(u.out, '{')
	}
	var data [2]int // the value of a leading key _data_
	written := n
	for ; !u.Bad && !u.Take('}'); n++ {
		if n > 0 && !u.Take(',') {
			u.Fail()
			return
		}
		if u.Peek() != '"' {
			u.Fail()
			return
		}
		k := u.key()
		if u.Bad {
			return
		}
		if depth == 0 && pyOwn(k) {
			u.lift(k)
			continue
		}
		if written > 0 {
			u.out = append(u.out, ',')
		}
		written++
		u.out = append(append(u.out, k...), ':')
		start := len(u.out)
		u.emit(depth + 1)
		switch {
		case u.Bad:
			return
		case n == 0 && bytes.Equal(k, pyData):
			data = [2]int{start, len(u.out)}
		case n == 1 && data[1] > 0 && bytes.Equal(k, pyType) && u.out[start] == '"' && u.Take('}'):
			typ := append([]byte{}, u.out[start:]...)
			u.out = append(u.out[:mark], u.out[data[0]:data[1]]...)
			u.convert(mark, typ)
			return
		}
	}
	u.out = append(u.out, '}')
}

// convert replaces the data of a wrapper that was written at mark.
func (u *pyUnwrapper) convert(mark int, typ []byte) {
	data := u.out[mark:]
	if len(data) < 2 || data[0] != '"' {
		return
	}
	inner := data[1 : len(data)-1]
	switch string(typ) {
	case `"decimal_str"`:
		if cell.IsNumber(inner) {
			u.out = append(u.out[:mark], inner...)
		}
	case `"uuid_hex"`:
		if hex, ok := cell.UUIDDigits(string(inner)); ok && len(inner) == 32 && len(hex) == 32 {
			u.out = append(u.out[:mark], '"')
			u.out = append(u.out, cell.DashUUID(hex)...)
			u.out = append(u.out, '"')
		}
	}
}

// lift extracts an attribute of the library instead of writing it.
func (u *pyUnwrapper) lift(key []byte) {
	mark := len(u.out)
	u.emit(1)
	if u.Bad {
		return
	}
	v := u.out[mark:]
	switch {
	case bytes.Equal(key, pyTimestamp):
		if v[0] == '"' {
			v = v[1 : len(v)-1]
		}
		if !bytes.Equal(v, []byte("null")) {
			u.time = append(u.time[:0], v...)
		}
	case bytes.Equal(key, pyOriginatorTopic) && v[0] == '"':
		u.originatorTopic = append(u.originatorTopic[:0], v...)
	case bytes.Equal(key, pyClassVersion):
		if n, err := strconv.Atoi(string(v)); err == nil {
			u.revision = n
		}
	}
	u.out = u.out[:mark]
}
