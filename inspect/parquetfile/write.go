package parquetfile

import (
	"io"
	"maps"
	"slices"

	"asof/inspect/parquetfile/format"
)

// A row group is written when it has this many bytes or rows: it lies in memory until then.
const (
	groupBytes = 32 << 20
	groupRows  = 1 << 17
)

// WriteTo writes the rows with some columns as a Parquet file. about is kept in the file,
// as its key-value metadata.
func (r *Rows) WriteTo(w io.Writer, cols []Column, about map[string]string) error {
	var kept []format.About
	for _, key := range slices.Sorted(maps.Keys(about)) {
		kept = append(kept, format.About{Key: key, Text: about[key]})
	}
	var own, all []Kinds
	var fields []format.Field
	for _, c := range cols {
		own, all = append(own, r.kindsOf(c.From)), append(all, r.kindsOf(c.From)|c.Also)
		fields = append(fields, format.Field{Name: c.Name, Type: r.typeOf(c).stored()})
	}
	kept = append(kept, format.About{Key: kindsKey, Text: kindsText(all)}, format.About{Key: ownKey, Text: kindsText(own)})
	to, err := format.NewWriter(w, fields, kept)
	if err != nil {
		return err
	}
	out := &groups{Writer: to}
	places := r.places(cols)
	for row, err := range r.all() {
		if err == nil {
			err = out.add(row, places)
		}
		if err != nil {
			return err
		}
	}
	return out.Close()
}

// stored is the type in the file.
func (t Type) stored() format.Type {
	switch t {
	case Boolean:
		return format.Boolean
	case Int64:
		return format.Int64
	case Double:
		return format.Double
	case Bytes:
		return format.Bytes
	}
	return format.Text
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

func (p place) value(v any) (out format.Value, size int) {
	switch p.is {
	case Boolean:
		b, _ := v.(bool)
		return format.BoolValue(b), 1
	case Int64:
		n, _ := v.(int64)
		return format.IntValue(n), 8
	case Double:
		if n, ok := v.(int64); ok {
			return format.DoubleValue(float64(n)), 8
		}
		f, _ := v.(float64)
		return format.DoubleValue(f), 8
	}
	text := textOf(v, p.quoted)
	if p.is == Bytes {
		return format.BytesValue(text), len(text)
	}
	return format.TextValue(text), len(text)
}

// groups writes rows in groups.
type groups struct {
	*format.Writer
	rows int // of the group
	size int
}

// add adds a row. Columns without a cell are NULL.
func (g *groups) add(row []cell, to [][]place) error {
	for _, c := range row {
		for _, p := range to[c.col] {
			v, n := p.value(c.v)
			if err := g.Set(p.index, v); err != nil {
				return err
			}
			g.size += n
		}
	}
	g.EndRow()
	if g.rows++; g.rows >= groupRows || g.size >= groupBytes {
		g.rows, g.size = 0, 0
		return g.EndGroup()
	}
	return nil
}
