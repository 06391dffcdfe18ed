package wire

import (
	"io"
	"iter"
	"reflect"

	"asof/replay/state"
)

// A Writer writes answers to one stream, a line each. What it writes is held back
// until [Writer.Flush], or until there is much of it. It keeps the first error of
// any write.
type Writer struct {
	w      io.Writer
	b      []byte
	err    error
	bodies Bodies
}

// NewWriter returns a Writer that writes to w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// spillAt is how much is held back.
const spillAt = 32 << 10

// Line writes a value on a line of its own, see [Append].
func (w *Writer) Line(x any) error {
	w.b = append(Append(w.b, x), '\n')
	return w.spill()
}

// Flush writes what was held back and returns the first error of any write.
func (w *Writer) Flush() error {
	if len(w.b) > 0 && w.err == nil {
		var n int
		if n, w.err = w.w.Write(w.b); w.err == nil && n < len(w.b) {
			w.err = io.ErrShortWrite
		}
	}
	w.b = w.b[:0]
	return w.err
}

// Err returns the first error of any write so far.
func (w *Writer) Err() error { return w.err }

func (w *Writer) spill() error {
	if len(w.b) >= spillAt {
		return w.Flush()
	}
	return w.err
}

// Lines writes a line for each value that comes, as it comes. It returns the error
// of seq, after writing what came before it, or that of a write.
func Lines[T any](w *Writer, seq iter.Seq2[T, error], line func(T) any) error {
	for v, err := range seq {
		if err != nil {
			return err
		}
		if err := w.Line(line(v)); err != nil {
			return err
		}
	}
	return nil
}

// An Object is a JSON object in the writing. Its fields come in the order of their
// names; a list among them is written as it is made.
type Object struct {
	w    *Writer
	rest []field // that are still to come, by name
	v    reflect.Value
	sep  byte
}

// Object begins the line of an answer, a pointer to a struct, of which [Object.Array]
// gives the long lists.
func (w *Writer) Object(answer any) *Object {
	v := reflect.ValueOf(answer).Elem()
	return &Object{w: w, rest: sorted(fieldsOf(v.Type())), v: v, sep: '{'}
}

// key writes what a member begins with.
func (o *Object) key(f *field) {
	o.w.b = append(append(o.w.b, o.sep), f.key...)
	o.sep = ','
}

// upTo writes the fields that come before a name, or all that are left.
func (o *Object) upTo(name string) {
	for len(o.rest) > 0 && o.rest[0].name != name {
		f := &o.rest[0]
		if v := o.v.FieldByIndex(f.index); !f.absent(v) {
			o.key(f)
			o.w.b = encoderOf(f.typ)(o.w.b, v)
		}
		o.rest = o.rest[1:]
	}
}

// Array writes the list of that name from seq, in place of what the struct holds.
// Lists are given in the order of their names.
func (o *Object) Array(name string, seq iter.Seq[any]) *Object {
	o.upTo(name)
	if len(o.rest) == 0 {
		panic("wire: " + o.v.Type().String() + " has no list " + name + ", or it is written already")
	}
	o.key(&o.rest[0])
	o.rest = o.rest[1:]
	o.w.b = append(o.w.b, '[')
	first := true
	for x := range seq {
		if !first {
			o.w.b = append(o.w.b, ',')
		}
		first = false
		o.w.b = Append(o.w.b, x)
		if o.w.spill() != nil {
			break
		}
	}
	o.w.b = append(o.w.b, ']')
	return o
}

// End writes the fields that are left and ends the line.
func (o *Object) End() error {
	o.upTo("")
	o.w.b = append(o.w.b, '}', '\n')
	return o.w.spill()
}

// Bodies reads what events hold. A tree that it returns is valid until the same part
// of the next event is read.
type Bodies struct{ data, meta state.Parser }
