package cell

import (
	"fmt"
	"hash/maphash"
	"math"
	"strconv"
)

// A Kind is the storage type of a value.
type Kind uint8

const (
	Null Kind = iota
	Int
	Real
	Text
	Blob
)

func (k Kind) String() string {
	return [...]string{"NULL", "an integer", "a real number", "text", "a blob"}[k]
}

// A Value is one column of one row. The next row reuses its buffer.
type Value struct {
	Kind Kind
	Num  int64
	Real float64
	B    []byte // of text and blobs
}

// Write appends to the buffer, so that a driver can write into it directly.
func (v *Value) Write(p []byte) (int, error) {
	v.B = append(v.B, p...)
	return len(p), nil
}

// Text returns the value as text; NULL is empty. The text is valid until the next row.
func (v *Value) Text() []byte {
	switch v.Kind {
	case Int:
		v.B = strconv.AppendInt(v.B[:0], v.Num, 10)
	case Real:
		v.B = AppendReal(v.B[:0], v.Real)
	case Null:
		return nil
	}
	return v.B
}

// OrNil returns the value as text, and nil only for NULL.
func (v *Value) OrNil() []byte {
	if b := v.Text(); b != nil || v.Kind == Null {
		return b
	}
	return []byte{}
}

// AppendReal appends a number as people and JSON.stringify write it: with an exponent only
// from 1e21 on, and below 1e-6.
func AppendReal(b []byte, f float64) []byte {
	if abs := math.Abs(f); abs < 1e-6 && abs > 0 || abs >= 1e21 {
		return strconv.AppendFloat(b, f, 'g', -1, 64)
	}
	return strconv.AppendFloat(b, f, 'f', -1, 64)
}

// Describe returns the kind of the value and its beginning, for errors.
func (v *Value) Describe() string {
	if v.Kind == Null {
		return "NULL"
	}
	t := v.Text()
	if len(t) > 40 {
		t = t[:40]
	}
	return fmt.Sprintf("%s (%q)", v.Kind, t)
}

// maxWhole is the limit up to which a float64 represents every integer.
const maxWhole = 1 << 53

// Integer returns the value as an integer. It accepts integral numbers such as 3.0.
func (v *Value) Integer() (int64, bool) {
	if v.Kind == Real && v.Real == math.Trunc(v.Real) && math.Abs(v.Real) <= maxWhole {
		return int64(v.Real), true
	}
	return v.Num, v.Kind == Int
}

// WholeNumber parses a number as [Value.Integer] does.
func WholeNumber(text []byte) (int64, bool) {
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err == nil {
		return n, true
	}
	v := Value{Kind: Real}
	v.Real, err = strconv.ParseFloat(string(text), 64)
	n, ok := v.Integer()
	return n, ok && err == nil && IsNumber(text)
}

// MaxInterned is the maximum number of names in a cache.
const MaxInterned = 1 << 15

// An Interner returns the same string for equal bytes, so that recurring names are
// allocated once. A name that has not come for long may be allocated again.
type Interner struct {
	last   string // the latest name, which usually comes next too
	recent []string
}

// recentNames is the number of slots for names. A table that fits the processor's cache is
// faster than a map of all names.
const recentNames = 1 << 10

var nameSeed = maphash.MakeSeed()

// Of returns the bytes as a string.
func (in *Interner) Of(b []byte) string {
	if string(b) == in.last {
		return in.last
	}
	if in.recent == nil {
		in.recent = make([]string, recentNames)
	}
	slot := &in.recent[maphash.Bytes(nameSeed, b)%recentNames]
	if *slot != string(b) {
		*slot = string(b)
	}
	in.last = *slot
	return in.last
}
