package format

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"
)

// drawn are random columns and rows: short and long texts, runs of NULLs, several groups.
func drawn(t *rapid.T) (fields []Field, groups [][][]Value) {
	for i := range rapid.IntRange(1, 4).Draw(t, "columns") {
		fields = append(fields, Field{fmt.Sprint("c", i), rapid.SampledFrom([]Type{Boolean, Int64, Double, Text, Bytes}).Draw(t, "type")})
	}
	for range rapid.IntRange(0, 3).Draw(t, "groups") {
		var rows [][]Value
		for range rapid.IntRange(1, 8).Draw(t, "runs") {
			row := make([]Value, len(fields))
			for i, f := range fields {
				row[i] = value(t, f.Type)
			}
			for range rapid.SampledFrom([]int{1, 1, 2, 7, 8, 9, 40, 200}).Draw(t, "times") {
				rows = append(rows, row)
			}
		}
		groups = append(groups, rows)
	}
	return fields, groups
}

func value(t *rapid.T, is Type) Value {
	if rapid.IntRange(0, 2).Draw(t, "null") == 0 {
		return Value{Type: is}
	}
	switch is {
	case Boolean:
		return BoolValue(rapid.Bool().Draw(t, "boolean"))
	case Int64:
		return IntValue(rapid.SampledFrom([]int64{0, 1, -1, 255, 256, math.MaxInt64, math.MinInt64}).Draw(t, "integer"))
	case Double:
		return DoubleValue(rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1.5, -2.5, 1e300, math.Inf(1), math.NaN()}).Draw(t, "double"))
	}
	text := rapid.SampledFrom([]string{"", "a", "b", "\x00", "größe", strings.Repeat("z", longestBound), strings.Repeat("z", longestBound+1), strings.Repeat("long", 20_000), strings.Repeat("ü", 33) + "z", "a" + strings.Repeat("\U0010ffff", 17), strings.Repeat("\U0010ffff", 17), "\ud7ff" + strings.Repeat("\U0010ffff", 20)}).Draw(t, "text")
	if is == Bytes {
		return BytesValue(text + strings.Repeat("\xff", rapid.SampledFrom([]int{0, 1, longestBound, 70}).Draw(t, "last bytes")))
	}
	return TextValue(text)
}

func write(t interface{ Fatal(...any) }, fields []Field, groups [][][]Value, about ...About) []byte {
	var out bytes.Buffer
	w, err := NewWriter(&out, fields, about)
	if err != nil {
		t.Fatal(err)
	}
	for _, rows := range groups {
		for _, row := range rows {
			for i, v := range row {
				if v.Set {
					if err := w.Set(i, v); err != nil {
						t.Fatal(err)
					}
				}
			}
			w.EndRow()
		}
		if err := w.EndGroup(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func read(file []byte) (f *File, rows [][]Value, err error) {
	if f, err = Open(bytes.NewReader(file), int64(len(file))); err != nil {
		return nil, nil, err
	}
	for row, err := range f.All() {
		if err != nil {
			return f, rows, err
		}
		rows = append(rows, slices.Clone(row))
	}
	return f, rows, nil
}

func show(rows [][]Value) []string {
	var out []string
	for _, row := range rows {
		out = append(out, fmt.Sprintf("%+v", row))
	}
	return out
}

// TestReadBack reads random files, as they were given.
func TestReadBack(t *testing.T) {
	pages := 0
	rapid.Check(t, func(t *rapid.T) {
		fields, groups := drawn(t)
		about := []About{{"a", "1"}, {"", ""}, {"a", "ü"}}
		file := write(t, fields, groups, about...)
		f, rows, err := read(file)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(f.Fields, fields) || !slices.Equal(f.About, about) {
			t.Fatalf("%+v with %q is %+v with %q", fields, about, f.Fields, f.About)
		}
		if want := slices.Concat(groups...); f.Rows != int64(len(want)) || !slices.Equal(show(rows), show(want)) {
			t.Fatalf("%d rows are %d, or others", len(want), len(rows))
		}
		pages = max(pages, bytes.Count(file, []byte("\xb5\x2f\xfd"))/len(fields)/max(1, len(groups))) // a frame each
	})
	if pages < 2 {
		t.Errorf("a column has %d pages at most", pages)
	}
}

// TestForeignReader reads random files with another library: the values, and what is said
// about them, for the group and for each page.
func TestForeignReader(t *testing.T) {
	bounded := 0
	rapid.Check(t, func(t *rapid.T) {
		fields, groups := drawn(t)
		file := write(t, fields, groups)
		f, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		if len(f.RowGroups()) != len(groups) {
			t.Fatalf("%d groups are %d", len(groups), len(f.RowGroups()))
		}
		for g, rows := range groups {
			for i, field := range fields {
				pages := f.RowGroups()[g].ColumnChunks()[i].Pages()
				var got []parquet.Value
				index := len(f.ColumnIndexes()[g*len(fields)+i].MinValues) > 0 // the library drops all when one is not there
				for p := 0; ; p++ {
					page, err := pages.ReadPage()
					if err != nil {
						break
					}
					values := make([]parquet.Value, page.NumValues())
					if n, _ := page.Values().ReadValues(values); n != len(values) {
						t.Fatalf("%d values are %d", len(values), n)
					}
					got = append(got, values...)
					if index {
						x := f.ColumnIndexes()[g*len(fields)+i]
						low, high := x.MinValues[p], x.MaxValues[p]
						checkBounds(t, field.Type, rows[len(got)-len(values):len(got)], i, low, high, x.NullCounts[p], true)
						bounded++
					}
				}
				pages.Close()
				checkValues(t, rows, i, got)
				checkPlaces(t, f, g, i)
				s := f.Metadata().RowGroups[g].Columns[i].MetaData.Statistics
				checkBounds(t, field.Type, rows, i, s.MinValue, s.MaxValue, s.NullCount, false)
			}
		}
	})
	if bounded == 0 {
		t.Error("no page had bounds")
	}
}

// checkPlaces compares where the index says that pages are with where they must be: one
// after the other, in all of the chunk.
func checkPlaces(t *rapid.T, f *parquet.File, group, col int) {
	chunk := f.Metadata().RowGroups[group].Columns[col].MetaData
	at, row := chunk.DataPageOffset, int64(0)
	pages := f.RowGroups()[group].ColumnChunks()[col].Pages()
	defer pages.Close()
	for _, place := range f.OffsetIndexes()[group*len(f.Metadata().RowGroups[group].Columns)+col].PageLocations {
		page, err := pages.ReadPage()
		if err != nil || place.Offset != at || place.FirstRowIndex != row {
			t.Fatalf("a page of row %d at %d is said to be at %d, with row %d: %v", row, at, place.Offset, place.FirstRowIndex, err)
		}
		at, row = at+int64(place.CompressedPageSize), row+page.NumRows()
	}
	if at != chunk.DataPageOffset+chunk.TotalCompressedSize {
		t.Fatalf("the pages end at %d, the chunk at %d", at, chunk.DataPageOffset+chunk.TotalCompressedSize)
	}
}

func checkValues(t *rapid.T, rows [][]Value, col int, got []parquet.Value) {
	if len(got) != len(rows) {
		t.Fatalf("column %d has %d values, want %d", col, len(got), len(rows))
	}
	for r, v := range got {
		want := rows[r][col]
		same := want.Set
		switch {
		case v.IsNull():
			same = !want.Set
		case want.Type == Boolean:
			same = same && v.Boolean() == want.Bool()
		case want.Type == Int64:
			same = same && v.Int64() == want.Int()
		case want.Type == Double:
			same = same && math.Float64bits(v.Double()) == math.Float64bits(want.Double())
		default:
			same = same && string(v.ByteArray()) == want.Text()
		}
		if !same {
			t.Fatalf("row %d of column %d is %v, want %+v", r, col, v, want)
		}
	}
}

// checkBounds compares what is said of values with a plain search in them. near says that
// texts may stand for longer ones.
func checkBounds(t *rapid.T, is Type, rows [][]Value, col int, least, most []byte, nulls int64, near bool) {
	var low, high Value
	n, long, odd := int64(0), false, false
	for _, row := range rows {
		v := row[col]
		if !v.Set {
			n++
			continue
		}
		long, odd = long || len(v.text) > longestBound, odd || is == Double && math.IsNaN(v.Double())
		if !low.Set || less(v, low) {
			low = v
		}
		if !high.Set || less(high, v) {
			high = v
		}
	}
	if nulls != n {
		t.Fatalf("%d NULLs are %d", n, nulls)
	}
	switch {
	case !low.Set, odd, long && !near:
		if len(least)+len(most) > 0 && !near {
			t.Fatalf("there are bounds %q and %q", least, most)
		}
		return
	case long:
		if string(least) > low.text || string(most) < high.text || is == Text && !utf8.Valid(most) || is == Text && !utf8.Valid(least) {
			t.Fatalf("the bounds are %q and %q of %q to %q", least, most, low.text, high.text)
		}
		if len(least) > longestBound || len(most) > longestBound && strings.ReplaceAll(strings.ReplaceAll(high.text, "\xff", ""), "\U0010ffff", "") != "" {
			t.Fatalf("the bounds %q and %q are long", least, most)
		}
		return
	case is == Double: // both zeros are within
		if low.Double() == 0 {
			low = DoubleValue(math.Copysign(0, -1))
		}
		if high.Double() == 0 {
			high = DoubleValue(0)
		}
	}
	if string(least) != low.stored() || string(most) != high.stored() {
		t.Fatalf("the bounds are %q and %q, want %q and %q", least, most, low.stored(), high.stored())
	}
}

func less(a, b Value) bool {
	switch a.Type {
	case Boolean:
		return !a.Bool() && b.Bool()
	case Int64:
		return a.Int() < b.Int()
	case Double:
		return a.Double() < b.Double()
	}
	return a.Text() < b.Text()
}

// TestForeignWriter reads files that the library wrote, as asof did before.
func TestForeignWriter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fields, groups := drawn(t)
		nodes := map[Type]parquet.Node{
			Boolean: parquet.Leaf(parquet.BooleanType), Int64: parquet.Int(64), Double: parquet.Leaf(parquet.DoubleType),
			Text: parquet.String(), Bytes: parquet.Leaf(parquet.ByteArrayType),
		}
		root := parquet.Group{} // in the order of the names
		for _, f := range fields {
			root[f.Name] = parquet.Compressed(parquet.Optional(nodes[f.Type]), &parquet.Zstd)
		}
		var out bytes.Buffer
		w := parquet.NewGenericWriter[any](&out, parquet.NewSchema("asof", root), parquet.KeyValueMetadata("a", "1"))
		for _, rows := range groups {
			for _, row := range rows {
				var to parquet.Row
				for i, v := range row {
					to = append(to, foreign(v, i))
				}
				if _, err := w.WriteRows([]parquet.Row{to}); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		f, rows, err := read(out.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(f.Fields, fields) || !slices.Equal(show(rows), show(slices.Concat(groups...))) {
			t.Fatalf("%+v are %+v, or other rows", fields, f.Fields)
		}
	})
}

func foreign(v Value, col int) parquet.Value {
	out := parquet.NullValue()
	switch {
	case !v.Set:
		return out.Level(0, 0, col)
	case v.Type == Boolean:
		out = parquet.BooleanValue(v.Bool())
	case v.Type == Int64:
		out = parquet.Int64Value(v.Int())
	case v.Type == Double:
		out = parquet.DoubleValue(v.Double())
	default:
		out = parquet.ByteArrayValue([]byte(v.Text()))
	}
	return out.Level(0, 1, col)
}
