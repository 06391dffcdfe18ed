package parquetfile_test

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"

	"asof/inspect/parquetfile"
)

// written are rows as a file, and what a foreign reader finds in it: the types and the
// values of each column.
func written(t interface{ Fatal(...any) }, rows [][]any, quoted bool, names ...string) (file []byte, types []string, values [][]string) {
	r, err := parquetfile.NewRows()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	r.Quoted = quoted
	for _, row := range rows {
		if err := r.Add(row); err != nil {
			t.Fatal(err)
		}
	}
	var cols []parquetfile.Column
	for i, name := range names {
		cols = append(cols, parquetfile.Column{Name: name, From: i})
	}
	var b bytes.Buffer
	if err := r.WriteTo(&b, cols, map[string]string{"about": "test"}); err != nil {
		t.Fatal(err)
	}
	f, err := parquet.OpenFile(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range f.Root().Columns() {
		types = append(types, c.Name()+" "+c.Type().String())
	}
	for _, g := range f.RowGroups() {
		in := g.Rows()
		batch := make([]parquet.Row, 7)
		for {
			n, err := in.ReadRows(batch)
			for _, row := range batch[:n] {
				var one []string
				for _, v := range row {
					one = append(one, v.String())
				}
				values = append(values, one)
			}
			if err != nil {
				break
			}
		}
		in.Close()
	}
	return b.Bytes(), types, values
}

// TestTypes: a column has the narrowest type that holds its values as they are.
func TestTypes(t *testing.T) {
	const big = 1<<53 + 1
	for _, c := range []struct {
		name   string
		values []any
		quoted bool
		want   string
		text   []string
	}{
		{"none", []any{nil, nil}, false, "BOOLEAN", []string{"<null>", "<null>"}},
		{"booleans", []any{true, nil, false}, false, "BOOLEAN", []string{"true", "<null>", "false"}},
		{"integers", []any{int64(1), int64(big), int64(math.MinInt64)}, false, "INT(64,true)", []string{"1", "9007199254740993", "-9223372036854775808"}},
		{"decimals", []any{2.5, int64(1), nil}, false, "DOUBLE", []string{"2.5", "1", "<null>"}},
		{"decimals beside an integer that no double holds", []any{2.5, int64(big)}, false, "STRING", []string{"2.5", "9007199254740993"}},
		{"long numbers", []any{parquetfile.Number("0.1234567890123456789"), int64(1), 2.5}, true, "STRING", []string{"0.1234567890123456789", "1", "2.5"}},
		{"texts", []any{"a", "", "ü\x00"}, true, "STRING", []string{"a", "", "ü\x00"}},
		{"JSON", []any{parquetfile.JSON(`{"a":1}`), nil}, true, "STRING", []string{`{"a":1}`, "<null>"}},
		{"several kinds", []any{"7", int64(7), true, parquetfile.JSON("[1]")}, true, "STRING", []string{`"7"`, "7", "true", "[1]"}},
		{"several kinds of SQL", []any{"7", int64(7), 1.5}, false, "STRING", []string{"7", "7", "1.5"}},
		{"bytes", []any{[]byte{0, 255}, "a"}, false, "BYTE_ARRAY", []string{"\x00\xff", "a"}},
		{"a text that is not UTF-8", []any{"a\xff", "b"}, false, "BYTE_ARRAY", []string{"a\xff", "b"}},
	} {
		var rows [][]any
		for _, v := range c.values {
			rows = append(rows, []any{v})
		}
		_, types, values := written(t, rows, c.quoted, "x")
		if types[0] != "x "+c.want {
			t.Errorf("%s: the type is %s, want %s", c.name, types[0], c.want)
		}
		if got := slices.Concat(values...); !slices.Equal(got, c.text) {
			t.Errorf("%s: the values are %q, want %q", c.name, got, c.text)
		}
	}
}

// TestColumns: columns keep their order, whatever their names are, and one may come up late.
func TestColumns(t *testing.T) {
	names := []string{"z", "a", "a,b", "", "a.b", "Z", "a", "\x00ü"}
	_, types, values := written(t, [][]any{{"1"}, {nil, nil, nil, nil, nil, nil, nil, int64(8)}, nil}, false, names...)
	want := []string{"z STRING", "a BOOLEAN", "a,b BOOLEAN", " BOOLEAN", "a.b BOOLEAN", "Z BOOLEAN", "a BOOLEAN", "\x00ü INT(64,true)"}
	if !slices.Equal(types, want) {
		t.Errorf("the columns are %q, want %q", types, want)
	}
	if len(values) != 3 || values[0][0] != "1" || values[1][7] != "8" || values[2][7] != "<null>" {
		t.Errorf("the rows are %q", values)
	}
}

// TestReadBack writes random rows. Read again, they are the values that were given, and can
// be written again as the same file.
func TestReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := func() any {
			return rapid.SampledFrom([]any{
				nil, nil, true, false, int64(0), int64(-7), int64(math.MaxInt64), 2.5, -1e300, 0.1, "", "text", "7", "null", "ü\x00\"",
				parquetfile.Number("1e400"), parquetfile.Number("12345678901234567890"), parquetfile.JSON("[1,\"a\"]"), parquetfile.JSON("{}"),
			}).Draw(t, "value")
		}
		width := rapid.IntRange(1, 4).Draw(t, "columns")
		var rows [][]any
		var names []string
		for range rapid.IntRange(0, 200).Draw(t, "rows") {
			var row []any
			for range rapid.IntRange(0, width).Draw(t, "width") {
				row = append(row, value())
			}
			rows = append(rows, row)
		}
		for i := range width {
			names = append(names, fmt.Sprint("c", i))
		}
		file, types, values := written(t, rows, true, names...)
		f, err := parquetfile.Open(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		var again [][]any
		for row, err := range f.Rows() {
			if err != nil {
				t.Fatal(err)
			}
			again = append(again, slices.Clone(row))
		}
		if len(again) != len(rows) || f.Len != int64(len(rows)) {
			t.Fatalf("%d rows are read, want %d", len(again), len(rows))
		}
		for i, row := range rows {
			for j, v := range row {
				got := again[i][j]
				if n, ok := v.(int64); ok && got == float64(n) {
					got = n // in a column of decimals
				}
				if got != v {
					t.Fatalf("row %d, column %d: %#v, want %#v", i, j, got, v)
				}
			}
		}
		if _, types2, values2 := written(t, again, true, names...); len(rows) > 0 && (!slices.Equal(types, types2) || fmt.Sprint(values) != fmt.Sprint(values2)) {
			t.Fatalf("%q became %q", types, types2)
		}
	})
}

// TestGroups writes more rows than a group has.
func TestGroups(t *testing.T) {
	text := string(bytes.Repeat([]byte("0123456789abcdef"), 1<<16)) // 1 MiB
	var rows [][]any
	for i := range 80 {
		rows = append(rows, []any{int64(i), text})
	}
	file, _, values := written(t, rows, false, "n", "text")
	f, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil || len(f.RowGroups()) < 3 {
		t.Fatal(err, len(f.RowGroups()))
	}
	for i, v := range values {
		if v[0] != fmt.Sprint(i) || v[1] != text {
			t.Fatalf("row %d is %s", i, v[0])
		}
	}
	if text, ok := f.Lookup("about"); !ok || text != "test" {
		t.Errorf("about is %q", text)
	}
}

// TestForeign opens what is not a file of asof.
func TestForeign(t *testing.T) {
	for _, text := range []string{"", "PAR1", "PAR1PAR1", "PAR1\x00\x00\x00\x00\xff\xff\xff\x7fPAR1"} {
		if _, err := parquetfile.Open(bytes.NewReader([]byte(text)), int64(len(text))); err == nil {
			t.Errorf("%q is a file", text)
		}
	}
}
