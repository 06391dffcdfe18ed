package parquetfile

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"

	"asof/replay/state"
)

// kindsKey is the metadata of a file that says which kinds of values its columns have: a
// text alone may be a number, or JSON.
const kindsKey = "asof.kinds"

// ownKey is the metadata of a file that says which kinds of values it has itself, without
// those of [Column.Also].
const ownKey = "asof.own"

func kindsText(all []Kinds) string {
	var out []string
	for _, k := range all {
		out = append(out, strconv.Itoa(int(k)))
	}
	return strings.Join(out, " ")
}

// A File is a file that [Rows.WriteTo] wrote.
type File struct {
	Columns []string
	Kinds   []Kinds // of each column, with those of [Column.Also]
	Own     []Kinds // of each column, without
	Len     int64   // how many rows there are

	f *parquet.File
}

var errForeign = errors.New("not a Parquet file of asof")

// Open opens a file of some size.
func Open(r io.ReaderAt, size int64) (*File, error) {
	f, err := parquet.OpenFile(r, size)
	if err != nil {
		return nil, err
	}
	out := &File{f: f, Len: f.NumRows()}
	for _, c := range f.Root().Columns() {
		out.Columns = append(out.Columns, c.Name())
	}
	if out.Kinds, err = out.kindsAt(kindsKey); err != nil {
		return nil, err
	}
	out.Own, err = out.kindsAt(ownKey)
	return out, err
}

// kindsAt reads kinds of the columns from the metadata.
func (f *File) kindsAt(key string) (all []Kinds, err error) {
	for _, one := range strings.Fields(f.About(key)) {
		k, err := strconv.ParseUint(one, 10, 16)
		if err != nil {
			return nil, errForeign
		}
		all = append(all, Kinds(k))
	}
	if len(all) != len(f.Columns) {
		return nil, errForeign
	}
	return all, nil
}

// About is what [Rows.WriteTo] was told to keep in the file; empty: nothing.
func (f *File) About(key string) string {
	text, _ := f.f.Lookup(key)
	return text
}

// Empty is the type that a column has without a value; empty: BOOLEAN.
func (f *File) Empty(i int) Type {
	switch f.f.Root().Columns()[i].Type().Kind() {
	case parquet.Int64:
		return Int64
	case parquet.ByteArray:
		return String
	}
	return ""
}

// Rows yields the rows, with the values that [Rows.Add] was given. One is valid until the
// next.
func (f *File) Rows() iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for _, g := range f.f.RowGroups() {
			if !f.group(g, yield) {
				return
			}
		}
	}
}

func (f *File) group(g parquet.RowGroup, yield func([]any, error) bool) (more bool) {
	in := g.Rows()
	defer in.Close() //nolint:errcheck // only read
	batch, row := make([]parquet.Row, batchRows), make([]any, len(f.Columns))
	for {
		n, err := in.ReadRows(batch)
		for _, r := range batch[:n] {
			failed := f.row(r, row)
			if !yield(row, failed) || failed != nil {
				return false
			}
		}
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil {
			yield(nil, err)
			return false
		}
	}
}

func (f *File) row(r parquet.Row, to []any) (err error) {
	clear(to)
	for _, v := range r {
		i := v.Column()
		if i < 0 || i >= len(to) {
			return errForeign
		}
		if to[i], err = f.Kinds[i].restore(v); err != nil {
			return fmt.Errorf("column %s: %w", f.Columns[i], err)
		}
	}
	return nil
}

// restore is a value as it was before it was written.
func (k Kinds) restore(v parquet.Value) (any, error) {
	if v.IsNull() {
		return nil, nil
	}
	switch is := k.typeOf(); is {
	case Boolean:
		return v.Boolean(), nil
	case Int64:
		return v.Int64(), nil
	case Double:
		return v.Double(), nil
	case Bytes:
		return string(v.ByteArray()), nil
	}
	text := string(v.ByteArray())
	switch {
	case k == isText:
		return text, nil
	case k == isJSON:
		return JSON(text), nil
	case !k.mixed():
		return numberOf(text), nil
	}
	value, err := state.ParseState([]byte(text))
	if err != nil {
		return nil, err
	}
	return ValueOf(value), nil
}

// ValueOf is a value of a state as [Rows.Add] takes it.
func ValueOf(v state.Value) any {
	switch v.Kind() {
	case state.Bool:
		return v.Bool()
	case state.Number:
		return numberOf(v.Text())
	case state.String:
		return v.Text()
	case state.Array, state.Object:
		return JSON(state.AppendSorted(nil, v))
	}
	return nil
}

// numberOf is a number as what holds it.
func numberOf(text string) any {
	if !strings.ContainsAny(text, ".eE") {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
	} else if f, exact := state.FloatExact(text); exact {
		return f
	}
	return Number(text)
}
