package parquetfile

import (
	"io"
	"maps"
	"reflect"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/encoding"
)

// A row group is written when it has this many bytes or rows: it lies in memory until then.
const (
	groupBytes = 32 << 20
	groupRows  = 1 << 17
	batchRows  = 64
)

// WriteTo writes the rows with some columns as a Parquet file. about is kept in the file,
// as its key-value metadata.
func (r *Rows) WriteTo(w io.Writer, cols []Column, about map[string]string) error {
	options := []parquet.WriterOption{r.schema(cols), parquet.CreatedBy("asof", "", "")}
	for _, key := range slices.Sorted(maps.Keys(about)) {
		options = append(options, parquet.KeyValueMetadata(key, about[key]))
	}
	var own, all []Kinds
	for _, c := range cols {
		own, all = append(own, r.kindsOf(c.From)), append(all, r.kindsOf(c.From)|c.Also)
	}
	options = append(options, parquet.KeyValueMetadata(kindsKey, kindsText(all)), parquet.KeyValueMetadata(ownKey, kindsText(own)))
	out := &groups{w: parquet.NewGenericWriter[any](w, options...)}
	to := r.places(cols)
	for row, err := range r.all() {
		if err == nil {
			err = out.add(r.row(row, to))
		}
		if err != nil {
			return err
		}
	}
	if err := out.flush(); err != nil {
		return err
	}
	return out.w.Close()
}

// A place is a column of the file.
type place struct {
	index  int
	is     Type
	quoted bool
}

// places are the columns of the file, by those of the rows.
func (r *Rows) places(cols []Column) [][]place {
	out := make([][]place, len(r.kinds))
	for i, c := range cols {
		if c.From < len(out) {
			k := r.kinds[c.From] | c.Also
			out[c.From] = append(out[c.From], place{i, k.typeOf(), r.Quoted && k.mixed()})
		}
	}
	return out
}

// row makes a row of the file, without its NULLs. size is in bytes.
func (r *Rows) row(cells []cell, to [][]place) (row parquet.Row, size int) {
	for _, c := range cells {
		for _, p := range to[c.col] {
			v, n := p.value(c.v)
			row = append(row, v.Level(0, 1, p.index))
			size += n
		}
	}
	return row, size
}

func (p place) value(v any) (out parquet.Value, size int) {
	switch p.is {
	case Boolean:
		b, _ := v.(bool)
		return parquet.BooleanValue(b), 1
	case Int64:
		n, _ := v.(int64)
		return parquet.Int64Value(n), 8
	case Double:
		if n, ok := v.(int64); ok {
			return parquet.DoubleValue(float64(n)), 8
		}
		f, _ := v.(float64)
		return parquet.DoubleValue(f), 8
	}
	text := textOf(v, p.quoted)
	return parquet.ByteArrayValue([]byte(text)), len(text)
}

// groups writes rows in groups.
type groups struct {
	w     *parquet.GenericWriter[any]
	width int
	batch []parquet.Row
	rows  int // of the group
	size  int
}

func (g *groups) add(row parquet.Row, size int) error {
	if g.width == 0 {
		g.width = len(g.w.Schema().Fields())
	}
	g.batch = append(g.batch, filled(row, g.width))
	g.rows, g.size = g.rows+1, g.size+size
	if len(g.batch) == batchRows || g.size >= groupBytes {
		if err := g.flush(); err != nil {
			return err
		}
	}
	if g.rows >= groupRows || g.size >= groupBytes {
		g.rows, g.size = 0, 0
		return g.w.Flush()
	}
	return nil
}

func (g *groups) flush() error {
	_, err := g.w.WriteRows(g.batch)
	g.batch = g.batch[:0]
	return err
}

// filled is a row with a value for each column.
func filled(row parquet.Row, width int) parquet.Row {
	out := make(parquet.Row, width)
	for i := range out {
		out[i] = parquet.NullValue().Level(0, 0, i)
	}
	for _, v := range row {
		out[v.Column()] = v
	}
	return out
}

func (r *Rows) schema(cols []Column) *parquet.Schema {
	var root group
	for _, c := range cols {
		var n parquet.Node
		switch r.typeOf(c) {
		case Boolean:
			n = parquet.Leaf(parquet.BooleanType)
		case Int64:
			n = parquet.Int(64)
		case Double:
			n = parquet.Leaf(parquet.DoubleType)
		case Bytes:
			n = parquet.Leaf(parquet.ByteArrayType)
		default:
			n = parquet.String()
		}
		root = append(root, field{parquet.Compressed(parquet.Optional(n), &parquet.Zstd), c.Name})
	}
	return parquet.NewSchema("asof", root)
}

// A group is the root of a schema. Unlike [parquet.Group], it keeps the order of its
// fields.
type group []parquet.Field

type field struct {
	parquet.Node
	name string
}

func (f field) Name() string                      { return f.name }
func (f field) Value(reflect.Value) reflect.Value { return reflect.Value{} }

var _ parquet.Node = group{}

func (group) ID() int                     { return 0 }
func (group) String() string              { return "asof" }
func (group) Type() parquet.Type          { return parquet.Group{}.Type() }
func (group) Optional() bool              { return false }
func (group) Repeated() bool              { return false }
func (group) Required() bool              { return true }
func (group) Leaf() bool                  { return false }
func (g group) Fields() []parquet.Field   { return g }
func (group) Encoding() encoding.Encoding { return nil }
func (group) Compression() compress.Codec { return nil }
func (group) GoType() reflect.Type        { return reflect.TypeFor[struct{}]() }
