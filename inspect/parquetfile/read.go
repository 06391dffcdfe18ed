package parquetfile

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"asof/inspect/parquetfile/format"
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

	f *format.File
}

var errForeign = errors.New("not a Parquet file of asof")

// Open opens a file of some size.
func Open(r io.ReaderAt, size int64) (*File, error) {
	f, err := format.Open(r, size)
	if err != nil {
		return nil, err
	}
	out := &File{f: f, Len: f.Rows}
	for _, c := range f.Fields {
		out.Columns = append(out.Columns, c.Name)
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
	if i := slices.IndexFunc(f.f.About, func(a format.About) bool { return a.Key == key }); i >= 0 {
		return f.f.About[i].Text
	}
	return ""
}

// Empty is the type that a column has without a value; empty: BOOLEAN.
func (f *File) Empty(i int) Type {
	switch f.f.Fields[i].Type {
	case format.Int64:
		return Int64
	case format.Text, format.Bytes:
		return String
	}
	return ""
}

// Rows yields the rows, with the values that [Rows.Add] was given. One is valid until the
// next.
func (f *File) Rows() iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		to := make([]any, len(f.Columns))
		for row, err := range f.f.All() {
			if err == nil {
				err = f.row(row, to)
			}
			if !yield(to, err) || err != nil {
				return
			}
		}
	}
}

func (f *File) row(r []format.Value, to []any) (err error) {
	for i, v := range r {
		if to[i], err = f.Kinds[i].restore(v); err != nil {
			return fmt.Errorf("column %s: %w", f.Columns[i], err)
		}
	}
	return nil
}

// restore is a value as it was before it was written.
func (k Kinds) restore(v format.Value) (any, error) {
	if !v.Set {
		return nil, nil
	}
	switch is := k.typeOf(); is {
	case Boolean:
		return v.Bool(), nil
	case Int64:
		return v.Int(), nil
	case Double:
		return v.Double(), nil
	case Bytes:
		return v.Text(), nil
	}
	text := v.Text()
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
