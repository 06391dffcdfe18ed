package cell

import (
	"fmt"
	"math"
	"strconv"
)

// A Kind is how a database stores a value.
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

// A Value is one column of one row. Its buffer is used again for the next row.
type Value struct {
	Kind Kind
	Num  int64
	Real float64
	B    []byte // of text and blobs
}

// Write appends to the buffer, so that a driver can write straight into it.
func (v *Value) Write(p []byte) (int, error) {
	v.B = append(v.B, p...)
	return len(p), nil
}

// Text returns the value in writing; what is NULL is empty. It is valid until
// the next row.
func (v *Value) Text() []byte {
	switch v.Kind {
	case Int:
		v.B = strconv.AppendInt(v.B[:0], v.Num, 10)
	case Real:
		v.B = strconv.AppendFloat(v.B[:0], v.Real, 'g', -1, 64)
	case Null:
		return nil
	}
	return v.B
}

// Describe is for errors: what kind of value, and the beginning of it.
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

// maxWhole is up to where a real number holds every integer.
const maxWhole = 1 << 53

// Integer returns the value as an integer, if it is one: 3.0 is.
func (v *Value) Integer() (int64, bool) {
	if v.Kind == Real && v.Real == math.Trunc(v.Real) && math.Abs(v.Real) <= maxWhole {
		return int64(v.Real), true
	}
	return v.Num, v.Kind == Int
}

// WholeNumber reads a number in writing as whole does.
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

// MaxInterned bounds the strings that an interner keeps.
const MaxInterned = 1 << 15

// An Interner gives equal bytes the same string, so that the names that come up
// again and again are allocated once.
type Interner struct {
	last string // what comes up again usually does so at once
	all  map[string]string
}

// Of returns the string of the bytes.
func (in *Interner) Of(b []byte) string {
	if string(b) == in.last {
		return in.last
	}
	s, ok := in.all[string(b)]
	if !ok {
		s = string(b)
		if in.all == nil || len(in.all) >= MaxInterned {
			in.all = map[string]string{}
		}
		in.all[s] = s
	}
	in.last = s
	return s
}
