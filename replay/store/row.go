package store

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"asof/replay"
)

// A kind is how a database stores a value.
type kind uint8

const (
	kindNull kind = iota
	kindInt
	kindReal
	kindText
	kindBlob
)

func (k kind) String() string {
	return [...]string{"NULL", "an integer", "a real number", "text", "a blob"}[k]
}

// A value is one column of one row. Its buffer is used again for the next row.
type value struct {
	kind kind
	num  int64
	real float64
	b    []byte // of text and blobs
}

// Write appends to the buffer, so that a driver can write straight into it.
func (v *value) Write(p []byte) (int, error) {
	v.b = append(v.b, p...)
	return len(p), nil
}

// text returns the value in writing; what is NULL is empty. It is valid until
// the next row.
func (v *value) text() []byte {
	switch v.kind {
	case kindInt:
		v.b = strconv.AppendInt(v.b[:0], v.num, 10)
	case kindReal:
		v.b = strconv.AppendFloat(v.b[:0], v.real, 'g', -1, 64)
	case kindNull:
		return nil
	}
	return v.b
}

// describe is for errors: what kind of value, and the beginning of it.
func (v *value) describe() string {
	if v.kind == kindNull {
		return "NULL"
	}
	t := v.text()
	if len(t) > 40 {
		t = t[:40]
	}
	return fmt.Sprintf("%s (%q)", v.kind, t)
}

// A row is one row of a statement that asks for events.
type row struct {
	vals [numColumns]value
	item value // which of the row's events it is
	stamper
}

func (r *row) at(c column) *value { return &r.vals[c] }

// integer returns the value of a column that orders events: nothing else than a
// whole number does, because text compares otherwise.
func (r *row) integer(c column) (int64, error) {
	v := &r.vals[c]
	n, ok := v.whole()
	if !ok {
		return 0, fmt.Errorf("its %s is %s, not an integer", columnNames[c], v.describe())
	}
	return n, nil
}

// maxWhole is up to where a real number holds every integer.
const maxWhole = 1 << 53

// whole returns the value as an integer, if it is one: 3.0 is.
func (v *value) whole() (int64, bool) {
	if v.kind == kindReal && v.real == math.Trunc(v.real) && math.Abs(v.real) <= maxWhole {
		return int64(v.real), true
	}
	return v.num, v.kind == kindInt
}

// versionSpan reads the first version of a stream and the last.
func versionSpan(first, last *value) (lo, hi replay.Version, err error) {
	a, ok := first.whole()
	b, too := last.whole()
	if !ok || !too {
		return 0, 0, fmt.Errorf("a version that is not an integer: %s … %s", first.describe(), last.describe())
	}
	return replay.Version(a), replay.Version(b), nil
}

// wholeNumber reads a number in writing as whole does.
func wholeNumber(text []byte) (int64, bool) {
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err == nil {
		return n, true
	}
	v := value{kind: kindReal}
	v.real, err = strconv.ParseFloat(string(text), 64)
	n, ok := v.whole()
	return n, ok && err == nil && isJSONNumber(text)
}

// coordinates fills in where the event is.
func (r *row) coordinates(e *replay.Event, names *interner, hasPosition bool) error {
	e.Position = replay.NoPosition
	if hasPosition {
		n, err := r.integer(colPosition)
		if err != nil {
			return err
		}
		if replay.Position(n) == replay.NoPosition {
			return errors.New("its position is out of range")
		}
		e.Position = replay.Position(n)
	}
	stream := &r.vals[colStream]
	if stream.kind != kindText {
		return fmt.Errorf("its stream is %s, not text", stream.describe())
	}
	e.Stream = replay.StreamID(names.of(stream.b))
	n, err := r.integer(colVersion)
	if err != nil {
		return err
	}
	e.Version = replay.Version(n)
	return nil
}

// where names the row for an error, as far as its coordinates can be read.
func (r *row) where() string {
	s := fmt.Sprintf("stream %q", r.vals[colStream].text())
	if n, err := r.integer(colVersion); err == nil {
		s += " version " + strconv.FormatInt(n, 10)
	}
	if n, err := r.integer(colPosition); err == nil {
		s += " (position " + strconv.FormatInt(n, 10) + ")"
	}
	return s
}

// fault says of which row an error is, unless it says so itself.
func (r *row) fault(err error) error {
	var d *replay.DuplicateError
	if errors.As(err, &d) {
		return err
	}
	return fmt.Errorf("%s: %w", r.where(), err)
}

// maxInterned bounds the strings that an interner keeps.
const maxInterned = 1 << 15

// An interner gives equal bytes the same string, so that the names that come up
// again and again are allocated once.
type interner struct {
	last string // what comes up again usually does so at once
	all  map[string]string
}

func (in *interner) of(b []byte) string {
	if string(b) == in.last {
		return in.last
	}
	s, ok := in.all[string(b)]
	if !ok {
		s = string(b)
		if in.all == nil || len(in.all) >= maxInterned {
			in.all = map[string]string{}
		}
		in.all[s] = s
	}
	in.last = s
	return s
}
