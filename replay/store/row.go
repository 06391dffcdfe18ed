package store

import (
	"errors"
	"fmt"
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

// integer returns the value of a column that orders events: nothing else than an
// integer does, because text compares otherwise.
func (r *row) integer(c column) (int64, error) {
	v := &r.vals[c]
	if v.kind != kindInt {
		return 0, fmt.Errorf("its %s is %s, not an integer", columnNames[c], v.describe())
	}
	return v.num, nil
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
	if v := &r.vals[colVersion]; v.kind == kindInt {
		s += " version " + strconv.FormatInt(v.num, 10)
	}
	if p := &r.vals[colPosition]; p.kind == kindInt {
		s += " (position " + strconv.FormatInt(p.num, 10) + ")"
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
