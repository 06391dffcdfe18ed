package wire

import (
	"io"
	"iter"
	"reflect"

	"asof/replay/state"
)

// A Writer writes answers, one per line. It buffers its output until [Writer.Flush] and
// keeps the first error of any write.
type Writer struct {
	w      io.Writer
	b      []byte
	err    error
	bodies Bodies
	enc    *encoding
}

// NewWriter returns a Writer that writes to w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w, enc: &whole} }

// Only makes the Writer write the selected members of rows.
func (w *Writer) Only(f *Selection) { w.enc = &f.enc }

// spillAt is the number of buffered bytes above which a Writer flushes.
const spillAt = 32 << 10

// Line writes a value on one line, see [Append].
func (w *Writer) Line(x any) error {
	w.b = append(w.enc.append(w.b, x), '\n')
	return w.spill()
}

// Flush writes the buffered output. It returns the first error of any write.
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

// Lines streams values, one per line. It returns the first error of seq, after writing
// the values before it, or of a write.
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

// An Object is a JSON object while it is written, with fields sorted by name. Its long
// lists are streamed.
type Object struct {
	w    *Writer
	rest []field // not yet written, sorted by name
	v    reflect.Value
	sep  byte
}

// Object starts the line of an answer, which is a pointer to a struct. Its long lists
// are written with [Object.Array].
func (w *Writer) Object(answer any) *Object {
	v := reflect.ValueOf(answer).Elem()
	return &Object{w: w, rest: sorted(w.enc.fieldsOf(v.Type())), v: v, sep: '{'}
}

// key writes the separator and the key of a member.
func (o *Object) key(f *field) {
	o.w.b = append(append(o.w.b, o.sep), f.key...)
	o.sep = ','
}

// upTo writes the fields before a name, or all remaining ones.
func (o *Object) upTo(name string) {
	for len(o.rest) > 0 && o.rest[0].name != name {
		f := &o.rest[0]
		if v := o.v.FieldByIndex(f.index); !f.absent(v) {
			o.key(f)
			o.w.b = o.w.enc.of(f.typ)(o.w.b, v)
		}
		o.rest = o.rest[1:]
	}
}

// Array writes the named list from seq, instead of the list in the struct. Calls must
// be in the order of the names.
func (o *Object) Array(name string, seq iter.Seq[any]) *Object {
	o.upTo(name)
	if len(o.rest) == 0 {
		panic("wire: " + o.v.Type().String() + " has no list " + name + ", or it is already written")
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
		o.w.b = o.w.enc.append(o.w.b, x)
		if o.w.spill() != nil {
			break
		}
	}
	o.w.b = append(o.w.b, ']')
	return o
}

// End writes the remaining fields and ends the line.
func (o *Object) End() error {
	o.upTo("")
	o.w.b = append(o.w.b, '}', '\n')
	return o.w.spill()
}

// Bodies parses the payloads and the metadata of events. A value is valid until the
// same part of the next event is read.
type Bodies struct {
	data, meta state.Parser
	text       state.TextSorter
}
